"""Composition: from an image's key to its display list (which pieces, where, in which colours).

Every number that is drawn is a pure function of (key of the instance, number of the draw), so no
component's draws move another's. Rows of the display list are in painter's order.
"""

import math
from typing import NamedTuple, no_type_check

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kdissect.data.brodenette.patterns import scramble

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MOST_PIECES, MOST_PAINTS, MOST_JOINTS = 2000, 512, 128


class Display(NamedTuple):
    """A display list, and room to make it.

    Attributes:
        outlines: per piece: kind, first point, number of points, shadow, paint, instance, far, and for a
            trait the object's first paint plus 1 (else 0).
        affines: per piece, its points to the frame: `x' = m0 x + m1 y + m2`, `y' = m3 x + m4 y + m5`.
        factors: per piece: shade, ink, volume.
        labels: per piece: object, three part planes, material, texture.
        colours: per paint: two RGB colours, period, cosine and sine of the turn, four of the grain.
        patterns: per paint: pattern, material label, texture label.
        frames: room for the joints of an instance. chosen: room for its slots.
    """

    outlines: NDArray[np.int32]
    affines: NDArray[np.float64]
    factors: NDArray[np.float64]
    labels: NDArray[np.int16]
    colours: NDArray[np.float64]
    patterns: NDArray[np.int32]
    frames: NDArray[np.float64]
    chosen: NDArray[np.int64]


def new_display() -> Display:
    """An empty display list."""
    return Display(
        np.zeros((MOST_PIECES, 8), np.int32),
        np.zeros((MOST_PIECES, 6), np.float64),
        np.zeros((MOST_PIECES, 3), np.float64),
        np.zeros((MOST_PIECES, 6), np.int16),
        np.zeros((MOST_PAINTS, 13), np.float64),
        np.zeros((MOST_PAINTS, 3), np.int32),
        np.zeros((MOST_JOINTS, 7), np.float64),
        np.zeros(16, np.int64),
    )


@njit(nogil=True)
@no_type_check
def draw01(key, number):
    """The draw of that number from an instance's key, in [0, 1)."""
    z = scramble(key + (np.uint64(number) + np.uint64(1)) * GOLDEN)
    return (z >> np.uint64(11)) * 1.1102230246251565e-16


@njit(nogil=True)
@no_type_check
def subkey(key, number):
    """The key of a part of what `key` stands for."""
    return scramble((key ^ np.uint64(0xD1B54A32D192ED03)) + np.uint64(number) * GOLDEN)


@njit(nogil=True)
@no_type_check
def between(low, high, share):
    """The number that lies `share` of the way from low to high."""
    return low + (high - low) * share


@njit(nogil=True)
@no_type_check
def choose_slots(atlas, display, kind, own_class, key, overlap):
    """For every slot the class whose variant is drawn: the object's own, or rarely a sibling's."""
    num_classes = atlas.kinds[kind, 6]
    display.chosen[0] = own_class  # entry 0 is for what belongs to no slot
    for slot in range(atlas.kinds[kind, 7]):
        display.chosen[slot + 1] = own_class
        if draw01(key, 2000 + 2 * slot) < overlap and num_classes > 1:
            step = 1 + int(draw01(key, 2001 + 2 * slot) * (num_classes - 1))
            display.chosen[slot + 1] = (own_class + step) % num_classes


@njit(nogil=True)
@no_type_check
def mix_paints(atlas, display, kind, key, detail, first):
    """Choose and mix the paints of an instance into rows from `first` on."""
    for p in range(atlas.kinds[kind, 3]):
        paint, row = atlas.kinds[kind, 2] + p, first + p
        if row >= MOST_PAINTS:
            break
        choice = display.chosen[atlas.paints[paint] + 1]
        start, count = atlas.paint_options[paint, choice, 0], atlas.paint_options[paint, choice, 1]
        at = start + int(draw01(key, 1000 + 12 * p) * count)
        ranges = atlas.look_ranges[at]
        for half in range(2):
            share = draw01(key, 1001 + 12 * p + half)
            bright = between(0.92, 1.08, draw01(key, 1003 + 12 * p))
            for c in range(3):
                tint = between(-0.03, 0.03, draw01(key, 1004 + 12 * p + c))
                value = between(ranges[6 * half + c], ranges[6 * half + 3 + c], share) * bright + tint
                display.colours[row, 3 * half + c] = value
        if atlas.paints[paint] >= 0:
            for c in range(3):
                plain = display.colours[row, c]
                display.colours[row, 3 + c] = between(plain, display.colours[row, 3 + c], detail)
        display.colours[row, 6] = between(ranges[12], ranges[13], draw01(key, 1008 + 12 * p))
        turn = math.radians(between(ranges[14], ranges[15], draw01(key, 1009 + 12 * p)))
        display.colours[row, 7], display.colours[row, 8] = math.cos(turn), math.sin(turn)
        for c in range(4):
            display.colours[row, 9 + c] = ranges[16 + c]
        for c in range(3):
            display.patterns[row, c] = atlas.looks[at, c]


