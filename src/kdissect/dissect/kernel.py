"""The compiled loop of the tally: labels under thresholded, upsampled feature maps, counted in place.

Per map only rows whose neighbours exceed the threshold are looked at, within a row only the span of columns
that do. Between two map columns the upsampled row is monotone (`bilinear.py`), so its pixels above the
threshold are found from one crossing, and a row of the mask is a few intervals. Labels are counted by runs
of equal label, not by pixels.
"""

from typing import no_type_check

import numpy as np

from kdissect.dissect.compiled import compiled, inlined


@compiled
@no_type_check
def find_runs(planes, run_end, label_area, present, is_present):
    """For each pixel the end of its run of equal labels; adds to L; lists the labels that are present."""
    num_planes, height, width = planes.shape
    num_present = 0
    for p in range(num_planes):
        for y in range(height):
            row, ends = planes[p, y], run_end[p, y]
            end = width
            ends[width - 1] = end
            for x in range(width - 2, -1, -1):  # without a branch: labels change at random
                end = x + 1 if row[x] != row[x + 1] else end
                ends[x] = end
            x = 0
            while x < width:
                label = row[x]
                label_area[label] += ends[x] - x
                if not is_present[label]:
                    is_present[label] = True
                    present[num_present] = label
                    num_present += 1
                x = np.int64(ends[x])
    return num_present


@inlined
@no_type_check
def count_interval(planes, run_end, y, start, stop, under):
    """Adds the labels of the pixels start <= x < stop of row y, of all planes; at least one pixel."""
    for p in range(planes.shape[0]):
        row, ends = planes[p, y], run_end[p, y]
        x = start
        end = np.int64(ends[x])
        while end < stop:
            under[row[x]] += end - x
            x = end
            end = np.int64(ends[x])
        under[row[x]] += stop - x


@inlined
@no_type_check
def count_map(fmap, threshold, rows, columns, planes, run_end, line, under):
    """Adds the labels under one map's mask to `under`; returns the area of the mask.

    rows, columns: (first pixel of each band, fraction of each pixel); line: scratch, one value a column.
    """
    row_start, row_fraction = rows
    column_start, column_fraction = columns
    height, width = fmap.shape
    spacing = column_fraction.size / width  # pixels a column
    area = 0
    for i in range(height):
        lower, upper = fmap[i], fmap[min(i + 1, height - 1)]
        first, last, top, bottom = band(lower, upper, threshold, i, row_start, row_fraction)
        for y in range(top, bottom):
            t = row_fraction[y]
            for j in range(first, last + 1):
                low = np.float64(lower[j])
                line[j] = low + t * (np.float64(upper[j]) - low)
            start = -1  # of the interval that is open, if any
            for j in range(first, last + 1):
                left, right = line[j], line[min(j + 1, last)]
                begin, end = column_start[j], column_start[j + 1]
                if left > threshold:
                    if start < 0:
                        start = begin
                    if not right > threshold:
                        stop = crossing(left, right, threshold, j, column_fraction, spacing, begin, end)
                        if stop > start:
                            area += stop - start
                            count_interval(planes, run_end, y, start, stop, under)
                        start = -1
                elif right > threshold:
                    start = crossing(left, right, threshold, j, column_fraction, spacing, begin, end)
            if start >= 0:
                stop = column_start[last + 1]
                if stop > start:
                    area += stop - start
                    count_interval(planes, run_end, y, start, stop, under)
    return area


@inlined
@no_type_check
def band(lower, upper, threshold, i, row_start, row_fraction):
    """Columns first..last (inclusive) and rows top..bottom (exclusive) that hold all of a band's mask.

    The band is the rows of pixels between the map's rows `lower` (the i-th) and `upper`.
    """
    begin, end = row_start[i], row_start[i + 1]
    spacing = row_fraction.size / (row_start.size - 1)
    first, last, top, bottom = lower.size, -1, end, begin
    for j in range(lower.size):
        low, high = np.float64(lower[j]), np.float64(upper[j])
        if low > threshold:
            first, last, top = min(first, j), j, begin
            if high > threshold:
                bottom = end
            else:
                bottom = max(bottom, crossing(low, high, threshold, i, row_fraction, spacing, begin, end))
        elif high > threshold:
            first, last, bottom = min(first, j), j, end
            top = min(top, crossing(low, high, threshold, i, row_fraction, spacing, begin, end))
    # a neighbour at or below the threshold ends the mask between the two
    return max(first - 1, 0), min(last + 1, lower.size - 1), top, bottom


