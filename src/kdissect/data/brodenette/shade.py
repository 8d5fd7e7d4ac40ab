"""Shading: the colour of each pixel from the id map, and the light over the whole picture."""

import math
from typing import no_type_check

import numpy as np
from numba import njit

from kdissect.data.brodenette.compose import between, draw01
from kdissect.data.brodenette.fill import ID_BITS, ID_MASK
from kdissect.data.brodenette.patterns import mix, noise, scramble

BRUSH_WIDTH = 30
"""Columns of a brush, all that shading needs of a piece: 0-5 the affine from the frame to its joint, 6-9
its centre and half size, 10-12 shade, ink, volume, 13 its instance, 14 whether its pattern recedes, 15-20
two colours, 21-23 period, cosine and sine of the pattern, 24-27 the grain, 28 the pattern."""


@njit(nogil=True)
@no_type_check
def load_brushes(display, brushes, num_pieces, points, detail):
    """Fill one row of `brushes` for each piece of the display list.

    The colours of a trait's piece go towards the object's first paint as `detail` goes to 0.
    """
    for q in range(num_pieces):
        m, out = display.affines[q], brushes[q]
        determinant = m[0] * m[4] - m[1] * m[3]
        if abs(determinant) < 1e-12:
            determinant = 1e-12
        out[0], out[1] = m[4] / determinant, -m[1] / determinant
        out[3], out[4] = -m[3] / determinant, m[0] / determinant
        out[2], out[5] = -(out[0] * m[2] + out[1] * m[5]), -(out[3] * m[2] + out[4] * m[5])
        kind, start, count = display.outlines[q, 0], display.outlines[q, 1], display.outlines[q, 2]
        left, right, top, low, x0, y0 = 1e9, -1e9, 1e9, -1e9, 0.0, 0.0
        for k in range(start, start + count):
            x = m[0] * points[k, 0] + m[1] * points[k, 1] + m[2]
            y = m[3] * points[k, 0] + m[4] * points[k, 1] + m[5]
            if k == start:
                x0, y0 = x, y
            elif kind == 0:  # an axis end of an ellipse: so far on the other side as well
                left, right = min(left, 2 * x0 - x), max(right, 2 * x0 - x)
                top, low = min(top, 2 * y0 - y), max(low, 2 * y0 - y)
            left, right, top, low = min(left, x), max(right, x), min(top, y), max(low, y)
        out[6], out[7] = (left + right) / 2, (top + low) / 2
        out[8], out[9] = 2 / max(1e-6, right - left), 2 / max(1e-6, low - top)
        for c in range(3):
            out[10 + c] = display.factors[q, c]
        out[13], out[14] = display.outlines[q, 5], display.outlines[q, 6]
        paint = display.outlines[q, 4]
        for c in range(13):
            out[15 + c] = display.colours[paint, c]
        main = display.outlines[q, 7] - 1
        if main >= 0:
            for c in range(6):
                out[15 + c] = between(display.colours[main, c], out[15 + c], detail)
        out[28] = display.patterns[paint, 0]


@njit(nogil=True)
@no_type_check
def pattern_at(brushes, q, x, y, pixel):
    """Share of the second colour of piece q at the frame point (x, y); `pixel` is a pixel's side."""
    u = brushes[q, 0] * x + brushes[q, 1] * y + brushes[q, 2]
    v = brushes[q, 3] * x + brushes[q, 4] * y + brushes[q, 5]
    period = brushes[q, 21]
    fade = 1.0
    if brushes[q, 14] > 0:  # a floor seen from the side: its lines meet at the joint's height
        depth = max(0.0, v) + 0.12
        u, v = 0.25 * u / depth, -0.22 / depth
        fade = min(1.0, period * depth * depth / (0.5 * pixel))
    c, s = brushes[q, 22] / period, brushes[q, 23] / period
    return between(0.4, mix(int(brushes[q, 28]), c * u + s * v, c * v - s * u), fade)


