"""Intervals by resampling on two levels: seeds, and the images of each seed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import SpecError

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Resampled:
    """Percentile intervals of a comparison.

    Attributes:
        g: ends of the interval of Hedges' g; None where too many resamples have no spread.
        superiority: ends of the interval of the probability of superiority.
    """

    g: tuple[float, float] | None
    superiority: tuple[float, float]


def two_levels(
    a: Sequence[Values], b: Sequence[Values], *, confidence: float = 0.95, num: int = 2000, seed: int = 0
) -> Resampled:
    """Intervals of Hedges' g and of the probability of superiority.

    Seeds are drawn with replacement, then images within each; a seed's value is the mean of its images. With a single
    value a seed the second level does nothing. The percentiles are those of a t distribution, since few seeds
    would make them too narrow; docs/verdict.md has measured coverage. They describe, and decide nothing.

    Args:
        a: for each seed the values of its images, without NaN.
        b: the same of the other arm.
        confidence: how much of the resamples the interval holds.
        num: resamples.
        seed: of the draws.

    Raises:
        SpecError: a sample has fewer than two seeds, or a seed no image.
    """
    if min(len(a), len(b)) < 2 or any(not len(values) for values in (*a, *b)):
        raise SpecError("expected two seeds or more on either side, each with a value")
    rng = np.random.default_rng(seed)
    x, y = _means(a, num, rng), _means(b, num, rng)
    free = len(a) + len(b) - 2
    squares = x.var(1) * len(a) + y.var(1) * len(b)
    factor = 1 - 3 / (4 * free - 1)
    known = squares > 1e-24 * np.maximum(np.abs(x).max(1), np.abs(y).max(1)) ** 2
    g = factor * (x.mean(1) - y.mean(1))[known] / np.sqrt(squares[known] / free)
    wins = (x[:, :, None] > y[:, None]).mean((1, 2)) + (x[:, :, None] == y[:, None]).mean((1, 2)) / 2
    ends = _ends(min(len(a), len(b)), free, confidence)
    low, high = np.quantile(wins, ends)
    found = tuple(map(float, np.quantile(g, ends))) if known.mean() > 0.9 else None
    return Resampled(found, (float(low), float(high)))  # type: ignore[arg-type]


def _ends(seeds: int, free: int, confidence: float) -> list[float]:
    """Shares of the resamples below the ends of the interval: further out than `confidence` says where seeds are few.

    Source: the expanded percentile interval of Hesterberg 2015, "What teachers should know about the bootstrap".
    """
    from scipy.stats import norm, t

    tail = float(norm.cdf(-((seeds / (seeds - 1)) ** 0.5) * t.isf((1 - confidence) / 2, free)))
    return [tail, 1 - tail]


def _means(sample: Sequence[Values], num: int, rng: np.random.Generator) -> Values:
    """Means of resampled seeds, `(num seeds)`."""
    chosen = rng.integers(0, len(sample), (num, len(sample)))
    found = np.empty(chosen.shape)
    for k, values in enumerate(sample):
        rows, columns = np.nonzero(chosen == k)
        if len(values) == 1:
            found[rows, columns] = values[0]
            continue
        # The mean of n draws of n images: a multinomial count of each, in runs that fit in memory.
        share = np.full(len(values), 1 / len(values))
        for first in range(0, len(rows), 1024):
            part = slice(first, first + 1024)
            counts = rng.multinomial(len(values), share, size=len(rows[part]))
            found[rows[part], columns[part]] = counts @ values / len(values)
    return found