@inlined
@no_type_check
def crossing(left, right, threshold, column, fraction, spacing, begin, end):
    """First pixel in begin..end on the other side of the threshold than `left`; `end` if there is none.

    A division finds the pixel, up to rounding; since the row is monotone, looking at its neighbours makes that
    exact. Bisection would branch at random.
    """
    step = right - left
    above = left > threshold
    place = (column + (threshold - left) / step + 0.5) * spacing + 0.5
    guess = min(max(np.int64(place), begin), end)
    while guess < end and (left + fraction[guess] * step > threshold) == above:
        guess += 1
    while guess > begin and (left + fraction[guess - 1] * step > threshold) != above:
        guess -= 1
    return guess


@compiled
@no_type_check
def count_images(
    maps, map_row, map_unit, map_start, planes, plane_start, scalars, scalar_start,
    thresholds, primary, rows, columns,
    intersection, unit_area, region_area, image_area, label_area,
):  # fmt: skip
    """Adds a few images to the counts.

    maps `(m h w)`; of image n the maps `map_row[k]` of units `map_unit[k]`, map_start[n] <= k < map_start[n + 1];
    its planes and scalars lie between `plane_start` and `scalar_start` in the same way. The five arrays of the
    last line are added to: `(u q)`, `(u)`, `(u c)`, `(u c)`, `(q)`.
    """
    height, width = planes.shape[1:]
    num_categories = region_area.shape[1]
    pixels = height * width
    line = np.empty(maps.shape[2], np.float64)
    under = np.zeros(primary.size, np.int64)
    present = np.empty(primary.size, np.int64)
    is_present = np.zeros(primary.size, np.bool_)
    in_image = np.empty(num_categories, np.bool_)
    by_scalar = np.empty(num_categories, np.bool_)
    in_region = np.empty(num_categories, np.bool_)
    most = 0
    for n in range(plane_start.size - 1):
        most = max(most, plane_start[n + 1] - plane_start[n])
    run_end = np.empty((most, height, width), np.uint16)
    for n in range(plane_start.size - 1):
        own = planes[plane_start[n] : plane_start[n + 1]].view(np.uint16)  # unsigned indices cost less
        unlabelled = label_area[0]
        num_present = find_runs(own, run_end, label_area, present, is_present)
        label_area[0] = unlabelled  # as a pixel 0 is no label
        by_scalar[:] = False
        for s in range(scalar_start[n], scalar_start[n + 1]):
            label_area[scalars[s]] += pixels
            by_scalar[primary[scalars[s]]] = True
        in_image[:] = by_scalar
        for k in range(num_present):
            is_present[present[k]] = False
            if present[k] != 0:
                in_image[primary[present[k]]] = True
        for k in range(map_start[n], map_start[n + 1]):
            u = map_unit[k]
            area = count_map(maps[map_row[k]], thresholds[u], rows, columns, own, run_end, line, under)
            if area == 0:
                continue
            unit_area[u] += area
            in_region[:] = by_scalar
            for i in range(num_present):
                label = present[i]
                if under[label] > 0:
                    if label != 0:
                        intersection[u, label] += under[label]
                        in_region[primary[label]] = True
                    under[label] = 0
            for s in range(scalar_start[n], scalar_start[n + 1]):
                intersection[u, scalars[s]] += area
            for c in range(num_categories):
                if in_region[c]:
                    region_area[u, c] += area
                if in_image[c]:
                    image_area[u, c] += area
