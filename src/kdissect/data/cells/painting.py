"""The compiled loop that paints cells: the one kernel that Python calls.

All of it is in this file, since Numba's cache on disk notices changes of one file only.
"""

import math
from typing import no_type_check

import numpy as np
from numba import njit

_NOTHING, _INTERIOR, _BORDER, _MARK = 0, 1, 2, 3
_LAST_ROUND, _LAST_RECTANGLE, _LAST_TAILED = 2, 5, 8
_ROUND = np.array([(math.sin(math.pi * k / 12), math.cos(math.pi * k / 12)) for k in range(24)])
"""Sine and cosine of every 15 degrees."""


@njit(cache=True, nogil=True, inline="always")
@no_type_check
def corners(cells, x, y):
    """Between which four cells of a grid of `cells` a side a point of the frame (0 to 1) lies, and how near to each."""
    u = min(max(x * cells - 0.5, 0.0), cells - 1.0)
    v = min(max(y * cells - 0.5, 0.0), cells - 1.0)
    left, top = min(int(u), max(0, cells - 2)), min(int(v), max(0, cells - 2))
    return top, min(top + 1, cells - 1), left, min(left + 1, cells - 1), u - left, v - top


@njit(cache=True, nogil=True, inline="always")
@no_type_check
def noise_at(grids, which, place):
    """Coarse noise at a place that `corners` found, linear between the middles of its cells."""
    top, below, left, right, s, t = place
    high = grids[which, top, left] + s * (grids[which, top, right] - grids[which, top, left])
    low = grids[which, below, left] + s * (grids[which, below, right] - grids[which, below, left])
    return high + t * (low - high)


@njit(cache=True, nogil=True)
@no_type_check
def on_tail(x, y, turns, first, last, half):
    """Whether a point lies on one of `turns` tails, evenly around the cell; a tail reaches from `first` to `last`."""
    for k in range(0, 24, 24 // turns):
        sine, cosine = _ROUND[k, 0], _ROUND[k, 1]
        if first <= sine * x + cosine * y <= last and abs(cosine * x - sine * y) <= half:
            return True
    return False


@njit(cache=True, nogil=True)
@no_type_check
def part_at(kind, shape, edges, cells, frame, x, y):
    """The part of an upright object in the frame's middle at (x, y), as seen from that middle."""
    radius, stretch, border = shape[0], shape[1], shape[2]
    place = corners(cells, x / frame + 0.5, y / frame + 0.5)
    # Edges of bars, tails and rectangles wobble in x and y, those of cells in their distance from the middle.
    moved_x, moved_y = x + noise_at(edges, 1, place), y + noise_at(edges, 2, place)
    if _LAST_ROUND < kind <= _LAST_RECTANGLE:
        inside = min(0.5 * shape[7] - abs(moved_x), 0.5 * shape[6] - abs(moved_y))
        if inside < 0:
            return _NOTHING
        return _MARK if inside < border else _INTERIOR
    if kind == 1 or kind == 2:
        if abs(moved_x) <= radius and abs(moved_y) <= 0.5 * shape[3]:
            return _MARK
        if kind == 2 and abs(moved_y) <= stretch * radius and abs(moved_x) <= 0.5 * shape[4]:
            return _MARK
    elif kind > _LAST_RECTANGLE:
        turns = 1 if kind == 6 else 3 if kind == 7 else 8
        first, last = 0.8 * stretch * radius, 1.5 * stretch * radius + border
        if on_tail(moved_x, moved_y, turns, first, last, 0.5 * shape[5]):
            return _MARK
    away = math.sqrt(x * x + (y / stretch) ** 2) + noise_at(edges, 0, place)
    if away > radius:
        return _NOTHING
    return _BORDER if away >= radius - border else _INTERIOR


@njit(cache=True, nogil=True)
@no_type_check
def reach_of(shape, edges):
    """A distance from the object's middle beyond which nothing of it lies, however its edges wobble."""
    radius, stretch, border = shape[0], shape[1], shape[2]
    longest = max(1.0, 1.5 * stretch) * radius + border + shape[5] + shape[6] + shape[7]
    return longest + 2.0 * max(1.0, stretch) * max(edges.max(), -edges.min())


@njit(cache=True, nogil=True)
@no_type_check
def paint_clouds(image, cells, ground):
    """Fill an image with coarse noise."""
    size = image.shape[1]
    for row in range(size):
        for column in range(size):
            place = corners(cells, (column + 0.5) / size, (row + 0.5) / size)
            for channel in range(3):
                image[channel, row, column] = int(255.0 * (0.2 + 0.5 * noise_at(ground, channel, place)) + 0.5)


@njit(cache=True, nogil=True)
@no_type_check
def paint_waves(image, cells, ground, waves, frame):
    """Fill an image with waves around a point, jittered by coarse noise."""
    size = image.shape[1]
    for row in range(size):
        for column in range(size):
            x, y = (column + 0.5) / size, (row + 0.5) / size
            place = corners(cells, x, y)
            away = math.sqrt((frame * x - waves[3]) ** 2 + (frame * y - waves[4]) ** 2)
            for channel in range(3):
                jitter = 0.7 + 0.6 * noise_at(ground, channel, place)
                value = 0.25 * math.sin(waves[channel] * away * jitter) + 0.25
                image[channel, row, column] = int(255.0 * value + 0.5)


@njit(cache=True, nogil=True)
@no_type_check
def paint_object(image, level, kind, shape, colours, edges, cells, frame):
    """Paint a cell or rectangle over an image, and its localisation (1) and feature (2) into `level`."""
    size, reach = image.shape[1], reach_of(shape, edges)
    pixel = frame / size
    for row in range(size):
        for column in range(size):
            dx = (column + 0.5) * pixel - 0.5 * frame - shape[8]
            dy = (row + 0.5) * pixel - 0.5 * frame - shape[9]
            if dx * dx + dy * dy > reach * reach:
                continue
            x, y = shape[10] * dx + shape[11] * dy, shape[10] * dy - shape[11] * dx
            part = part_at(kind, shape, edges, cells, frame, x, y)
            if part == _NOTHING:
                continue
            level[row, column] = 2 if part == _MARK or (kind == 0 and part == _BORDER) else 1
            for channel in range(3):
                image[channel, row, column] = int(255.0 * colours[part - 1, channel] + 0.5)


@njit(cache=True, nogil=True)
@no_type_check
def paint_run(frame, kinds, backgrounds, shapes, colours, edges, cells, ground, waves, images, levels):
    """Paint images one after the other into `images` and `levels` (0 background, 1 localisation, 2 feature)."""
    for n in range(len(kinds)):
        images[n], levels[n] = 0, 0
        if backgrounds[n] == 1:
            paint_clouds(images[n], int(frame / 64), ground[n])
        elif backgrounds[n] == 2:
            paint_waves(images[n], int(frame / 32), ground[n], waves[n], frame)
        if kinds[n] <= _LAST_TAILED:
            paint_object(images[n], levels[n], kinds[n], shapes[n], colours[n], edges[n], cells[n], frame)
