"""Patterns (the textures) and grains: numbers that mix and modulate colour at a point.

`mix(pattern, u, v)` is 0 where the first colour of a paint shows and 1 where the second does; (u, v)
are the piece's own coordinates, turned and divided by the pattern's size.
"""

import math
from typing import no_type_check

import numpy as np
from numba import njit

PATTERNS = (
    "plain", "striped", "lined", "banded", "polka-dotted", "flecked", "chequered", "grid", "crosshatched",
    "zigzagged", "scaly", "bricked", "woven", "honeycombed", "wavy", "blotchy", "marbled", "veined",
    "knitted", "ringed", "rayed", "planked", "studded", "graded", "stained",
)  # fmt: skip
"""Names of the patterns; a pattern's place is its number. `plain` has no texture label."""


@njit(nogil=True)
@no_type_check
def scramble(z):
    """The SplitMix64 finaliser: a uint64 in, a well-mixed uint64 out."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit(nogil=True)
@no_type_check
def speck(i, j):
    """A number in 0..1 for a cell of the plane, always the same."""
    z = np.uint32(np.int64(i)) * np.uint32(0x9E3779B1) + np.uint32(np.int64(j)) * np.uint32(0x85EBCA77)
    z = (z ^ (z >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    z = (z ^ (z >> np.uint32(12))) * np.uint32(0x297A2D39)
    return ((z ^ (z >> np.uint32(15))) & np.uint32(0xFFFFFF)) / 16777215.0


@njit(nogil=True)
@no_type_check
def noise(u, v):
    """Smooth noise in 0..1 with features one unit large."""
    i, j = math.floor(u), math.floor(v)
    s, t = u - i, v - j
    s, t = s * s * (3 - 2 * s), t * t * (3 - 2 * t)
    top = speck(i, j) + s * (speck(i + 1, j) - speck(i, j))
    low = speck(i, j + 1) + s * (speck(i + 1, j + 1) - speck(i, j + 1))
    return top + t * (low - top)


@njit(nogil=True)
@no_type_check
def soft(distance):
    """1 inside, 0 outside, with a soft edge; `distance` is positive inside, in pattern units."""
    return min(1.0, max(0.0, 0.5 + 8.0 * distance))


@njit(nogil=True)
@no_type_check
def mix(pattern, u, v):
    """Share of the second colour at (u, v), 0..1."""
    i, j = math.floor(u), math.floor(v)
    s, t = u - i - 0.5, v - j - 0.5
    if pattern == 1:  # striped
        return soft(0.25 - abs(s))
    if pattern == 2:  # lined
        return soft(0.12 - abs(s))
    if pattern == 3:  # banded: a wide band and a narrow one
        return max(soft(0.2 - abs(s + 0.15)), soft(0.07 - abs(s - 0.32)))
    if pattern == 4:  # polka-dotted
        return soft(0.28 - math.sqrt(s * s + t * t))
    if pattern == 5:  # flecked
        a = 0.5 * (speck(i, j) - 0.5)
        b = 0.5 * (speck(i + 71, j) - 0.5)
        r = 0.3 * speck(i, j + 37) - 0.03
        return soft(r - math.sqrt((s - a) ** 2 + (t - b) ** 2))
    if pattern == 6:  # chequered
        return 1.0 if (i + j) % 2 == 0 else 0.0
    if pattern == 7:  # grid
        return max(soft(abs(s) - 0.4), soft(abs(t) - 0.4))
    if pattern == 8:  # crosshatched
        a, b = (u + v) * 0.7071, (u - v) * 0.7071
        a, b = a - math.floor(a) - 0.5, b - math.floor(b) - 0.5
        return max(soft(0.1 - abs(a)), soft(0.1 - abs(b)))
    if pattern == 9:  # zigzagged
        w = v + 0.5 * abs(2.0 * s) - 0.25
        return soft(0.25 - abs(w - math.floor(w) - 0.5))
    if pattern == 10:  # scaly: rows of arcs, each row half a scale further
        half = 0.5 * (j % 2)
        a = u + half - math.floor(u + half) - 0.5
        return soft(math.sqrt(a * a + (t + 0.5) ** 2 * 0.45) - 0.45) * 0.9
    if pattern == 11:  # bricked
        a = 0.5 * (u + (j % 2)) * 1.0
        a = a - math.floor(a)
        return max(soft(abs(t) - 0.39), soft(abs(a - 0.5) - 0.45))
    if pattern == 12:  # woven
        across = (i + j) % 2 == 0
        a = abs(t) if across else abs(s)
        return min(1.0, a * a * 3.2 + (0.25 if across else 0.0))
    if pattern == 13:  # honeycombed
        half = 0.5 * (j % 2)
        a = u + half - math.floor(u + half) - 0.5
        return soft(max(abs(a) * 0.9 + abs(t) * 0.5, abs(t)) - 0.4)
    if pattern == 14:  # wavy
        w = v + 0.22 * math.sin(u * 3.1416)
        return soft(0.2 - abs(w - math.floor(w) - 0.5))
    if pattern == 15:  # blotchy
        return soft((noise(u, v) - 0.52) * 0.8)
    if pattern == 16:  # marbled
        return 0.5 + 0.5 * math.sin(6.2832 * (u + 1.3 * noise(u * 0.7, v * 0.7)))
    if pattern == 17:  # veined: a midrib and slanted side veins
        a = u + 0.9 * abs(v)
        return max(soft(0.09 - abs(v)), 0.8 * soft(0.1 - abs(a - math.floor(a) - 0.5)))
    if pattern == 18:  # knitted
        a = v + 0.7 * abs(s)
        return 0.7 * soft(0.13 - abs(a - math.floor(a) - 0.5)) + 0.3 * soft(abs(s) - 0.4)
    if pattern == 19:  # ringed
        r = math.sqrt(u * u + v * v)
        return soft(0.23 - abs(r - math.floor(r) - 0.5))
    if pattern == 20:  # rayed
        r = math.atan2(v, u) * 2.5465
        return soft((0.25 - abs(r - math.floor(r) - 0.5)) * 0.7)
    if pattern == 21:  # planked
        a = u * 0.25 + 0.37 * j
        return max(soft(abs(t) - 0.43), soft(abs(a - math.floor(a) - 0.5) - 0.487))
    if pattern == 22:  # studded
        a = u + 0.5 * (j % 2)
        a = a - math.floor(a) - 0.5
        return soft(0.16 - math.sqrt(a * a + t * t))
    if pattern == 23:  # graded
        return min(1.0, max(0.0, v + 0.5))
    if pattern == 24:  # stained
        return min(1.0, max(0.0, 2.2 * noise(u, v) * noise(u * 2.1 + 7, v * 2.1) - 0.15))
    return 0.0
