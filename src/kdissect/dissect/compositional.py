"""Compositional explanations: the formula over concepts that fits a unit best."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from torch import Tensor

from kdissect.data.probe import Probe
from kdissect.dissect.counting import Batch
from kdissect.dissect.formula import OPERATORS, Formula
from kdissect.dissect.signatures import Signatures
from kdissect.dissect.tallying import Tally
from kdissect.errors import SpecError

BEAM = 10


@dataclass(frozen=True)
class Compositional:
    """The best formulas of units.

    Attributes:
        rows: one for each unit and rank: `unit`, `rank` (0 is the best), `formula`, `length`, `iou`, `intersection`
            (pixels), `area` (pixels where the formula holds), `unit_area`, `base_iou` (of the best single
            concept), `precision` (intersection over unit_area), `recall` (over area).
        length, beam: how long formulas may be, and how many are tried further.
        num_signatures: different sets of labels in the probe.
    """

    rows: tuple[Mapping[str, Any], ...]
    length: int
    beam: int
    num_signatures: int

    def best(self, unit: int) -> Mapping[str, Any] | None:
        """The row of a unit's best formula; None if it has no mask or was not looked at."""
        return next((row for row in self.rows if row["unit"] == unit and row["rank"] == 0), None)

    def table(self) -> pa.Table:
        """The rows as an Arrow table."""
        kinds = {"formula": pa.string(), **dict.fromkeys(("iou", "base_iou", "precision", "recall"), pa.float64())}
        columns = (
            "unit", "rank", "formula", "length", "iou", "intersection", "area", "unit_area", "base_iou", "precision",
            "recall",
        )  # fmt: skip
        schema = pa.schema([(name, kinds.get(name, pa.int64())) for name in columns])
        return pa.Table.from_pylist([dict(row) for row in self.rows], schema=schema)

    def facts(self) -> dict[str, Any]:
        """What was asked for, and how much the formulas gain over single concepts."""
        best = [row for row in self.rows if row["rank"] == 0]
        return {
            "length": self.length,
            "beam": self.beam,
            "num_signatures": self.num_signatures,
            "units": len(best),
            "longer": sum(row["length"] > 1 for row in best),
            "mean_iou": float(np.mean([row["iou"] for row in best])) if best else None,
            "mean_base_iou": float(np.mean([row["base_iou"] for row in best])) if best else None,
        }

    @classmethod
    def of_parts(cls, table: pa.Table, facts: Mapping[str, Any]) -> Self:
        """What `table` and `facts` gave."""
        return cls(tuple(table.to_pylist()), facts["length"], facts["beam"], facts["num_signatures"])


@dataclass(frozen=True)
class Candidate:
    """A formula with its pixels: common with the unit's masks, and of itself."""

    formula: Formula
    iou: float
    intersection: int
    area: int


def compositional(
    batches: Sequence[Batch],
    probe: Probe,
    thresholds: Tensor,
    tally: Tally,
    *,
    length: int = 3,
    beam: int = BEAM,
    units: Iterable[int] | None = None,
    keep: int = 1,
) -> Compositional:
    """For each unit the formula of concepts that overlaps its masks most.

    Beam search: the best single concepts, then the best formulas with one label more, joined by AND, OR or AND NOT,
    and so on. Counts are exact and over the whole probe (see `Signatures`); IoU has no gate, whatever
    the tally's. Single concepts have the tally's own IoU at gate `none`, so that formulas of length 1 are the plain
    result. A longer formula is preferred only if it is better.

    Args:
        batches: the cells or maps that decide the masks, as for `count`.
        probe: images and labels.
        thresholds: `(u,)`.
        tally: the plain tally of the same masks.
        length: the most labels of a formula, at least 1.
        beam: how many formulas are tried further, at least 1.
        units: those to explain; all if None.
        keep: how many formulas of each unit are kept, at least 1.

    Raises:
        SpecError: length, beam or keep is below 1, or there is no such unit.
        DataError: a label map of the probe is damaged.

    Source: Mu and Andreas 2020, "Compositional Explanations of Neurons".
    Departs: a label on two planes of a pixel counts once in formulas of two labels and more; in a single concept it
        counts twice, as in the plain tally.
    """
    for name, value in (("length", length), ("beam", beam), ("keep", keep)):
        if value < 1:
            raise SpecError(f"{name} must be 1 or more, got {value}")
    chosen = range(len(thresholds)) if units is None else list(units)
    if wrong := [unit for unit in chosen if not 0 <= unit < len(thresholds)]:
        raise SpecError(f"units must be of 0 to {len(thresholds) - 1}, got {wrong[0]}")
    signatures = Signatures.of(probe)
    under = signatures.under(batches, probe, thresholds)
    plain = tally.at_gate("none")
    search = Search(signatures, plain, length, beam, keep)
    names = [concept.name for concept in probe.concepts]
    rows = []
    for unit in chosen:
        found = search.explain(unit, under[[unit]])
        base = float(search.single(unit).max())
        for rank, candidate in enumerate(found):
            area = float(plain.unit_area[unit])
            rows.append(
                {
                    "unit": unit,
                    "rank": rank,
                    "formula": candidate.formula.text(names),
                    "length": candidate.formula.length,
                    "iou": candidate.iou,
                    "intersection": candidate.intersection,
                    "area": candidate.area,
                    "unit_area": int(area),
                    "base_iou": base,
                    "precision": candidate.intersection / area,
                    "recall": candidate.intersection / candidate.area,
                }
            )
    return Compositional(tuple(rows), length, beam, len(signatures.pixels))


