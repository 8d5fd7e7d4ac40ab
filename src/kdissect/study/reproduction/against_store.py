"""The reproduction table of a store: every published claim against whatever studies ran there."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kdissect.errors import RecordError
from kdissect.records import Record, Store, described
from kdissect.study.catalogue import STUDIES
from kdissect.study.judged import samples
from kdissect.study.reproduction.claim import Claim
from kdissect.study.reproduction.compare import Measured, Values, compare
from kdissect.study.reproduction.published import PUBLISHED
from kdissect.study.reproduction.row import Row
from kdissect.verdict import FAMILIES, Arm, Call, call_families

FILE = "reproduction.json"
FORMAT = 1
NAMES = tuple(study.__name__ for study in STUDIES)


def reproduce(store: Store) -> tuple[Row, ...]:
    """A row for each published claim; those that no study in the store can answer are not run.

    Empty if no study of the catalogue is in the store. Cells that are not done, and records that cannot be
    read, are left out, and the rows say so; so are studies whose description cannot be read.
    """
    wanted = {claim.score for claim in PUBLISHED if claim.score}
    found: dict[str, Measured] = {}
    for description in _descriptions(store):
        if description["name"] in _answering():
            found[description["name"]] = _measured(description, store, wanted)
    return tuple(_best(claim, found) for claim in PUBLISHED) if found else ()


def write_reproduction(store: Store) -> tuple[Row, ...]:
    """Write STORE/reproduction.json for the report and for the terminal; nothing if no study of the catalogue ran.

    Returns:
        The rows.
    """
    rows = reproduce(store)
    if rows:
        content = {"format": FORMAT, "kind": "reproduction", "rows": [asdict(row) for row in rows]}
        store.write(FILE, json.dumps(content, indent=1, allow_nan=False))
    return rows


def _answering() -> frozenset[str]:
    return frozenset(name for claim in PUBLISHED for name in claim.studies) | frozenset(NAMES)


def _best(claim: Claim, found: Mapping[str, Measured]) -> Row:
    """The row of the first study that can answer, or one that says that none could."""
    first: Row | None = None
    for name in claim.studies:
        if name in found:
            row = compare(claim, found[name])
            if row.outcome != "not run":
                return row
            first = first or row
    return first or compare(claim, None)


def _descriptions(store: Store) -> list[dict[str, Any]]:
    """What the store says of its studies; damaged descriptions are left out."""
    found = []
    for name in store.studies() or (None,):
        with contextlib.suppress(RecordError):
            found.append(described(store, name))
    return found


def _measured(description: Mapping[str, Any], store: Store, wanted: set[str]) -> Measured:
    """The scores of a study that some claim needs, and the calls of its verdict."""
    # All families of the verdict, or its correction for their number would be another one.
    kinds = {score.split(".")[0] for score in (*wanted, *(family.primary for family in FAMILIES))}
    runs: dict[str, dict[int, list[Record]]] = {}
    damaged = 0
    for cell in description["cells"]:
        if cell["kind"] not in kinds or cell.get("epoch") is not None:
            continue
        try:
            record = store.find(cell["digest"])
        except (RecordError, OSError, ValueError):
            damaged += 1
            continue
        if record is not None:
            runs.setdefault(cell["arm"], {}).setdefault(cell["seed"], []).append(record)
    values: dict[str, dict[str, Values]] = {}
    units: dict[str, str] = {}
    for arm, seeds in runs.items():
        for name, own in _scores(seeds, units).items():
            if name in wanted:
                values.setdefault(name, {})[arm] = own
    notes = [f"{damaged} damaged records of {description['name']} were left out."] if damaged else []
    reference = description.get("reference")
    return Measured(
        study=description["name"],
        size=description.get("size"),
        reference=reference,
        places={arm["name"]: arm.get("place") or {} for arm in description["arms"]},
        values=values,
        units=units,
        calls=_calls(runs, reference, store, notes),
        notes=tuple(notes),
    )


def _scores(seeds: Mapping[int, list[Record]], units: dict[str, str]) -> dict[str, Values]:
    """MEASURE.SCORE to its values in the order of seeds; of measures that a study has twice, the first."""
    found: dict[str, list[float]] = {}
    for seed in sorted(seeds):
        seen: set[str] = set()
        for record in seeds[seed]:
            if record.kind in seen:
                continue
            seen.add(record.kind)
            for score in record.scores:
                if score.value is not None:
                    found.setdefault(f"{record.kind}.{score.name}", []).append(score.value)
                    units[f"{record.kind}.{score.name}"] = score.unit
    return {name: tuple(values) for name, values in found.items()}


def _calls(
    runs: Mapping[str, Mapping[int, list[Record]]], reference: str | None, store: Store, notes: list[str]
) -> dict[str, dict[str, Call]]:
    """The verdict's calls by family and arm, for arms and a reference with two seeds or more."""
    primaries = {family.primary for family in FAMILIES}
    arms: dict[str, Arm] = {}
    for name, seeds in runs.items():
        try:
            sampled = samples(list(seeds.values()), store)
        except RecordError as error:
            notes.append(str(error))
            continue
        arms[name] = {score: sample for score, sample in sampled.items() if score in primaries}
    calls: dict[str, dict[str, Call]] = {}
    if reference is None or reference not in arms:
        return calls
    for name, arm in arms.items():
        if name != reference:
            for family, (call, _) in call_families(arm, arms[reference]).items():
                calls.setdefault(family, {})[name] = call
    return calls
