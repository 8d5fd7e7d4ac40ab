"""The units that the unit browser shows: which, with which images, within a number of bytes."""

import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import DataError
from kdissect.report.dissection import Dissection, Unit
from kdissect.report.pictures import Album, Picture

MOST_UNITS = 48
"""Units of one dissection."""
IMAGES = 5
"""Top images of a unit."""
BUDGET = 3_600_000
"""Bytes for images and maps as text, which leaves about 1.4 MB of 5 for all else."""
BASE64 = 4 / 3
UNIT_BYTES = 200
"""Names and numbers of a unit, roughly."""


@dataclass(frozen=True)
class ShownUnit:
    """A unit with its top images.

    Attributes:
        unit: number, concept, IoU and activation threshold.
        is_detector: whether the IoU reaches the dissection's threshold.
        images: index in the probe of each image.
        pictures: number of each image in the gallery.
        peaks: highest activation in each image.
        maps: activations `(n h w)`, float16 as they were stored, little-endian, in C order.
    """

    unit: Unit
    is_detector: bool
    images: tuple[int, ...]
    pictures: tuple[int, ...]
    peaks: tuple[float, ...]
    maps: bytes


@dataclass(frozen=True)
class ShownDissection:
    """The shown units of one dissection, those with the highest IoU first.

    Attributes:
        dissection: where they come from.
        map_shape: height and width of a unit's activation map.
        units: as many as fit.
    """

    dissection: Dissection
    map_shape: tuple[int, int]
    units: tuple[ShownUnit, ...]


@dataclass(frozen=True)
class Gallery:
    """What the unit browser needs.

    Attributes:
        pictures: each image of the probe once.
        shown: one for each dissection that has exemplars.
        complaints: one sentence for each dissection whose exemplars cannot be used.
    """

    pictures: tuple[Picture, ...] = ()
    shown: tuple[ShownDissection, ...] = ()
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidates:
    dissection: Dissection
    map_shape: tuple[int, int]
    units: tuple[ShownUnit, ...]
    probe: str


def hang(dissections: tuple[Dissection, ...], budget: int = BUDGET, most: int = MOST_UNITS) -> Gallery:
    """Choose units, the same number of each dissection, as many as the budget allows.

    Of every dissection come first the best unit of each concept, then the others by IoU.

    Args:
        dissections: what is to be shown.
        budget: bytes for images and maps.
        most: units of one dissection.
    """
    album = Album()
    candidates: list[_Candidates] = []
    complaints: list[str] = []
    for dissection in dissections:
        try:
            candidates.append(_candidates(dissection, album, budget, most))
        except DataError as error:
            complaints.append(f"{dissection.title}: {error}")
    num_units = _affordable(candidates, album, budget, most)
    numbers: dict[tuple[str, int], int] = {}
    shown = tuple(_shown(candidate, num_units, numbers) for candidate in candidates)
    return Gallery(tuple(album.pictures[key] for key in numbers), shown, tuple(complaints))


def in_order(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """The best unit of each concept, then the others; both by IoU, the highest first."""
    by_iou = sorted((unit for unit in units if unit.concept), key=lambda unit: (-unit.iou, unit.number))
    firsts = {(unit.concept, unit.category): unit for unit in reversed(by_iou)}
    best = {unit.number for unit in firsts.values()}
    return tuple(sorted(by_iou, key=lambda unit: (unit.number not in best, -unit.iou, unit.number)))


def _candidates(dissection: Dissection, album: Album, budget: int, most: int) -> _Candidates:
    """The units that may be shown, as many as the budget would hold alone, their pictures in the album.

    Raises:
        DataError: the exemplars are missing, damaged or of another shape.
    """
    try:
        with np.load(dissection.folder / "exemplars.npz", allow_pickle=False) as file:
            images, peaks, maps = file["images"], file["peaks"], file["maps"]
            places = {int(index): place for place, index in enumerate(file["picture_index"])}
            pictures = file["pictures"]
    except FileNotFoundError:
        raise DataError("it has no exemplars.npz, so no image of its units can be shown; measure again") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(f"its exemplars cannot be read ({type(error).__name__}: {error}); measure again") from None
    num = len(dissection.units)
    if maps.ndim != 4 or not images.shape == peaks.shape == maps.shape[:2] or len(images) < num:
        raise DataError(
            f"expected exemplars of {num} units, got images {images.shape}, peaks {peaks.shape}, maps {maps.shape}; "
            "measure again"
        )
    probe = str(dissection.probe.get("digest") or dissection.folder)
    units: list[ShownUnit] = []
    own: set[int] = set()
    spent = 0.0
    for unit in in_order(dissection.units):
        if len(units) == most or spent > budget:
            break
        row = images[unit.number]
        columns = [column for column, index in enumerate(row) if int(index) in places][:IMAGES]
        if not columns:
            continue
        for index in {int(row[column]) for column in columns} - own:
            spent += BASE64 * len(album.add(probe, index, pictures[places[index]]).webp)
            own.add(index)
        units.append(_unit(dissection, unit, columns, row, peaks[unit.number], maps[unit.number]))
        spent += UNIT_BYTES + BASE64 * len(units[-1].maps)
    return _Candidates(dissection, (int(maps.shape[2]), int(maps.shape[3])), tuple(units), probe)


def _unit(
    dissection: Dissection,
    unit: Unit,
    columns: list[int],
    images: NDArray[np.int64],
    peaks: NDArray[np.float32],
    maps: NDArray[np.float16],
) -> ShownUnit:
    return ShownUnit(
        unit=unit,
        is_detector=unit.iou >= dissection.iou,
        images=tuple(int(images[column]) for column in columns),
        pictures=(),
        peaks=tuple(float(f"{float(peaks[column]):.4g}") for column in columns),
        maps=np.ascontiguousarray(maps[columns], dtype="<f2").tobytes(),
    )


def _affordable(candidates: list[_Candidates], album: Album, budget: int, most: int) -> int:
    """How many units of every dissection fit."""
    held: set[tuple[str, int]] = set()
    spent = 0.0
    for rank in range(most):
        for candidate in candidates:
            for unit in candidate.units[rank : rank + 1]:
                new = {(candidate.probe, index) for index in unit.images} - held
                held |= new
                spent += UNIT_BYTES + BASE64 * (len(unit.maps) + sum(len(album.pictures[key].webp) for key in new))
        if spent > budget:
            return rank
    return most


def _shown(candidate: _Candidates, num_units: int, numbers: dict[tuple[str, int], int]) -> ShownDissection:
    units: list[ShownUnit] = []
    for unit in sorted(candidate.units[:num_units], key=lambda shown: (-shown.unit.iou, shown.unit.number)):
        keys = [(candidate.probe, index) for index in unit.images]
        pictures = tuple(numbers.setdefault(key, len(numbers)) for key in keys)
        units.append(ShownUnit(unit.unit, unit.is_detector, unit.images, pictures, unit.peaks, unit.maps))
    return ShownDissection(candidate.dissection, candidate.map_shape, tuple(units))
