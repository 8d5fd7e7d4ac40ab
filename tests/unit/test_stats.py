import math

import pytest

from kdissect.errors import SpecError
from kdissect.stats import Interval, difference, mean_interval


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
