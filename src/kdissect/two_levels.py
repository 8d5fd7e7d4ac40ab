"""Intervals of sizes of effect by drawing anew on two levels: training seeds, and test images."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import SpecError

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Resampled:
    """Intervals of the sizes of effect of a comparison; both None where no seed differs from another.

    Attributes:
        g: ends of the interval of the difference in standard deviations between seeds, which Hedges' g estimates.
        superiority: ends of the interval of the probability of superiority, 0 to 1.
    """

    g: tuple[float, float] | None
    superiority: tuple[float, float] | None


def two_levels(
    a: Sequence[float] | Values,
    b: Sequence[float] | Values,
    images: tuple[Values, Values] | None = None,
    *,
    confidence: float = 0.95,
    num: int = 4000,
    seed: int = 0,
) -> Resampled:
    """Intervals of Hedges' g and of the probability of superiority; these are the ones to quote.

    Seeds are drawn from normal distributions whose spread is drawn too, with Welch's degrees of freedom: without the
    second level the interval of g is the inverted noncentral t distribution, and holds 0 where Welch's interval of the
    difference does. Seeds drawn with replacement would not do: three values have too little to draw from.

    Images are drawn with replacement, the same for all seeds of both arms, as they were in the experiment. So an image
    that is easy for all cancels, and only what is easier for one arm widens the intervals. What single seeds make of an
    image is in the differences of the seeds already, and is not counted twice. docs/verdict.md has measured coverage.

    Args:
        a: one number a seed, the mean over its images.
        b: the same of the other arm.
        images: the numbers of the images, `(seeds images)` for `a` and for `b`, column by column of the same image;
            NaN where a seed has none. None for the level of the seeds alone.
        confidence: how often such intervals hold the truth, between 0 and 1.
        num: draws.
        seed: of the draws.

    Raises:
        SpecError: a sample has fewer than two seeds; the images are not those of the seeds, are not the same for all,
            or a seed has none.

    Source: Hedges & Olkin 1985, chapter 5 (noncentral t); Reiser & Guttman 1986, "Statistical inference for
        Pr(Y < X): the normal case" (superiority).
    Departs: Welch's degrees of freedom, for unequal spreads; the level of the images. The interval of superiority is
        widened to the observed share, which does not assume normal seeds, where that lies outside.
    """
    if min(len(a), len(b)) < 2:
        raise SpecError("expected two seeds or more on either side, got one: chance cannot be told from one run")
    means, variances = zip(*((float(np.mean(x)), float(np.var(x, ddof=1))) for x in (a, b)), strict=True)
    largest = max(abs(value) for value in (*a, *b))
    if sum(variances) <= 1e-24 * largest**2:
        return Resampled(None, None)
    rng = np.random.default_rng(seed)
    parts = variances[0] / len(a), variances[1] / len(b)
    free = sum(parts) ** 2 / (parts[0] ** 2 / (len(a) - 1) + parts[1] ** 2 / (len(b) - 1))
    pooled = math.sqrt(np.average(variances, weights=[len(a) - 1, len(b) - 1]))
    shift = np.zeros(num) if images is None else _image_shift((len(a), len(b)), images, num, rng)
    # A standard deviation between seeds is the measured one divided by `narrow`.
    narrow = np.sqrt(rng.chisquare(free, num) / free)
    drawn = ((means[0] - means[1] - shift) * narrow - math.sqrt(sum(parts)) * rng.standard_normal(num)) / pooled
    low, high = (float(end) for end in np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2]))
    # The difference of two seeds is normal: it is above 0 with the probability of its mean over its own deviation.
    scale = pooled / math.sqrt(2 * sum(variances))
    share = float(1 + np.sign(np.subtract.outer(a, b)).mean()) / 2
    ends = min(share, (1 + math.erf(low * scale)) / 2), max(share, (1 + math.erf(high * scale)) / 2)
    return Resampled((low, high), ends)


def _image_shift(seeds: tuple[int, int], images: tuple[Values, Values], num: int, rng: np.random.Generator) -> Values:
    """By how much the difference of the arms moves when the images are drawn anew, `(num)`."""
    if tuple(len(side) for side in images) != seeds or images[0].shape[1] != images[1].shape[1]:
        raise SpecError(f"expected images (seeds images) of {seeds} seeds, got {[side.shape for side in images]}")
    values = np.concatenate(images)
    known = ~np.isnan(values)
    if not known.any(1).all():
        raise SpecError("expected each seed to have a value for some image")
    count = values.shape[1]
    # What an image adds to its seed's mean; 0 where the seed has none of it.
    own = np.where(known, values - np.nanmean(values, 1, keepdims=True), 0) / known.mean(1, keepdims=True)
    between = own @ own.T / count**2
    first = slice(0, seeds[0]), slice(seeds[0], None)
    shared = sum(_off_diagonal(between[side, side]) for side in first) - 2 * between[first[0], first[1]].mean()
    apart = own[first[0]].mean(0) - own[first[1]].mean(0)
    whole = float(apart @ apart) / count**2
    if shared <= 0 or whole == 0:
        return np.zeros(num)
    at_once = max(1, 4_000_000 // count)
    drawn = [
        apart[rng.integers(0, count, (min(at_once, num - start), count))].mean(1) for start in range(0, num, at_once)
    ]
    # `whole` counts what single seeds make of an image, `shared` what two seeds of an arm have in common.
    return np.concatenate(drawn) * math.sqrt(shared / whole)


def _off_diagonal(square: Values) -> float:
    """Mean of all but the diagonal."""
    n = len(square)
    return float((square.sum() - np.trace(square)) / (n * (n - 1)))
