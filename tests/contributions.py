"""Contributions counted one pixel at a time, straight from the definition."""

import dataclasses

import numpy as np
from torch import Tensor

from kdissect.data.probe import Probe
from kdissect.dissect.bilinear import upsample
from kdissect.dissect.contributions import Contributions


def contributions_of(
    activations: Tensor, thresholds: Tensor, probe: Probe, *, label_zero: bool = True
) -> Contributions:
    """What `Contributions` must be for these activations `(b u h w)` over a probe."""
    units, areas, regions, labels, pixels = [], [], [], [], []
    mask_starts, entry_starts, label_starts = [0], [0], [0]
    image_categories, image_labels, image_pixels = [], [], []
    size = probe.plane_shape[0] * probe.plane_shape[1]
    for n in range(len(probe)):
        note = probe.annotation(n)
        scalars = [int(s) for s in note.scalars if label_zero or s != 0]
        found, times = np.unique(note.planes, return_counts=True)
        totals = {int(k): int(t) for k, t in zip(found, times, strict=True) if k != 0}
        for scalar in scalars:
            totals[scalar] = totals.get(scalar, 0) + size
        image_labels += totals.keys()
        image_pixels += totals.values()
        label_starts.append(len(image_labels))
        image_categories.append(bits({int(probe.primary[k]) for k in totals}))
        masks = upsample(activations[n], probe.plane_shape) > thresholds.double()[:, None, None]
        for unit, mask in enumerate(masks.numpy()):
            area = int(mask.sum())
            if area == 0:
                continue
            under, counts = np.unique(note.planes[:, mask], return_counts=True)
            own = {int(k): int(c) for k, c in zip(under, counts, strict=True) if k != 0}
            for scalar in scalars:
                own[scalar] = own.get(scalar, 0) + area
            units.append(unit)
            areas.append(area)
            regions.append(bits({int(probe.primary[k]) for k in own}))
            labels += own.keys()
            pixels += own.values()
            entry_starts.append(len(labels))
        mask_starts.append(len(units))
    return Contributions(
        np.array(mask_starts, np.int64),
        np.array(units, np.int32),
        np.array(areas, np.int32),
        np.array(regions, np.uint64),
        np.array(entry_starts, np.int64),
        np.array(labels, np.int16),
        np.array(pixels, np.int32),
        np.array(image_categories, np.uint64),
        np.array(label_starts, np.int64),
        np.array(image_labels, np.int16),
        np.array(image_pixels, np.int64),
        activations.shape[1],
        len(probe.categories),
        probe.primary,
    )


def bits(categories: set[int]) -> int:
    """A set of categories as a number."""
    return sum(1 << category for category in categories)


def ordered(found: Contributions) -> Contributions:
    """The entries of each mask, and the labels of each image, by label number."""
    entry = np.lexsort((found.labels, np.repeat(np.arange(len(found.units)), np.diff(found.entry_starts))))
    label = np.lexsort((found.image_labels, np.repeat(np.arange(found.num_images), np.diff(found.label_starts))))
    return dataclasses.replace(
        found,
        labels=found.labels[entry],
        pixels=found.pixels[entry],
        image_labels=found.image_labels[label],
        image_pixels=found.image_pixels[label],
    )
