"""The manifest tells every state from lists of names, and verification finds what was changed."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from kdissect.errors import RecordError, SpecError
from kdissect.records import (
    Failure,
    Manifest,
    Owner,
    Progress,
    Record,
    Store,
    manifest,
    verify,
    write_record,
)
from kdissect.specs import digest

ARMS = ("teacher", "scratch", "KD", "late")


def name(*parts: object) -> str:
    return digest(list(map(str, parts)))


def describe(store: Store, study: str = "small") -> None:
    """Each arm trained and measured; KD needs the teacher; one measure looks at all arms."""
    cells: list[dict[str, Any]] = []
    for arm in ARMS:
        sources = [name("train", "teacher")[:16]] if arm == "KD" else []
        cells.append({"digest": name("train", arm), "kind": "train", "arm": arm, "sources": sources})
    for arm in ARMS:
        cells.append({"digest": name("Measure", arm), "kind": "Measure", "arm": arm, "sources": []})
        cells[-1] |= {"sources": [name("train", arm)[:16]], "group": 0}
    for cell in cells:
        cell |= {"seed": 0, "epoch": None}
    groups = [[name("train", arm)[:16] for arm in ("scratch", "late")]]
    what = {"name": study, "title": "A small one", "arms": [{"name": arm} for arm in ARMS]}
    store.write(f"studies/{study}.json", json.dumps({**what, "groups": groups, "cells": cells}))


def finish(store: Store, kind: str, arm: str, seconds: float = 2.0) -> None:
    with store.writing(name(kind, arm)) as folder:
        (folder / "weights.bin").write_bytes(bytes(1000))
        write_record(folder, Record(kind=kind, arm=arm, seed=0, key={}, digest=name(kind, arm), seconds=seconds))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store.create(tmp_path / "store")
    describe(store)
    return store


def states(found: Manifest) -> dict[str, str]:
    return {cell.title.removesuffix(", seed 0"): cell.state for cell in found.different}


def test_all_is_missing_at_first_and_done_at_last(store: Store) -> None:
    found = manifest(store)
    assert set(states(found).values()) == {"missing"}
    assert found.counts["missing"] == 8 == len(found.studies[0].cells)
    for arm in ARMS:
        finish(store, "train", arm)
        finish(store, "Measure", arm)
    found = manifest(store)
    assert found.counts == {"done": 8, "running": 0, "failed": 0, "blocked": 0, "missing": 0}
    assert found.records == 8
    assert found.studies[0].arms == ARMS


def test_a_failure_blocks_all_that_needs_it_and_nothing_else(store: Store) -> None:
    finish(store, "train", "scratch")
    store.fail(name("train", "teacher"), Failure("train teacher", "DivergedError", "not finite", "Traceback", when=5.0))
    found = manifest(store)
    assert states(found) == {
        "train teacher": "failed", "train scratch": "done", "train KD": "blocked", "train late": "missing",
        "Measure teacher": "blocked", "Measure scratch": "missing", "Measure KD": "blocked", "Measure late": "missing",
    }  # fmt: skip
    by_title = {cell.title: cell for cell in found.different}
    failure = by_title["train teacher, seed 0"].failure
    assert failure is not None
    assert (failure.message, failure.when) == ("not finite", 5.0)
    # The measure of KD waits for KD, and KD for the teacher: what failed is named, not what waits.
    assert by_title["Measure KD, seed 0"].because == ("train teacher, seed 0",)


def test_a_failed_fellow_blocks_the_group(store: Store) -> None:
    store.fail(name("train", "late"), Failure("train late", "DivergedError", "not finite"))
    found = manifest(store)
    assert [cell.because for cell in found.different if cell.kind == "Measure"] == [("train late, seed 0",)] * 4


def test_a_running_cell_has_its_owner_and_progress(store: Store) -> None:
    progress = Progress()
    progress.start(200)
    progress.tell(50)
    with store.claims.take(name("train", "teacher"), "train teacher", progress) as mine:
        assert mine
        while not (claim := store.claims.look(name("train", "teacher"))) or not claim.beat:
            time.sleep(0.01)
        (cell,) = [cell for cell in manifest(Store(store.path)).different if cell.state == "running"]
    assert cell.title == "train teacher, seed 0"
    assert cell.alive is True
    assert cell.share == 0.25
    assert cell.claim is not None
    assert cell.claim.owner is not None
    assert cell.claim.owner.title == "train teacher"
    assert manifest(store).counts["running"] == 0


def leave_claim(store: Store, machine: str, beat: int) -> None:
    owner = Owner("runner", "elsewhere", machine, 1, 0.0, "train teacher")
    folder = store.path / "claims"
    folder.mkdir(exist_ok=True)
    lines = json.dumps(owner.__dict__) + "\n" + json.dumps([beat, 10, 100, 5.0])
    (folder / f"{name('train', 'teacher')[:16]}.1").write_text(lines)


def test_a_claim_that_a_killed_process_left_is_silent(store: Store) -> None:
    leave_claim(store, store.claims.machine, 3)
    (cell,) = [cell for cell in manifest(store).different if cell.state == "running"]
    assert cell.alive is False


def test_a_second_look_tells_whether_another_machine_is_at_work(store: Store) -> None:
    leave_claim(store, "another machine", 3)
    first = manifest(store)
    assert [cell.alive for cell in first.different if cell.state == "running"] == [None]
    leave_claim(store, "another machine", 4)
    second = manifest(store, before=first)
    assert [cell.alive for cell in second.different if cell.state == "running"] == [True]


def test_studies_that_share_cells_count_them_once(store: Store) -> None:
    describe(store, "other")
    found = manifest(store)
    assert [one.name for one in found.studies] == ["other", "small"]
    assert found.counts["missing"] == 8
    assert [one.name for one in manifest(store, "other").studies] == ["other"]
    with pytest.raises(SpecError, match=r"no study 'gone'.*other, small"):
        manifest(store, "gone")


def test_a_store_without_a_study_says_how_to_begin(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="kdissect run STUDY"):
        manifest(Store.create(tmp_path / "new"))


def test_verification_finds_an_edited_record_and_a_cut_file_and_changes_nothing(store: Store) -> None:
    for arm in ARMS:
        finish(store, "train", arm)
    assert verify(store) == []
    edited = store.folder(name("train", "KD")) / "record.json"
    edited.write_text(edited.read_text().replace('"KD"', '"LS"'))
    cut = store.folder(name("train", "late")) / "weights.bin"
    cut.write_bytes(bytes(999))
    (store.folder(name("train", "teacher")) / "weights.bin").unlink()
    assert {flaw.digest for flaw in verify(store)} == {name("train", arm)[:16] for arm in ("KD", "late", "teacher")}
    assert manifest(store).damaged == 0
    assert len(store.done()) == 4
