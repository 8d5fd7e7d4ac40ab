"""Training in two real processes under torchrun, against one."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

SCRIPT = Path(__file__).with_name("two_processes.py")


def run(name: str, out: Path, processes: int, *, die_after: int | None = None) -> None:
    out.mkdir(exist_ok=True)
    command = [sys.executable, str(SCRIPT), name, str(out), *([str(die_after)] if die_after else [])]
    if processes > 1:
        command[1:1] = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    # With the shared store a killed process leaves the others waiting for minutes.
    environment = {**os.environ, "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=environment)
    assert (done.returncode == 0) == (die_after is None), done.stderr[-3000:]


@pytest.mark.parametrize("name", ["plain", "relations", "banks", "stages"])
def test_two_processes_train_the_student_of_one(name: str, tmp_path: Path) -> None:
    for number in (1, 2):
        run(name, tmp_path / str(number), number)
    assert (tmp_path / "2" / "processes.txt").read_text() == "2"
    one, two = (load_file(tmp_path / number / "student.safetensors") for number in ("1", "2"))
    for key, value in one.items():
        torch.testing.assert_close(two[key], value, rtol=1e-3, atol=2e-5)
    curves = [ast.literal_eval((tmp_path / number / "curve.txt").read_text()) for number in ("1", "2")]
    for (loss, accuracy), (other_loss, other_accuracy) in zip(*curves, strict=True):
        assert other_accuracy == accuracy  # every image of the val split once, none twice
        if name in ("relations", "banks"):
            assert other_loss == pytest.approx(loss, rel=0.2)  # CE there is of this process's own images


def test_two_processes_that_were_killed_go_on_to_the_same_weights(tmp_path: Path) -> None:
    """In the second epoch, by SIGKILL; a third run of the same leaves the very same file."""
    run("stages", tmp_path / "whole", 2)
    run("stages", tmp_path / "killed", 2, die_after=96)
    assert not (tmp_path / "killed" / "student.safetensors").exists()
    run("stages", tmp_path / "killed", 2)
    whole, killed = (load_file(tmp_path / name / "student.safetensors") for name in ("whole", "killed"))
    assert all(torch.equal(value, killed[key]) for key, value in whole.items())
