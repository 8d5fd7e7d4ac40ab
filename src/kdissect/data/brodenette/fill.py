"""Scan conversion: which samples an outline covers.

The id map holds, for every sample, the number of the topmost piece plus a shadow level in the upper
bits: `id | level << 11`. A sample is at the centre of its cell; an outline is in frame units.
"""

import math
from typing import no_type_check

import numpy as np
from numba import njit

ID_BITS = 11
ID_MASK = (1 << ID_BITS) - 1
SHADOW_LEVELS = 15


@njit(nogil=True)
@no_type_check
def fill_polygon(ids, points, start, count, m, number, crossings, crossed):
    """Write `number` where the polygon, moved by the affine `m`, covers a sample (even-odd rule)."""
    side = ids.shape[0]
    highest, lowest = 1e9, -1e9
    for k in range(start, start + count):
        y = (m[3] * points[k, 0] + m[4] * points[k, 1] + m[5]) * side - 0.5
        highest, lowest = min(highest, y), max(lowest, y)
    top, low = max(0, math.ceil(highest)), min(side - 1, math.floor(lowest))
    for row in range(top, low + 1):
        crossed[row] = 0
    x0 = (m[0] * points[start + count - 1, 0] + m[1] * points[start + count - 1, 1] + m[2]) * side - 0.5
    y0 = (m[3] * points[start + count - 1, 0] + m[4] * points[start + count - 1, 1] + m[5]) * side - 0.5
    for k in range(start, start + count):
        x1 = (m[0] * points[k, 0] + m[1] * points[k, 1] + m[2]) * side - 0.5
        y1 = (m[3] * points[k, 0] + m[4] * points[k, 1] + m[5]) * side - 0.5
        first, last = max(0, math.ceil(min(y0, y1))), min(side, math.ceil(max(y0, y1)))
        slope = (x1 - x0) / (y1 - y0) if y1 != y0 else 0.0
        for row in range(first, last):
            n = crossed[row]
            if n == crossings.shape[1]:
                continue
            x = x0 + (row - y0) * slope
            while n > 0 and crossings[row, n - 1] > x:
                crossings[row, n] = crossings[row, n - 1]
                n -= 1
            crossings[row, n] = x
            crossed[row] += 1
        x0, y0 = x1, y1
    for row in range(top, low + 1):
        for pair in range(0, crossed[row] - 1, 2):
            first = max(0, math.ceil(crossings[row, pair]))
            last = min(side, math.ceil(crossings[row, pair + 1]))
            for column in range(first, last):
                ids[row, column] = number


@njit(nogil=True)
@no_type_check
def fill_ellipse(ids, points, start, m, number, shadow):
    """Write `number` into the ellipse; with `shadow` > 0 deepen the shadow there, softly, instead."""
    side = ids.shape[0]
    cx, cy = points[start, 0], points[start, 1]
    ax, ay = points[start + 1, 0] - cx, points[start + 1, 1] - cy
    bx, by = points[start + 2, 0] - cx, points[start + 2, 1] - cy
    a, b = (m[0] * ax + m[1] * ay) * side, (m[0] * bx + m[1] * by) * side
    c, d = (m[3] * ax + m[4] * ay) * side, (m[3] * bx + m[4] * by) * side
    x0 = (m[0] * cx + m[1] * cy + m[2]) * side - 0.5
    y0 = (m[3] * cx + m[4] * cy + m[5]) * side - 0.5
    determinant = a * d - b * c
    height = math.sqrt(c * c + d * d)
    if abs(determinant) < 1e-12:
        return
    for row in range(max(0, math.ceil(y0 - height)), min(side, math.floor(y0 + height) + 1)):
        # |inverse (x, y)| <= 1 is a quadratic in x with these coefficients
        y = row - y0
        quadratic, linear = (c * c + d * d), -(a * c + b * d) * y
        inside = linear * linear - quadratic * ((a * a + b * b) * y * y - determinant * determinant)
        if inside <= 0:
            continue
        root = math.sqrt(inside)
        first = max(0, math.ceil(x0 + (-linear - root) / quadratic))
        last = min(side, math.floor(x0 + (-linear + root) / quadratic) + 1)
        if shadow > 0:
            for column in range(first, last):
                x = column - x0
                r2 = ((d * x - b * y) ** 2 + (a * y - c * x) ** 2) / determinant**2
                level = int(shadow * (1.0 - r2) * 1.6 * SHADOW_LEVELS)
                old = ids[row, column] >> ID_BITS
                level = min(SHADOW_LEVELS, max(old, level))
                ids[row, column] = (ids[row, column] & ID_MASK) | (level << ID_BITS)
        else:
            for column in range(first, last):
                ids[row, column] = number


@njit(nogil=True)
@no_type_check
def fill(ids, atlas, outlines, affines, number_of_pieces, crossings, crossed):
    """Fill the id map with all pieces, in painter's order."""
    for number in range(number_of_pieces):
        start, count = outlines[number, 1], outlines[number, 2]
        m = affines[number]
        if outlines[number, 0] == 0:
            shadow = 0.5 if outlines[number, 3] else 0.0
            fill_ellipse(ids, atlas.points, start, m, np.int16(number), shadow)
        else:
            fill_polygon(ids, atlas.points, start, count, m, np.int16(number), crossings, crossed)
