"""Statistics over training seeds: the seed is what is repeated, never the image.

SciPy is imported when a number is first asked for, because it takes a second.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from kdissect.errors import SpecError


@dataclass(frozen=True)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: the arithmetic mean.
        low, high: ends of the interval; None where a single value gives none.
        num: how many values.
    """

    mean: float
    low: float | None
    high: float | None
    num: int


@dataclass(frozen=True)
class Difference:
    """A difference of two means with its confidence interval.

    Attributes:
        mean: mean of the first sample minus mean of the second.
        low, high: ends of the interval; None where it is not defined (see `difference`).
        p: two-sided p value for "the means are equal", 0 to 1; None where it is not defined.
    """

    mean: float
    low: float | None
    high: float | None
    p: float | None


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The mean and Student's t interval for it; equal values give an interval of no width.

    Args:
        values: one number a seed.
        confidence: how often such intervals hold the true mean, between 0 and 1.

    Raises:
        SpecError: there is no value, one is not finite, or `confidence` lies outside (0, 1).

    Example:
        >>> interval = mean_interval([1.0, 2.0, 3.0])
        >>> round(interval.mean, 2), round(interval.low, 2), round(interval.high, 2)
        (2.0, -0.48, 4.48)
    """
    _refuse(values, confidence)
    num = len(values)
    mean = math.fsum(values) / num
    if num == 1:
        return Interval(mean, None, None, num)
    if _no_spread(values):
        return Interval(mean, mean, mean, num)
    import scipy.stats

    low, high = scipy.stats.t.interval(confidence, num - 1, loc=mean, scale=scipy.stats.sem(values))
    return Interval(mean, float(low), float(high), num)


def difference(a: Sequence[float], b: Sequence[float], confidence: float = 0.95) -> Difference:
    """Mean of `a` minus mean of `b`, with Welch's t interval (unequal variances) and p value.

    The interval and p are None if a sample has a single value, and if neither sample varies: then
    nothing is known about chance.

    Args:
        a: one number a seed.
        b: one number a seed; seeds of the two are not paired.
        confidence: how often such intervals hold the true difference, between 0 and 1.

    Raises:
        SpecError: a sample is empty, a value is not finite, or `confidence` lies outside (0, 1).

    Source: Welch 1947, "The generalization of 'Student's' problem when several different population
        variances are involved".
    """
    _refuse(a, confidence)
    _refuse(b, confidence)
    mean = math.fsum(a) / len(a) - math.fsum(b) / len(b)
    if min(len(a), len(b)) == 1 or (_no_spread(a) and _no_spread(b)):
        return Difference(mean, None, None, None)
    import scipy.stats

    with warnings.catch_warnings():
        # SciPy warns when one sample is constant, although Welch's formula is sound with a variance of 0.
        warnings.filterwarnings("ignore", "Precision loss occurred", RuntimeWarning)
        test = scipy.stats.ttest_ind(a, b, equal_var=False)
        interval = test.confidence_interval(confidence)
    return Difference(mean, float(interval.low), float(interval.high), float(test.pvalue))


def _refuse(values: Sequence[float], confidence: float) -> None:
    if not 0 < confidence < 1:
        raise SpecError(f"expected a confidence between 0 and 1, got {confidence}")
    if not len(values):
        raise SpecError("expected at least one value, got none")
    for value in values:
        if not math.isfinite(value):
            raise SpecError(f"expected finite values, got {value}; leave out what is not defined")


def _no_spread(values: Sequence[float]) -> bool:
    """Whether values differ by no more than rounding."""
    return max(values) - min(values) <= 1e-12 * max(abs(value) for value in values)
