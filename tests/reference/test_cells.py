"""Cells drawn a second way: whole images in NumPy, upright and in the middle; then turned and shifted as images."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from kdissect.data.cells.painting import paint_run
from kdissect.data.cells.traits import CLASSES, Style, Traits, traits_of

SIDE = 128
STYLE = Style(size=SIDE)


def upright(count: int = 60) -> Traits:
    traits = traits_of(STYLE, "reference", np.arange(count))
    traits.shapes[:, 8:] = [0, 0, 1, 0]
    return traits


def paint(traits: Traits) -> tuple[np.ndarray, np.ndarray]:
    n = len(traits.kinds)
    images, levels = np.zeros((n, 3, SIDE, SIDE), np.uint8), np.zeros((n, SIDE, SIDE), np.uint8)
    paint_run(STYLE.frame, *traits, images, levels)
    return images, levels


def enlarged(grid: np.ndarray, cells: int) -> np.ndarray:
    small = torch.from_numpy(grid[:cells, :cells].copy())[None, None]
    return F.interpolate(small, (SIDE, SIDE), mode="bilinear", align_corners=False)[0, 0].numpy()


def parts(traits: Traits, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the object is, and where its feature; lengths as in the publication, for 512 px."""
    radius, stretch, border, bar, pole, tail, height, width = traits.shapes[n, :8]
    x, y = np.meshgrid(*[(np.arange(SIDE) + 0.5) * 512 / SIDE - 256] * 2)
    noise_r, noise_x, noise_y = (enlarged(grid, int(traits.cells[n])) for grid in traits.edges[n])
    away, u, v = np.hypot(x, y / stretch) + noise_r, x + noise_x, y + noise_y
    cell, ring = away <= radius, (away <= radius) & (away >= radius - border)
    name = CLASSES[traits.kinds[n]]
    if name == "empty":
        return np.zeros_like(cell), np.zeros_like(cell)
    if name in ("red", "green", "blue"):
        whole = (abs(u) <= width / 2) & (abs(v) <= height / 2)
        return whole, whole & ~((abs(u) <= width / 2 - border) & (abs(v) <= height / 2 - border))
    if name == "plain":
        return cell, ring
    mark = np.zeros_like(cell)
    if name in ("bar", "cross"):
        mark |= (abs(u) <= radius) & (abs(v) <= bar / 2)
    if name == "cross":
        mark |= (abs(v) <= radius * stretch) & (abs(u) <= pole / 2)
    if "tail" in name:
        turns = {"one tail": 1, "three tails": 3, "eight tails": 8}[name]
        for turn in np.arange(turns) * 2 * np.pi / turns:
            across, along = np.cos(turn) * u - np.sin(turn) * v, np.sin(turn) * u + np.cos(turn) * v
            long_enough = (along >= 0.8 * stretch * radius) & (along <= 1.5 * stretch * radius + border)
            mark |= long_enough & (abs(across) <= tail / 2)
    return cell | mark, mark


def test_parts_are_those_of_the_published_geometry() -> None:
    traits = upright()
    assert set(traits.kinds) == set(range(10))
    _, levels = paint(traits)
    for n in range(len(levels)):
        whole, mark = parts(traits, n)
        wanted = whole.astype(np.uint8) + mark
        assert (levels[n] != wanted).sum() <= 1, (n, CLASSES[traits.kinds[n]])  # one for rounding on an edge


def test_backgrounds_are_the_published_ones() -> None:
    traits = upright()
    images, levels = paint(traits)
    x, y = np.meshgrid(*[(np.arange(SIDE) + 0.5) * 512 / SIDE] * 2)
    for n in range(len(images)):
        free = levels[n] == 0
        speed, middle = traits.waves[n, :3], traits.waves[n, 3:]
        away = np.hypot(x - middle[0], y - middle[1])
        for channel in range(3):
            grid = traits.ground[n, channel]
            wanted = {
                0: np.zeros_like(away),
                1: enlarged(0.2 + 0.5 * grid, 8),
                2: 0.5 * (0.5 * np.sin(speed[channel] * away * (1 + enlarged(0.6 * grid - 0.3, 16))) + 0.5),
            }[int(traits.backgrounds[n])]
            assert images[n, channel][free] == pytest.approx(255 * wanted[free], abs=0.501)


def test_colours_are_those_of_the_parts() -> None:
    traits = upright()
    images, levels = paint(traits)
    for n in np.flatnonzero(traits.kinds < 9):
        interior, border, mark = (255 * traits.colours[n]).round()
        seen = {tuple(colour) for colour in images[n][:, levels[n] > 0].T.tolist()}
        assert seen <= {tuple(interior), tuple(border), tuple(mark)}
        name = CLASSES[traits.kinds[n]]
        tells = border if name == "plain" else mark
        assert {tuple(c) for c in images[n][:, levels[n] == 2].T.tolist()} == {tuple(tells)}
        if "tail" in name:
            assert traits.colours[n, 2] == pytest.approx(0.75 * traits.colours[n, 1])


def test_turned_and_shifted_objects_are_the_upright_ones_turned_and_shifted() -> None:
    traits = upright(30)
    _, levels = paint(traits)
    turned = traits._replace(shapes=traits.shapes.copy())
    turned.shapes[:, 10:] = [0, 1]  # 90 degrees, x to y
    assert (paint(turned)[1] == np.rot90(levels, -1, (1, 2))).mean() > 0.9999
    moved = traits._replace(shapes=traits.shapes.copy())
    moved.shapes[:, 8:10] = [40, -24]  # 10 and -6 pixels
    found = paint(moved)[1]
    assert (found[:, :-6, 10:] == levels[:, 6:, :-10]).all()


def test_numbers_lie_in_the_published_ranges_and_fill_them() -> None:
    traits = traits_of(Style(), "ranges", np.arange(4000))
    ranges = [(90, 110), (0.5, 1.5), (10, 30), (10, 30), (5, 40), (10, 30), (100, 200), (100, 200)]
    ranges += [(-0.33 * 512, 0.33 * 512)] * 2 + [(0.5, 1), (-np.sqrt(3) / 2, np.sqrt(3) / 2)]
    for column, (low, high) in enumerate(ranges):
        values, slack = traits.shapes[:, column], 0.01 * (high - low)
        assert low <= values.min() < low + slack
        assert high - slack < values.max() <= high
    assert (traits.cells.min(), traits.cells.max()) == (8, 16)
    assert traits.edges.mean() == pytest.approx(0, abs=0.05)
    assert traits.edges.std((1, 2, 3)).mean() == pytest.approx(9, abs=0.1)  # uniform, 6 to 12
    rectangles = (traits.kinds >= 3) & (traits.kinds <= 5)
    own = traits.colours[rectangles, 2, traits.kinds[rectangles] - 3]
    assert 0.6 <= own.min() < own.max() <= 0.9
    others = traits.colours[rectangles, 2].sum(1) - own
    assert 0 <= others.min() < others.max() <= 0.4
    assert 0.5 <= traits.colours[:, 1].min() < traits.colours[:, 1].max() <= 0.9
    assert traits.waves[:, :3].min() == pytest.approx(np.degrees(1e-4), rel=0.05)
    assert traits.waves[:, :3].max() == pytest.approx(np.degrees(1e-3), rel=0.05)
