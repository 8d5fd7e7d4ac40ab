"""A real Ray cluster of two nodes; workers and nodes of it are really killed."""

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from e2e.far_runs import CELLS, HERE, OWN, end, environment, kill_who_does, records, start, who_does

from kdissect.errors import SpecError
from kdissect.study import find_study, plan
from kdissect.study.job import Job
from kdissect.study.needs import Needs
from kdissect.study.on_ray import RayCluster

pytestmark = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
LONG = ("--epochs", "60")


@dataclass
class Nodes:
    """Two nodes in a program of its own, so that nothing of Ray is in the tests' process."""

    program: subprocess.Popen[str]
    address: str
    env: dict[str, str]

    def kill_one(self) -> None:
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write("kill\n")
        self.program.stdin.flush()
        assert self.program.stdout.readline() == "killed\n"


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    folder = tempfile.mkdtemp(prefix="kdr", dir="/tmp")  # short: a socket's path has at most 107 characters
    env = environment(RAY_TMPDIR=folder, RAY_AUTH_MODE="disabled", RAY_USAGE_STATS_ENABLED="0", RAY_ADDRESS="")
    program = subprocess.Popen(
        [sys.executable, str(HERE / "ray_nodes.py")], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdout is not None
        address = next((line.split()[1] for line in program.stdout if line.startswith("address ")), None)
        assert address is not None, "the cluster did not start"
        yield Nodes(program, address, env)
        assert program.stdin is not None
        program.stdin.close()
        try:
            program.wait(30)
        except subprocess.TimeoutExpired:
            program.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def long_records(tmp_path_factory: pytest.TempPathFactory) -> dict:
    out = tmp_path_factory.mktemp("alone") / "out"
    code, said = end(start(out, "local", *LONG))
    assert code == 0, said
    return records(out)


def test_two_nodes_give_the_records_of_one_process(nodes: Nodes, tmp_path: Path) -> None:
    code, said = end(start(tmp_path / "ray", f"ray:{nodes.address}", env=nodes.env))
    assert code == 0, said
    assert "Warning" not in said
    code, alone = end(start(tmp_path / "local", "local"))
    assert code == 0, alone
    found = records(tmp_path / "ray")
    assert len(found) == CELLS
    assert found == records(tmp_path / "local")
    assert not list((tmp_path / "ray" / "claims").glob("*.*"))


@pytest.mark.slow
def test_a_killed_worker_loses_nothing(nodes: Nodes, tmp_path: Path, long_records: dict) -> None:
    run = start(tmp_path / "out", f"ray:{nodes.address}", *LONG, env=nodes.env)
    kill_who_does(tmp_path / "out", "train KD", run)
    code, said = end(run)
    assert code == 0, said
    assert "again" in said
    assert records(tmp_path / "out") == long_records


@pytest.mark.slow
def test_a_killed_node_loses_nothing(nodes: Nodes, tmp_path: Path, long_records: dict) -> None:
    run = start(tmp_path / "out", f"ray:{nodes.address}", *LONG, env=nodes.env)
    for seed in (0, 1):  # both nodes are at work
        who_does(tmp_path / "out", f"train scratch, seed {seed}", run)
    nodes.kill_one()
    code, said = end(run)
    assert code == 0, said
    assert records(tmp_path / "out") == long_records


@pytest.mark.slow
def test_a_killed_run_is_gone_on_with(nodes: Nodes, tmp_path: Path, long_records: dict) -> None:
    run = start(tmp_path / "out", f"ray:{nodes.address}", *LONG, env=nodes.env)
    kill_who_does(tmp_path / "out", "train KD", run)
    run.kill()
    end(run)
    code, said = end(start(tmp_path / "out", f"ray:{nodes.address}", *LONG, env=nodes.env))
    assert code == 0, said
    assert records(tmp_path / "out") == long_records


@pytest.mark.slow
def test_what_no_node_has_is_said_at_once(nodes: Nodes, tmp_path: Path) -> None:
    code, said = end(start(tmp_path / "out", f"ray:{nodes.address}", "--cpus-per-cell", "8", env=nodes.env))
    assert code == 2
    assert said.splitlines()[-1].startswith("kdissect: a cell needs 8 CPUs and no node of the Ray cluster has that")


@pytest.mark.slow
def test_a_cluster_of_its_own_ends_with_the_run(tmp_path: Path) -> None:
    folder = tempfile.mkdtemp(prefix="kdr", dir="/tmp")
    try:
        env = environment(RAY_TMPDIR=folder, RAY_AUTH_MODE="disabled", RAY_ADDRESS="")
        code, said = end(start(tmp_path / "out", "ray", "--only", "arm=scratch", env=env))
        assert code == 0, said
        assert [line for line in said.splitlines() if "ray" in line.lower() and "tmp" not in line.lower()] == []
        left = subprocess.run(["pgrep", "-f", folder], capture_output=True, text=True, check=False).stdout
        assert left == ""
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_no_cluster_at_the_address_is_one_line(tmp_path: Path) -> None:
    code, said = end(start(tmp_path / "out", "ray:127.0.0.1:9"))
    assert code == 2
    assert said.splitlines()[-1].startswith("kdissect: no Ray cluster answers at 127.0.0.1:9 (Connection refused)")


@pytest.mark.parametrize("wrong", ["ray:", "ray:nowhere", "ray://host", "ray:host:port"])
def test_an_address_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(SpecError, match=r"expected --on ray, ray:HOST:PORT or ray://HOST:PORT"):
        RayCluster.parse(wrong, Needs(), 1)


def test_addresses_are_ray_s() -> None:
    assert RayCluster.parse("ray", Needs(), 1).address is None
    assert RayCluster.parse("ray:10.0.0.1:6379", Needs(), 1).address == "10.0.0.1:6379"
    assert RayCluster.parse("ray://head:10001", Needs(), 1).address == "ray://head:10001"


def test_a_training_in_several_processes_needs_several_cores() -> None:
    study = find_study(OWN)
    training, measuring = plan(study)[:2]
    job = Job((study,), "store", device="cuda", processes=4)
    assert Needs(cpus=2).of(training, job) == (8, 4, None)
    assert Needs(cpus=2).of(measuring, job) == (2, 1, None)
    assert Needs(gpus=0.5, memory=3).of(measuring, job) == (1, 0.5, 3)
