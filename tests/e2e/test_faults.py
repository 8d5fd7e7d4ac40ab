"""What a store survives: real kills, a real full disk, two real runners."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from kdissect.records import Store

STUDY = f"{Path(__file__).parent / 'faults_study.py'}:faults"
CELLS = 45
VARYING = {"run.json", "report.html"}
"""Files that say when and how fast something was done."""


def start(out: Path, on: str = "processes:2", log: Path | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    if log is not None:
        environment["KDISSECT_TEST_LOG"] = str(log)
    command = [sys.executable, "-m", "kdissect", "run", STUDY, "--out", out.name, "--on", on]
    return subprocess.Popen(
        command, cwd=out.parent, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def content(store: Path) -> dict[str, bytes]:
    files = {path.relative_to(store).as_posix(): path for path in store.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in sorted(files.items()) if path.name not in VARYING}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    process = start(out)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    found = content(out)
    assert sum(name.endswith("record.json") for name in found) == CELLS
    return found


def kill_at_random(out: Path, kills: int, seed: int) -> Counter[str]:
    """Start the study and kill it, again and again; who was killed how often."""
    rng, killed = random.Random(seed), Counter[str]()
    while killed.total() < kills:
        process = start(out)
        try:
            # Half of the moments are after the start, half anywhere in the run.
            time.sleep(rng.uniform(3, 14))
            runner = psutil.Process(process.pid)
            workers = [one for one in runner.children() if "spawn_main" in " ".join(one.cmdline())]
            who = rng.choice(["runner", "worker"])
            if who == "worker" and workers:
                rng.choice(workers).send_signal(signal.SIGKILL)
                killed["worker"] += 1
                time.sleep(rng.uniform(0, 3))  # it goes on
            process.send_signal(signal.SIGKILL)
            killed["runner"] += 1
        except psutil.NoSuchProcess:
            pass
        finally:
            process.communicate()
        if len(Store(out).done() if (out / "store.json").exists() else ()) == CELLS:
            for number, path in enumerate(sorted((out / "cells").iterdir())):  # all is there: begin again with a half
                if number % 2:
                    subprocess.run(["rm", "-rf", path], check=True)
    return killed


@pytest.mark.parametrize("kills", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_kills_at_random_moments_leave_no_trace(undisturbed: dict[str, bytes], tmp_path: Path, kills: int) -> None:
    out = tmp_path / "out"
    killed = kill_at_random(out, kills, seed=kills)
    assert killed.total() >= kills
    process = start(out)
    said, _ = process.communicate()
    assert process.returncode == 0, said
    found = content(out)
    assert found.keys() == undisturbed.keys()
    assert [name for name in found if found[name] != undisturbed[name]] == []
    assert not list((out / "cells").glob(".*"))


def test_two_runners_share_the_work_and_do_no_cell_twice(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    log = tmp_path / "log"
    runners = [start(tmp_path / "out", "local", log), start(tmp_path / "out", "processes:2", log)]
    said = [runner.communicate()[0] for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0], said
    made = Counter(log.read_text().splitlines())
    assert len(made) == 30
    assert set(made.values()) == {1}
    assert all(f"{CELLS} cells" in text for text in said)
    found = content(tmp_path / "out")
    assert {n: b for n, b in found.items() if "stud" not in n} == {
        n: b for n, b in undisturbed.items() if "stud" not in n
    }  # study.json holds the command of the runner that came last


def test_a_full_disk_is_one_clear_line_and_does_no_damage(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=700k", "tmpfs", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small disk needs more rights than this user has")
    try:
        process = start(disk / "out")
        said, _ = process.communicate()
        assert process.returncode == 2
        last = said.strip().splitlines()[-1]
        assert re.match(r"kdissect: (No space left on device|cannot write .*No space left on device)", last), last
        assert "run again" in last
        assert "Traceback" not in said
        left = Store(disk / "out").records()
        assert 0 < len(left) < CELLS
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        process = start(disk / "out")
        said, _ = process.communicate()
        assert process.returncode == 0, said
        assert content(disk / "out") == undisturbed
    finally:
        subprocess.run(["umount", disk], check=True)