@njit(nogil=True)
@no_type_check
def surface_at(brushes, q, x, y):
    """Brightness of piece q at (x, y) from its shade, its grain, its rounding and its gloss."""
    bright = brushes[q, 10]
    if brushes[q, 26] > 0:
        u = brushes[q, 0] * x + brushes[q, 1] * y + brushes[q, 2]
        v = brushes[q, 3] * x + brushes[q, 4] * y + brushes[q, 5]
        if brushes[q, 14] > 0:
            depth = max(0.0, v) + 0.12
            u, v = 0.5 * u / depth, -0.44 / depth
        grain = noise(u * brushes[q, 24] + 31.0, v * brushes[q, 25] + 17.0)
        bright *= 1.0 + 2.0 * brushes[q, 26] * (grain - 0.5)
    volume = brushes[q, 12]
    if volume > 0:
        s, t = (x - brushes[q, 6]) * brushes[q, 8], (y - brushes[q, 7]) * brushes[q, 9]
        edge = max(0.0, s * s + t * t - 0.35)
        bright *= 1.0 + volume * (0.06 - 0.10 * t - 0.05 * s - 0.10 * edge)
        if brushes[q, 27] > 0:
            band = max(0.0, 1.0 - 6.0 * abs(0.55 * s + t + 0.45))
            bright += volume * brushes[q, 27] * 0.45 * band
    return bright


@njit(nogil=True)
@no_type_check
def inked(brushes, ids, i, j, pen):
    """Light at a sample: less where another piece begins within `pen` samples, or in a shadow."""
    side = ids.shape[0]
    here = ids[i, j]
    q = here & ID_MASK
    light = 1.0 - 0.036 * (here >> ID_BITS)
    for step in range(2):
        other = (ids[min(i + pen, side - 1), j] if step else ids[i, min(j + pen, side - 1)]) & ID_MASK
        if other != q:
            ink = brushes[max(q, other), 11]
            if brushes[q, 13] == brushes[other, 13]:
                ink *= 0.55
            light = min(light, 1.0 - 0.62 * ink)
    return light


@njit(nogil=True)
@no_type_check
def shade(ids, brushes, image):
    """Picture (3 s s) from samples, twice as many a side: each pixel is the mean of four.

    Where the four are of one piece, its surface is evaluated once, at the pixel's centre.
    """
    side, size = ids.shape[0], image.shape[1]
    pen = max(1, int(side / 150.0 + 0.5))
    pixel = 1.0 / size
    for row in range(size):
        for column in range(size):
            i, j = 2 * row, 2 * column
            first = ids[i, j] & ID_MASK
            whole = (
                first == ids[i, j + 1] & ID_MASK
                and first == ids[i + 1, j] & ID_MASK
                and first == ids[i + 1, j + 1] & ID_MASK
            )
            red, green, blue, bright = 0.0, 0.0, 0.0, 0.0
            if whole:
                bright = surface_at(brushes, first, (column + 0.5) * pixel, (row + 0.5) * pixel)
            for sub in range(4):
                a, b = i + sub // 2, j + sub % 2
                q = ids[a, b] & ID_MASK
                x, y = (b + 0.5) / side, (a + 0.5) / side
                if not whole:
                    bright = surface_at(brushes, q, x, y)
                share = pattern_at(brushes, q, x, y, pixel) if brushes[q, 28] > 0 else 0.0
                light = bright * inked(brushes, ids, a, b, pen)
                red += light * between(brushes[q, 15], brushes[q, 18], share)
                green += light * between(brushes[q, 16], brushes[q, 19], share)
                blue += light * between(brushes[q, 17], brushes[q, 20], share)
            image[0, row, column] = 0.25 * red
            image[1, row, column] = 0.25 * green
            image[2, row, column] = 0.25 * blue


@njit(nogil=True)
@no_type_check
def expose(image, out, key, lighting, amount):
    """Gain, colour cast, a gradient of light and pixel noise (standard deviation `amount`), to uint8."""
    size = image.shape[1]
    draws = np.empty(6)
    for i in range(6):
        draws[i] = draw01(key, i)
    gain = 1.0 + lighting * between(-0.35, 0.25, draws[0])
    angle, slope = 6.2832 * draws[1], 0.5 * lighting * draws[2]
    dx, dy = slope * math.cos(angle), slope * math.sin(angle)
    casts = gain * (1.0 + lighting * 0.24 * (draws[3:] - 0.5))
    for row in range(size):
        for column in range(size):
            z = scramble(key + np.uint64(row * size + column + 1000))
            light = 1.0 + dx * ((column + 0.5) / size - 0.5) + dy * ((row + 0.5) / size - 0.5)
            for c in range(3):
                a = (z >> np.uint64(20 * c)) & np.uint64(1023)
                b = (z >> np.uint64(20 * c + 10)) & np.uint64(1023)
                grain = (float(a) + float(b) - 1023.0) / 417.8  # triangular, standard deviation 1
                value = 255.0 * (image[c, row, column] * light * casts[c] + amount * grain)
                out[c, row, column] = np.uint8(min(255.0, max(0.0, value + 0.5)))
