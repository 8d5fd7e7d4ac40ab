"""Slurm's place with submitit's local executor: real jobs, one of which is really killed."""

import importlib.util
from pathlib import Path

import pytest
from e2e.far_runs import CELLS, end, kill_who_does, records, start

from kdissect.errors import SpecError
from kdissect.study.needs import Needs
from kdissect.study.on_slurm import Slurm

pytestmark = pytest.mark.skipif(importlib.util.find_spec("submitit") is None, reason="submitit is not installed")
LOCAL = "slurm:cluster=local,jobs=2"


@pytest.mark.slow
def test_jobs_give_the_records_of_one_process_though_one_was_killed(tmp_path: Path) -> None:
    run = start(tmp_path / "jobs", LOCAL, "--epochs", "60")
    kill_who_does(tmp_path / "jobs", "train KD", run)
    code, said = end(run, 400)
    assert code == 0, said
    assert "again" in said
    code, alone = end(start(tmp_path / "local", "local", "--epochs", "60"))
    assert code == 0, alone
    found = records(tmp_path / "jobs")
    assert len(found) == CELLS
    assert found == records(tmp_path / "local")
    logs = [path.name for path in tmp_path.glob("jobs/slurm/*/*")]
    assert any(name.endswith(".err") for name in logs), "the killed job's log is kept"
    assert len(list(tmp_path.glob("jobs/slurm/*"))) == 1, "and only its"


def test_without_slurm_it_is_one_line(tmp_path: Path) -> None:
    code, said = end(start(tmp_path / "out", "slurm:partition=gpu"))
    assert code == 2
    assert said.splitlines()[-1].startswith("kdissect: --on slurm: there is no srun here")


def test_options_go_to_sbatch_except_our_own() -> None:
    place = Slurm.parse("slurm:partition=gpu,time=30,jobs=16,gpus=2,account=lab", Needs(), 1)
    assert (place.cluster, place.minutes, place.jobs, place.gpus) == ("slurm", 30, 16, 2)
    assert place.options == (("partition", "gpu"), ("account", "lab"))
    assert Slurm.parse("slurm", Needs(), 1) == Slurm()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("slurm:gpu", "expected --on slurm:NAME=VALUE"),
        ("slurm:time=long", "expected minutes in time="),
        ("slurm:jobs=0", "expected a whole number in jobs="),
        ("slurm:cluster=here", "expected cluster=slurm or cluster=local"),
    ],
)
def test_wrong_options_are_refused(wrong: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        Slurm.parse(wrong, Needs(), 1)
