"""Error bars: how counts and IoUs would vary with other images of the same kind."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kdissect.dissect.contributions import Contributions
from kdissect.dissect.resampling import Share, Within, draw, each, strata
from kdissect.dissect.tallying import GATES, Gate
from kdissect.dissect.winners import best_labels, iou_of
from kdissect.errors import SpecError


@dataclass(frozen=True)
class Spread:
    """The error bars at one gate.

    Attributes:
        labels: label of each unit over all images `(u,)`.
        iou: its IoU `(u,)`.
        low, high: percentiles of that label's IoU over the resamples `(u,)`.
        detector_share: share of the resamples in which the unit is a detector, of whatever concept `(u,)`.
        label_share: share of the resamples in which the label is the unit's best `(u,)`.
        detectors: how many units are detectors. Not to be trusted where many units lie close to the threshold, see
            `Bootstrap.certain`.
        unique_detectors: how many different concepts they have.
    """

    labels: NDArray[np.int64]
    iou: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    detector_share: NDArray[np.float64]
    label_share: NDArray[np.float64]
    detectors: Share
    unique_detectors: Share


@dataclass(frozen=True)
class Bootstrap:
    """Error bars at every gate.

    Attributes:
        gates: by gate.
        replicates, seed, confidence, threshold: as in `bootstrap`.
    """

    gates: Mapping[Gate, Spread]
    replicates: int
    seed: int
    confidence: float
    threshold: float

    def certain(self, gate: Gate) -> tuple[int, int]:
        """How many units have their whole interval at or above the threshold, and how many any of it.

        An interval for the number of detectors that holds the truth also where many units lie close to the
        threshold; in exchange it is wide.
        """
        spread = self.gates[gate]
        concept = spread.labels != 0
        sure, possible = (int(((end >= self.threshold) & concept).sum()) for end in (spread.low, spread.high))
        return sure, possible

    def table(self) -> pa.Table:
        """One row a gate and unit: `gate, unit, label, iou, low, high, detector_share, label_share`."""
        tables = []
        for gate, spread in self.gates.items():
            units = len(spread.labels)
            columns = {
                "gate": [gate] * units,
                "unit": np.arange(units),
                "label": spread.labels,
                **{name: getattr(spread, name) for name in ("iou", "low", "high", "detector_share", "label_share")},
            }
            tables.append(pa.table(columns))
        return pa.concat_tables(tables)

    def facts(self) -> dict[str, Any]:
        """How it was made, and the intervals of the counts at each gate."""
        return {
            "replicates": self.replicates,
            "seed": self.seed,
            "confidence": self.confidence,
            "threshold": self.threshold,
            "gates": {
                gate: {"detectors": asdict(spread.detectors), "unique_detectors": asdict(spread.unique_detectors)}
                for gate, spread in self.gates.items()
            },
        }

    @classmethod
    def of_parts(cls, table: pa.Table, facts: Mapping[str, Any]) -> Self:
        """What `table` and `facts` gave."""
        rows = table.to_pydict()
        gate_of = np.array(rows["gate"])
        gates: dict[Gate, Spread] = {}
        for gate in GATES:
            own = gate_of == gate
            column: dict[str, Any] = {n: np.array(rows[n])[own] for n in rows if n not in ("gate", "unit")}
            counts = {name: Share(**value) for name, value in facts["gates"][gate].items()}
            column["labels"] = column.pop("label").astype(np.int64)
            gates[gate] = Spread(**(column | counts))
        return cls(gates, facts["replicates"], facts["seed"], facts["confidence"], facts["threshold"])


def bootstrap(
    contributions: Contributions,
    *,
    sources: Sequence[str],
    names: Sequence[str] | None = None,
    threshold: float = 0.05,
    replicates: int = 200,
    seed: int = 0,
    confidence: float = 0.95,
    within: Within = "source",
) -> Bootstrap:
    """Error bars by resampling images, from each image's contribution and without another pass.

    Counts of a resample are exact. Activation thresholds stay those of all images. The best label of a unit in a
    resample is best partly by chance, so that IoUs of best labels are too large there. Intervals are therefore those
    of the label that a unit has over all images: of its IoU, and of how many units reach the threshold with it.
    In simulations the former hold the true IoU in 94 to 96 of 100 samples; the latter fail where many units lie
    close to the threshold (docs/error-bars.md).

    Args:
        contributions: of a dissection.
        sources: source of each image `(b,)`.
        names: name of each label number `(q,)`; labels of one name are one concept. None: each number is one.
        threshold: IoU that makes a detector.
        replicates: number of resamples, at least 1; 200 give the ends of a 95 % interval to about a tenth of its width.
            Of 63,000 images and 512 units they take about 80 seconds of one core.
        seed: of the resamples.
        confidence: of the intervals, 0 to 1.
        within: resample within each `source` (Broden's sources are strata of a fixed size), or among `all` images.

    Raises:
        SpecError: a number is out of range.

    Source: percentile bootstrap, Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13.
    """
    if replicates < 1 or not 0 < confidence < 1:
        raise SpecError(f"expected replicates >= 1 and 0 < confidence < 1, got {replicates} and {confidence}")
    groups, primary = strata(sources, within), contributions.primary
    whole = contributions.counts()
    own = {gate: best_labels(whole, primary, gate) for gate in GATES}

    def work(number: int) -> dict[Gate, tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]]:
        counts = contributions.counts(draw(groups, contributions.num_images, seed, number))
        found = {gate: best_labels(counts, primary, gate) for gate in GATES}
        return {gate: (*found[gate], iou_of(counts, primary, gate, own[gate][0])) for gate in GATES}

    drawn = each(work, replicates)
    gates: dict[Gate, Spread] = {}
    for gate in GATES:
        labels, best, fixed = (np.stack([one[gate][k] for one in drawn]) for k in range(3))
        gates[gate] = _spread(*own[gate], labels, best, fixed, _concepts(names, len(primary)), threshold, confidence)
    return Bootstrap(gates, replicates, seed, confidence, threshold)


def _concepts(names: Sequence[str] | None, num_labels: int) -> NDArray[np.int64]:
    """A number for each label `(q,)`, the same for labels of one name."""
    if names is None:
        return np.arange(num_labels)
    concepts: NDArray[np.int64] = np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)
    return concepts


def _spread(
    label: NDArray[np.int64],
    iou: NDArray[np.float64],
    labels: NDArray[Any],
    best: NDArray[Any],
    fixed: NDArray[Any],
    concepts: NDArray[np.int64],
    threshold: float,
    confidence: float,
) -> Spread:
    """The error bars from the resamples' labels, best IoUs, and IoUs of the label over all images `(r u)`."""
    tails = (50 * (1 - confidence), 50 * (1 + confidence))
    low, high = np.percentile(fixed, tails, axis=0)
    reached = (fixed >= threshold) & (label != 0)
    unique = [len(set(concepts[label[units]].tolist())) for units in reached]
    now = (iou >= threshold) & (label != 0)
    return Spread(
        label,
        iou,
        low,
        high,
        ((best >= threshold) & (labels != 0)).mean(0),
        (labels == label).mean(0),
        Share.of(int(now.sum()), reached.sum(1), tails),
        Share.of(len(set(concepts[label[now]].tolist())), np.array(unique), tails),
    )
