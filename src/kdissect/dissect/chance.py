"""Chance: what detectors one finds when labels have nothing to do with activations."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import numpy as np
import pyarrow as pa
import scipy.stats
from numpy.typing import NDArray
from torch import Tensor

from kdissect import seeds
from kdissect.data.probe import Annotation, Probe
from kdissect.dissect.counting import Batch, count
from kdissect.dissect.relabelled import Relabelled
from kdissect.dissect.resampling import Within, strata
from kdissect.dissect.tallying import Gate
from kdissect.dissect.winners import best_labels
from kdissect.errors import SpecError

DERIVED = ("num_discovered", "smallest_p", "fewest_discoveries")  # facts that follow from the others


@dataclass(frozen=True)
class Chance:
    """A dissection against chance.

    Attributes:
        iou: best IoU of each unit `(u,)`.
        chance_iou: the same, mean over the permutations `(u,)`.
        p: share of the permutations, the real labels counted among them, with a best IoU as large `(u,)`.
        q: false discovery rate at which the unit would be called a detector beyond chance `(u,)`.
        discovered: which units are, at `false_discovery_rate` `(u,)`.
        detectors: units at the IoU threshold.
        chance_detectors: mean, 2.5th and 97.5th percentile of that number over the permutations.
        fixed_images: images that are alone in their source, and so kept their labels.
        permutations, seed, within, gate, threshold, false_discovery_rate: as in `chance`.
    """

    iou: NDArray[np.float64]
    chance_iou: NDArray[np.float64]
    p: NDArray[np.float64]
    q: NDArray[np.float64]
    discovered: NDArray[np.bool_]
    detectors: int
    chance_detectors: Mapping[str, float]
    fixed_images: int
    permutations: int
    seed: int
    within: Within
    gate: Gate
    threshold: float
    false_discovery_rate: float

    def table(self) -> pa.Table:
        """One row a unit: `unit, iou, chance_iou, p, q, discovered`."""
        columns = {name: getattr(self, name) for name in ("iou", "chance_iou", "p", "q", "discovered")}
        return pa.table({"unit": np.arange(len(self.iou)), **columns})

    @property
    def fewest_discoveries(self) -> int | None:
        """How many units must beat every permutation before one is discovered; None if all of them would not do.

        The smallest p-value is 1 / (permutations + 1), and Benjamini and Hochberg ask that k of u units have p of
        at most k / u times the rate.
        """
        fewest = max(1, math.ceil(len(self.p) / ((1 + self.permutations) * self.false_discovery_rate) - 1e-9))
        return fewest if fewest <= len(self.p) else None

    def facts(self) -> dict[str, Any]:
        """All else, how many units were discovered, and what so many permutations can tell."""
        names = (
            "detectors", "chance_detectors", "fixed_images", "permutations", "seed", "within", "gate", "threshold",
            "false_discovery_rate",
        )  # fmt: skip
        return {
            **{name: getattr(self, name) for name in names},
            "num_discovered": int(self.discovered.sum()),
            "smallest_p": 1 / (1 + self.permutations),
            "fewest_discoveries": self.fewest_discoveries,
        }

    @classmethod
    def of_parts(cls, table: pa.Table, facts: Mapping[str, Any]) -> Self:
        """What `table` and `facts` gave."""
        columns: dict[str, Any] = {k: np.array(v) for k, v in table.to_pydict().items() if k != "unit"}
        rest = {name: value for name, value in facts.items() if name not in DERIVED}
        return cls(**(columns | rest))


def chance(
    batches: Sequence[Batch],
    probe: Probe,
    thresholds: Tensor,
    *,
    permutations: int = 200,
    seed: int = 0,
    within: Within = "source",
    gate: Gate = "region",
    threshold: float = 0.05,
    false_discovery_rate: float = 0.05,
    label_zero: bool = True,
) -> Chance:
    """Count again with the labels of other images.

    In each permutation every image has all the labels of another image, from the same source since sources are labelled
    in different ways. That keeps how large concepts are, where in an image they lie and which go together, and breaks
    only what they have to do with the activations. Each unit's best IoU over all labels is compared with its best
    IoU in the permutations, so that choosing the best of many labels is accounted for. p-values are exact if images
    of a source are exchangeable; the smallest possible is 1 / (permutations + 1). So 200 permutations discover a lone
    detector among 10 units, but of 512 units 51 must beat every permutation before one is discovered at a rate of 5 %
    (`fewest_discoveries`); a layer with fewer detectors needs more permutations, 10,239 to discover a single one.

    Args:
        batches: the cells or maps that decide the masks, as for `count`.
        probe: images and labels.
        thresholds: `(u,)`.
        permutations: at least 1; 200 take about 60 seconds of one core for 1,500 images and 512 units.
        seed: of the permutations.
        within: permute within each `source`, or `all` images.
        gate: see `Tally`.
        threshold: IoU that makes a detector.
        false_discovery_rate: share of false ones to accept among the discovered units, 0 to 1.
        label_zero: as in `tally()`.

    Raises:
        SpecError: a number is out of range.

    Source: permutation tests, Phipson and Smyth 2010, "Permutation P-values should never be zero"; Benjamini and
        Hochberg 1995.
    """
    if permutations < 1 or not 0 < false_discovery_rate < 1:
        raise SpecError(
            f"expected permutations >= 1 and 0 < false_discovery_rate < 1, got {permutations}, {false_discovery_rate}"
        )
    groups = strata(probe.sources, within)
    labels, iou = best_labels(count(batches, probe, thresholds, label_zero=label_zero), probe.primary, gate)
    found = np.empty((permutations, len(iou)))
    numbers = np.empty(permutations)
    for k in range(permutations):
        order = permutation(groups, len(probe), seed, k)
        other = Relabelled(probe, partial(_annotation_at, probe, order))
        own, found[k] = best_labels(count(batches, other, thresholds, label_zero=label_zero), probe.primary, gate)
        numbers[k] = ((found[k] >= threshold) & (own != 0)).sum()
    p = (1 + (found >= iou).sum(0)) / (1 + permutations)
    q = scipy.stats.false_discovery_control(p)
    low, high = np.percentile(numbers, (2.5, 97.5))
    return Chance(
        iou,
        found.mean(0),
        p,
        q,
        (q <= false_discovery_rate) & (labels != 0),
        int(((iou >= threshold) & (labels != 0)).sum()),
        {"mean": float(numbers.mean()), "low": float(low), "high": float(high)},
        sum(len(group) == 1 for group in groups),
        permutations,
        seed,
        within,
        gate,
        threshold,
        false_discovery_rate,
    )


def _annotation_at(probe: Probe, order: NDArray[np.int64], image: int) -> Annotation:
    return probe.annotation(int(order[image]))


def permutation(groups: Sequence[NDArray[np.int64]], num_images: int, seed: int, number: int) -> NDArray[np.int64]:
    """Whose labels each image gets `(b,)`: a random order of each group."""
    generator = seeds.numpy_generator(seed, "permutation", number)
    order = np.arange(num_images)
    for group in groups:
        order[group] = generator.permutation(group)
    return order


def expected_iou(area_share: float, label_share: float) -> float:
    """The IoU of a mask and a label that are independent, for the shares of the pixels that they cover, 0 to 1."""
    either = area_share + label_share - area_share * label_share
    return area_share * label_share / either if either else 0.0
