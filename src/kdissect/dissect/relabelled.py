"""A probe with its images, and other labels."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from kdissect.data.probe import Annotation, Concept, Probe
from kdissect.types import Pictures


class Relabelled(Probe):
    """A probe whose labels come from a function; for counting alone.

    Args:
        probe: the images.
        annotation: the labels of an image, by its index.
        primary: primary category of each label number, if the labels are not the probe's own; there is then one
            category.
    """

    def __init__(
        self, probe: Probe, annotation: Callable[[int], Annotation], primary: NDArray[np.int64] | None = None
    ) -> None:
        self._probe, self._annotation = probe, annotation
        self._own = primary is not None
        self._primary = probe.primary if primary is None else primary

    @property
    def name(self) -> str:
        """The probe's."""
        return self._probe.name

    @property
    def digest(self) -> str:
        """Refused: results with other labels are no results of the probe."""
        raise NotImplementedError("a relabelled probe is for counting alone")

    @property
    def categories(self) -> tuple[str, ...]:
        """The probe's, or the one of labels of one's own."""
        return ("label",) if self._own else self._probe.categories

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """The probe's, or numbers."""
        if not self._own:
            return self._probe.concepts
        return tuple(Concept(number, str(number), ()) for number in range(len(self._primary)))

    @property
    def primary(self) -> NDArray[np.int64]:
        """Primary category of each label number `(q,)`."""
        return self._primary

    @property
    def plane_shape(self) -> tuple[int, int]:
        """The probe's."""
        return self._probe.plane_shape

    @property
    def sources(self) -> tuple[str, ...]:
        """The probe's."""
        return self._probe.sources

    def __len__(self) -> int:
        """Number of images."""
        return len(self._probe)

    def image_name(self, index: int) -> str:
        """The probe's."""
        return self._probe.image_name(index)

    def pictures(self, indices: Sequence[int]) -> Pictures:
        """The probe's."""
        return self._probe.pictures(indices)

    def annotation(self, index: int) -> Annotation:
        """The other labels of an image."""
        return self._annotation(index)
