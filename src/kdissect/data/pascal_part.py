"""Pascal-Part's files as a probe."""

from pathlib import Path
from typing import Any

import numpy as np
import scipy.io
from scipy.io.matlab import MatReadError

from kdissect.data.converted import ConvertedProbe, Item, Labels, Mask
from kdissect.errors import DataError


def pascal_part_probe(
    annotations: Path | str, images: Path | str, *, size: int = 224, label_size: int = 112, min_frequency: int = 1
) -> ConvertedProbe:
    """Pascal VOC 2010 images with the objects and parts of Pascal-Part.

    A part is called by its object and itself, for example `dog lfleg`. Masks of one name in an image are joined.

    Args:
        annotations: folder of the `.mat` files (`Annotations_Part`).
        images: folder of the pictures (`JPEGImages`).
        size: height and width of the pictures.
        label_size: height and width of the label maps.
        min_frequency: names that fewer images have are left out.

    Raises:
        DataError: a folder is empty, a picture is missing, or a file is damaged.

    Source: Chen et al. 2014, "Detect What You Can"; the format of its annotations.
    """
    annotations, images = Path(annotations), Path(images)
    files = sorted(annotations.glob("*.mat"))
    if not files:
        raise DataError(f"{annotations} has no .mat file; expected the folder Annotations_Part")
    items = []
    for path in files:
        picture = images / f"{path.stem}.jpg"
        if not picture.is_file():
            raise DataError(f"{picture} is missing; {path.name} needs it")
        items.append(Item(picture.name, picture, "pascal", (path,)))
    return ConvertedProbe(
        annotations.resolve().name, "pascal-part", ("object", "part"), items, _labels, size=size, label_size=label_size,
        min_frequency=min_frequency,
    )  # fmt: skip


def _labels(item: Item) -> Labels:
    path = item.files[0]
    found: dict[tuple[str, str], Mask] = {}

    def add(category: str, name: str, mask: Any) -> None:
        pixels = np.asarray(mask) != 0
        found[category, name] = found[category, name] | pixels if (category, name) in found else pixels

    try:
        anno = scipy.io.loadmat(path, squeeze_me=True, struct_as_record=False)["anno"]
        for thing in np.atleast_1d(anno.objects):
            kind = str(getattr(thing, "class"))
            add("object", kind, thing.mask)
            for part in np.atleast_1d(thing.parts):
                add("part", f"{kind} {part.part_name}", part.mask)
    except (OSError, ValueError, KeyError, AttributeError, TypeError, NotImplementedError, MatReadError) as error:
        raise DataError(
            f"{path} is no annotation of Pascal-Part ({type(error).__name__}: {error}); restore it"
        ) from None
    return Labels([(category, name, mask) for (category, name), mask in found.items()])
