import math

import numpy as np
import pytest

from kdissect.data.brodenette.fill import ID_BITS, ID_MASK, fill_ellipse, fill_polygon
from kdissect.data.brodenette.shapes import blob, box, dome, ellipse, pill, poly, ring, star, stroke

SIDE = 40
AFFINE = np.array([0.7, -0.2, 0.48, 0.25, 0.8, 0.53])  # turned, stretched, partly outside
POLYGONS = {
    "poly": poly(-30, -40, 35, -20, 10, 0, 45, 30, -20, 45),
    "box": box(5.3, -4.7, 61, 29),
    "pill": pill(0, 0, 70, 40, 10),
    "blob": blob(-40, 0, 0, -30, 45, 10, 0, 40),
    "stroke": stroke(-60, -30, 0, 20, 60, -20, start=12, end=4),
    "dome": dome(0, 20, 40, 60),
    "ring": ring(0, 0, 45, 20),
    "star": star(0, 0, 48, 20, 5),
}


def centres():
    """The frame points of all samples, brought into the outline's own coordinates."""
    at = (np.arange(SIDE) + 0.5) / SIDE
    x, y = np.meshgrid(at - AFFINE[2], at - AFFINE[5])
    inverse = np.linalg.inv(AFFINE.reshape(2, 3)[:, :2])
    return inverse @ np.stack([x.ravel(), y.ravel()])


def inside(points, x, y):
    """Even-odd rule, one ray for each point."""
    odd = False
    for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            odd = not odd
    return odd


@pytest.mark.parametrize("name", POLYGONS)
def test_a_polygon_covers_the_samples_that_are_inside(name):
    outline = POLYGONS[name]
    points, ids = np.array(outline.points), np.zeros((SIDE, SIDE), np.int16)
    crossings, crossed = np.zeros((SIDE, 64)), np.zeros(SIDE, np.int64)
    fill_polygon.py_func(ids, points, 0, len(points), AFFINE, 7, crossings, crossed)
    expected = [inside(list(outline.points), x, y) for x, y in centres().T]
    assert np.array_equal(ids == 7, np.reshape(expected, (SIDE, SIDE)))
    assert 0.01 < np.mean(expected) < 0.9


def test_an_ellipse_covers_the_samples_that_are_inside():
    outline = ellipse(4, -6, 50, 20, 30)
    ids = np.zeros((SIDE, SIDE), np.int16)
    fill_ellipse.py_func(ids, np.array(outline.points), 0, AFFINE, 7, 0.0)
    x, y = centres()
    x, y = x - 0.04, y + 0.06
    c, s = math.cos(math.pi / 6), math.sin(math.pi / 6)
    expected = ((c * x + s * y) / 0.5) ** 2 + ((c * y - s * x) / 0.2) ** 2 <= 1
    assert np.array_equal(ids == 7, expected.reshape(SIDE, SIDE))


def test_a_shadow_covers_nothing_and_is_deepest_in_the_middle():
    ids = np.full((SIDE, SIDE), 3, np.int16)
    upright = np.array([1.0, 0, 0.5, 0, 1.0, 0.5])
    fill_ellipse.py_func(ids, np.array(ellipse(0, 0, 40, 20).points), 0, upright, 9, 0.5)
    assert (ids & ID_MASK == 3).all()
    levels = ids >> ID_BITS
    assert levels[20, 20] == levels.max() > 0
    assert levels[20, 5] < levels[20, 12] < levels[20, 19]
    assert levels[0].max() == 0


def test_a_tiny_outline_between_samples_covers_nothing():
    ids = np.zeros((SIDE, SIDE), np.int16)
    still = np.array([1.0, 0, 0.5, 0, 1.0, 0.5])
    fill_ellipse.py_func(ids, np.array(ellipse(0, 0, 0.5).points), 0, still, 7, 0.0)
    assert not ids.any()


def test_a_stroke_is_as_wide_as_it_says_and_has_round_ends():
    xs = np.array(stroke(0, 0, 100, 0, start=10, end=5).points)
    assert xs[:, 0].min() == pytest.approx(-0.1, abs=0.006)
    assert xs[:, 0].max() == pytest.approx(1.05, abs=0.003)
    assert np.abs(xs[:, 1]).max() == pytest.approx(0.1)
