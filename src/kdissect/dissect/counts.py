"""Counts: the sums over images from which every gate and every IoU follows."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from kdissect.data.probe import Annotation, Probe
from kdissect.errors import DataError

Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """Numbers of pixels of the label maps, summed over images. Integers: the order of adding cannot matter.

    Attributes:
        intersection: `(u q)`, pixels under a unit's mask with a label, once for each plane that has it.
        unit_area: `(u,)`, pixels of a unit's masks.
        region_area: `(u c)`, of those masks only that hold a label of the category, or whose image has
            a scalar label of it.
        image_area: `(u c)`, of masks only in images that have a label of the category anywhere.
        label_area: `(q,)`, pixels of a label.
    """

    intersection: Int64
    unit_area: Int64
    region_area: Int64
    image_area: Int64
    label_area: Int64

    @classmethod
    def zeros(cls, num_units: int, num_categories: int, num_labels: int) -> Self:
        """Counts of no image."""
        shapes = (
            (num_units, num_labels),
            (num_units,),
            (num_units, num_categories),
            (num_units, num_categories),
            (num_labels,),
        )
        return cls(*(np.zeros(shape, np.int64) for shape in shapes))

    @classmethod
    def sum(cls, parts: Iterable["Counts"]) -> "Counts":
        """The sum of at least one; the first is added to, and returned."""
        first, *rest = parts
        for part in rest:
            for field in fields(cls):
                getattr(first, field.name).__iadd__(getattr(part, field.name))
        return first


@dataclass(frozen=True)
class PackedLabels:
    """The labels of a few images, one after the other.

    Attributes:
        planes: label maps of all the images `(p h w)`, int16.
        plane_starts: planes of the i-th image are those from `plane_starts[i]` to `plane_starts[i + 1]`.
        scalars, scalar_starts: the same for labels of the whole image, int64.
    """

    planes: NDArray[np.int16]
    plane_starts: Int64
    scalars: Int64
    scalar_starts: Int64

    @classmethod
    def of(cls, probe: Probe, images: Int64, label_zero: bool) -> Self:
        """The labels of those images; without `label_zero` the scalar labels 0 are left out.

        The numbers in label maps are compared where they are counted.

        Raises:
            DataError: the probe breaks its promise about sizes or label numbers.
        """
        found = [probe.annotation(int(image)) for image in images]
        shape, num_labels = probe.plane_shape, len(probe.primary)
        for image, note in zip(images, found, strict=True):
            scalars = note.scalars.view(np.uint64)  # seen as unsigned, a negative number is a large one
            if note.planes.shape[1:] != shape or (scalars.size and scalars.max() >= num_labels):
                refuse(probe, int(image), note)
        kept = [note.scalars if label_zero else note.scalars[note.scalars != 0] for note in found]
        return cls(
            np.concatenate([note.planes for note in found]),
            np.cumsum([0, *(len(note.planes) for note in found)], dtype=np.int64),
            np.concatenate(kept),
            np.cumsum([0, *(len(values) for values in kept)], dtype=np.int64),
        )


def refuse(probe: Probe, image: int, note: Annotation) -> NoReturn:
    """Say what is wrong with the labels of an image."""
    planes, scalars = note.planes.view(np.uint16), note.scalars.view(np.uint64)
    raise DataError(
        f"image {probe.image_name(image)} must have label maps {probe.plane_shape} and numbers 0 to "
        f"{len(probe.primary) - 1}, got maps {planes.shape[1:]} and numbers up to "
        f"{max(planes.max(initial=0), scalars.max(initial=0))}; correct the probe"
    )