@njit(nogil=True)
@no_type_check
def set_joints(atlas, display, kind, root, key):
    """Frames of an instance's joints; entry 6 is 1 where what hangs on the joint is there."""
    for j in range(atlas.kinds[kind, 1]):
        joint = atlas.kinds[kind, 0] + j
        spec = atlas.joints[joint]
        choice = display.chosen[spec[1] + 1]
        r = atlas.joint_ranges[joint, choice]
        turn = math.radians(between(r[0], r[1], draw01(key, spec[2])))
        wide = between(r[2], r[3], draw01(key, spec[3]))
        tall = between(r[4], r[5], draw01(key, spec[4]))
        x = atlas.joint_at[joint, 0] + between(r[6], r[7], draw01(key, spec[5]))
        y = atlas.joint_at[joint, 1] + between(r[8], r[9], draw01(key, spec[6]))
        m = root if spec[0] < 0 else display.frames[spec[0]]
        c, s = math.cos(turn), math.sin(turn)
        f = display.frames[j]
        f[0], f[1] = (m[0] * c + m[1] * s) * wide, (m[1] * c - m[0] * s) * tall
        f[3], f[4] = (m[3] * c + m[4] * s) * wide, (m[4] * c - m[3] * s) * tall
        f[2], f[5] = m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]
        there = draw01(key, spec[7]) < atlas.joint_chance[joint, choice]
        f[6] = 1.0 if there and (spec[0] < 0 or m[6] > 0) else 0.0


@njit(nogil=True)
@no_type_check
def add_pieces(atlas, display, kind, label, instance, first_row, first_paint):
    """Append the pieces of an instance whose paints and joints are set; the number of pieces so far."""
    row = first_row
    for q in range(atlas.kinds[kind, 4], atlas.kinds[kind, 4] + atlas.kinds[kind, 5]):
        joint, slot = atlas.pieces[q, 0], atlas.pieces[q, 2]
        paint = first_paint + atlas.pieces[q, 1]
        hidden = (atlas.pieces[q, 3] >> display.chosen[slot + 1]) & 1 == 0 or display.frames[joint, 6] == 0
        if hidden or row >= MOST_PIECES or paint >= MOST_PAINTS:
            continue
        for c in range(3):
            display.outlines[row, c] = atlas.pieces[q, 4 + c]
            display.factors[row, c] = atlas.piece_factors[q, c]
            display.labels[row, 1 + c] = atlas.pieces[q, 8 + c]
        for c in range(6):
            display.affines[row, c] = display.frames[joint, c]
        display.outlines[row, 3], display.outlines[row, 6] = atlas.pieces[q, 11], atlas.pieces[q, 12]
        display.outlines[row, 4], display.outlines[row, 5] = paint, instance
        display.outlines[row, 7] = first_paint + 1 if slot >= 0 else 0
        display.labels[row, 0] = atlas.pieces[q, 7] if atlas.pieces[q, 7] > 0 else label
        display.labels[row, 4], display.labels[row, 5] = display.patterns[paint, 1], display.patterns[paint, 2]
        row += 1
    return row


@njit(nogil=True)
@no_type_check
def compose(atlas, cast, display, knobs, num_instances, main):
    """Fill the display list from the cast; the number of pieces."""
    num_pieces, num_paints = np.int64(0), np.int64(0)  # no literals: numba would compile the callees twice
    for row in range(num_instances):
        kind, key = cast.who[row, 0], cast.keys[row]
        overlap = knobs.sibling_overlap if row == main else 0.0
        choose_slots(atlas, display, kind, cast.who[row, 1], key, overlap)
        mix_paints(atlas, display, kind, key, knobs.detail, num_paints)
        set_joints(atlas, display, kind, cast.where[row], key)
        num_pieces = add_pieces(atlas, display, kind, cast.who[row, 2], row, num_pieces, num_paints)
        num_paints = min(MOST_PAINTS, num_paints + atlas.kinds[kind, 3])
    return num_pieces
