"""Probes: images with concept labels, per pixel and per image; what a dissection reads."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kdissect.types import Pictures


@dataclass(frozen=True)
class Concept:
    """A label of a probe.

    Attributes:
        number: from 1; number 0 stands for "no label".
        name: as the probe writes it; scenes of Broden end in `-s`, colours in `-c`.
        categories: all it belongs to. It is scored once, under its primary category.
    """

    number: int
    name: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Annotation:
    """All labels of one image, by number; number 0 is "no label".

    A pixel may have several labels of one category (a part of a part), hence several planes.

    Attributes:
        planes: label maps `(p h w)`, int16.
        plane_categories: index into the probe's categories, one a plane.
        scalars: labels of the whole image `(s,)`, int64. A 0 is kept: real Broden has scene 0.
        scalar_categories: index into the probe's categories, one a scalar.
    """

    planes: NDArray[np.int16]
    plane_categories: NDArray[np.int64]
    scalars: NDArray[np.int64]
    scalar_categories: NDArray[np.int64]


class Probe(ABC):
    """Images with concept labels. The order of images and of categories is part of what a probe is.

    A probe may be read from several threads at once.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """What reports call the probe."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """Hexadecimal digest of all that a dissection can see, so that no old result answers for a changed probe."""

    @property
    @abstractmethod
    def categories(self) -> tuple[str, ...]:
        """Kinds of concepts, in the probe's own order: ties between categories depend on it."""

    @property
    @abstractmethod
    def concepts(self) -> tuple[Concept, ...]:
        """The concept of each label number, `(q,)`; the first is number 0, with an empty name and no category."""

    @property
    @abstractmethod
    def primary(self) -> NDArray[np.int64]:
        """Primary category of each label number `(q,)`, an index into `categories`."""

    @property
    @abstractmethod
    def plane_shape(self) -> tuple[int, int]:
        """Height and width of every label map, in pixels."""

    @property
    @abstractmethod
    def sources(self) -> tuple[str, ...]:
        """Where each image comes from `(b,)`, for example `ade20k`: images of one source are labelled alike."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of images."""

    @abstractmethod
    def image_name(self, index: int) -> str:
        """What messages call an image: for a probe on disk its file."""

    @abstractmethod
    def pictures(self, indices: Sequence[int]) -> Pictures:
        """The images `(b 3 h w)`, RGB, 0 to 255, all of one size."""

    @abstractmethod
    def annotation(self, index: int) -> Annotation:
        """The labels of one image."""
