"""Outlines in the plane: what a piece of a drawing looks like before it is painted.

Lengths are in hundredths of the whole object's size (of the frame, for scenes), from the joint that a
piece hangs on, x to the right and y down. Points are given flat: `blob(x0, y0, x1, y1, ...)`. Curves are
flattened here, once; the drawing kernels know ellipses and polygons only.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

ELLIPSE, POLYGON = 0, 1


class Outline(NamedTuple):
    """An ellipse, or a polygon filled by the even-odd rule.

    Attributes:
        kind: `ELLIPSE` (points are: centre, end of the first axis, end of the second) or `POLYGON`.
        points: vertices `(x, y)`, in units of the object's size.
    """

    kind: int
    points: tuple[tuple[float, float], ...]


def outline(kind: int, points: Iterable[tuple[float, float]]) -> Outline:
    """An outline from points in hundredths."""
    return Outline(kind, tuple((x / 100, y / 100) for x, y in points))


def pairs(flat: tuple[float, ...]) -> list[tuple[float, float]]:
    """`(x0, y0, x1, y1, ...)` as points."""
    return list(zip(flat[0::2], flat[1::2], strict=True))


def ellipse(x: float, y: float, rx: float, ry: float | None = None, turn: float = 0.0) -> Outline:
    """An ellipse around (x, y), turned clockwise by `turn` degrees; a disc if `ry` is left out."""
    ry = rx if ry is None else ry
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return outline(ELLIPSE, ((x, y), (x + rx * c, y + rx * s), (x - ry * s, y + ry * c)))


def poly(*flat: float) -> Outline:
    """A polygon with straight edges."""
    return outline(POLYGON, pairs(flat))


def box(x: float, y: float, width: float, height: float) -> Outline:
    """A rectangle around (x, y)."""
    w, h = width / 2, height / 2
    return poly(x - w, y - h, x + w, y - h, x + w, y + h, x - w, y + h)


def pill(x: float, y: float, width: float, height: float, radius: float) -> Outline:
    """A rectangle around (x, y) with rounded corners."""
    radius = min(radius, width / 2, height / 2)
    points = []
    for corner, (sx, sy) in enumerate(((1, -1), (1, 1), (-1, 1), (-1, -1))):
        cx, cy = x + sx * (width / 2 - radius), y + sy * (height / 2 - radius)
        for step in range(5):
            angle = math.radians(90 * corner - 90 + 22.5 * step)
            points.append((cx + radius * math.cos(angle), cy + radius * math.sin(angle)))
    return outline(POLYGON, points)


def blob(*flat: float, steps: int = 5) -> Outline:
    """A smooth closed curve through the points (Catmull-Rom)."""
    knots = pairs(flat)
    n = len(knots)
    points = []
    for i in range(n):
        corners = [knots[(i + shift) % n] for shift in (-1, 0, 1, 2)]
        points += [_between(corners, step / steps) for step in range(steps)]
    return outline(POLYGON, points)


def stroke(*flat: float, start: float, end: float | None = None, steps: int = 5) -> Outline:
    """A brush stroke along a smooth curve through the points, its radius going from `start` to `end`."""
    end = start if end is None else end
    spine = _smooth(pairs(flat), steps)
    left, right = [], []
    for i, (x, y) in enumerate(spine):
        (x0, y0), (x1, y1) = spine[max(i - 1, 0)], spine[min(i + 1, len(spine) - 1)]
        length = math.hypot(x1 - x0, y1 - y0) or 1.0
        radius = start + (end - start) * i / (len(spine) - 1)
        nx, ny = -(y1 - y0) / length * radius, (x1 - x0) / length * radius
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    tip = _cap(spine[-1], left[-1], end)
    tail = _cap(spine[0], right[0], start)
    return outline(POLYGON, (*left, *tip, *reversed(right), *tail))


def dome(x: float, y: float, rx: float, ry: float) -> Outline:
    """The upper half of an ellipse around (x, y); with a negative `ry` the lower half."""
    points = [(x + rx * math.cos(math.pi * i / 12), y - ry * math.sin(math.pi * i / 12)) for i in range(13)]
    return outline(POLYGON, points)


def ring(x: float, y: float, radius: float, inner: float) -> Outline:
    """A disc with a hole."""
    angles = [2 * math.pi * i / 20 for i in range(21)]
    outside = [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]
    inside = [(x + inner * math.cos(a), y + inner * math.sin(a)) for a in angles]
    return outline(POLYGON, (*outside, *inside))


def star(x: float, y: float, radius: float, inner: float, tips: int = 5, turn: float = -90.0) -> Outline:
    """A star with that many tips."""
    points = []
    for i in range(2 * tips):
        angle = math.radians(turn) + math.pi * i / tips
        r = inner if i % 2 else radius
        points.append((x + r * math.cos(angle), y + r * math.sin(angle)))
    return outline(POLYGON, points)


def _between(corners: list[tuple[float, float]], t: float) -> tuple[float, float]:
    """The Catmull-Rom curve from the second to the third of four corners, at t in 0..1."""
    a, b, c, d = (
        -0.5 * t + t * t - 0.5 * t**3,
        1 - 2.5 * t * t + 1.5 * t**3,
        0.5 * t + 2 * t * t - 1.5 * t**3,
        -0.5 * t * t + 0.5 * t**3,
    )
    x = sum(weight * corner[0] for weight, corner in zip((a, b, c, d), corners, strict=True))
    y = sum(weight * corner[1] for weight, corner in zip((a, b, c, d), corners, strict=True))
    return x, y


def _smooth(knots: list[tuple[float, float]], steps: int) -> list[tuple[float, float]]:
    """An open Catmull-Rom curve through the knots; a straight line stays two points."""
    if len(knots) == 2:
        return knots
    padded = [knots[0], *knots, knots[-1]]
    points = []
    for i in range(len(knots) - 1):
        points += [_between(padded[i : i + 4], step / steps) for step in range(steps)]
    return [*points, knots[-1]]


def _cap(centre: tuple[float, float], start: tuple[float, float], radius: float) -> list[tuple[float, float]]:
    """Points of a half circle around the centre that begins at `start` and turns against the clock."""
    first = math.atan2(start[1] - centre[1], start[0] - centre[0])
    angles = [first - math.pi * i / 5 for i in range(1, 5)]
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]
