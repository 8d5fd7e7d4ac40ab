"""Cells side by side in real processes, one of which is really killed."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest
import torch
from noting import Noting

from kdissect.errors import DivergedError, KdissectError, RecordError, SpecError
from kdissect.records import Record, Score, Store
from kdissect.study import Cell, Runner, Study, ThisMachine, find_places, find_study

OWN = f"{Path(__file__).parent / 'own_study.py'}:own"


def run(study: Study, folder: Path, processes: int, watch: Noting) -> list[Record]:
    return Runner(study, Store.create(folder), torch.device("cpu"), watch, ThisMachine(processes)).run()


def scores(records: list[Record]) -> list[tuple[str, tuple[Score, ...]]]:
    return [(record.digest, record.scores) for record in records]


def test_two_processes_give_the_scores_of_one_to_the_last_bit(tmp_path: Path) -> None:
    study = find_study(OWN)
    side_by_side, alone = Noting(), Noting()
    store = Store.create(tmp_path / "two")
    two = Runner(study, store, torch.device("cpu"), side_by_side, ThisMachine(2), keep_every=1).run()
    one = run(study, tmp_path / "one", 1, alone)
    assert scores(two) == scores(one)
    kept = [record for record in two if "checkpoints/epoch-0001.safetensors" in record.files]
    assert [record.kind for record in kept] == ["train"] * len(kept) != []
    assert sorted(side_by_side.ended) == sorted(alone.ended)
    assert side_by_side.images == alone.images > 0
    assert side_by_side.ended.index("train teacher, seed 0") < side_by_side.ended.index("train KD, seed 1")


def test_a_killed_process_is_replaced_and_its_cell_done_again(tmp_path: Path) -> None:
    killed: list[int] = []

    def kill(cell: Cell) -> None:
        if cell.title == "train KD, seed 0" and not killed:
            killed.extend(workers())
            for worker in killed:
                os.kill(worker, signal.SIGKILL)

    watch = Noting(kill)
    records = run(find_study(OWN), tmp_path / "out", 2, watch)
    assert killed
    assert "train KD, seed 0: its process died with exit code -9" in watch.again_
    assert len(records) == 15
    assert scores(records) == scores(run(find_study(OWN), tmp_path / "whole", 1, Noting()))


def test_a_cell_whose_process_always_dies_fails_and_the_others_are_done(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "out")

    def kill(cell: Cell) -> None:
        if cell.title == "train KD, seed 0":
            claimed = store.claims.look(cell.digest)
            assert claimed is not None
            assert claimed.owner is not None
            os.kill(claimed.owner.pid, signal.SIGKILL)

    watch = Noting(kill)
    with pytest.raises(
        RecordError, match="train KD, seed 0 was begun 3 times and each time its process died"
    ) as caught:
        run(find_study(OWN), tmp_path / "out", 2, watch)
    assert "could not be done" in caught.value.__notes__[-1]
    assert [title for title in watch.ended if "KD, seed 0" in title] == []
    assert "train KD, seed 1" in watch.ended
    assert len(watch.ended) + len(watch.failed) + len(watch.blocked) == 15


def workers() -> list[int]:
    us = os.getpid()
    children = [int(p) for p in Path(f"/proc/{us}/task/{us}/children").read_text().split()]
    return [p for p in children if b"spawn_main" in Path(f"/proc/{p}/cmdline").read_bytes()]


def test_an_error_in_a_process_comes_back_with_the_name_of_its_cell(tmp_path: Path) -> None:
    study = find_study(OWN)
    broken = study.changed(recipe=study.recipe.changed(learning_rate=1e30))
    with pytest.raises(DivergedError, match="the term CE is (nan|inf)") as caught:
        run(broken, tmp_path / "out", 2, Noting())
    assert "train scratch, seed" in caught.value.__notes__[0]
    assert isinstance(caught.value, KdissectError)


def test_no_process_is_left_behind(tmp_path: Path) -> None:
    run(find_study(OWN), tmp_path / "out", 2, Noting())
    deadline = time.monotonic() + 10
    us = os.getpid()
    while time.monotonic() < deadline:
        children = Path(f"/proc/{us}/task/{us}/children").read_text().split()
        if not any(b"spawn_main" in Path(f"/proc/{p}/cmdline").read_bytes() for p in children):
            break
        time.sleep(0.1)
    else:
        pytest.fail("a worker process is still there")
    assert threading.active_count() < 20


def test_how_many_run_side_by_side() -> None:
    cpu = torch.device("cpu")
    assert find_places("local", cpu) == ThisMachine(1)
    assert find_places("processes:3", cpu) == ThisMachine(3)
    assert find_places("auto", cpu) == ThisMachine(len(os.sched_getaffinity(0)))
    assert find_places("auto", torch.device("meta")) == ThisMachine(1)
    for wrong in ("processes:0", "processes", "bus", "2"):
        with pytest.raises(SpecError, match="--on must be auto, local"):
            find_places(wrong, cpu)
