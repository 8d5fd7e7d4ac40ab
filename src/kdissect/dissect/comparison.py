"""Comparing networks: gains, losses and inheritance of concepts, and matching units, from their dissections."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kdissect.dissect.dissection import Dissection
from kdissect.dissect.folder import BESIDE, HEADER, read_header, read_rows
from kdissect.dissect.frame import frame
from kdissect.dissect.inheritance import STATUSES, Inheritance, inheritance
from kdissect.dissect.matching import Matching, match
from kdissect.dissect.tallying import Gate
from kdissect.errors import RecordError, SpecError
from kdissect.records import writing_folder

FORMAT = 1
TABLES = ("concepts", "matches")


@dataclass(frozen=True)
class Comparison:
    """Networks compared with the first of them.

    Attributes:
        names: of the networks, the first is what the others are compared with.
        facts: what was compared and how; and for each pair, under `pairs`, how many concepts were kept, lost and
            new, the kept share, detectors, units and counterparts, with intervals.
        concepts: one row a pair and concept that either network detects: `a`, `b`, `concept`, `category`,
            `detectors_a`, `detectors_b`, `best_iou_a`, `best_iou_b`, `status`, `probability_a`, `probability_b`.
        matches: one row a pair and unit of A: `a`, `b`, `unit_a`; `unit_b` and `correlation` of its partner one to
            one, and whether it has one (`assigned`); `best_unit_b` and `best_correlation`, whoever else has that unit,
            and whether the correlation is beyond chance (`counterpart`); `concept_a`, `concept_b` and `same_concept` of
            the partners one to one. Empty concepts are of units that detect none.
    """

    names: tuple[str, ...]
    facts: Mapping[str, Any]
    concepts: pa.Table
    matches: pa.Table

    def to_frame(self, table: Literal["concepts", "matches"] = "concepts", kind: str = "pandas") -> Any:
        """A table as a data frame of `pandas` or `polars`.

        Raises:
            SpecError: the library is not installed, or there is no such table.
        """
        if table not in TABLES:
            raise SpecError(f"expected the table concepts or matches, got {table!r}")
        return frame(getattr(self, table), kind)

    def save(self, folder: Path | str) -> None:
        """Write a folder of a JSON header and Parquet tables, whole or not at all; an older comparison is replaced.

        Raises:
            RecordError: the folder holds something else.
        """
        folder = Path(folder)
        ours = {HEADER, *BESIDE, *(f"{name}.parquet" for name in TABLES)}
        if folder.exists() and (not folder.is_dir() or any(path.name not in ours for path in folder.iterdir())):
            raise RecordError(f"{folder} holds something else than a comparison; choose another folder")
        header = {"format": FORMAT, "kind": "comparison", "names": self.names, **self.facts}
        with writing_folder(folder) as temporary:
            (temporary / HEADER).write_text(json.dumps(header, indent=1), encoding="utf-8")
            for name in TABLES:
                pq.write_table(getattr(self, name), temporary / f"{name}.parquet")

    @classmethod
    def load(cls, folder: Path | str) -> Self:
        """Read what `save` wrote.

        Raises:
            RecordError: the folder holds no comparison of this format.
        """
        folder = Path(folder)
        header = read_header(folder, FORMAT, "comparison")
        facts = {name: value for name, value in header.items() if name not in ("format", "kind", "names")}
        tables = (read_rows(folder / f"{name}.parquet") for name in TABLES)
        return cls(tuple(header["names"]), facts, *tables)


def compare(
    first: Dissection,
    *others: Dissection,
    names: Sequence[str] | None = None,
    gate: Gate | None = None,
    threshold: float | None = None,
    replicates: int = 200,
    shuffles: int = 100,
    seed: int = 0,
    confidence: float = 0.95,
) -> Comparison:
    """Compare networks with the first, for example students with their teacher.

    Args:
        first: what the others are compared with.
        others: at least one; of the same probe, at the same quantile. Layers may differ.
        names: what to call the networks; their own names and layers if None.
        gate: the one that all have if None.
        threshold: IoU that makes a detector, the one that all have if None.
        replicates: resamples of the images for the intervals, see `inheritance`.
        shuffles: shuffles of the images for the limit of a counterpart, see `match`.
        seed: of resamples and shuffles.
        confidence: of intervals and limit.

    Raises:
        SpecError: the dissections do not fit each other, or keep nothing of single images.
    """
    if not others:
        raise SpecError("expected at least two dissections to compare, got one")
    every = (first, *others)
    labels = _names(every) if names is None else tuple(names)
    if len(labels) != len(every) or len(set(labels)) != len(labels):
        raise SpecError(f"expected {len(every)} different names, got {', '.join(labels)}")
    for other in others:
        _refuse_other(first, other, gate, threshold)
    gate, threshold = gate or first.gate, first.threshold if threshold is None else threshold
    if not 0 <= threshold <= 1:
        raise SpecError(f"threshold is an IoU and must be 0 to 1, got {threshold}")
    concepts: list[dict[str, Any]] = []
    matches: list[dict[str, Any]] = []
    pairs = []
    for name, other in zip(labels[1:], others, strict=True):
        passed_on = inheritance(
            _contributions(first), _contributions(other), sources=first.sources, gate=gate, threshold=threshold,
            replicates=replicates, seed=seed, confidence=confidence,
        )  # fmt: skip
        pair = {"a": labels[0], "b": name}
        concepts += [{**pair, **row} for row in _concepts(first, passed_on)]
        facts = {**pair, **_facts(first, other, passed_on)}
        if first.activity is not None and other.activity is not None:
            found = match(
                first.activity, other.activity, sources=first.sources, shuffles=shuffles, seed=seed,
                confidence=confidence,
            )  # fmt: skip
            matches += [{**pair, **row} for row in _matches(first, other, found, gate, threshold)]
            facts |= {"null_correlation": found.limit, "counterparts": int(found.has_counterpart.sum())}
        pairs.append(facts)
    return Comparison(
        labels,
        {
            "probe": first.probe.name,
            "num_images": first.probe.num_images,
            "gate": gate,
            "threshold": threshold,
            "quantile": first.quantile,
            "replicates": replicates,
            "shuffles": shuffles,
            "seed": seed,
            "confidence": confidence,
            "networks": [
                {"name": name, "network": one.network, "layer": one.layer, "units": one.num_units}
                for name, one in zip(labels, every, strict=True)
            ],
            "pairs": pairs,
        },
        pa.Table.from_pylist(concepts, schema=_CONCEPTS),
        pa.Table.from_pylist(matches, schema=_MATCHES),
    )


_TEXT, _WHOLE, _REAL, _TRUE = pa.string(), pa.int64(), pa.float64(), pa.bool_()
_CONCEPTS = pa.schema(
    {
        "a": _TEXT, "b": _TEXT, "concept": _TEXT, "category": _TEXT, "detectors_a": _WHOLE, "detectors_b": _WHOLE,
        "best_iou_a": _REAL, "best_iou_b": _REAL, "status": _TEXT, "probability_a": _REAL, "probability_b": _REAL,
    }
)  # fmt: skip
_MATCHES = pa.schema(
    {
        "a": _TEXT, "b": _TEXT, "unit_a": _WHOLE, "unit_b": _WHOLE, "correlation": _REAL, "assigned": _TRUE,
        "best_unit_b": _WHOLE, "best_correlation": _REAL, "counterpart": _TRUE, "concept_a": _TEXT,
        "concept_b": _TEXT, "same_concept": _TRUE,
    }
)  # fmt: skip


def _concepts(first: Dissection, found: Inheritance) -> list[dict[str, Any]]:
    """One row a label that either network detects, the largest gains first, then by name."""
    rows = [
        {
            "concept": first.names[label],
            "category": first.probe.categories[first.tally.primary[label]],
            "detectors_a": int(found.detectors_a[label]),
            "detectors_b": int(found.detectors_b[label]),
            "best_iou_a": float(found.best_iou_a[label]),
            "best_iou_b": float(found.best_iou_b[label]),
            "status": found.status(int(label)),
            "probability_a": float(found.probability_a[label]),
            "probability_b": float(found.probability_b[label]),
        }
        for label in np.flatnonzero(found.detectors_a + found.detectors_b)
    ]
    return sorted(rows, key=lambda row: (row["detectors_a"] - row["detectors_b"], row["concept"]))


def _facts(first: Dissection, other: Dissection, found: Inheritance) -> dict[str, Any]:
    """The numbers of a pair."""
    return {
        "detectors_a": int(found.detectors_a.sum()),
        "detectors_b": int(found.detectors_b.sum()),
        "units_a": first.num_units,
        "units_b": other.num_units,
        **{status: asdict(found.counts[status]) for status in STATUSES},
        "kept_share": None if found.kept_share is None else asdict(found.kept_share),
    }


def _matches(
    first: Dissection, other: Dissection, found: Matching, gate: Gate, threshold: float
) -> list[dict[str, Any]]:
    """One row a unit of the first network."""
    (labels_a, concepts_a), (labels_b, concepts_b) = (_detected(one, gate, threshold) for one in (first, other))
    rows = []
    for unit in range(first.num_units):
        partner = int(found.assigned[unit])
        rows.append(
            {
                "unit_a": unit,
                "unit_b": partner,
                "correlation": float(found.assigned_correlation[unit]),
                "assigned": partner >= 0,
                "best_unit_b": int(found.partner[unit]),
                "best_correlation": float(found.correlation[unit]),
                "counterpart": bool(found.has_counterpart[unit]),
                "concept_a": concepts_a[unit],
                "concept_b": concepts_b[partner] if partner >= 0 else "",
                "same_concept": partner >= 0 and labels_a[unit] == labels_b[partner] != 0,
            }
        )
    return rows


def _detected(one: Dissection, gate: Gate, threshold: float) -> tuple[list[int], list[str]]:
    """Label number and name of what each unit detects, 0 and empty for nothing."""
    labels = np.zeros(one.num_units, np.int64)
    units = one.detectors(threshold, gate)
    labels[units] = one.winners(gate).label[units]
    return labels.tolist(), [one.names[label] for label in labels]


def _contributions(one: Dissection) -> Any:
    if one.contributions is None:
        raise SpecError(
            f"the dissection of {one.network} {one.layer} keeps nothing of single images, which intervals need; "
            "dissect again without --no-per-image"
        )
    return one.contributions


def _refuse_other(first: Dissection, other: Dissection, gate: Gate | None, threshold: float | None) -> None:
    """Two dissections must be of one probe and by the same choices; gate and threshold may be named for both."""
    names = [name for name, given in (("gate", gate), ("threshold", threshold)) if given is None]
    names += ["rule", "label_zero", "normalization"]
    own = [(name, getattr(first.choices, name), getattr(other.choices, name)) for name in names]
    what: list[tuple[str, object, object, object, object]] = [
        ("probe", first.probe.digest, other.probe.digest, first.probe.name, other.probe.name),
        ("concepts", first.names, other.names, len(first.names), len(other.names)),
        ("quantile", first.quantile, other.quantile, first.quantile, other.quantile),
        *((name, one, two, one, two) for name, one, two in own),
    ]
    for name, one, two, shown, came in what:
        if one != two:
            raise SpecError(
                f"expected dissections with the same {name}, got {shown} for {first.network} and {came} for "
                f"{other.network} (or another version of it); dissect both alike"
            )


def _names(every: Sequence[Dissection]) -> tuple[str, ...]:
    """Network names, with the layer or a number where they would be the same."""
    for parts in (("network",), ("network", "layer"), ("network", "layer", "checkpoint")):
        names = [" ".join(str(getattr(one, part)) for part in parts) for one in every]
        if len(set(names)) == len(names):
            return tuple(names)
    seen: Counter[str] = Counter()
    numbered = []
    for name in names:
        seen[name] += 1
        numbered.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(numbered)
