"""Concept inheritance: which concepts of one network another one kept, lost, or has anew."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kdissect.dissect.contributions import Contributions
from kdissect.dissect.resampling import Share, Within, draw, each, strata
from kdissect.dissect.tallying import Gate
from kdissect.dissect.winners import best_labels
from kdissect.errors import SpecError

Status = Literal["kept", "lost", "new"]
STATUSES: tuple[Status, ...] = ("kept", "lost", "new")


@dataclass(frozen=True)
class Inheritance:
    """What became of the concepts of network A in network B.

    Attributes:
        detectors_a, detectors_b: detectors of each label `(q,)`.
        best_iou_a, best_iou_b: largest IoU of a unit whose concept the label is `(q,)`, 0 if there is none.
        probability_a, probability_b: share of resamples in which the label has a detector `(q,)`.
        probability: for each status the share of resamples in which the label has it `(q,)`.
        counts: for each status how many concepts have it.
        kept_share: concepts of A that B has too, of all that A has; None if A has none.
        confidence: of the intervals, and what it takes to call a concept kept, lost or new.
    """

    detectors_a: NDArray[np.int64]
    detectors_b: NDArray[np.int64]
    best_iou_a: NDArray[np.float64]
    best_iou_b: NDArray[np.float64]
    probability_a: NDArray[np.float64]
    probability_b: NDArray[np.float64]
    probability: dict[Status, NDArray[np.float64]]
    counts: dict[Status, Share]
    kept_share: Share | None
    confidence: float

    def status(self, label: int) -> str:
        """What became of a label.

        `kept`, `lost` or `new` if enough resamples agree with what was counted, else `undecided`; `absent` if
        neither network has a detector of it.
        """
        found = _status(bool(self.detectors_a[label]), bool(self.detectors_b[label]))
        if found is None:
            return "absent"
        return found if self.probability[found][label] >= self.confidence else "undecided"


def inheritance(
    a: Contributions,
    b: Contributions,
    *,
    sources: tuple[str, ...],
    gate: Gate = "region",
    threshold: float = 0.05,
    replicates: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    within: Within = "source",
) -> Inheritance:
    """Compare which concepts have a detector in two networks, over resamples of the images that both share.

    Activation thresholds are not estimated anew in a resample. A resample has about 63 % of the images, some of them
    several times, so that its best IoUs are a little larger than those of all images.

    Args:
        a: contributions of the first network.
        b: of the second, of the same images and labels.
        sources: source of each image `(b,)`.
        gate: which masks a label's denominator takes, see `Tally`.
        threshold: IoU that makes a detector.
        replicates: number of resamples, at least 1.
        seed: of the resamples.
        confidence: of the intervals, 0 to 1.
        within: resample within each `source`, or among `all` images.

    Raises:
        SpecError: the two are not of the same images and labels, or a number is out of range.

    Source: paired percentile bootstrap, Efron and Tibshirani 1993, "An Introduction to the Bootstrap".
    """
    if a.num_images != b.num_images or not np.array_equal(a.primary, b.primary):
        raise SpecError("expected two dissections of one probe; dissect both networks with the same images and labels")
    if replicates < 1 or not 0 < confidence < 1:
        raise SpecError(f"expected replicates >= 1 and 0 < confidence < 1, got {replicates} and {confidence}")
    groups = strata(sources, within)
    (detectors_a, best_a), (detectors_b, best_b) = (_detectors(one, None, gate, threshold) for one in (a, b))

    def work(number: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        times = draw(groups, a.num_images, seed, number)
        return _detectors(a, times, gate, threshold)[0] > 0, _detectors(b, times, gate, threshold)[0] > 0

    drawn = each(work, replicates)
    in_a, in_b = (np.stack([pair[k] for pair in drawn]) for k in (0, 1))
    by_status: dict[Status, NDArray[np.bool_]] = {"kept": in_a & in_b, "lost": in_a & ~in_b, "new": ~in_a & in_b}
    counted = [_status(bool(one), bool(other)) for one, other in zip(detectors_a, detectors_b, strict=True)]
    tails = (50 * (1 - confidence), 50 * (1 + confidence))

    num_a = int((detectors_a > 0).sum())
    shares = by_status["kept"].sum(1) / np.maximum(in_a.sum(1), 1)
    return Inheritance(
        detectors_a,
        detectors_b,
        best_a,
        best_b,
        in_a.mean(0),
        in_b.mean(0),
        {status: by_status[status].mean(0) for status in STATUSES},
        {status: Share.of(counted.count(status), by_status[status].sum(1), tails) for status in STATUSES},
        Share.of(counted.count("kept") / num_a, shares, tails) if num_a else None,
        confidence,
    )


def _detectors(
    found: Contributions, times: NDArray[np.int64] | None, gate: Gate, threshold: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How many detectors each label has, and the largest IoU of its units `(q,)`."""
    labels, ious = best_labels(found.counts(times), found.primary, gate)
    own = labels[(ious >= threshold) & (labels != 0)]
    best = np.zeros(len(found.primary))
    np.maximum.at(best, labels, ious)
    return np.bincount(own, minlength=len(found.primary)).astype(np.int64), best


def _status(in_a: bool, in_b: bool) -> Status | None:
    if in_a:
        return "kept" if in_b else "lost"
    return "new" if in_b else None
