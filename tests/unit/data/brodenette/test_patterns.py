import numpy as np
import pytest

from kdissect.data.brodenette.colornames import COLOR_NAMES, color_table
from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look
from kdissect.data.brodenette.patterns import PATTERNS, mix, noise
from kdissect.errors import SpecError

AT = np.random.default_rng(0).uniform(-6, 6, (600, 2))
PERIODIC = {
    "striped": (1, 0.3),
    "polka-dotted": (1, 1),
    "chequered": (2, 2),
    "grid": (1, 1),
    "bricked": (2, 2),
    "studded": (1, 2),
}


@pytest.mark.parametrize("pattern", PATTERNS[1:])
def test_a_pattern_shows_both_colours(pattern):
    values = [mix(PATTERNS.index(pattern), u, v) for u, v in AT]
    assert 0 <= min(values) < 0.3
    assert 0.65 < max(values) <= 1
    assert 0.02 < np.mean(values) < 0.85


@pytest.mark.parametrize("pattern", PERIODIC)
def test_a_regular_pattern_repeats(pattern):
    right, down = PERIODIC[pattern]
    for u, v in AT[:50]:
        here, there = (mix(PATTERNS.index(pattern), u + n * right, v + n * down) for n in (0, 1))
        assert here == pytest.approx(there, abs=1e-6)


def test_noise_is_smooth_and_fills_its_range():
    values = np.array([noise(u, v) for u, v in AT])
    beside = np.array([noise(u + 1e-4, v) for u, v in AT])
    assert 0 <= values.min() < 0.1
    assert 0.9 < values.max() <= 1
    assert np.abs(values - beside).max() < 1e-3


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((250, 250, 250), "white"), ((8, 8, 8), "black"), ((128, 128, 128), "grey"), ((220, 20, 20), "red"),
        ((30, 60, 200), "blue"), ((40, 160, 50), "green"), ((250, 220, 40), "yellow"), ((250, 140, 30), "orange"),
        ((110, 70, 30), "brown"), ((250, 150, 190), "pink"), ((120, 40, 150), "purple"),
    ],
)  # fmt: skip
def test_plain_colours_have_their_plain_names(rgb, name):
    red, green, blue = (value // 8 for value in rgb)
    assert COLOR_NAMES[color_table()[red, green, blue]] == f"{name}-c"


def test_mistakes_in_a_kind_are_refused_with_the_choices():
    k = Kind("thing", "one two", slots="hat")
    k.joint()
    with pytest.raises(SpecError, match="expected a slot among hat, got 'shoe'"):
        k.trait("shoe", "one", 0, 0)
    with pytest.raises(SpecError, match="expected a class of one, two, got 'three'"):
        k.trait("hat", "three", 0, 0)
    with pytest.raises(SpecError, match="no look for one of its classes"):
        k.paint(one=look("wood", "808080"))
    with pytest.raises(SpecError, match="expected a material among .*, got 'cheese'"):
        look("cheese", "808080")
    with pytest.raises(SpecError, match="expected a pattern among .*, got 'tartan'"):
        look("wood", "808080", pattern="tartan")
