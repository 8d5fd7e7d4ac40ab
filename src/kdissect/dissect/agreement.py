"""Agreement: other scores of how well masks and labels agree, from the counts of a tally."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kdissect.dissect.dissection import Dissection
from kdissect.dissect.tallying import Gate, Tally

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """Scores of every unit with every label, `(u q)` each. Label 0 has counts of whole-image labels only.

    Attributes:
        tally: the counts, at a gate that only `precision` uses.
        num_pixels: pixels of all label maps, one map an image.
    """

    tally: Tally
    num_pixels: int

    @classmethod
    def of(cls, found: Dissection, gate: Gate | None = None) -> "Agreement":
        """The scores of a dissection."""
        height, width = found.probe.plane_shape
        return cls(found.tally.at_gate(gate or found.gate), found.probe.num_images * height * width)

    @cached_property
    def precision(self) -> Scores:
        """Share of the gated mask pixels that have the label, 0 to 1, higher is better; 0 without a mask."""
        area = self.tally.unit_category_area[:, self.tally.primary]
        precision: Scores = self.tally.intersection / np.maximum(area, 1)
        return precision

    @cached_property
    def recall(self) -> Scores:
        """Share of the label's pixels that lie under the mask, 0 to 1, higher is better; 0 without the label."""
        recall: Scores = self.tally.intersection / np.maximum(self.tally.label_area, 1)
        return recall

    @cached_property
    def f1(self) -> Scores:
        """Harmonic mean of precision and recall, 0 to 1, higher is better; 0 where they share no pixel.

        It is twice the intersection over gated mask and label together, 2 IoU / (1 + IoU), and so ranks as IoU does.
        """
        area = self.tally.unit_category_area[:, self.tally.primary]
        f1: Scores = 2 * self.tally.intersection / np.maximum(area + self.tally.label_area, 1)
        return f1

    @cached_property
    def information(self) -> Scores:
        """Mutual information of mask and label over all pixels, in nats, higher is better.

        A label on two planes of a pixel counts twice in the tally, and is cut to what mask and probe have room for.
        """
        return self._both[0]

    @cached_property
    def information_quality(self) -> Scores:
        """Mutual information over joint entropy, 0 to 1, higher is better.

        Source: Bau et al. 2020, "Understanding the role of individual units in a deep neural network" (code).
        """
        return self._both[1]

    def most_informative(self) -> tuple[NDArray[np.int64], Scores]:
        """Each unit's label of largest information quality, and that quality `(u,)`; label 0 and quality 0 if none.

        Of equals it is the lowest number. A mask that avoids a label tells as much as one that seeks it; only labels
        are looked at that masks hold more of than independent masks would. Label 0 is not looked at.

        Source: Bau et al. 2020, "Understanding the role of individual units in a deep neural network" (code).
        Departs: their code takes avoided labels, too.
        """
        by_chance = self.tally.unit_area[:, None] * (self.tally.label_area[None] / self.num_pixels)
        quality = np.where(self.tally.intersection > by_chance, self.information_quality, 0.0)
        quality[:, 0] = 0
        labels = np.argmax(quality, axis=1)
        return labels, quality[np.arange(len(labels)), labels]

    @cached_property
    def _both(self) -> tuple[Scores, Scores]:
        total = float(self.num_pixels)
        mask = self.tally.unit_area[:, None] / total
        label = np.minimum(self.tally.label_area[None], total) / total
        both = np.minimum(self.tally.intersection / total, np.minimum(mask, label))
        cells = (both, mask - both, label - both, np.maximum(1 - mask - label + both, 0))
        joint = sum((_entropy(cell) for cell in cells), start=np.zeros(both.shape))
        apart = _entropy(mask) + _entropy(1 - mask) + _entropy(label) + _entropy(1 - label)
        information = np.maximum(apart - joint, 0)
        quality = np.divide(information, joint, out=np.zeros(joint.shape), where=joint > 0)
        return information, quality


def _entropy(share: Scores) -> Scores:
    """-p log p, 0 for p = 0."""
    entropy: Scores = -share * np.log(share, out=np.zeros(share.shape), where=share > 0)
    return entropy
