"""Compositional explanations: the formula over concepts that fits a unit best."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from kdissect.data.probe import Probe
from kdissect.dissect.counting import Batch
from kdissect.dissect.formula import Formula
from kdissect.dissect.formula_search import Candidate, Search
from kdissect.dissect.signatures import Signatures
from kdissect.dissect.tallying import Tally
from kdissect.errors import SpecError

BEAM = 10
COLUMNS = {
    "unit": pa.int64(), "rank": pa.int64(), "formula": pa.string(), "length": pa.int64(), "iou": pa.float64(),
    "intersection": pa.int64(), "area": pa.int64(), "unit_area": pa.int64(), "base_iou": pa.float64(),
    "gain": pa.float64(), "precision": pa.float64(), "recall": pa.float64(),
}  # fmt: skip


@dataclass(frozen=True)
class Compositional:
    """The best formulas of units.

    Attributes:
        rows: one for each unit and rank: `unit`, `rank` (0 is the best), `formula`, `length`, `iou`, `intersection`
            (pixels), `area` (pixels where the formula holds), `unit_area`, `base_iou` (of the best single
            concept, as in the plain tally), `gain` (IoU above that of the same concept, each pixel counted once),
            `precision` (share of the masks' pixels where the formula holds) and `recall` (share of the formula's pixels
            that lie in the masks), each pixel counted once; of these higher is better.
        length, beam: how long formulas may be, and how many are tried further.
        num_signatures: different sets of labels in the probe.
    """

    rows: tuple[Mapping[str, Any], ...]
    length: int
    beam: int
    num_signatures: int

    def best(self, unit: int) -> Mapping[str, Any] | None:
        """The row of a unit's best formula; None if it has no mask, no label under it, or was not looked at."""
        return next((row for row in self.rows if row["unit"] == unit and row["rank"] == 0), None)

    def table(self) -> pa.Table:
        """The rows as an Arrow table."""
        return pa.Table.from_pylist([dict(row) for row in self.rows], schema=pa.schema(COLUMNS))

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
    and so on (see `Search`). All labels take part, whole-image labels among them; label 0 never does. Counts are exact
    and over the whole probe (see `Signatures`); IoU has no gate, whatever the tally's. Of equal formulas
    the shorter is better, then the one with the lower label numbers. No label is in a formula twice; up to three labels
    nothing could be said by that.

    A single concept has the tally's own IoU at gate `none`, so that formulas of length 1 are the plain result. There a
    label on two planes of a pixel counts twice, and IoU can even exceed 1. In longer formulas each pixel counts once,
    since only then is it known what AND NOT takes away. Like is compared with like: a longer formula is preferred if
    its IoU is strictly larger than that of every single concept with each pixel counted once.

    Args:
        batches: the cells or maps that decide the masks, as for `count`.
        probe: images and labels.
        thresholds: `(u,)`.
        tally: the plain tally of the same masks.
        length: the most labels of a formula, at least 1.
        beam: how many formulas of each length are tried further, at least 1.
        units: those to explain, each once; all if None. Memory is about 10 bytes for each unit and set of labels
            under its masks: where that is too much, explain some units at a time.
        keep: how many formulas of each unit are kept, at least 1.

    Raises:
        SpecError: length, beam or keep is below 1, or there is no such unit.
        DataError: a label map of the probe is damaged.

    Source: Mu and Andreas 2020, "Compositional Explanations of Neurons", section 2; their code, compexp, for gate,
        operators and left-nested formulas.
    Departs: a beam of 10 instead of 5, of each length its own instead of one for all; formulas that equal a part
        of themselves are passed over; exact thresholds and our resizing, as in the plain tally.
    """
    for name, value in (("length", length), ("beam", beam), ("keep", keep)):
        if value < 1:
            raise SpecError(f"{name} must be 1 or more, got {value}")
    chosen = list(range(len(thresholds)) if units is None else dict.fromkeys(units))
    if wrong := [unit for unit in chosen if not 0 <= unit < len(thresholds)]:
        raise SpecError(f"units must be of 0 to {len(thresholds) - 1}, got {wrong[0]}")
    signatures = Signatures.of(probe)
    under = signatures.under(batches, probe, thresholds, chosen)
    plain = tally.at_gate("none")
    names = [concept.name for concept in probe.concepts]

    def explain(row: int) -> list[dict[str, Any]]:
        own = slice(under.indptr[row], under.indptr[row + 1])
        search = Search(signatures, under.indices[own], under.data[own], max(beam, keep))
        return _rows(search, chosen[row], plain, names, length, beam, keep)

    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        rows = tuple(row for some in pool.map(explain, range(len(chosen))) for row in some)
    return Compositional(rows, length, beam, len(signatures))


def _rows(
    search: Search, unit: int, plain: Tally, names: Sequence[str], length: int, beam: int, keep: int
) -> list[dict[str, Any]]:
    """The rows of a unit; none if it has no mask, or no label under it."""
    singles = _singles(plain, unit, keep)
    if not singles:
        return []
    front = search.singles()
    # single concepts stay in the order of the plain tally, the best of them before all that is no better
    once = [search.single(each.formula.labels[0]) for each in singles]
    order = np.minimum.accumulate([front[0].iou, *(each.iou for each in once[1:])])
    found = list(zip(order.tolist(), once, singles, strict=True))
    for _ in range(1, length):
        front = search.longer(front[:beam])
        found += [(each.iou, each, each) for each in front]
    # of equals the shorter first: the sort is stable
    best = sorted(found, key=lambda each: -each[0])[:keep]
    unit_area = int(plain.unit_area[unit])
    return [
        {
            "unit": unit,
            "rank": rank,
            "formula": each.formula.text(names),
            "length": each.formula.length,
            "iou": each.iou,
            "intersection": each.intersection,
            "area": each.area,
            "unit_area": unit_area,
            "base_iou": singles[0].iou,
            "gain": own.iou - once[0].iou,
            "precision": own.intersection / unit_area,
            "recall": own.intersection / own.area,
        }
        for rank, (_, own, each) in enumerate(best)
    ]


def _singles(plain: Tally, unit: int, most: int) -> list[Candidate]:
    """The best single concepts by the plain tally, in the order of its winners."""
    iou = plain.iou[unit].copy()
    iou[0] = 0
    order = np.lexsort((np.arange(len(iou)), -plain.primary, -iou))[:most]  # equals as in `Winners`
    return [
        Candidate(Formula((int(k),)), float(iou[k]), int(plain.intersection[unit, k]), int(plain.label_area[k]))
        for k in order
        if iou[k] > 0
    ]
