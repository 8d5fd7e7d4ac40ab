"""Stores of light studies: records with the scores that one asks for, and nothing else."""

import json
from pathlib import Path
from typing import Any

from kdissect.records import Record, Score, Store, write_record
from kdissect.specs import digest

Values = dict[str, dict[str, list[float]]]
"""MEASURE.SCORE to arm to a value for each seed."""
UNITS = {"Accuracy": "share", "Detectors": "units", "ClassSimilarity": "nats"}


def write_study(
    path: Path,
    name: str,
    values: Values,
    *,
    size: str | None = "small",
    places: dict[str, dict[str, Any]] | None = None,
    epochs: dict[int, Values] | None = None,
    leave_out: tuple[tuple[str, str, int], ...] = (),
    title: str = "",
) -> Path:
    """Write a study into a store; cells `(measure, arm, seed)` in `leave_out` have no record.

    Args:
        path: the store; made if missing.
        name: of the study.
        values: scores after the last epoch.
        size: of the study.
        places: where arms stand.
        epochs: scores after earlier epochs.
        leave_out: cells that are not done.
        title: for people.
    """
    store = Store.create(path)
    arms = list(dict.fromkeys(arm for scores in values.values() for arm in scores))
    cells = []
    for arm in arms:
        seeds = max(len(scores.get(arm, ())) for scores in values.values())
        cells += [_write(store, name, "train", arm, seed, None, {}) for seed in range(seeds)]
    for epoch, scores in [(None, values), *(epochs or {}).items()]:
        for (measure, arm, seed), found in _records(scores).items():
            left = (measure, arm, seed) in leave_out
            cells.append(_write(store, name, measure, arm, seed, epoch, found, left))
    study = {
        "name": name,
        "title": title or f"Study {name}",
        "size": size,
        "reference": "scratch",
        "seeds": sorted({cell["seed"] for cell in cells}),
        "arms": [
            {
                "name": arm,
                "role": "student",
                "formula": "CE",
                "teacher": None if arm == "scratch" else "teacher",
                "place": (places or {}).get(arm, {}),
            }
            for arm in arms
        ],
        "recipe": {"epochs": 4},
        "cells": cells,
        "command": f"kdissect run {name} --out runs/x",
        "spec": {"name": name},
    }
    store.write(f"studies/{name}.json", json.dumps(study))
    store.write("study.json", json.dumps(study))
    return path


def _records(values: Values) -> dict[tuple[str, str, int], dict[str, float]]:
    found: dict[tuple[str, str, int], dict[str, float]] = {}
    for full, arms in values.items():
        measure, _, score = full.partition(".")
        for arm, seeds in arms.items():
            for seed, value in enumerate(seeds):
                found.setdefault((measure, arm, seed), {})[score] = value
    return found


def _write(
    store: Store,
    study: str,
    measure: str,
    arm: str,
    seed: int,
    epoch: int | None,
    scores: dict[str, float],
    left: bool = False,
) -> dict[str, Any]:
    key = {"study": study, "kind": measure, "arm": arm, "seed": seed, "epoch": epoch}
    cell = {"digest": digest(key), "kind": measure, "arm": arm, "seed": seed, "epoch": epoch}
    if left or store.has(cell["digest"]):
        return cell
    facts = {"curve": [{"epoch": 1.0 + n, "loss": 1.0, "val_accuracy": 0.5} for n in range(4)]}
    record = Record(
        kind=measure,
        arm=arm,
        seed=seed,
        epoch=epoch,
        key=key,
        digest=cell["digest"],
        scores=tuple(
            Score(name=name, value=value, unit=UNITS.get(measure, "share"), direction="higher")
            for name, value in scores.items()
        ),
        facts=facts if measure == "train" else {},
    )
    with store.writing(cell["digest"]) as folder:
        write_record(folder, record)
    return cell


def figure1(kd: float = 50, ls: float = 30) -> Values:
    """Detectors, their share, accuracy and entropy of three seeds around given means; scratch has 40 of 64."""
    noise = (-1.0, 0.2, 0.8)
    detectors = {"scratch": 40.0, "KD": kd, "LS": ls}
    return {
        "Accuracy.accuracy": {
            arm: [round(mean + 0.001 * n, 4) for n in noise]
            for arm, mean in {"scratch": 0.70, "KD": 0.73, "LS": 0.71}.items()
        },
        "Detectors.detectors": {arm: [mean + n for n in noise] for arm, mean in detectors.items()},
        "Detectors.detector_share": {arm: [(mean + n) / 64 for n in noise] for arm, mean in detectors.items()},
        "ClassSimilarity.entropy": {
            arm: [round(mean + 0.2 * n, 4) for n in noise]
            for arm, mean in {"scratch": 0.60, "KD": 0.61, "LS": 0.59}.items()
        },
    }
