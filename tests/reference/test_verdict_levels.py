"""The verdict's error rates on studies whose truth is known, and the tests it is made of.

More studies and cases: benchmarks/verdict_simulations.py.
"""

import math

import numpy as np
import pytest

from kdissect.stats import equivalence_p, permutation_p
from kdissect.verdict import FAMILIES, Sample, call_families

STUDIES, SPREAD = 2000, 0.02


def arm(rng: np.random.Generator, first: float, spread: float, seeds: int = 5) -> dict[str, Sample]:
    """An arm whose first family is shifted."""
    shifts = [first] + [0.0] * (len(FAMILIES) - 1)
    return {
        family.primary: Sample(tuple((0.5 + shift + spread * rng.standard_normal(seeds)).tolist()), "higher")
        for family, shift in zip(FAMILIES, shifts, strict=True)
    }


@pytest.mark.slow
def test_wrong_calls_are_as_seldom_as_the_level_says() -> None:
    """Unequal spreads, the first family exactly at its margin: too much to be kept, and the rest truly alike."""
    rng = np.random.default_rng(0)
    different = kept = 0
    for _ in range(STUDIES):
        found = call_families(arm(rng, FAMILIES[0].margin, 2 * SPREAD), arm(rng, 0, SPREAD))
        calls = [call for call, _ in found.values()]
        kept += calls[0] == "kept"
        different += any(call in ("raised", "lowered") for call in calls[1:])
    error = 1.96 * math.sqrt(0.05 * 0.95 / STUDIES)
    assert different / STUDIES < 0.05 + error
    assert different / STUDIES > 0.02  # 3.6 to 5 % is what Welch's test does here: it does call
    assert kept / STUDIES < 0.05 + error


@pytest.mark.slow
def test_wrong_calls_are_seldom_where_one_side_has_more_seeds() -> None:
    """Three seeds of a wide arm against eight of a narrow one: Welch's test would find a difference in 15 %."""
    rng = np.random.default_rng(5)
    different = 0
    for _ in range(200):
        found = call_families(arm(rng, 0, 2 * SPREAD, seeds=3), arm(rng, 0, SPREAD, seeds=8))
        different += any(call in ("raised", "lowered") for call, _ in found.values())
    assert different / 200 < 0.05 + 2 * math.sqrt(0.05 * 0.95 / 200)


def test_one_family_is_called_at_its_level() -> None:
    rng = np.random.default_rng(1)
    name, wrong = FAMILIES[0].primary, 0
    for _ in range(400):
        both = [{name: Sample(tuple(rng.standard_normal(5).tolist()), "higher")} for _ in range(2)]
        wrong += call_families(*both)["concepts"][0] in ("raised", "lowered")
    assert 0.02 < wrong / 400 < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


def test_a_difference_beyond_the_margin_is_kept_less_often_than_one_at_it() -> None:
    rng = np.random.default_rng(2)
    margin = FAMILIES[0].margin
    kept = []
    for shift in (0.0, margin, 1.3 * margin):
        pairs = [
            ({k: v for k, v in arm(rng, shift, SPREAD).items() if k == FAMILIES[0].primary}, arm(rng, 0, SPREAD))
            for _ in range(150)
        ]
        kept.append(sum(call_families(a, b)["concepts"][0] == "kept" for a, b in pairs) / 150)
    assert kept[0] > 0.3
    assert kept[1] < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 150)
    assert kept[2] < 0.04


@pytest.mark.parametrize("seeds", [(3, 3), (5, 5), (3, 8)])
def test_keeping_does_not_depend_on_which_arm_is_the_reference(seeds: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        a, b = (rng.standard_normal(number).tolist() for number in seeds)
        there, back = equivalence_p(a, b, 1.5), equivalence_p(b, a, 1.5)
        assert there == pytest.approx(back)
        # The larger of two one-sided tests, so never surer than either.
        assert there >= equivalence_p(a, b, 2.0)


@pytest.mark.parametrize("seeds", [2, 3, 4, 5])
def test_permutations_cannot_say_more_than_there_are_ways(seeds: int) -> None:
    rng = np.random.default_rng(4)
    least = 2 / math.comb(2 * seeds, seeds)
    for _ in range(10):
        a, b = (rng.standard_normal(seeds).tolist() for _ in range(2))
        assert permutation_p(a, b) >= least - 1e-12
    assert permutation_p([10.0 + k for k in range(seeds)], [float(k) for k in range(seeds)]) == pytest.approx(least)
