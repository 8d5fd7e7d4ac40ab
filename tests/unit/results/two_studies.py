"""A store of two studies by hand: `heat` over temperatures and seeds, `twin` that names one of its records."""

import json
from pathlib import Path
from typing import Any

from kdissect.records import Record, Score, Store, write_record
from kdissect.specs import digest

ARMS = (
    {"name": "teacher", "role": "teacher", "formula": "CE", "network": {"architecture": "small/resnet14"}},
    {
        "name": "KD-4",
        "role": "student",
        "formula": "CE + T²·KL",
        "teacher": "teacher",
        "network": {"architecture": "small/resnet8"},
        "place": {"temperature": 4},
    },
)
MISSING, FAILED = ("Accuracy", "KD-4", 1, 2), ("Detectors", "KD-4", 1, None)
SEEDS = {"teacher": (0,), "KD-4": (0, 1)}


def value(measure: str, arm: str, seed: int, epoch: int | None, nth: int = 0) -> float:
    """The number that a record's only score has."""
    return len(arm) + seed / 10 + (0 if epoch is None else epoch) / 100 + len(measure) / 1000 + nth / 10_000


def write_studies(folder: Path) -> Store:
    """Write the store."""
    store = Store.create(folder)
    cells = []
    for arm, seeds in SEEDS.items():
        for seed in seeds:
            for kind, epoch, nth in (
                ("train", None, 0),
                ("Accuracy", None, 0),
                ("Accuracy", 2, 0),
                ("Detectors", None, 0),
                ("Detectors", None, 1),
            ):
                key = {"kind": kind, "arm": arm, "seed": seed, "epoch": epoch, "nth": nth}
                cell = {name: key[name] for name in ("kind", "arm", "seed", "epoch")} | {"digest": digest(key)}
                cells.append(cell)
                if (kind, arm, seed, epoch) == MISSING or ((kind, arm, seed, epoch) == FAILED and nth == 1):
                    continue
                write(store, cell, key, value(kind, arm, seed, epoch, nth))
    failed = [cell["digest"] for cell in cells if (cell["kind"], cell["arm"], cell["seed"], cell["epoch"]) == FAILED][1]
    store.write(f"failed/{failed[:16]}.json", json.dumps({"title": "", "error": "E", "message": "no"}))
    heat = {"name": "heat", "size": "small", "arms": ARMS, "cells": cells}
    own = next(cell for cell in cells if (cell["kind"], cell["arm"], cell["seed"]) == ("Accuracy", "KD-4", 0))
    twin = {
        "name": "twin",
        "arms": [{"name": "student", "role": "student", "formula": "KL"}],
        "cells": [{**own, "arm": "student"}],
    }
    for study in (heat, twin):
        store.write(f"studies/{study['name']}.json", json.dumps(study))
    store.write("study.json", json.dumps(twin))
    return store


def write(store: Store, cell: dict[str, Any], key: dict[str, Any], number: float) -> None:
    """Write a record with one score, and one that is not defined."""
    name, high = ("detectors", None) if cell["kind"] == "Detectors" else ("accuracy", 1.0)
    curve = [{"epoch": 1.0, "loss": 0.5, "val_accuracy": 0.25}, {"epoch": 2.0, "loss": 0.25, "val_accuracy": number}]
    record = Record(
        **cell,
        key=key,
        scores=(
            Score(name=name, value=number, unit="share", direction="higher", bounds=(0.0, high)),
            Score(name="none", value=None, unit="nats"),
        ),
        # Measures have curves of their own, which are no training curves.
        facts={"curve": curve if cell["kind"] == "train" else [{"iou": 0.04, "detectors": 3}]},
        made_by={"kdissect": "1.2", "torch": "2.9", "python": "3.11", "device": "cpu", "threads": "1"},
        seconds=7.5,
    )
    with store.writing(cell["digest"]) as folder:
        write_record(folder, record)
