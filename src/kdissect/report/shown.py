"""Images with maps that a measure kept with its record."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import DataError
from kdissect.records import Record

FILE = "shown.npz"


@dataclass(frozen=True)
class Shown:
    """What a measure shows of one arm.

    Attributes:
        measure, arm, seed: of the record.
        style: `magnitude` for maps without a sign, `overlay` for those that light up an image.
        what: what the maps are, for people.
        images: index in the test split of each, `(n)`.
        pictures: `(n h w 3)`.
        maps: `(n h w)`, -1 to 1.
    """

    measure: str
    arm: str
    seed: int
    style: str
    what: str
    images: NDArray[np.int64]
    pictures: NDArray[np.uint8]
    maps: NDArray[np.float64]


def read_shown(folder: Path, measure: str, arm: str, seed: int, record: Record) -> Shown | None:
    """What a record shows; None if it shows nothing.

    Raises:
        DataError: the file is damaged.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as file:
            images, pictures, maps = file["images"], file["pictures"], file["maps"].astype(np.float64)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"{FILE} cannot be read ({type(error).__name__}); measure again") from None
    if pictures.ndim != 4 or pictures.dtype != np.uint8 or maps.shape != (len(images), *pictures.shape[2:]):
        raise DataError(f"{FILE} has maps {maps.shape} for pictures {pictures.shape}; measure again")
    style, what = (str(record.facts.get(key, "")) for key in ("shown", "shown_what"))
    return Shown(measure, arm, seed, style, what, images, pictures.transpose(0, 2, 3, 1), maps)
