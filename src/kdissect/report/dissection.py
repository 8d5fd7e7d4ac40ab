"""A dissection as its folder has it: the header and the best concept of every unit."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kdissect.errors import DataError
from kdissect.report.extras import Extras, finite, read_extras

FORMATS = (1, 2)
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
        precision: share of the unit's mask that has the concept, 0 to 1; None in format 1.
        recall: share of the concept that lies under the mask, 0 to 1; None in format 1.
    """

    number: int
    concept: str
    category: str
    iou: float
    threshold: float
    precision: float | None = None
    recall: float | None = None


@dataclass(frozen=True)
class Dissection:
    """One network's dissection.

    Attributes:
        folder: where its files are.
        header: `header.json`, whole.
        gate: the gate whose numbers are shown (see the docs of dissection).
        iou: IoU that a unit's best concept must reach to make the unit a detector.
        gates: all units of the layer, in their order, for every gate of the folder.
        title: what it is called in a sentence.
        places: where it stands among others, such as arm and seed, or layer and quantile.
    """

    folder: Path
    header: dict[str, Any]
    gate: str
    iou: float
    gates: dict[str, tuple[Unit, ...]]
    title: str
    places: dict[str, str]

    @property
    def units(self) -> tuple[Unit, ...]:
        """All units of the layer, in their order, at the gate whose numbers are shown."""
        return self.gates[self.gate]

    @cached_property
    def detectors(self) -> tuple[Unit, ...]:
        """The units whose best concept reaches the IoU threshold."""
        return detecting(self.units, self.iou)

    @cached_property
    def extras(self) -> Extras:
        """What else the folder holds: error bars, chance, formulas, images."""
        return read_extras(self.folder, self.gate)

    @property
    def network(self) -> str:
        """What was dissected."""
        return str(self.header.get("network", ""))

    @property
    def layer(self) -> str:
        """The layer's name."""
        return str(self.header.get("layer", ""))

    @property
    def probe(self) -> dict[str, Any]:
        """Name, digest, number of images and categories of the probe."""
        probe = self.header.get("probe")
        return probe if isinstance(probe, dict) else {}

    @property
    def categories(self) -> tuple[str, ...]:
        """Categories of the probe in its order, then those that only units have."""
        named = self.probe.get("categories")
        own = [str(name) for name in named] if isinstance(named, list) else []
        return tuple(dict.fromkeys([*own, *(unit.category for unit in self.units if unit.category)]))

    @property
    def measure(self) -> str:
        """The measure of the study that it answers; empty outside of a study."""
        return self.places.get("measure", "")

    @property
    def arm(self) -> str:
        """The arm of the study; empty outside of one."""
        return self.places.get("arm", "")

    @property
    def seed(self) -> int:
        """The training seed in the study; 0 outside of one."""
        return int(self.places.get("seed", 0))


def detecting(units: tuple[Unit, ...], iou: float) -> tuple[Unit, ...]:
    """The units whose best concept reaches an IoU."""
    return tuple(unit for unit in units if unit.concept and unit.iou >= iou)


def distinct(units: tuple[Unit, ...]) -> int:
    """How many different concepts the units have."""
    return len({(unit.concept, unit.category) for unit in units})


def read_dissection(
    folder: Path,
    *,
    gate: str | None = None,
    iou: float | None = None,
    title: str = "",
    places: dict[str, str] | None = None,
) -> Dissection:
    """Read header and units; the large files are left for the gallery.

    Args:
        folder: what `Dissection.save` wrote.
        gate: instead of the header's.
        iou: threshold, instead of the header's.
        title: see `Dissection`; the layer if empty.
        places: see `Dissection`; layer, quantile and checkpoint if None.

    Raises:
        DataError: a file is missing, damaged or of another format.
    """
    try:
        header = json.loads((folder / "header.json").read_text(encoding="utf-8"))
        if header["format"] not in FORMATS:
            known = " or ".join(map(str, FORMATS))
            raise DataError(f"expected a dissection of format {known}, got {header['format']}; measure again")
        gate, iou = gate or str(header["gate"]), float(iou or header["threshold"])
        gates: dict[str, list[Unit]] = {}
        for row in pq.read_table(folder / "units.parquet").to_pylist():
            gates.setdefault(str(row["gate"]), []).append(_unit(row))
    except DataError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
        raise DataError(f"the dissection cannot be read ({type(error).__name__}: {error}); measure again") from None
    if gate not in gates:
        raise DataError(f"the dissection has no unit for gate {gate!r}; measure again")
    units = {name: tuple(sorted(own, key=lambda unit: unit.number)) for name, own in gates.items()}
    own = {key: str(header[key]) for key in ("layer", "quantile", "checkpoint") if header.get(key) is not None}
    places = own if places is None else places
    return Dissection(folder, header, gate, iou, units, title or own.get("layer", folder.name), places)


def readable_concept(name: str, category: str) -> str:
    """A concept's name without what Broden appends to those of some categories.

    Example:
        >>> readable_concept("street-s", "scene"), readable_concept("bus", "object")
        ('street', 'bus')
    """
    return name.removesuffix(SUFFIXES.get(category, ""))


def _unit(row: dict[str, Any]) -> Unit:
    category = str(row["category"] or "") if row["name"] else ""
    return Unit(
        number=int(row["unit"]),
        concept=readable_concept(str(row["name"] or ""), category),
        category=category,
        iou=float(row["iou"]),
        threshold=float(row["threshold"]),
        precision=finite(row.get("precision")),
        recall=finite(row.get("recall")),
    )
