import math

import numpy as np
import pytest

from kdissect.errors import SpecError
from kdissect.stats import (
    Interval,
    behrens_fisher_p,
    benjamini_hochberg,
    difference,
    equivalence_p,
    hedges_g,
    holm,
    mean_interval,
    permutation_p,
    power,
    seeds_needed,
    superiority,
)


def test_interval_agrees_with_a_table_of_students_t():
    # t(0.975, 2 degrees of freedom) = 4.3027 in every textbook; the standard error of 1, 2, 3 is 1/sqrt(3).
    interval = mean_interval([1.0, 2.0, 3.0])
    assert interval.mean == 2.0
    assert interval.num == 3
    assert interval.low == pytest.approx(2 - 4.302653 / math.sqrt(3), abs=1e-6)
    assert interval.high == pytest.approx(2 + 4.302653 / math.sqrt(3), abs=1e-6)


def test_a_higher_confidence_needs_a_wider_interval():
    # t(0.995, 4) = 4.6041
    interval = mean_interval([2.0, 4.0, 4.0, 4.0, 6.0], confidence=0.99)
    assert interval.high == pytest.approx(4 + 4.604095 * math.sqrt(2) / math.sqrt(5), abs=1e-5)


def test_one_value_has_no_interval():
    assert mean_interval([7.0]) == Interval(7.0, None, None, 1)


def test_equal_values_give_an_interval_of_no_width():
    assert mean_interval([0.0, 0.0]) == Interval(0.0, 0.0, 0.0, 2)
    assert mean_interval([0.3, 0.1 + 0.2, 0.3]).high == pytest.approx(0.3)


# Student's sleep data (1908), drug 2 and drug 1: extra hours of sleep of ten patients.
DRUG_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
DRUG_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]


def test_difference_agrees_with_the_published_welch_test_of_the_sleep_data():
    # R's t.test(extra ~ group): t = -1.8608, df = 17.776, p = 0.07939, interval -3.3654832 to 0.2054832.
    found = difference(DRUG_1, DRUG_2)
    assert found.mean == pytest.approx(-1.58)
    assert found.low == pytest.approx(-3.3654832, abs=1e-6)
    assert found.high == pytest.approx(0.2054832, abs=1e-6)
    assert found.p == pytest.approx(0.07939, abs=1e-5)


def test_exchanging_the_samples_exchanges_the_sign():
    there, back = difference(DRUG_1, DRUG_2), difference(DRUG_2, DRUG_1)
    assert there.mean == -back.mean
    assert there.low == pytest.approx(-back.high)
    assert there.p == pytest.approx(back.p)


def test_difference_to_a_constant_sample_is_a_one_sample_test():
    # With no variance in b, Welch's degrees of freedom are those of a.
    found = difference([1.0, 2.0, 3.0], [5.0, 5.0, 5.0])
    assert found.low == pytest.approx(-3 - 4.302653 / math.sqrt(3), abs=1e-6)
    assert found.high == pytest.approx(-3 + 4.302653 / math.sqrt(3), abs=1e-6)


@pytest.mark.parametrize(("a", "b"), [([1.0], [2.0, 3.0]), ([1.0, 2.0], [3.0]), ([4.0] * 3, [6.0] * 3)])
def test_difference_has_no_interval_where_nothing_is_known_about_chance(a, b):
    found = difference(a, b)
    assert found.mean == sum(a) / len(a) - sum(b) / len(b)
    assert (found.low, found.high, found.p) == (None, None, None)


def test_bad_arguments_are_refused():
    with pytest.raises(SpecError, match="at least one value, got none"):
        mean_interval([])
    with pytest.raises(SpecError, match="finite values, got nan"):
        difference([1.0, math.nan], [1.0])
    with pytest.raises(SpecError, match=r"between 0 and 1, got 95\.0"):
        mean_interval([1.0, 2.0], confidence=95.0)


def test_the_permutation_test_is_exact():
    # All 3 of one side above all 3 of the other: 2 of the 20 ways are as far apart.
    assert permutation_p([4.0, 5, 6], [1, 2, 3]) == pytest.approx(2 / 20)
    assert permutation_p([6.0, 7, 8, 9, 10], [1, 2, 3, 4, 5]) == pytest.approx(2 / 252)
    assert permutation_p([1.0, 2], [1, 2]) == 1


