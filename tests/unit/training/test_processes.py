"""Training in two real processes under torchrun, against one."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

SCRIPT = Path(__file__).with_name("two_processes.py")


def run(name: str, out: Path, processes: int) -> None:
    out.mkdir()
    command = [sys.executable, str(SCRIPT), name, str(out)]
    if processes > 1:
        command[1:1] = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


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
