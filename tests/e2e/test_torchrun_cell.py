"""A cell that several processes train together under torchrun; they are really killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from e2e.far_runs import HERE, OWN, end, environment, records, start

from kdissect.errors import SpecError
from kdissect.records import Store
from kdissect.study import Runner, ThisMachine, find_places, find_study
from kdissect.study.watch import NoWatch

ONE = ("--only", "arm=scratch", "--only", "seed=0", "--devices", "2")


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def wait_for_training(run: "subprocess.Popen[str]", out: Path) -> list[int]:
    """The processes under a run, once two of them train."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and run.poll() is None:
        if any(out.glob("running/*/checkpoint.safetensors")):
            return descendants(run.pid)
        time.sleep(0.05)
    raise AssertionError("no training")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_the_record_says_that_processes_trained_together(tmp_path: Path) -> None:
    code, said = end(start(tmp_path / "out", "local", *ONE))
    assert code == 0, said
    kinds = {record.kind: record.made_by.get("processes") for record in Store(tmp_path / "out").records()}
    assert kinds == {"train": "2", "Accuracy": None, "ClassSimilarity": None}


@pytest.mark.slow
def test_a_killed_process_is_replaced_and_the_training_goes_on(tmp_path: Path) -> None:
    code, said = end(start(tmp_path / "whole", "local", *ONE, "--epochs", "60"))
    assert code == 0, said
    run = start(tmp_path / "out", "local", *ONE, "--epochs", "60")
    os.kill(wait_for_training(run, tmp_path / "out")[-1], signal.SIGKILL)
    code, said = end(run)
    assert code == 0, said
    assert records(tmp_path / "out") == records(tmp_path / "whole")


@pytest.mark.slow
def test_no_process_outlives_its_killed_run(tmp_path: Path) -> None:
    run = start(tmp_path / "out", "local", *ONE, "--epochs", "400")
    under = wait_for_training(run, tmp_path / "out")
    assert len(under) >= 3  # torchrun and two processes
    run.kill()
    end(run)
    deadline = time.monotonic() + 10
    while any(alive(pid) for pid in under) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in under if alive(pid)] == []


@pytest.mark.slow
def test_an_error_in_a_process_is_one_line(tmp_path: Path) -> None:
    study = tmp_path / "diverging.py"
    study.write_text(
        f"import sys\nsys.path.insert(0, {str(HERE)!r})\nimport own_study\n"
        "def own():\n"
        "    good = own_study.own()\n"
        "    return good.changed(recipe=good.recipe.changed(learning_rate=1e30))\n"
    )
    command = [*start_words(f"{study}:own", tmp_path / "out"), *ONE]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert last.startswith("kdissect: ")
    assert "the term CE is" in last
    assert "torch.distributed" not in done.stdout + done.stderr


def start_words(study: str, out: Path) -> list[str]:
    return [sys.executable, "-m", "kdissect", "run", study, "--out", str(out), "--on", "local"]


def test_a_batch_that_cannot_be_shared_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    places = ThisMachine(processes_per_training=3)
    with pytest.raises(SpecError, match="expected a multiple of 3, got 16"):
        Runner(find_study(OWN), Store.create(tmp_path / "out"), torch.device("cpu"), NoWatch(), places).run()


def test_places_of_several_devices() -> None:
    cpu = torch.device("cpu")
    assert find_places("local", cpu, 2).processes_per_training == 2
    assert find_places("ray", cpu, 2).processes_per_training == 2
    with pytest.raises(SpecError, match="--devices must be 1 or more"):
        find_places("local", cpu, 0)
