"""Claims: one owner at a time, whoever is killed and whatever the clocks say."""

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from claimants import CELLS, DIGEST, hold, race

from kdissect.records import Progress, Store
from kdissect.records import claims as claims_file


def test_a_claim_is_one_runner_s_until_it_is_let_go(tmp_path: Path) -> None:
    one, other = Store.create(tmp_path / "store"), Store(tmp_path / "store")
    with one.claims.take(DIGEST, "train KD, seed 0", Progress()) as mine:
        assert mine
        with other.claims.take(DIGEST, "train KD, seed 0", Progress()) as theirs:
            assert not theirs
        claimed = other.claims.alive(DIGEST)
        assert claimed is not None
        assert claimed.owner is not None
        assert (claimed.owner.pid, claimed.owner.title) == (os.getpid(), "train KD, seed 0")
        with other.claims.take("e" * 64, "another", Progress()) as another:
            assert another
    with other.claims.take(DIGEST, "train KD, seed 0", Progress()) as again:
        assert again
    assert list((tmp_path / "store/claims").iterdir()) == []


def test_a_killed_owner_s_claim_is_free_at_once(tmp_path: Path) -> None:
    store, context = Store.create(tmp_path / "store"), multiprocessing.get_context("spawn")
    ready: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=hold, args=(store.path, ready))
    process.start()
    try:
        pid = ready.get(timeout=60)
        assert store.claims.alive(DIGEST) is not None
        os.kill(pid, signal.SIGSTOP)  # stopped is not dead
        assert store.claims.alive(DIGEST) is not None
        os.kill(pid, signal.SIGKILL)
        process.join()
        assert store.claims.alive(DIGEST) is None
        assert store.claims.look(DIGEST) is not None
        with store.claims.take(DIGEST, "taken over", Progress()) as mine:
            assert mine
            claimed = store.claims.look(DIGEST)
            assert claimed is not None
            assert claimed.number == 2
        assert store.claims.look(DIGEST) is None
    finally:
        process.kill()
        process.join()
        ready.close()
        ready.join_thread()


def test_an_owner_elsewhere_is_known_by_its_beat_and_no_clock_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, watcher = Store.create(tmp_path / "store"), Store(tmp_path / "store")
    now = 1000.0
    monkeypatch.setattr(claims_file.time, "monotonic", lambda: now)
    # The owner's clock is years off, in either direction, and its machine is another one.
    monkeypatch.setattr(claims_file.time, "time", lambda: random.choice([0.0, 4e9]))
    monkeypatch.setattr(store.claims, "machine", "elsewhere")
    monkeypatch.setattr(claims_file, "BEAT_SECONDS", 1e6)  # after the first one only those of the test count
    with store.claims.take(DIGEST, "far away", Progress()) as mine:
        assert mine
        path = next((tmp_path / "store/claims").iterdir())
        while (claimed := watcher.claims.look(DIGEST)) is None or not claimed.beat:
            time.sleep(0.01)
        assert watcher.claims.alive(DIGEST) is not None
        os.utime(path, (4e9, 4e9))
        for beat in range(5):  # it beats: alive, however long
            text = path.read_text().split("\n")[0]
            with path.open("r+") as file:
                file.write(f"{text}\n[{100 + beat}, 5, 10, 2.5]".ljust(len(text) + 160))
            assert watcher.claims.alive(DIGEST) is not None
            now += claims_file.PATIENCE * 0.9
        assert watcher.claims.alive(DIGEST) is not None
        now += claims_file.PATIENCE * 0.2
        assert watcher.claims.alive(DIGEST) is None
        with watcher.claims.take(DIGEST, "taken over", Progress()) as theirs:
            assert theirs


def test_racing_processes_some_of_which_are_killed_do_each_cell_once(tmp_path: Path) -> None:
    store, context = Store.create(tmp_path / "store"), multiprocessing.get_context("spawn")
    rng = random.Random(0)
    racers = [context.Process(target=race, args=(store.path, tmp_path / "log", seed)) for seed in range(4)]
    for racer in racers:
        racer.start()
    deadline = time.monotonic() + 60
    while not (tmp_path / "log").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    killed = rng.sample(racers, 2)
    for racer in killed:
        time.sleep(rng.uniform(0, 0.2))
        os.kill(racer.pid or 0, signal.SIGKILL)
    for racer in racers:
        racer.join()
    dead = {racer.pid for racer in killed}
    assert len(list((store.path / "cells").iterdir())) == CELLS
    ended, at_work = Counter[str](), dict[str, int]()
    for line in (tmp_path / "log").read_text().splitlines():
        word, digest, pid = line.split()
        if word == "begin":
            assert at_work.get(digest) is None or at_work[digest] in dead, "two at work on one cell"
            at_work[digest] = int(pid)
        else:
            assert at_work.pop(digest) == int(pid)
            ended[digest] += 1
    # A process may be killed between the end of its work and the folder that says so.
    assert sum(number > 1 for number in ended.values()) <= len(killed)
    assert len(ended) == CELLS
