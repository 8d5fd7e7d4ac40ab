"""Winners: the best concept of each unit, in each category and over all."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kdissect.dissect.tallying import Tally


@dataclass(frozen=True)
class Winners:
    """For every unit and category the concept of largest IoU, among those whose primary category it is.

    Equal IoU: the lowest label number within a category, the last category over all. Where no concept of
    a category has a pixel under the unit's masks the winner is label 0 ("no label") with IoU 0.

    Attributes:
        labels: `(u c)`, label numbers.
        ious: `(u c)`, their IoU.
        category: `(u,)`, the category with the best of them, an index.
        label: `(u,)`, the unit's label: the best of the best.
        iou: `(u,)`, its IoU.

    Source: NetDissect-Lite.
    """

    labels: NDArray[np.int64]
    ious: NDArray[np.float64]
    category: NDArray[np.int64]
    label: NDArray[np.int64]
    iou: NDArray[np.float64]

    @classmethod
    def of(cls, tally: Tally) -> Self:
        """The winners at the tally's gate."""
        labels, ious = [], []
        for category in range(len(tally.categories)):
            own = np.where(tally.primary == category, tally.iou, 0.0)
            best = np.argmax(own, axis=1)
            labels.append(best)
            ious.append(np.take_along_axis(own, best[:, None], axis=1)[:, 0])
        by_label, by_iou = np.stack(labels, axis=1), np.stack(ious, axis=1)
        # argmax takes the first of equals, so it looks from the end
        category = by_iou.shape[1] - 1 - np.argmax(by_iou[:, ::-1], axis=1)
        units = np.arange(len(category))
        return cls(by_label, by_iou, category, by_label[units, category], by_iou[units, category])

    def detectors(self, threshold: float) -> NDArray[np.int64]:
        """Units whose own label reaches the IoU threshold (inclusive); label 0 detects nothing."""
        return np.flatnonzero((self.iou >= threshold) & (self.label != 0))
