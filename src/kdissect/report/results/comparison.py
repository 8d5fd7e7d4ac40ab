"""A comparison of dissections as its folder has it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kdissect.errors import RecordError
from kdissect.report.extras import Fields, read_rows
from kdissect.report.results.counts import Count

STATUS = ("kept", "lost", "new")
"""What can become of a concept from a to b."""


@dataclass(frozen=True)
class Pair:
    """Two networks.

    Attributes:
        a, b: their names; b is compared with a.
        facts: what the header says of the pair; may be empty.
        concepts: one row a concept that one of them detects.
        matches: one row a pair of units.
    """

    a: str
    b: str
    facts: dict[str, Any]
    concepts: tuple[Fields, ...]
    matches: tuple[Fields, ...]

    def of(self, status: str) -> list[Fields]:
        """The concepts that were counted so, whether or not enough resamples agree."""
        return [row for row in self.concepts if counted_status(row) == status]

    def count(self, status: str) -> Count:
        """How many concepts have a status, with an interval if the header has one."""
        found = self.facts.get(status)
        value = len(self.of(status))
        if isinstance(found, dict) and found.get("low") is not None and found.get("high") is not None:
            return Count(value, float(found["low"]), float(found["high"]))
        return Count(value)


@dataclass(frozen=True)
class Comparison:
    """What the folder of a comparison holds.

    Attributes:
        header: `header.json`, whole.
        name: of the folder.
        pairs: in the order of the tables.
        complaints: one sentence for each file that could not be read.
    """

    header: dict[str, Any]
    name: str
    pairs: tuple[Pair, ...]
    complaints: tuple[str, ...] = ()


def read_comparison(path: Path) -> Comparison:
    """Read a comparison.

    Raises:
        RecordError: it has no table of concepts that can be read.
    """
    header = json.loads((path / "header.json").read_text(encoding="utf-8"))
    complaints: list[str] = []
    columns = ("a", "b", "concept", "category", "detectors_a", "detectors_b", "status")
    concepts = read_rows(path / "concepts.parquet", columns, complaints)
    if complaints or not (path / "concepts.parquet").is_file():
        why = complaints[0] if complaints else "there is none."
        raise RecordError(f"expected concepts.parquet in {path}: {why} Make the comparison again")
    matches = read_rows(path / "matches.parquet", ("a", "b", "unit_a", "unit_b", "correlation"), complaints)
    facts = {(one["a"], one["b"]): one for one in _listed(header.get("pairs"))}
    names = dict.fromkeys([*facts, *((str(row["a"]), str(row["b"])) for row in (*concepts, *matches))])
    pairs = tuple(
        Pair(
            a,
            b,
            facts.get((a, b), {}),
            tuple(row for row in concepts if (row["a"], row["b"]) == (a, b)),
            tuple(row for row in matches if (row["a"], row["b"]) == (a, b)),
        )
        for a, b in names
    )
    return Comparison(header, path.resolve().name, pairs, tuple(complaints))


def counted_status(row: Fields) -> str:
    """What became of a concept by the numbers of detectors alone."""
    if row["detectors_a"]:
        return "kept" if row["detectors_b"] else "lost"
    return "new"


def _listed(pairs: object) -> list[dict[str, Any]]:
    return (
        [one for one in pairs if isinstance(one, dict) and "a" in one and "b" in one] if isinstance(pairs, list) else []
    )
