"""Folders of mask images, one folder a concept, as a probe."""

from collections import defaultdict
from pathlib import Path

from kdissect.data.converted import ConvertedProbe, Item, Labels, picture_shape, read_mask
from kdissect.errors import DataError

PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


def mask_probe(folder: Path | str, *, size: int = 224, label_size: int = 112, min_frequency: int = 1) -> ConvertedProbe:
    """Images with one mask file a concept.

    ::

        FOLDER/images/cat.jpg
        FOLDER/masks/whiskers/cat.png            a concept of the category `object`
        FOLDER/masks/texture/striped/cat.png     a concept of the category `texture`

    A mask belongs to the image of the same name; it is true where it is not 0.

    Args:
        folder: with `images` and `masks`.
        size: height and width of the pictures.
        label_size: height and width of the label maps.
        min_frequency: concepts that fewer images have are left out.

    Raises:
        DataError: a folder is missing or empty, or a mask has no image.
    """
    folder = Path(folder)
    pictures, masks = folder / "images", folder / "masks"
    for part in (pictures, masks):
        if not part.is_dir():
            raise DataError(f"{part} is missing; expected {folder.name}/images and {folder.name}/masks/CONCEPT/*.png")
    paths: dict[str, Path] = {}
    for path in sorted(pictures.rglob("*")):
        if path.suffix.lower() in PICTURES:
            if path.stem in paths:
                raise DataError(f"{path} and {paths[path.stem]} have one name; a mask belongs to an image by its name")
            paths[path.stem] = path
    found: dict[str, list[tuple[str, str, Path]]] = defaultdict(list)
    for path in sorted(path for path in masks.rglob("*") if path.suffix.lower() == ".png"):
        parts = path.relative_to(masks).parts
        if len(parts) not in (2, 3):
            raise DataError(f"{path}: expected masks/CONCEPT/IMAGE.png or masks/CATEGORY/CONCEPT/IMAGE.png")
        if path.stem not in paths:
            raise DataError(f"{path} has no image {path.stem}.* in {pictures}; add it, or remove the mask")
        category = parts[0] if len(parts) == 3 else "object"
        found[path.stem].append((category, parts[-2], path))
    if not found:
        raise DataError(f"{masks} has no mask; expected {folder.name}/masks/CONCEPT/*.png")
    categories = tuple(sorted({category for each in found.values() for category, _, _ in each}))
    items = [
        Item(paths[stem].relative_to(pictures).as_posix(), paths[stem], folder.name, tuple(path for *_, path in each))
        for stem, each in sorted(found.items())
    ]

    def labels(item: Item) -> Labels:
        shape = picture_shape(item.path)
        labels = Labels()
        for category, name, path in found[item.path.stem]:
            mask = read_mask(path)
            if mask.shape != shape:
                raise DataError(f"{path} has size {mask.shape}, its image {item.name} has {shape}; make them alike")
            labels.masks.append((category, name, mask))
        return labels

    return ConvertedProbe(
        folder.resolve().name, "masks", categories, items, labels, size=size, label_size=label_size,
        min_frequency=min_frequency,
    )  # fmt: skip
