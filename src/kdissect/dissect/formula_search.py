"""The beam search for a unit's formula."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kdissect.dissect.formula import OPERATORS, Formula
from kdissect.dissect.label_sets import add_labels
from kdissect.dissect.signatures import Signatures

Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Candidate:
    """A formula with its pixels.

    Attributes:
        formula: in its canonical form.
        iou: of the unit's masks and the pixels where the formula holds.
        intersection, area: pixels common with the masks, and where it holds.
    """

    formula: Formula
    iou: float
    intersection: int
    area: int


class Search:
    """A beam search for the formulas that overlap one unit's masks most, over sets of pixels.

    Formulas of each length are searched on their own: the best ones of one length, whatever the shorter ones reach, are
    tried with one label more. A formula that holds at just the pixels of its part without the new label, or of the new
    label alone, is passed over: it says the same in more words, and hundreds of such would fill the beam. Nothing is
    lost by that, since whatever grows from it grows from the shorter one too.

    Args:
        signatures: the probe's sets of labels.
        sets: numbers of the sets that lie under the unit's masks.
        pixels: their pixels there.
        width: how many formulas of each length are kept, and tried further.
    """

    def __init__(
        self, signatures: Signatures, sets: NDArray[np.int32], pixels: NDArray[np.integer], width: int
    ) -> None:
        self._signatures, self._width = signatures, width
        self._size = int(pixels.sum())
        self._under = np.zeros(len(signatures), np.int64)
        self._under[sets] = pixels
        self._inside = self._labels(sets)[1]

    @cached_property
    def single_iou(self) -> NDArray[np.float64]:
        """IoU of each label, each pixel counted once `(q,)`; 0 for label 0."""
        iou = self._iou(self._inside, self._signatures.label_pixels)
        iou[0] = 0
        return iou

    def single(self, label: int) -> Candidate:
        """A single label, each pixel counted once."""
        counts = int(self._inside[label]), int(self._signatures.label_pixels[label])
        return Candidate(Formula((label,)), float(self.single_iou[label]), *counts)

    def singles(self) -> list[Candidate]:
        """The single labels that overlap the masks most, the best first."""
        return self._first([self.single(int(label)) for label in self._best(self.single_iou)])

    def longer(self, front: list[Candidate]) -> list[Candidate]:
        """The best formulas with one label more than those of the front, the best first."""
        found: dict[Formula, Candidate] = {}
        for each in front:
            intersections, areas, iou = self._grown(each)
            for place in self._best(iou.reshape(-1)):
                operator, label = divmod(int(place), iou.shape[1])
                formula = each.formula.then(OPERATORS[operator], label).canonical()
                values = float(iou[operator, label]), int(intersections[operator, label]), int(areas[operator, label])
                found[formula] = Candidate(formula, *values)
        return self._first(list(found.values()))

    def _grown(self, candidate: Candidate) -> tuple[Int64, Int64, NDArray[np.float64]]:
        """Intersection, area and IoU of a formula joined with each label by each operator `(3 q)`."""
        formula, inside, area = candidate.formula, candidate.intersection, candidate.area
        label_area = self._signatures.label_pixels
        both_area, both_inside = self._labels(self._signatures.where(formula))
        intersections = np.stack([both_inside, inside + self._inside - both_inside, inside - both_inside])
        areas = np.stack([both_area, area + label_area - both_area, area - both_area])
        iou = self._iou(intersections, areas)
        # one lies within the other: joined they are one of the two, or nothing
        iou[:2, (both_area == area) | (both_area == label_area)] = 0
        iou[2, both_area == 0] = 0
        iou[:, [0, *formula.labels]] = 0
        return intersections, areas, iou

    def _labels(self, sets: NDArray[np.integer]) -> tuple[Int64, Int64]:
        """Pixels of each label in some sets, and those under the masks `(q,)`; number 0: all pixels of the sets."""
        signatures = self._signatures
        areas, inside = np.zeros((2, signatures.num_labels), np.int64)
        add_labels(sets, signatures.starts, signatures.labels, signatures.pixels, self._under, areas, inside)
        return areas, inside

    def _iou(self, intersections: Int64, areas: Int64) -> NDArray[np.float64]:
        iou: NDArray[np.float64] = intersections / np.maximum(self._size + areas - intersections, 1)
        return iou

    def _best(self, iou: NDArray[np.float64]) -> Int64:
        """Places of the largest values above 0; of equal ones all."""
        bound = np.partition(iou, -self._width)[-self._width] if self._width < iou.size else 0.0
        return np.flatnonzero((iou >= bound) & (iou > 0))

    def _first(self, found: list[Candidate]) -> list[Candidate]:
        """The best ones; of equal ones those with the lowest label numbers."""
        return sorted(found, key=lambda each: (-each.iou, each.formula))[: self._width]
