"""A dissection as its folder has it: the header and the best concept of every unit."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kdissect.errors import DataError
from kdissect.records import Record

FORMAT = 1
SUFFIXES = {"scene": "-s", "color": "-c"}
"""What Broden appends to the names of a category, and readers need not see."""


@dataclass(frozen=True)
class Unit:
    """A unit and its best concept.

    Attributes:
        number: channel, from 0.
        concept, category: the label with the highest IoU; empty if the unit overlaps none.
        iou: overlap, 0 to 1.
        threshold: activation above which the unit counts as active.
    """

    number: int
    concept: str
    category: str
    iou: float
    threshold: float


@dataclass(frozen=True)
class Dissection:
    """One network's dissection.

    Attributes:
        measure, arm, seed, digest: the record it belongs to.
        folder: where its files are.
        header: `header.json`, whole.
        gate: the gate whose numbers are shown (see the docs of dissection).
        iou: IoU that a unit's best concept must reach to make the unit a detector.
        units: all units of the layer, in their order.
    """

    measure: str
    arm: str
    seed: int
    digest: str
    folder: Path
    header: dict[str, Any]
    gate: str
    iou: float
    units: tuple[Unit, ...]

    @cached_property
    def detectors(self) -> tuple[Unit, ...]:
        """The units whose best concept reaches the IoU threshold."""
        return tuple(unit for unit in self.units if unit.concept and unit.iou >= self.iou)

    @property
    def layer(self) -> str:
        """The layer's name."""
        return str(self.header.get("layer", ""))

    @property
    def probe(self) -> dict[str, Any]:
        """Name, digest, number of images and categories of the probe."""
        probe = self.header.get("probe")
        return probe if isinstance(probe, dict) else {}


def read_dissection(folder: Path, measure: str, arm: str, seed: int, record: Record) -> Dissection:
    """Read header and units; the large files are left for the gallery.

    Gate and IoU threshold are those of the record's facts, or the header's.

    Raises:
        DataError: a file is missing, damaged or of another format.
    """
    try:
        header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
        if header["format"] != FORMAT:
            raise DataError(f"expected a dissection of format {FORMAT}, got {header['format']}; measure again")
        gate = str(record.facts.get("gate") or header["gate"])
        table = pq.read_table(folder / "units.parquet")
        rows = [row for row in table.to_pylist() if row["gate"] == gate]
        units = tuple(sorted((_unit(row) for row in rows), key=lambda unit: unit.number))
        iou = float(record.facts.get("iou") or header["threshold"])
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise DataError(f"the dissection cannot be read ({type(error).__name__}: {error}); measure again") from None
    if not units:
        raise DataError(f"the dissection has no unit for gate {gate!r}; measure again")
    return Dissection(measure, arm, seed, record.digest, folder, header, gate, iou, units)


def _unit(row: dict[str, Any]) -> Unit:
    category = str(row["category"] or "") if row["name"] else ""
    return Unit(
        number=int(row["unit"]),
        concept=str(row["name"] or "").removesuffix(SUFFIXES.get(category, "")),
        category=category,
        iou=float(row["iou"]),
        threshold=float(row["threshold"]),
    )
