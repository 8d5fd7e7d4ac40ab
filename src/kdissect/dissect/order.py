"""The largest values of each unit, kept up to date by a compiled loop."""

from typing import no_type_check

from kdissect.dissect.compiled import compiled


@compiled
@no_type_check
def insert(top, filled, bound, maps, units, num_top):
    """Puts the values of maps `(m h w)` that exceed their unit's bound among the unit's values.

    top: `(u, room)`, of which `filled[u]` are in use; room > num_top. When a unit's room is full only its
    num_top largest stay, and the smallest of these is its new bound: a value at or below it can no longer
    change which value is the num_top-th largest.
    """
    for m in range(units.size):
        unit = units[m]
        row = top[unit]
        for y in range(maps.shape[1]):
            for x in range(maps.shape[2]):
                if maps[m, y, x] > bound[unit]:
                    row[filled[unit]] = maps[m, y, x]
                    filled[unit] += 1
                    if filled[unit] == row.size:
                        tighten_unit(row, filled, bound, unit, num_top)


@compiled
@no_type_check
def insert_cells(top, filled, bound, values, starts, units, num_top):
    """The same for cells: map m has the values from `starts[m]` to `starts[m + 1]`."""
    for m in range(units.size):
        unit = units[m]
        row = top[unit]
        for i in range(starts[m], starts[m + 1]):
            if values[i] > bound[unit]:
                row[filled[unit]] = values[i]
                filled[unit] += 1
                if filled[unit] == row.size:
                    tighten_unit(row, filled, bound, unit, num_top)


@compiled
@no_type_check
def tighten(top, filled, bound, num_top):
    """Brings every bound up to the num_top-th largest value so far."""
    for unit in range(filled.size):
        if filled[unit] >= num_top:
            tighten_unit(top[unit], filled, bound, unit, num_top)


@compiled
@no_type_check
def tighten_unit(row, filled, bound, unit, num_top):
    """Leaves the num_top largest values of a unit in front, the smallest of them first."""
    largest_first(row, filled[unit], num_top)
    filled[unit] = num_top
    smallest = 0
    for i in range(num_top):
        if row[i] < row[smallest]:
            smallest = i
    row[0], row[smallest] = row[smallest], row[0]
    bound[unit] = row[0]


@compiled
@no_type_check
def largest_first(row, size, count):
    """Reorders row[:size] so that its `count` largest values come first (Hoare's selection)."""
    low, high = 0, size - 1
    while low < high:
        a, b, c = row[low], row[(low + high) >> 1], row[high]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while row[i] > pivot:
                i += 1
            while row[j] < pivot:
                j -= 1
            if i <= j:  # equal values are swapped too: many zeros still split evenly
                row[i], row[j] = row[j], row[i]
                i += 1
                j -= 1
        if count - 1 <= j:
            high = j
        elif count - 1 >= i:
            low = i
        else:
            return
