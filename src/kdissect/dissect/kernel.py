"""The compiled loop of the tally: labels under thresholded, upsampled feature maps, image by image.

Per map only rows whose neighbours exceed the threshold are looked at, within a row only the span of columns
that do. Between two map columns the upsampled row is monotone (`bilinear.py`), so its pixels above the
threshold are found from one crossing, and a row of the mask is a few intervals. Labels are counted by runs
of equal label, not by pixels.
"""

from typing import no_type_check

import numpy as np

from kdissect.dissect.cells import grown
from kdissect.dissect.compiled import compiled, inlined


@compiled
@no_type_check
def find_runs(planes, run_end, total, present, is_present):
    """For each pixel the end of its run of equal labels; adds up `total`; lists the labels that are present.

    Returns how many they are, or -1 if a number is none of a label.
    """
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
                if label >= total.size:  # seen as unsigned, a negative number is a large one
                    return -1
                total[label] += ends[x] - x
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
def count_map(fmap, first_row, last_row, threshold, rows, columns, planes, run_end, line, under):
    """Adds the labels under one map's mask to `under`; returns the area of the mask.

    No row of the map outside first_row..last_row exceeds the threshold, and those two and the ones beside them
    can be read. rows, columns: (first pixel of each band, fraction of each pixel); line: scratch, one value a column.
    """
    row_start, row_fraction = rows
    column_start, column_fraction = columns
    height, width = fmap.shape
    spacing = column_fraction.size / width  # pixels a column
    area = 0
    for i in range(max(first_row - 1, 0), last_row + 1):
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
def contribute(
    values, places, starts, units, map_starts, shape,
    planes, plane_starts, scalars, scalar_starts,
    thresholds, primary, rows, columns,
):  # fmt: skip
    """What each of a few images adds to the counts; the arrays of `Contributions`, in its order.

    The arguments of the first line are the fields of `Cells` (shape: of a map), those of the second
    the fields of `PackedLabels`.
    """
    height, width = planes.shape[1:]
    num_images, num_maps, num_labels = map_starts.size - 1, units.size, primary.size
    one = np.uint64(1)
    fmap = np.empty(shape, np.float64)
    line = np.empty(shape[1], np.float64)
    under, total = np.zeros(num_labels, np.int64), np.zeros(num_labels, np.int64)
    present, is_present = np.empty(num_labels, np.int64), np.zeros(num_labels, np.bool_)
    most = 0
    for n in range(num_images):
        most = max(most, plane_starts[n + 1] - plane_starts[n])
    run_end = np.empty((most, height, width), np.uint16)

    mask_starts, entry_starts = np.zeros(num_images + 1, np.int64), np.zeros(num_maps + 1, np.int64)
    mask_units, areas = np.empty(num_maps, np.int32), np.empty(num_maps, np.int32)
    regions, image_categories = np.zeros(num_maps, np.uint64), np.zeros(num_images, np.uint64)
    labels, pixels = np.empty(1024, np.int16), np.empty(1024, np.int32)
    label_starts = np.zeros(num_images + 1, np.int64)
    image_labels, image_pixels = np.empty(256, np.int16), np.empty(256, np.int64)
    num_masks, num_entries, num_image_labels = 0, 0, 0

    for n in range(num_images):
        own = planes[plane_starts[n] : plane_starts[n + 1]].view(np.uint16)  # unsigned indices cost less
        num_present = find_runs(own, run_end, total, present, is_present)
        if num_present < 0:
            mask_starts[0] = -1 - n  # the caller says which image it is
            break
        total[0] = 0  # as a pixel 0 is no label
        if is_present[0]:
            for k in range(num_present):
                if present[k] == 0:
                    num_present -= 1
                    present[k] = present[num_present]
                    break
            is_present[0] = False
        for s in range(scalar_starts[n], scalar_starts[n + 1]):
            label = scalars[s]
            total[label] += height * width
            if not is_present[label]:
                is_present[label] = True
                present[num_present] = label
                num_present += 1
        if num_image_labels + num_present > image_labels.size:
            image_labels = grown(image_labels, 2 * image_labels.size + num_present)
            image_pixels = grown(image_pixels, image_labels.size)
        for k in range(num_present):
            label = present[k]
            is_present[label] = False
            image_labels[num_image_labels], image_pixels[num_image_labels] = label, total[label]
            num_image_labels += 1
            total[label] = 0
            image_categories[n] |= one << np.uint64(primary[label])
        label_starts[n + 1] = num_image_labels

        more = (map_starts[n + 1] - map_starts[n]) * num_present
        if num_entries + more > labels.size:
            labels = grown(labels, 2 * labels.size + more)
            pixels = grown(pixels, labels.size)
        for k in range(map_starts[n], map_starts[n + 1]):
            if starts[k + 1] == starts[k]:
                continue
            threshold = thresholds[units[k]]
            first_row, last_row = spread(values, places, starts[k], starts[k + 1], threshold, fmap)
            area = count_map(fmap, first_row, last_row, threshold, rows, columns, own, run_end, line, under)
            if area == 0:
                continue
            under[0] = 0
            for s in range(scalar_starts[n], scalar_starts[n + 1]):
                under[scalars[s]] += area
            for i in range(num_present):
                label = present[i]
                if under[label] > 0:
                    labels[num_entries], pixels[num_entries] = label, under[label]
                    num_entries += 1
                    regions[num_masks] |= one << np.uint64(primary[label])
                    under[label] = 0
            mask_units[num_masks], areas[num_masks] = units[k], area
            num_masks += 1
            entry_starts[num_masks] = num_entries
        mask_starts[n + 1] = num_masks
    return (
        mask_starts, mask_units[:num_masks].copy(), areas[:num_masks].copy(), regions[:num_masks].copy(),
        entry_starts[: num_masks + 1].copy(), labels[:num_entries].copy(), pixels[:num_entries].copy(),
        image_categories, label_starts,
        image_labels[:num_image_labels].copy(), image_pixels[:num_image_labels].copy(),
    )  # fmt: skip


@inlined
@no_type_check
def spread(values, places, start, stop, threshold, fmap):
    """Puts a map's cells into `fmap`, and the threshold into all others of its rows and the rows beside them.

    Returns the first and the last row that has cells.
    """
    height, width = fmap.shape
    first_row, last_row = places[start] // width, places[stop - 1] // width
    for y in range(max(first_row - 1, 0), min(last_row + 2, height)):
        fmap[y] = threshold
    for i in range(start, stop):
        fmap[places[i] // width, places[i] % width] = values[i]
    return first_row, last_row
