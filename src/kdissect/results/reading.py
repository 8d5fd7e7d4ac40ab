"""Reading a store: from its studies' cells and their records to columns.

Ten thousand records are read in about a second, so their JSON is taken as it is, under its seal, without validation;
what a record says once is kept once, and repeated for its scores by Arrow.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, final

from kdissect.errors import RecordError
from kdissect.records import RECORD, Store
from kdissect.results.one_record import MADE_BY, OneRecord

OF_CELL = ("study", "size", "arm", "role", "seed", "epoch", "measure")
OF_SCORE = ("score", "value", "unit", "direction", "low", "high")
OF_ARM = ("place", "formula", "network", "teacher")
OF_RECORD = ("digest", "record", "seconds", *MADE_BY)
RESULTS = (*OF_CELL, *OF_SCORE, *OF_ARM, *OF_RECORD)
CELLS = ("study", "arm", "seed", "epoch", "kind", "digest", "state")
CURVES = ("study", "arm", "seed", "epoch", "name", "value")


@final
class Columns:
    """A table by columns.

    Args:
        names: of the columns.
    """

    def __init__(self, *names: str) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in names}
        self._lists = tuple(self.columns.values())

    def __len__(self) -> int:
        return len(self._lists[0])

    def add(self, *row: Any) -> None:
        """One row more, in the order of the columns."""
        for column, value in zip(self._lists, row, strict=True):
            column.append(value)

    def extend(self, *columns: list[Any]) -> None:
        """Rows more, by columns."""
        for column, values in zip(self._lists, columns, strict=True):
            column.extend(values)


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

    cells: Columns = field(default_factory=lambda: Columns(*CELLS))
    records: Columns = field(default_factory=lambda: Columns(*OF_CELL, *OF_ARM, *OF_RECORD))
    scores: Columns = field(default_factory=lambda: Columns(*OF_SCORE))
    owner: list[int] = field(default_factory=list)
    curves: Columns = field(default_factory=lambda: Columns(*CURVES))
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
        arms = {arm["name"]: _Arm(study, arm) for arm in study["arms"]}
        number: Counter[tuple[Any, ...]] = Counter()
        for cell in study["cells"]:
            where = study["name"], cell["arm"], cell["seed"], cell.get("epoch")
            kind, digest = cell["kind"], cell["digest"]
            record = records.of(digest)
            state = "done" if record is not None else "failed" if digest[:16] in failed else "missing"
            found.cells.add(*where, kind, digest, state)
            number[*where, kind] += 1
            if record is not None:
                arm = arms.get(cell["arm"]) or _Arm(study, {})
                # The same measure with other settings gets a number, as in a verdict.
                measure = kind if number[*where, kind] == 1 else f"{kind}({number[*where, kind]})"
                _add(found, where, arm, measure, record)
    return found


@final
class _Arm:
    """What a study says of an arm.

    Args:
        study: the description of the study.
        arm: of the arm.
    """

    def __init__(self, study: dict[str, Any], arm: dict[str, Any]) -> None:
        self.size, self.role = study.get("size"), arm.get("role")
        place = json.dumps(arm.get("place") or {}, ensure_ascii=False)
        network = (arm.get("network") or {}).get("architecture")
        self.columns = place, arm.get("formula"), network, arm.get("teacher")


@final
class _Records:
    """The records of a store, each read once."""

    def __init__(self, store: Store, damaged: list[str]) -> None:
        self.store, self.damaged = store, damaged
        self.done = store.done()
        self.known: dict[str, OneRecord | None] = {}

    def of(self, digest: str) -> OneRecord | None:
        """A record; None if there is none, or it is damaged."""
        if digest not in self.known:
            self.known[digest] = self._read(digest) if digest[:16] in self.done else None
        return self.known[digest]

    def _read(self, digest: str) -> OneRecord | None:
        try:
            record = OneRecord.read(self.store.folder(digest) / RECORD)
        except FileNotFoundError:
            return None
        except (RecordError, OSError, KeyError, TypeError, ValueError):
            record = None
        if record is None or record.digest != digest:
            self.damaged.append(_path(digest))
            return None
        return record


def _path(digest: str) -> str:
    return f"cells/{digest[:16]}/{RECORD}"


def _add(found: Read, where: tuple[Any, ...], arm: _Arm, measure: str, record: OneRecord) -> None:
    study, name, seed, epoch = where
    of_cell = study, arm.size, name, arm.role, seed, epoch, measure
    of_record = record.digest, _path(record.digest), record.seconds, *record.made_by
    found.owner.extend([len(found.records)] * len(record.scores[0]))
    found.records.add(*of_cell, *arm.columns, *of_record)
    found.scores.extend(*record.scores)
    num = len(record.curve[0])
    found.curves.extend([study] * num, [name] * num, [seed] * num, *record.curve)
