"""Resampling: images drawn with replacement, within the sources of a probe."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal, Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from kdissect import seeds
from kdissect.errors import SpecError

Within = Literal["source", "all"]
Result = TypeVar("Result")


@dataclass(frozen=True)
class Share:
    """A number with its interval over resamples of the images.

    Attributes:
        value: as counted over all images.
        low, high: percentiles of the resamples.
    """

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value: float, resampled: NDArray[np.float64] | NDArray[np.int64], tails: tuple[float, float]) -> Self:
        """The number with two percentiles (0 to 100) of what the resamples gave."""
        low, high = np.percentile(resampled, tails)
        return cls(value, float(low), float(high))


def strata(sources: Sequence[str], within: Within) -> list[NDArray[np.int64]]:
    """The images of each source, or all of them.

    Raises:
        SpecError: `within` is neither.
    """
    if within == "all":
        return [np.arange(len(sources))]
    if within != "source":
        raise SpecError(f"within must be source or all, got {within!r}")
    names = np.array(sources)
    return [np.flatnonzero(names == name) for name in dict.fromkeys(sources)]


def draw(groups: Sequence[NDArray[np.int64]], num_images: int, seed: int, number: int) -> NDArray[np.int64]:
    """How often each image is in a resample `(b,)`; each group keeps its size.

    Args:
        groups: from `strata`.
        num_images: images in all.
        seed: of all resamples.
        number: of this one.
    """
    generator = seeds.numpy_generator(seed, "resample", number)
    times = np.zeros(num_images, np.int64)
    for group in groups:
        times[group] = generator.multinomial(len(group), np.full(len(group), 1 / len(group)))
    return times


def each(work: Callable[[int], Result], number: int) -> list[Result]:
    """The results of 0, 1, ... number - 1, made by as many threads as torch has."""
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        return list(pool.map(work, range(number)))
