"""Numbers of single images, and the scores that they become."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import DivergedError
from kdissect.records import Direction, Score

FILE = "images.npz"
"""File of a record with the numbers of single images: an array `(b)` for each score, and `right` `(b)` bool."""
RIGHT = "right"


@final
@dataclass(frozen=True)
class EachImage:
    """A number for each image.

    Attributes:
        name: of the score.
        values: `(b)` float64; NaN where the number is not defined for an image (an empty mask, a map of zeros).
        unit, direction, bounds: as in `Score`.
        groups: `(b)`, for a mean over the means of groups (of classes, say); a mean over images if None.
    """

    name: str
    values: NDArray[np.float64]
    unit: str = "share"
    direction: Direction = "neither"
    bounds: tuple[float | None, float | None] = (0, 1)
    groups: NDArray[np.int64] | None = None

    def mean(self, chosen: NDArray[np.bool_]) -> float | None:
        """Mean over the chosen images that have a value; None if none has."""
        kept = chosen & ~np.isnan(self.values)
        if not kept.any():
            return None
        if self.groups is None:
            return float(self.values[kept].mean())
        return float(
            np.mean([self.values[kept & (self.groups == group)].mean() for group in np.unique(self.groups[kept])])
        )


def scores_of(found: Sequence[EachImage], right: NDArray[np.bool_], folder: Path) -> tuple[Score, ...]:
    """Means over images, and the file with the images' own numbers.

    Each number gives two scores: NAME over the images that every arm classifies correctly, and NAME/all over all of
    them; None where no image has a value.

    Raises:
        DivergedError: a value is infinite; names the image.
    """
    scores = []
    for each in found:
        if (odd := np.flatnonzero(np.isinf(each.values))).size:
            raise DivergedError(f"{each.name} of image {odd[0]} is infinite; the network's weights are damaged")
        for name, chosen in ((each.name, right), (f"{each.name}/all", np.ones_like(right))):
            value = each.mean(chosen)
            scores.append(Score(name=name, value=value, unit=each.unit, direction=each.direction, bounds=each.bounds))
    np.savez(folder / FILE, **{RIGHT: right}, **{each.name: each.values for each in found})  # type: ignore[arg-type]
    return tuple(scores)


def both(definitions: dict[str, str]) -> dict[str, str]:
    """The definitions of scores that `scores_of` makes."""
    found = {}
    for name, text in definitions.items():
        found[name] = f"{text}; mean over the images that every arm classifies correctly"
        found[f"{name}/all"] = f"{text}; mean over all images"
    return found
