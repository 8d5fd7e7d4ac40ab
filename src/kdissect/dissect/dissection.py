"""The result of a dissection, and the questions one asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kdissect.dissect.exemplars import Exemplars
from kdissect.dissect.folder import read_arrays, read_columns, read_header, write_folder
from kdissect.dissect.quantile import Rule
from kdissect.dissect.reference_csv import reference_csv
from kdissect.dissect.tallying import GATES, Gate, Tally
from kdissect.dissect.winners import Winners
from kdissect.errors import RecordError
from kdissect.records import write_text

FORMAT = 1


@dataclass(frozen=True)
class ProbeFacts:
    """What a result remembers of its probe."""

    name: str
    digest: str
    num_images: int
    categories: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """Detectors, and the different concepts among them."""

    num_detectors: int
    unique_detectors: int


@dataclass(frozen=True)
class Dissection:
    """What the units of one layer detect.

    Wherever a `gate` or a `threshold` can be named, None means the dissection's own.

    Attributes:
        network, layer: what was dissected.
        probe: with what.
        quantile, rule: how unit thresholds were chosen, see `thresholds()`.
        label_zero: whether whole-image labels 0 were counted, see `tally()`.
        threshold: IoU from which on a unit is a detector, inclusive.
        map_shape: height and width of the feature maps.
        made_by: versions of kdissect, torch and Python.
        names: name of each label number `(q,)`; number 0 has none.
        thresholds: activation threshold of each unit `(u,)`, float64.
        tally: the counts.
        exemplars: top images of each unit.
    """

    network: str
    layer: str
    probe: ProbeFacts
    quantile: float
    rule: Rule
    label_zero: bool
    threshold: float
    map_shape: tuple[int, int]
    made_by: Mapping[str, str]
    names: tuple[str, ...]
    thresholds: NDArray[np.float64]
    tally: Tally
    exemplars: Exemplars

    @property
    def num_units(self) -> int:
        """Units of the layer."""
        return len(self.thresholds)

    @property
    def gate(self) -> Gate:
        """The gate of results that do not name one."""
        return self.tally.gate

    def iou(self, gate: Gate | None = None) -> NDArray[np.float64]:
        """IoU of every unit with every label `(u q)`, higher is better; see `Tally`."""
        return self.tally.at_gate(gate or self.gate).iou

    def winners(self, gate: Gate | None = None) -> Winners:
        """The best concept of each unit, in each category and over all."""
        return self._winners[gate or self.gate]

    def detectors(self, threshold: float | None = None, gate: Gate | None = None) -> NDArray[np.int64]:
        """Units (from 0) whose best concept has an IoU of at least `threshold`."""
        return self.winners(gate).detectors(self.threshold if threshold is None else threshold)

    def num_detectors(self, threshold: float | None = None, gate: Gate | None = None) -> int:
        """How many units are detectors; each counts once."""
        return len(self.detectors(threshold, gate))

    def unique_detectors(self, threshold: float | None = None, gate: Gate | None = None) -> int:
        """How many different concepts the detectors have, by name."""
        return self._num_names(self.winners(gate).label[self.detectors(threshold, gate)])

    def by_top_label(self, threshold: float | None = None, gate: Gate | None = None) -> dict[str, Found]:
        """For each category the detectors whose best concept is of it; a unit counts once.

        Source: the bar graphs of NetDissect.
        """
        winners, units = self.winners(gate), self.detectors(threshold, gate)
        result = {}
        for index, category in enumerate(self.probe.categories):
            labels = winners.label[units[winners.category[units] == index]]
            result[category] = Found(len(labels), self._num_names(labels))
        return result

    def by_category(self, threshold: float | None = None, gate: Gate | None = None) -> dict[str, Found]:
        """For each category the units with a concept of it at the threshold; a unit may count in several.

        Source: the figures of Bau et al. 2017 (`plot/extract_csv.m`).
        """
        winners = self.winners(gate)
        least = self.threshold if threshold is None else threshold
        result = {}
        for index, category in enumerate(self.probe.categories):
            labels = winners.labels[(winners.ious[:, index] >= least) & (winners.labels[:, index] != 0), index]
            result[category] = Found(len(labels), self._num_names(labels))
        return result

    def curve(self, thresholds: Sequence[float] | None = None, gate: Gate | None = None) -> list[tuple[float, Found]]:
        """Detectors and unique detectors over IoU thresholds; 0.01 to 0.30 in steps of 0.005 if None."""
        places = [k / 200 for k in range(2, 61)] if thresholds is None else thresholds
        return [(least, Found(self.num_detectors(least, gate), self.unique_detectors(least, gate))) for least in places]

    def table(self, gate: Gate | None = None) -> list[dict[str, object]]:
        """One row a unit: `unit` (from 0), `label` (number), `name`, `category`, `iou`, `threshold` (activation)."""
        winners = self.winners(gate)
        return [
            {
                "unit": unit,
                "label": int(winners.label[unit]),
                "name": self.names[winners.label[unit]],
                "category": self.probe.categories[winners.category[unit]],
                "iou": float(winners.iou[unit]),
                "threshold": float(self.thresholds[unit]),
            }
            for unit in range(self.num_units)
        ]

    def write_csv(self, path: Path | str, gate: Gate | None = None) -> None:
        """Write `tally.csv` in the layout of NetDissect-Lite: units from 1, the highest score first."""
        write_text(Path(path), reference_csv(self.tally.at_gate(gate or self.gate), self.winners(gate), self.names))

    def save(self, folder: Path | str) -> None:
        """Write the dissection as a folder (format in ARCHITECTURE.md), whole or not at all.

        An older dissection in the folder is replaced.

        Raises:
            RecordError: the folder holds something else, or cannot be written.
        """
        header = {
            "format": FORMAT,
            "network": self.network,
            "layer": self.layer,
            "probe": vars(self.probe),
            "quantile": self.quantile,
            "rule": self.rule,
            "label_zero": self.label_zero,
            "gate": self.gate,
            "gates": GATES,
            "num_units": self.num_units,
            "map_shape": self.map_shape,
            "threshold": self.threshold,
            "made_by": dict(self.made_by),
        }
        counts = {
            "thresholds": self.thresholds,
            "intersection": self.tally.intersection,
            "label_area": self.tally.label_area,
            "unit_area": self.tally.unit_area,
            "primary": self.tally.primary,
            **{f"unit_category_area_{gate}": self.tally.category_areas[gate] for gate in GATES},
        }
        tables = {"units": self._units(), "winners": self._winner_rows(), "concepts": self._concepts()}
        write_folder(Path(folder), header, tables, {"tally": counts, "exemplars": vars(self.exemplars)})

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read what `save` wrote; never runs code from the files.

        Raises:
            RecordError: the folder holds no dissection of this format, or a file is damaged.
        """
        folder = Path(folder)
        header = read_header(folder, FORMAT)
        counts, names = read_arrays(folder / "tally.npz"), read_columns(folder / "concepts.parquet")
        try:
            probe = ProbeFacts(**{**header["probe"], "categories": tuple(header["probe"]["categories"])})
            tally = Tally(
                counts["intersection"],
                counts["unit_area"],
                {gate: counts[f"unit_category_area_{gate}"] for gate in GATES},
                counts["label_area"],
                probe.categories,
                counts["primary"],
                header["gate"],
            )
            plain = ("network", "layer", "quantile", "rule", "label_zero", "threshold", "made_by")
            return cls(
                **{key: header[key] for key in plain},
                probe=probe,
                map_shape=tuple(header["map_shape"]),
                names=tuple(names["name"]),
                thresholds=counts["thresholds"],
                tally=tally,
                exemplars=Exemplars(**read_arrays(folder / "exemplars.npz")),
            )
        except (KeyError, TypeError) as error:
            raise RecordError(f"{folder} lacks a part of a dissection ({error}); make it again") from None

    def _units(self) -> pa.Table:
        rows = [{"gate": gate, **row} for gate in GATES for row in self.table(gate)]
        return pa.Table.from_pylist(rows)

    def _winner_rows(self) -> pa.Table:
        num_units, num_categories = self.num_units, len(self.probe.categories)
        columns: dict[str, list[Any]] = {}
        for gate in GATES:
            winners, areas = self.winners(gate), self.tally.category_areas[gate]
            labels = winners.labels.reshape(-1)
            units = np.repeat(np.arange(num_units), num_categories)
            found = {
                "gate": np.full(len(units), gate),
                "unit": units,
                "category": np.tile(self.probe.categories, num_units),
                "label": labels,
                "name": np.array(self.names, dtype=object)[labels],
                "iou": winners.ious.reshape(-1),
                "intersection": self.tally.intersection[units, labels],
                "label_area": self.tally.label_area[labels],
                "activation_area": areas[units, self.tally.primary[labels]],
            }
            for name, values in found.items():
                columns.setdefault(name, []).extend(values.tolist())
        return pa.table(columns)

    def _concepts(self) -> pa.Table:
        categories = np.array(self.probe.categories)[self.tally.primary]
        return pa.table({"number": range(len(self.names)), "name": self.names, "category": categories.tolist()})

    @cached_property
    def _winners(self) -> dict[Gate, Winners]:
        return {gate: Winners.of(self.tally.at_gate(gate)) for gate in GATES}

    def _num_names(self, labels: NDArray[np.int64]) -> int:
        return len({self.names[label] for label in labels})
