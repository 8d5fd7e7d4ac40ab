"""Contributions: what each image adds to the counts, so that images can be weighed again without a second pass."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self, no_type_check

import numpy as np
from numpy.typing import NDArray

from kdissect.dissect.compiled import compiled
from kdissect.dissect.counts import Counts, Int64
from kdissect.dissect.growing import Growing

MAX_CATEGORIES = 64  # bits of a set


@dataclass(frozen=True)
class Contributions:
    """The counts of each image by itself, sparse: only masks that have a pixel, and labels that lie under them.

    A *mask* is a pair of image and unit with at least one pixel. Masks are in the order of their images; the
    order of the units within an image is that of the units. A set of categories is a bit set: bit c is category c.

    Attributes:
        mask_starts: masks of the i-th image are those from `mask_starts[i]` to `mask_starts[i + 1]`, `(b + 1,)`, int64.
        units: unit of each mask `(m,)`, int32.
        areas: pixels of each mask `(m,)`, int32.
        regions: categories of which the mask holds a labelled pixel, or its image a whole-image label, `(m,)`, uint64.
        entry_starts: entries of the j-th mask, `(m + 1,)`, int64.
        labels: label number of each entry `(e,)`, int16; a label once a mask, in no particular order.
        pixels: pixels under the mask with that label `(e,)`, int32, once for each plane that has it; all of the
            mask for a whole-image label.
        image_categories: categories of which the image has a label anywhere `(b,)`, uint64.
        label_starts: labels of the i-th image, `(b + 1,)`, int64.
        image_labels: label numbers `(l,)`, int16; once an image.
        image_pixels: pixels with that label in the image `(l,)`, int64; all of the image for a whole-image label.
        num_units, num_categories: sizes of the axes `u` and `c`.
        primary: primary category of each label number `(q,)`.
    """

    mask_starts: Int64
    units: NDArray[np.int32]
    areas: NDArray[np.int32]
    regions: NDArray[np.uint64]
    entry_starts: Int64
    labels: NDArray[np.int16]
    pixels: NDArray[np.int32]
    image_categories: NDArray[np.uint64]
    label_starts: Int64
    image_labels: NDArray[np.int16]
    image_pixels: Int64
    num_units: int
    num_categories: int
    primary: Int64

    @property
    def num_images(self) -> int:
        """Images of the probe."""
        return len(self.image_categories)

    @property
    def num_bytes(self) -> int:
        """Bytes of all arrays."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))

    def counts(self, weights: NDArray[np.integer[Any]] | None = None) -> Counts:
        """The counts when image i is there `weights[i]` times; once if None. Exact integers.

        Args:
            weights: `(b,)`, whole numbers of at least 0.
        """
        counts = Counts.zeros(self.num_units, self.num_categories, len(self.primary))
        self.add_to(counts, weights)
        return counts

    def add_to(self, counts: Counts, weights: NDArray[np.integer[Any]] | None = None) -> None:
        """Adds to counts; `weights` as in `counts()`."""
        times = np.ones(self.num_images, np.int64) if weights is None else weights.astype(np.int64)
        weigh(
            times, self.mask_starts, self.units, self.areas, self.regions, self.entry_starts, self.labels, self.pixels,
            self.image_categories, self.label_starts, self.image_labels, self.image_pixels,
            counts.intersection, counts.unit_area, counts.region_area, counts.image_area, counts.label_area,
        )  # fmt: skip

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as arrays, by the names of the attributes."""
        return {name: np.asarray(value) for name, value in vars(self).items()}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """What `arrays()` gave.

        Raises:
            KeyError: an array is missing.
        """
        values: dict[str, Any] = {field.name: arrays[field.name] for field in fields(cls)}
        return cls(**{**values, **{name: int(values[name]) for name in ("num_units", "num_categories")}})

    @classmethod
    def concatenate(cls, parts: Iterable["Contributions"]) -> Self:
        """The contributions of all images of at least one part, in the order of the parts.

        The parts may be made one by one: none is held longer than it takes to copy.
        """
        growing: dict[str, Growing] = {}
        joined: dict[str, Any] = {}
        for part in parts:
            for name, value in vars(part).items():
                if name in ("num_units", "num_categories", "primary"):
                    joined[name] = value
                elif name.endswith("_starts"):
                    so_far = growing.setdefault(name, Growing(value.dtype, [0]))
                    so_far.append(value[1:] + so_far.last)
                else:
                    growing.setdefault(name, Growing(value.dtype)).append(value)
        joined |= {name: each.finish() for name, each in growing.items()}
        return cls(**joined)


@compiled
@no_type_check
def weigh(
    times, mask_starts, units, areas, regions, entry_starts, labels, pixels,
    image_categories, label_starts, image_labels, image_pixels,
    intersection, unit_area, region_area, image_area, label_area,
):  # fmt: skip
    """Adds each image's contribution, so many times, to the five arrays of the last line."""
    num_categories = region_area.shape[1]
    one = np.uint64(1)
    for n in range(times.size):
        weight = times[n]
        if weight == 0:
            continue
        for k in range(label_starts[n], label_starts[n + 1]):
            label_area[image_labels[k]] += weight * image_pixels[k]
        for m in range(mask_starts[n], mask_starts[n + 1]):
            u, area = units[m], weight * areas[m]
            unit_area[u] += area
            for c in range(num_categories):
                bit = one << np.uint64(c)
                if regions[m] & bit:
                    region_area[u, c] += area
                if image_categories[n] & bit:
                    image_area[u, c] += area
            for e in range(entry_starts[m], entry_starts[m + 1]):
                intersection[u, labels[e]] += weight * pixels[e]
