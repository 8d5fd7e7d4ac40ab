"""Cells side by side in real processes, one of which is really killed."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from kdissect.errors import DivergedError, KdissectError, RecordError, SpecError
from kdissect.records import Record, Score, Store
from kdissect.study import Runner, Study, choose_processes, find_study

OWN = f"{Path(__file__).parent / 'own_study.py'}:own"


class Noting:
    """A watch that notes what was done and may act on a start."""

    def __init__(self, act: Callable[[str], None] | None = None) -> None:
        self.act, self.ended, self.images = act, list[str](), 0

    def begin(self, cells: int, kept: int) -> None:
        self.kept = kept

    def start(self, title: str, total: int | None) -> Callable[[int], None]:
        if self.act is not None:
            self.act(title)

        def tell(images: int) -> None:
            self.images += images

        return tell

    def end(self, title: str, scores: tuple[Score, ...], seconds: float) -> None:
        self.ended.append(title)


def run(study: Study, folder: Path, processes: int, watch: Noting) -> list[Record]:
    return Runner(study, Store.create(folder), torch.device("cpu"), watch, processes).run()


def scores(records: list[Record]) -> list[tuple[str, tuple[Score, ...]]]:
    return [(record.digest, record.scores) for record in records]


def test_two_processes_give_the_scores_of_one_to_the_last_bit(tmp_path: Path) -> None:
    study = find_study(OWN)
    side_by_side, alone = Noting(), Noting()
    store = Store.create(tmp_path / "two")
    two = Runner(study, store, torch.device("cpu"), side_by_side, 2, keep_every=1).run()
    one = run(study, tmp_path / "one", 1, alone)
    assert scores(two) == scores(one)
    kept = [record for record in two if "checkpoints/epoch-0001.safetensors" in record.files]
    assert [record.kind for record in kept] == ["train"] * len(kept) != []
    assert sorted(side_by_side.ended) == sorted(alone.ended)
    assert side_by_side.images == alone.images > 0
    assert side_by_side.ended.index("train teacher, seed 0") < side_by_side.ended.index("train KD, seed 1")


def test_a_killed_process_names_its_cell_and_loses_nothing_that_was_done(tmp_path: Path) -> None:
    study = find_study(OWN)
    us = os.getpid()

    def kill(title: str) -> None:
        if title == "train KD, seed 0":
            children = [int(p) for p in Path(f"/proc/{us}/task/{us}/children").read_text().split()]
            workers = [p for p in children if b"spawn_main" in Path(f"/proc/{p}/cmdline").read_bytes()]
            for worker in workers:
                os.kill(worker, signal.SIGKILL)

    with pytest.raises(RecordError, match=r"the process of cell .* died with exit code -9"):
        run(study, tmp_path / "out", 2, Noting(kill))
    kept = Store(tmp_path / "out").records()
    assert any(record.arm == "teacher" for record in kept)
    watch = Noting()
    records = run(study, tmp_path / "out", 2, watch)
    assert watch.kept == len(kept)
    assert len(records) == 15
    assert scores(records) == scores(run(study, tmp_path / "whole", 1, Noting()))


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
    assert choose_processes("local", cpu) == 1
    assert choose_processes("processes:3", cpu) == 3
    assert choose_processes("auto", cpu) == len(os.sched_getaffinity(0))
    assert choose_processes("auto", torch.device("meta")) == 1
    for wrong in ("processes:0", "processes", "ray", "2"):
        with pytest.raises(SpecError, match="--on must be auto, local or processes:N"):
            choose_processes(wrong, cpu)
