"""The result of a dissection, and the questions one asks it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kdissect.dissect.bootstrap import Bootstrap
from kdissect.dissect.chance import Chance
from kdissect.dissect.choices import Choices, Statistics
from kdissect.dissect.compositional import Compositional
from kdissect.dissect.contributions import Contributions
from kdissect.dissect.exemplars import Exemplars
from kdissect.dissect.folder import Arrays, read_arrays, read_columns, read_header, read_rows, write_folder
from kdissect.dissect.frame import frame
from kdissect.dissect.reference_csv import reference_csv
from kdissect.dissect.tallying import GATES, Gate, Tally
from kdissect.dissect.winners import Winners
from kdissect.errors import RecordError, SpecError
from kdissect.records import write_text

FORMAT = 2
FURTHER: dict[str, Any] = {"bootstrap": Bootstrap, "chance": Chance, "compositional": Compositional}
"""Results that a dissection may have besides, by the name of the attribute, of the table and in the header."""


@dataclass(frozen=True)
class ProbeFacts:
    """What a result remembers of its probe.

    Attributes:
        name, digest: the probe's.
        num_images: images that were dissected.
        categories: kinds of concepts, in the probe's order.
        plane_shape: height and width of the label maps.
    """

    name: str
    digest: str
    num_images: int
    categories: tuple[str, ...]
    plane_shape: tuple[int, int]


@dataclass(frozen=True)
class PerImage:
    """What a result remembers of single images.

    Attributes:
        contributions: what each image adds to the counts.
        activity: mean activation of each unit on each image `(b u)`, float32.
    """

    contributions: Contributions
    activity: NDArray[np.float32]


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
        choices: how units were thresholded and are scored.
        statistics: mean and standard deviation by which the images were normalised.
        input_shape: height and width of the images.
        map_shape: height and width of the feature maps.
        made_by: versions of kdissect, torch and Python.
        names: name of each label number `(q,)`; number 0 has none.
        image_names, sources: of each image of the probe `(b,)`.
        thresholds: activation threshold of each unit `(u,)`, float64.
        tally: the counts.
        exemplars: top images of each unit.
        per_image: what is known of single images, or the folder to read it from; None if it was not kept.
        checkpoint: name of the checkpoint that was dissected, if it is one of a training run.
        bootstrap, chance, compositional: further results, where they were asked for.
    """

    network: str
    layer: str
    probe: ProbeFacts
    choices: Choices
    statistics: Statistics
    input_shape: tuple[int, int]
    map_shape: tuple[int, int]
    made_by: Mapping[str, str]
    names: tuple[str, ...]
    image_names: tuple[str, ...]
    sources: tuple[str, ...]
    thresholds: NDArray[np.float64]
    tally: Tally
    exemplars: Exemplars
    per_image: PerImage | Path | None = None
    checkpoint: str | None = None
    bootstrap: Bootstrap | None = None
    chance: Chance | None = None
    compositional: Compositional | None = None

    @property
    def preset(self) -> str:
        """The name of the choices; `custom` if they have none."""
        return self.choices.preset

    @property
    def quantile(self) -> float:
        """Share of positions above a unit's threshold."""
        return self.choices.quantile

    @property
    def threshold(self) -> float:
        """IoU from which on a unit is a detector, inclusive."""
        return self.choices.threshold

    @property
    def contributions(self) -> Contributions | None:
        """What each image adds to the counts; None if it was not kept.

        Raises:
            RecordError: the file is missing or damaged.
        """
        return self._images.contributions if self._images else None

    @property
    def activity(self) -> NDArray[np.float32] | None:
        """Mean activation of each unit on each image of the probe `(b u)`, float32; None if it was not kept.

        Raises:
            RecordError: the file is missing or damaged.
        """
        return self._images.activity if self._images else None

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
        """One row a unit.

        `unit` (from 0), `label` (number), `name`, `category`, `iou`, `precision` (share of the unit's gated mask
        pixels that have the label), `recall` (share of the label's pixels under the mask), `threshold`
        (activation). 0 where there is nothing to share.
        """
        winners, tally = self.winners(gate), self.tally.at_gate(gate or self.gate)
        units = np.arange(self.num_units)
        common = tally.intersection[units, winners.label]
        precision = common / np.maximum(tally.unit_category_area[units, tally.primary[winners.label]], 1)
        recall = common / np.maximum(tally.label_area[winners.label], 1)
        return [
            {
                "unit": unit,
                "label": int(winners.label[unit]),
                "name": self.names[winners.label[unit]],
                "category": self.probe.categories[winners.category[unit]],
                "iou": float(winners.iou[unit]),
                "precision": float(precision[unit]),
                "recall": float(recall[unit]),
                "threshold": float(self.thresholds[unit]),
            }
            for unit in range(self.num_units)
        ]

    def to_frame(self, kind: Literal["pandas", "polars"] = "pandas", gate: Gate | None = None) -> Any:
        """The table of the units as a data frame; columns as in `table()`.

        Args:
            kind: of which library, which must be installed.
            gate: the dissection's own if None.

        Raises:
            SpecError: the library is not installed, or not one of the two.
        """
        return frame(pa.Table.from_pylist(self.table(gate)), kind)

    def write_csv(self, path: Path | str, gate: Gate | None = None) -> None:
        """Write `tally.csv` in the layout of NetDissect-Lite: units from 1, the highest score first."""
        write_text(Path(path), reference_csv(self.tally.at_gate(gate or self.gate), self.winners(gate), self.names))

    def save(self, folder: Path | str) -> None:
        """Write the dissection as a folder (format in ARCHITECTURE.md), whole or not at all.

        An older dissection in the folder is replaced.

        Raises:
            RecordError: the folder holds something else, or cannot be written.
        """
        header: dict[str, Any] = {
            "format": FORMAT,
            "kind": "dissection",
            "network": self.network,
            "layer": self.layer,
            "checkpoint": self.checkpoint,
            "probe": vars(self.probe),
            "preset": self.preset,
            "quantile": self.choices.quantile,
            "rule": self.choices.rule,
            "label_zero": self.choices.label_zero,
            "gate": self.gate,
            "gates": GATES,
            "threshold": self.choices.threshold,
            "normalization": {
                "name": self.choices.normalization,
                "mean": self.statistics[0],
                "std": self.statistics[1],
            },
            "input_size": self.input_shape,
            "num_units": self.num_units,
            "map_shape": self.map_shape,
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
        further = {name: value for name in FURTHER if (value := getattr(self, name)) is not None}
        header |= {name: value.facts() for name, value in further.items()}
        tables = {
            **{name: value.table() for name, value in further.items()},
            "units": self._units(),
            "winners": self._winner_rows(),
            "concepts": self._concepts(),
            "images": pa.table({"index": range(len(self.sources)), "name": self.image_names, "source": self.sources}),
        }
        arrays: dict[str, Arrays] = {"tally": counts, "exemplars": vars(self.exemplars)}
        if self._images is not None:
            arrays["contributions"] = self._images.contributions.arrays()
            arrays["activity"] = {"activity": self._images.activity}
        write_folder(Path(folder), header, tables, arrays)

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read what `save` wrote; never runs code from the files. What is large is read when it is asked for.

        Raises:
            RecordError: the folder holds no dissection of this format, or a file is damaged.
        """
        folder = Path(folder)
        header = read_header(folder, FORMAT, "dissection")
        counts, names = read_arrays(folder / "tally.npz"), read_columns(folder / "concepts.parquet")
        images = read_columns(folder / "images.parquet")
        try:
            facts = header["probe"]
            probe = ProbeFacts(
                facts["name"],
                facts["digest"],
                facts["num_images"],
                tuple(facts["categories"]),
                tuple(facts["plane_shape"]),
            )
            tally = Tally(
                counts["intersection"],
                counts["unit_area"],
                {gate: counts[f"unit_category_area_{gate}"] for gate in GATES},
                counts["label_area"],
                probe.categories,
                counts["primary"],
                header["gate"],
            )
            normalization = header["normalization"]
            return cls(
                network=header["network"],
                layer=header["layer"],
                probe=probe,
                choices=Choices(
                    **{name: header[name] for name in ("quantile", "rule", "gate", "threshold", "label_zero")},
                    normalization=normalization["name"],
                ),
                statistics=(tuple(normalization["mean"]), tuple(normalization["std"])),
                input_shape=tuple(header["input_size"]),
                map_shape=tuple(header["map_shape"]),
                made_by=header["made_by"],
                names=tuple(names["name"]),
                image_names=tuple(images["name"]),
                sources=tuple(images["source"]),
                thresholds=counts["thresholds"],
                tally=tally,
                exemplars=Exemplars(**read_arrays(folder / "exemplars.npz")),
                per_image=folder if (folder / "contributions.npz").exists() else None,
                checkpoint=header["checkpoint"],
                **{
                    name: kind.of_parts(read_rows(folder / f"{name}.parquet"), header[name])
                    for name, kind in FURTHER.items()
                    if name in header
                },
            )
        except (KeyError, TypeError, SpecError) as error:
            raise RecordError(f"{folder} lacks a part of a dissection ({error}); make it again") from None

    @cached_property
    def _images(self) -> PerImage | None:
        if not isinstance(self.per_image, Path):
            return self.per_image
        arrays = read_arrays(self.per_image / "contributions.npz")
        try:
            return PerImage(Contributions.of_arrays(arrays), read_arrays(self.per_image / "activity.npz")["activity"])
        except (KeyError, TypeError) as error:
            raise RecordError(f"{self.per_image} lacks a part of a dissection ({error}); make it again") from None

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
