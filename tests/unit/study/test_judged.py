import json
from pathlib import Path

import numpy as np
import pytest

from kdissect.errors import RecordError, SpecError
from kdissect.measures import FILE, RIGHT
from kdissect.records import Record, Score, Store, described
from kdissect.study.judged import runs_of, samples


def record(store: Store, seed: int, values: list[float], right: list[bool]) -> Record:
    """A record of one score, with the numbers of its images."""
    made = Record(
        kind="Localisation",
        arm="KD",
        seed=seed,
        key={},
        digest=f"{seed}" * 64,
        scores=tuple(Score(name=name, value=0.5, unit="share") for name in ("energy", "energy/all")),
    )
    folder = store.folder(made.digest)
    folder.mkdir(parents=True)
    np.savez(folder / FILE, **{RIGHT: np.array(right), "energy": np.array(values)})
    return made


def test_images_stay_in_their_places(tmp_path: Path) -> None:
    """The same image at the same place for all seeds, whatever each of them lacks."""
    store = Store.create(tmp_path / "store")
    nan = float("nan")
    runs = [
        [record(store, 0, [0.1, 0.2, nan, 0.4], [True, True, True, False])],
        [record(store, 1, [0.5, 0.6, 0.7, 0.8], [False, True, True, True])],
    ]
    arm = samples(runs, store)
    found = np.stack(arm["Localisation.energy"].images)
    assert found == pytest.approx(np.array([[0.1, 0.2, nan, nan], [nan, 0.6, 0.7, 0.8]]), nan_ok=True)
    every = np.stack(arm["Localisation.energy/all"].images)
    assert every == pytest.approx(np.array([[0.1, 0.2, nan, 0.4], [0.5, 0.6, 0.7, 0.8]]), nan_ok=True)


def test_a_study_of_several_is_found_by_its_name(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    for name in ("first", "second"):
        cell = {"digest": name * 10, "kind": "Accuracy", "arm": name, "seed": 0, "epoch": None}
        text = json.dumps({"name": name, "arms": [], "cells": [cell], "reference": name})
        store.write(f"studies/{name}.json", text)
        store.write("study.json", text)
    assert described(store)["name"] == "second"
    assert described(store, "first")["name"] == "first"
    with pytest.raises(SpecError, match="no study 'third' in .*; there are first, second"):
        described(store, "third")
    with pytest.raises(RecordError, match="Accuracy first, seed 0 is not done"):
        runs_of(store, "first")