class Search:
    """The beam search over formulas of one probe.

    Args:
        signatures: the probe's sets of labels.
        plain: the tally at gate `none`.
        length, beam, keep: as in `compositional`.
    """

    def __init__(self, signatures: Signatures, plain: Tally, length: int, beam: int, keep: int) -> None:
        self._signatures, self._plain = signatures, plain
        self._length, self._beam, self._keep = length, beam, keep
        self._label_area = signatures.pixels @ signatures.members
        self._areas: Callable[[Formula], tuple[int, NDArray[np.int64]]] = lru_cache(20_000)(self._areas_of)

    def single(self, unit: int) -> NDArray[np.float64]:
        """The plain IoU of a unit with every label `(q,)`; label 0 is none."""
        iou: NDArray[np.float64] = self._plain.iou[unit].copy()
        iou[0] = 0
        return iou

    def explain(self, unit: int, under: Any) -> list[Candidate]:
        """The best formulas of a unit, the best first; none if it has no mask or no label under it.

        Args:
            unit: its number.
            under: pixels of each set under its masks `(1 s)`, sparse.
        """
        iou = self.single(unit)
        order = np.lexsort((np.arange(len(iou)), -iou))[: max(self._beam, self._keep)]
        front = [
            Candidate(
                Formula((int(label),)),
                float(iou[label]),
                int(self._plain.intersection[unit, label]),
                int(self._plain.label_area[label]),
            )
            for label in order
            if iou[label] > 0
        ]
        every = list(front)
        places, pixels = under.indices, under.data
        members = self._signatures.members[places]
        common = pixels @ members
        for _ in range(1, self._length):
            front = self._longer(front[: self._beam], unit, members, pixels, common)
            every += front
        # shorter first among equals: the sort is stable
        return sorted(every, key=lambda candidate: -candidate.iou)[: self._keep]

    def _longer(
        self,
        front: list[Candidate],
        unit: int,
        members: Any,
        pixels: NDArray[np.int64],
        common: NDArray[np.int64],
    ) -> list[Candidate]:
        """The best formulas with one label more than those of the front.

        Args:
            front: formulas.
            unit: whose masks.
            members: `(n q)`, the sets under the unit's masks.
            pixels: their pixels there `(n,)`.
            common: pixels of each label under the masks `(q,)`.
        """
        size = self._plain.unit_area[unit]
        found: dict[tuple[frozenset[int], int, int], Candidate] = {}
        scored: list[tuple[float, int, int, int, int, int]] = []
        for number, candidate in enumerate(front):
            formula = candidate.formula
            true = formula.holds(members[:, list(formula.labels)].toarray() > 0)
            inside, both_inside = int(pixels[true].sum()), (pixels * true) @ members
            area, both_area = self._areas(formula)
            intersections = np.stack([both_inside, inside + common - both_inside, inside - both_inside])
            areas = np.stack([both_area, area + self._label_area - both_area, area - both_area])
            iou = intersections / np.maximum(size + areas - intersections, 1)
            iou[:, [0, *formula.labels]] = -1
            # more than the beam: several may be the same formula in another order
            most = min(iou.size, 3 * self._beam + self._keep)
            for place in np.argpartition(-iou.reshape(-1), most - 1)[:most].tolist():
                operator, label = divmod(place, iou.shape[1])
                value = float(iou[operator, label])
                if value > 0:
                    counts = int(intersections[operator, label]), int(areas[operator, label])
                    scored.append((-value, number, operator, label, *counts))
        for value, number, operator, label, intersection, area in sorted(scored):
            formula = front[number].formula.then(OPERATORS[operator], label)
            key = (frozenset(formula.labels), intersection, area)
            found.setdefault(key, Candidate(formula, -value, intersection, area))
            if len(found) == max(self._beam, self._keep):
                break
        return list(found.values())

    def _areas_of(self, formula: Formula) -> tuple[int, NDArray[np.int64]]:
        """Pixels where a formula holds, and where it holds and a label is, for each label `(q,)`."""
        members = self._signatures.members
        true = formula.holds(members[:, list(formula.labels)].toarray() > 0)
        pixels = self._signatures.pixels * true
        return int(pixels.sum()), pixels @ members