def test_hedges_g_by_hand():
    # Means 2 and 1, pooled variance 1, and J(4) = 1 - 3 / (4 * 4 - 1) = 0.8 to three digits.
    assert hedges_g([1.0, 2, 3], [0, 1, 2]) == pytest.approx(0.7979, abs=1e-4)
    assert hedges_g([1.0, 1], [1, 1]) is None


def test_probability_of_superiority_counts_ties_half():
    assert superiority([1.0, 2], [1.0, 0]) == pytest.approx((0.5 + 1 + 1 + 1) / 4)


def test_holm_and_benjamini_hochberg_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])
    assert benjamini_hochberg([]) == []


def test_equivalence_is_symmetric_and_needs_the_margin():
    a, b = [1.0, 1.1, 0.9, 1.05], [1.02, 0.97, 1.1, 0.95]
    assert equivalence_p(a, b, 0.5) == pytest.approx(equivalence_p(b, a, 0.5))
    assert equivalence_p(a, b, 0.5) < 0.01
    assert equivalence_p(a, b, 0.01) > 0.3
    assert equivalence_p([x + 0.5 for x in a], b, 0.5) == pytest.approx(0.5, abs=0.05)
    assert equivalence_p([1.0, 1], [1, 1], 0.5) is None
    with pytest.raises(SpecError, match="margin above 0"):
        equivalence_p(a, b, 0)


def test_behrens_and_fishers_test_agrees_with_their_table():
    # Fisher & Yates, table VI: 6 and 6 degrees of freedom, equal standard errors: 2.435 at 5 %.
    z = [-3.0, -2, -1, 0, 1, 2, 3]
    error = math.sqrt(28 / 6 / 7)
    assert behrens_fisher_p([x + 2.435 * math.sqrt(2) * error for x in z], z) == pytest.approx(0.05, abs=1e-4)


def test_behrens_and_fishers_test_is_that_of_a_sum_of_two_ts():
    a, b = [3.0, 1, 8], [0.1, 0.4, -0.3, 0.2, 0.0, 0.3]
    rng = np.random.default_rng(0)
    sums = sum(
        np.std(x, ddof=1) / math.sqrt(len(x)) * rng.standard_t(len(x) - 1, 2_000_000)
        for x in (np.array(a), np.array(b))
    )
    wanted = float((np.abs(sums) > np.mean(a) - np.mean(b)).mean())
    assert behrens_fisher_p(a, b) == pytest.approx(wanted, abs=0.002)
    assert behrens_fisher_p(a, b) == pytest.approx(behrens_fisher_p(b, a))


def test_behrens_and_fishers_test_of_constant_samples():
    # With no variance in b it is the one-sample test: t = -3 / (1 / sqrt(3)) with 2 degrees of freedom, p = 0.0351.
    assert behrens_fisher_p([1.0, 2, 3], [5.0, 5, 5, 5]) == pytest.approx(0.035099, abs=1e-6)
    assert behrens_fisher_p([1.0, 1], [1.0, 1, 1]) is None


def test_equivalence_of_samples_of_different_numbers():
    a, b = [1.0, 1.1, 0.9], [1.02, 0.97, 1.1, 0.95, 1.0]
    # At a difference of exactly the margin one of the two tails is a half.
    shift = 0.5 - (np.mean(a) - np.mean(b))
    assert equivalence_p([x + shift for x in a], b, 0.5) == pytest.approx(0.5, abs=1e-6)
    assert equivalence_p(a, b, 0.5) == pytest.approx(equivalence_p(b, a, 0.5))
    assert equivalence_p(a, b, 0.5) < 0.05 < equivalence_p(a, b, 0.05)


def test_power_agrees_with_published_simulations():
    # Simulated for Welch's test, 3,000 times: 0.21, 0.52, 0.79 for 1.5 standard deviations.
    assert [round(power(1.5, seeds), 2) for seeds in (3, 5, 8)] == pytest.approx([0.27, 0.55, 0.80], abs=0.02)
    assert seeds_needed(0.5) == 64  # the textbook's example of a medium effect
    assert seeds_needed(0.0) is None
    assert power(1.5, seeds_needed(1.5)) >= 0.8 > power(1.5, seeds_needed(1.5) - 1)


@pytest.mark.parametrize("test", [permutation_p, hedges_g, lambda a, b: equivalence_p(a, b, 1)])
def test_one_seed_tells_nothing_of_chance(test):
    with pytest.raises(SpecError, match="two seeds or more"):
        test([1.0], [1.0, 2.0])
