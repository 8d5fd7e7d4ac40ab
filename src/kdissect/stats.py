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
    return bool(max(values) - min(values) <= 1e-12 * max(abs(value) for value in values))


def permutation_p(a: Sequence[float], b: Sequence[float]) -> float:
    """Two-sided p value of the unpaired permutation test of the difference of means; 0 to 1.

    Exact, over all ways to deal the values out, up to 12,870 of them (8 and 8 values); above that 9,999 random ones,
    always the same. With n and n values it cannot fall below 2 / C(2n, n): 0.1 for 3 seeds, 0.0079 for 5.

    Raises:
        SpecError: a sample has fewer than two values, or a value is not finite.
    """
    _refuse_single(a, b)
    import numpy as np
    import scipy.stats

    ways = math.comb(len(a) + len(b), len(a))
    found = scipy.stats.permutation_test(
        (np.asarray(a, dtype=float), np.asarray(b, dtype=float)),
        lambda x, y, axis: np.mean(x, axis=axis) - np.mean(y, axis=axis),
        permutation_type="independent",
        vectorized=True,
        n_resamples=max(ways, 9_999) if ways <= 12_870 else 9_999,
        rng=np.random.default_rng(0),
    )
    return float(found.pvalue)


def behrens_fisher_p(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Two-sided p value for "the means are equal", of a test that does not call too often where numbers differ; 0 to 1.

    With three values against eight, Welch's test at the small levels that Holm asks for calls a difference that is none
    up to twice as often as it should; this one never does in simulations (docs/verdict.md), and finds less. None where
    neither sample varies.

    Raises:
        SpecError: a sample has fewer than two values, or a value is not finite.

    Source: Fisher 1935, "The fiducial argument in statistical inference"; Robinson 1976, "Properties of Student's t
        and of the Behrens-Fisher solution to the two means problem", on how often it calls.
    """
    _refuse_single(a, b)
    if _no_spread(a) and _no_spread(b):
        return None
    mean = math.fsum(a) / len(a) - math.fsum(b) / len(b)
    return min(1.0, 2 * _behrens_fisher_tail(a, b, abs(mean)))


def _behrens_fisher_tail(a: Sequence[float], b: Sequence[float], limit: float) -> float:
    """Probability that two t variables, each times its sample's standard error, add up to more than the limit."""
    import numpy as np
    from scipy.integrate import quad
    from scipy.special import stdtr, stdtrit

    errors = [(float(np.std(x, ddof=1)) / math.sqrt(len(x)), len(x) - 1) for x in (a, b)]
    (small, its_free), (large, free) = sorted(errors)
    # The mean, over the quantiles of the one, of the other's tail.
    return float(quad(lambda u: stdtr(free, (stdtrit(its_free, u) * small - limit) / large), 0, 1, limit=200)[0])


def hedges_g(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Difference of the means in pooled standard deviations, without the bias of small samples; None without spread.

    Raises:
        SpecError: a sample has fewer than two values, or a value is not finite.

    Source: Hedges 1981, "Distribution theory for Glass's estimator of effect size".
    """
    _refuse_single(a, b)
    free = len(a) + len(b) - 2
    mean_a, mean_b = math.fsum(a) / len(a), math.fsum(b) / len(b)
    squares = math.fsum((x - mean_a) ** 2 for x in a) + math.fsum((y - mean_b) ** 2 for y in b)
    if _no_spread(a) and _no_spread(b):
        return None
    factor = math.exp(math.lgamma(free / 2) - math.lgamma((free - 1) / 2)) / math.sqrt(free / 2)
    return factor * (mean_a - mean_b) / math.sqrt(squares / free)


def superiority(a: Sequence[float], b: Sequence[float]) -> float:
    """Probability that a value of `a` is larger than one of `b`, equal ones counting half; 0 to 1.

    Source: Vargha & Delaney 2000, "A critique and improvement of the CL common language effect size statistics".
    """
    _refuse(a, 0.5)
    _refuse(b, 0.5)
    wins = sum((x > y) + (x == y) / 2 for x in a for y in b)
    return wins / (len(a) * len(b))


def equivalence_p(a: Sequence[float], b: Sequence[float], margin: float) -> float | None:
    """P value for "the means differ by `margin` or more": the larger of two one-sided tests.

    Of Welch's, or of Behrens' and Fisher's where one sample has more values (see `behrens_fisher_p`). None where
    neither sample varies: nothing is then known about chance.

    Args:
        a: one number a seed.
        b: one number a seed.
        margin: the smallest difference that matters, above 0, stated before the numbers are seen.

    Raises:
        SpecError: a sample has fewer than two values, a value is not finite, or the margin is not above 0.

    Source: Schuirmann 1987, "A comparison of the two one-sided tests procedure ...".
    """
    _refuse_single(a, b)
    if not (margin > 0 and math.isfinite(margin)):
        raise SpecError(f"expected a margin above 0, got {margin}")
    if _no_spread(a) and _no_spread(b):
        return None
    if len(a) != len(b):
        mean = math.fsum(a) / len(a) - math.fsum(b) / len(b)
        return max(_behrens_fisher_tail(a, b, margin + mean), _behrens_fisher_tail(a, b, margin - mean))
    import scipy.stats

    low, high = [x + margin for x in a], [x - margin for x in a]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Precision loss occurred", RuntimeWarning)
        below = scipy.stats.ttest_ind(low, b, equal_var=False, alternative="greater").pvalue
        above = scipy.stats.ttest_ind(high, b, equal_var=False, alternative="less").pvalue
    return float(max(below, above))


def holm(p: Sequence[float]) -> list[float]:
    """P values adjusted so that all together call a difference that is none as seldom as their level says; in order.

    Source: Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    found, largest = [0.0] * len(p), 0.0
    for place, k in enumerate(sorted(range(len(p)), key=lambda k: p[k])):
        largest = max(largest, min(1.0, (len(p) - place) * p[k]))
        found[k] = largest
    return found


def benjamini_hochberg(p: Sequence[float]) -> list[float]:
    """P values adjusted so that, of the differences called at a level, at most that share are none, on average.

    Source: Benjamini & Hochberg 1995, "Controlling the false discovery rate".
    """
    if not p:
        return []
    import scipy.stats

    return [float(value) for value in scipy.stats.false_discovery_control(p, method="bh")]


def power(effect: float, seeds: int, alpha: float = 0.05) -> float:
    """How often a true difference of `effect` standard deviations is called with `seeds` values on either side; 0 to 1.

    For samples of equal variance (Student's t; Welch's differs little then).
    """
    import scipy.stats

    free = 2 * seeds - 2
    limit = scipy.stats.t.isf(alpha / 2, free)
    shift = abs(effect) * math.sqrt(seeds / 2)
    # SciPy's noncentral t gives NaN in the far tail, where nothing is left.
    tails = [scipy.stats.nct.sf(limit, free, shift), scipy.stats.nct.cdf(-limit, free, shift)]
    return float(min(1.0, sum(float(tail) for tail in tails if math.isfinite(tail))))


def seeds_needed(effect: float, wanted: float = 0.8, alpha: float = 0.05, most: int = 10_000) -> int | None:
    """Seeds in either sample to call a true difference of `effect` standard deviations `wanted` of the time.

    None if it takes more than `most`.
    """
    if effect == 0 or power(effect, most, alpha) < wanted:
        return None
    low, high = 1, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(effect, middle, alpha) >= wanted else (middle, high)
    return high


def _refuse_single(*samples: Sequence[float]) -> None:
    for values in samples:
        _refuse(values, 0.5)
        if len(values) < 2:
            raise SpecError("expected two seeds or more on either side, got one: chance cannot be told from one run")
