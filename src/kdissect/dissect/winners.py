"""Winners: the best concept of each unit, in each category and over all."""

from dataclasses import dataclass
from typing import Self, no_type_check

import numpy as np
from numpy.typing import NDArray

from kdissect.dissect.compiled import compiled
from kdissect.dissect.counts import Counts
from kdissect.dissect.tallying import Gate, Tally


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


def best_labels(
    counts: Counts, primary: NDArray[np.int64], gate: Gate
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Each unit's label and its IoU `(u,)`, the same as of `Winners` but quicker, for counts of many resamples.

    Args:
        counts: of some images.
        primary: primary category of each label number `(q,)`.
        gate: see `Tally`.
    """
    area = _areas(counts, gate)
    labels, ious = np.zeros(len(area), np.int64), np.zeros(len(area))
    _best(counts.intersection, area, counts.label_area, primary, labels, ious)
    return labels, ious


def iou_of(counts: Counts, primary: NDArray[np.int64], gate: Gate, labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """IoU of each unit with a label of its own `(u,)`; arguments as in `best_labels`."""
    units = np.arange(len(labels))
    common = counts.intersection[units, labels]
    union = _areas(counts, gate)[units, primary[labels]] + counts.label_area[labels] - common
    iou: NDArray[np.float64] = common / (union + 1e-10)
    return iou


def _areas(counts: Counts, gate: Gate) -> NDArray[np.int64]:
    """Pixels of the masks that a gate lets pass for each category `(u c)`."""
    none = np.repeat(counts.unit_area[:, None], counts.region_area.shape[1], axis=1)
    return {"region": counts.region_area, "image": counts.image_area, "none": none}[gate]


@compiled
@no_type_check
def _best(intersection, area, label_area, primary, labels, ious):
    """Fills labels and ious; ties as in `Winners`: the last category, in it the lowest number."""
    for u in range(labels.size):
        category = -1
        for q in range(primary.size):
            common = intersection[u, q]
            if common > 0:
                iou = common / (area[u, primary[q]] + label_area[q] - common + 1e-10)
                if iou > ious[u] or (iou == ious[u] and primary[q] > category):
                    labels[u], ious[u], category = q, iou, primary[q]
