"""ADE20K's folders as a probe."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdissect.data.converted import ConvertedProbe, Item, Labels, Mask, read_pixels
from kdissect.errors import DataError


def ade20k_probe(
    folder: Path | str, *, size: int = 224, label_size: int = 112, min_frequency: int = 1
) -> ConvertedProbe:
    """The full ADE20K of 2016: objects, parts of objects on several levels, and scenes.

    An image `X.jpg` has `X_seg.png` with its objects, `X_parts_1.png`, `X_parts_2.png`, ... with their parts, and
    `X_atr.txt` with the names. Names are the first of the synonyms there; a scene is the name of the image's
    folder, with `-s` at its end as in Broden.

    Args:
        folder: searched with all its folders.
        size: height and width of the pictures.
        label_size: height and width of the label maps.
        min_frequency: names that fewer images have are left out.

    Raises:
        DataError: there is no such image, or a file is missing or damaged.

    Source: Zhou et al. 2017, "Scene Parsing through ADE20K Dataset"; the format of the release of 2016.
    """
    folder = Path(folder)
    items, parts = [], {}
    for seg in sorted(folder.rglob("*_seg.png")):
        stem = seg.name.removesuffix("_seg.png")
        picture, names = seg.with_name(f"{stem}.jpg"), seg.with_name(f"{stem}_atr.txt")
        for path in (picture, names):
            if not path.is_file():
                raise DataError(f"{path} is missing; {seg.name} needs it")
        levels = (seg, *sorted(seg.parent.glob(f"{stem}_parts_*.png")))
        name = picture.relative_to(folder).as_posix()
        items.append(Item(name, picture, "ade20k", (*levels, names)))
        parts[name] = levels
    if not items:
        raise DataError(f"{folder} has no *_seg.png; expected the folders of ADE20K (release of 2016)")

    def labels(item: Item) -> Labels:
        names = read_names(item.files[-1])
        masks = []
        for level, path in enumerate(parts[item.name]):
            category = "part" if level else "object"
            joined: dict[str, Mask] = {}
            for number, mask in instances(path):
                name = names.get((level, number))
                if name:
                    joined[name] = joined[name] | mask if name in joined else mask
            masks += [(category, name, mask) for name, mask in joined.items()]
        return Labels(masks, [("scene", f"{item.path.parent.name}-s")])

    return ConvertedProbe(
        folder.resolve().name, "ade20k", ("object", "part", "scene"), items, labels, size=size, label_size=label_size,
        min_frequency=min_frequency,
    )  # fmt: skip


def instances(path: Path) -> list[tuple[int, Mask]]:
    """Number and pixels of each instance of a label image.

    The blue channel tells instances apart; they are numbered from 1 by rising value, 0 is no instance.

    Raises:
        DataError: the file is damaged, or no RGB image.
    """
    pixels: NDArray[Any] = read_pixels(path)
    if pixels.ndim != 3:
        raise DataError(f"{path} must be an RGB image, got {pixels.shape}; restore it")
    values = [value for value in np.unique(pixels[:, :, 2]) if value]
    return [(number, pixels[:, :, 2] == value) for number, value in enumerate(values, start=1)]


def read_names(path: Path) -> dict[tuple[int, int], str]:
    """The names of an `_atr.txt`, by level (0 for objects) and number of the instance.

    Its lines are `number # level # occluded # synonyms, with commas # raw name # "attributes"`.

    Raises:
        DataError: a line has another form.
    """
    names: dict[tuple[int, int], str] = defaultdict(str)
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split("#")]
        if len(cells) < 5 or not cells[0].isdecimal() or not cells[1].isdecimal():
            raise DataError(f"{path} line {number}: expected 'number # level # occluded # names # name # ...'")
        names[int(cells[1]), int(cells[0])] = cells[3].split(",")[0].strip() or cells[4]
    return dict(names)
