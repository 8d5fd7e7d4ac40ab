"""Reading a store: from its studies' cells and their records to columns.

Ten thousand records are read in about a second, so a record's JSON is taken as it is, under its seal, without
validation; and what a record says once is kept once, and repeated for its scores by Arrow.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from kdissect.errors import RecordError
from kdissect.records import RECORD, RUN, Store, read_fields

MADE_BY = ("kdissect", "torch", "python", "device")
OF_CELL = ("study", "size", "arm", "role", "seed", "epoch", "measure")
OF_SCORE = ("score", "value", "unit", "direction", "low", "high")
OF_ARM = ("place", "formula", "network", "teacher")
OF_RECORD = ("digest", "record", "seconds", *MADE_BY)
RESULTS = (*OF_CELL, *OF_SCORE, *OF_ARM, *OF_RECORD)
CELLS = ("study", "arm", "seed", "epoch", "kind", "digest", "state")
CURVES = ("study", "arm", "seed", "epoch", "name", "value")


@final
@dataclass(frozen=True)
class Columns:
    """A table by columns."""

    columns: dict[str, list[Any]]

    @classmethod
    def named(cls, names: tuple[str, ...]) -> "Columns":
        """An empty table."""
        return cls({name: [] for name in names})

    def add(self, *row: Any) -> None:
        """One row more, in the order of the columns."""
        for column, value in zip(self.columns.values(), row, strict=True):
            column.append(value)


@final
@dataclass
class Read:
    """What was read.

    Attributes:
        cells: a row a cell of a study.
        records: a row a cell that has a record, with what its scores have in common.
        scores: a row a score.
        owner: for each score, the row in `records`.
        curves: a row an epoch and number of a training curve.
        damaged: records that are not as they were written, relative to the store.
    """

    cells: Columns = field(default_factory=lambda: Columns.named(CELLS))
    records: Columns = field(default_factory=lambda: Columns.named((*OF_CELL, *OF_ARM, *OF_RECORD)))
    scores: Columns = field(default_factory=lambda: Columns.named(OF_SCORE))
    owner: list[int] = field(default_factory=list)
    curves: Columns = field(default_factory=lambda: Columns.named(CURVES))
    damaged: list[str] = field(default_factory=list)


def read(store: Store, studies: list[dict[str, Any]]) -> Read:
    """Read the records of studies; a record answers for each cell that names it, whatever arm it was made for.

    Args:
        store: the store.
        studies: their descriptions.
    """
    found = Read()
    records = _Records(store, found.damaged)
    failed = store.failures()
    for study in studies:
        arms = {arm["name"]: arm for arm in study["arms"]}
        number: Counter[tuple[Any, ...]] = Counter()
        for cell in study["cells"]:
            digest, epoch = cell["digest"], cell.get("epoch")
            fields = records.of(digest)
            state = "done" if fields is not None else "failed" if digest[:16] in failed else "missing"
            found.cells.add(study["name"], cell["arm"], cell["seed"], epoch, cell["kind"], digest, state)
            # The same measure with other settings gets a number, as in a verdict.
            place = (cell["arm"], cell["seed"], epoch, cell["kind"])
            number[place] += 1
            measure = cell["kind"] if number[place] == 1 else f"{cell['kind']}({number[place]})"
            if fields is not None:
                _add(found, study, arms.get(cell["arm"], {}), {**cell, "measure": measure, "epoch": epoch}, fields)
    return found


@final
class _Records:
    """The records of a store, each read once."""

    def __init__(self, store: Store, damaged: list[str]) -> None:
        self.store, self.damaged = store, damaged
        self.done = store.done()
        self.known: dict[str, dict[str, Any] | None] = {}

    def of(self, digest: str) -> dict[str, Any] | None:
        """A record's fields; None if there is none, or it is damaged."""
        if digest not in self.known:
            self.known[digest] = self._read(digest) if digest[:16] in self.done else None
        return self.known[digest]

    def _read(self, digest: str) -> dict[str, Any] | None:
        path = self.store.folder(digest) / RECORD
        try:
            fields = read_fields(path)
            if fields["digest"] != digest:
                raise RecordError(f"{path} holds another record")
        except FileNotFoundError:
            return None
        except (RecordError, OSError, KeyError, ValueError):
            self.damaged.append(f"cells/{digest[:16]}/{RECORD}")
            return None
        # What is kept of ten thousand records decides the memory; keys are large and asked for by nobody here.
        return {name: fields.get(name) for name in ("scores", "facts", "made_by")} | {"seconds": _seconds(path)}


def _seconds(path: Path) -> float | None:
    """Seconds of the work, which lie beside the record; no result depends on them."""
    try:
        found = json.loads(path.with_name(RUN).read_bytes()).get("seconds")
    except (OSError, ValueError, AttributeError):
        return None
    return float(found) if isinstance(found, int | float) else None


def _add(found: Read, study: dict[str, Any], arm: dict[str, Any], cell: dict[str, Any], fields: dict[str, Any]) -> None:
    network, made_by = arm.get("network") or {}, fields["made_by"] or {}
    row = len(found.records.columns["digest"])
    found.records.add(
        study["name"], study.get("size"), cell["arm"], arm.get("role"), cell["seed"], cell["epoch"], cell["measure"],
        json.dumps(arm.get("place") or {}, ensure_ascii=False), arm.get("formula"), network.get("architecture"),
        arm.get("teacher"), cell["digest"], f"cells/{cell['digest'][:16]}/{RECORD}", fields["seconds"],
        *(made_by.get(name) for name in MADE_BY),
    )  # fmt: skip
    for score in fields["scores"] or ():
        low, high = score.get("bounds") or (None, None)
        found.scores.add(score["name"], score["value"], score["unit"], score["direction"], low, high)
        found.owner.append(row)
    if cell["kind"] == "train":
        for epoch, name, value in _curve((fields["facts"] or {}).get("curve")):
            found.curves.add(study["name"], cell["arm"], cell["seed"], epoch, name, value)


def _curve(curve: Any) -> Iterator[tuple[int, str, float]]:
    """The numbers of a training curve."""
    for place, point in enumerate(curve or (), start=1):
        epoch = int(point.get("epoch", place))
        for name, value in point.items():
            if name != "epoch" and isinstance(value, int | float):
                yield epoch, name, float(value)
