"""Loops over sets of labels, compiled."""

from typing import no_type_check

import numpy as np

from kdissect.dissect.compiled import compiled, inlined

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio, odd: spreads keys over the table


@compiled
@no_type_check
def number_pixels(planes, numbers):
    """Numbers the pixels of one image by their labels, from 0, in the order in which they are first seen.

    Args:
        planes: `(p n)`, int16.
        numbers: `(n,)`, int32, written.

    Returns:
        The first pixel with each number `(m,)`, int64.
    """
    num_planes, size = planes.shape
    bits = np.uint64(1)
    while (1 << bits) < 2 * size:
        bits += np.uint64(1)
    table = np.full(1 << bits, -1, np.int32)
    firsts = np.empty(size, np.int64)
    found = 0
    for n in range(size):
        if n > 0 and _same(planes, n, n - 1):
            numbers[n] = numbers[n - 1]
            continue
        key = np.uint64(0)
        for p in range(num_planes):
            key = (key ^ np.uint64(np.uint16(planes[p, n]))) * MULTIPLIER
            key ^= key >> np.uint64(29)
        slot = np.int64((key * MULTIPLIER) >> (np.uint64(64) - bits))
        while table[slot] >= 0 and not _same(planes, n, firsts[table[slot]]):
            slot = (slot + 1) & (table.size - 1)
        if table[slot] < 0:
            table[slot] = found
            firsts[found] = n
            found += 1
        numbers[n] = table[slot]
    return firsts[:found].copy()


@inlined
@no_type_check
def _same(planes, one, other):
    for p in range(planes.shape[0]):  # noqa: SIM110 - the loop is compiled
        if planes[p, one] != planes[p, other]:
            return False
    return True


@compiled
@no_type_check
def add_labels(sets, starts, labels, pixels, under, areas, inside):
    """Adds up, label by label, the pixels of some sets, and those of them that lie under a unit's masks.

    Args:
        sets: numbers of the sets.
        starts: labels of the i-th set are those from `starts[i]` to `starts[i + 1]`.
        labels: label numbers.
        pixels: pixels of each set `(s,)`.
        under: those under the masks `(s,)`.
        areas: `(q,)`, `pixels` is added to it. Number 0, which no set has, is given the sum over the sets.
        inside: `(q,)`, the same for `under`.
    """
    for number in sets:
        area, common = pixels[number], under[number]
        areas[0] += area
        inside[0] += common
        for place in range(starts[number], starts[number + 1]):
            areas[labels[place]] += area
            inside[labels[place]] += common
