"""Shards: the same integers as in one piece, also after a kill, and with any number of processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from probes import MemoryProbe, random_probe
from torch import nn

from kdissect.dissect import Dissection, Dissections, dissect_layers
from kdissect.dissect.work_folder import remove_work
from kdissect.errors import RecordError

PROGRAM = """
import os, signal, sys, torch
import sharing_case
from kdissect.dissect import together
out, work, shard, kill = sys.argv[1:]
torch.set_num_threads(1)
with together():
    found = sharing_case.run(work=work, shard_images=int(shard), kill=int(kill))
    if int(os.environ.get("RANK", 0)) == 0:
        found.save(out)
    else:
        found.save(out + "-other")
"""


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.Conv2d(6, 4, 3), nn.ReLU())


def run(
    work: str | None = None, shard_images: int = 10, kill: int = 0, probe: MemoryProbe | None = None
) -> Dissections:
    def progress(done: int, _total: int) -> None:
        if kill and done >= kill:
            os.kill(os.getpid(), signal.SIGKILL)

    return dissect_layers(
        network(),
        ["1", "3", "2"],
        probe or random_probe(np.random.default_rng(0), 37),
        quantiles=(0.05, 0.01),
        num_exemplars=4,
        batch_size=4,
        work=work,
        shard_images=shard_images,
        progress=progress,
    )


def assert_same(one: Dissections, other: Dissections) -> None:
    assert [(a.layer, a.quantile) for a in one] == [(b.layer, b.quantile) for b in other]
    for a, b in zip(one, other, strict=True):
        assert_same_dissection(a, b)


def assert_same_dissection(a: Dissection, b: Dissection) -> None:
    np.testing.assert_array_equal(a.thresholds, b.thresholds)
    assert a.tally.unit_area.any()
    for name in ("intersection", "unit_area", "label_area"):
        np.testing.assert_array_equal(getattr(a.tally, name), getattr(b.tally, name))
    for gate, areas in a.tally.category_areas.items():
        np.testing.assert_array_equal(areas, b.tally.category_areas[gate])
    for name, value in vars(a.exemplars).items():
        np.testing.assert_array_equal(value, getattr(b.exemplars, name), err_msg=name)
    np.testing.assert_array_equal(a.activity, b.activity)
    for name, value in vars(a.contributions).items():
        np.testing.assert_array_equal(value, getattr(b.contributions, name), err_msg=name)


@pytest.fixture(scope="module")
def whole() -> Dissections:
    return run()


@pytest.mark.parametrize("shard_images", [1, 8, 16, 100])
def test_shards_give_what_one_piece_gives(whole: Dissections, tmp_path: Path, shard_images: int) -> None:
    assert_same(run(str(tmp_path / "work"), shard_images), whole)
    assert_same(run(str(tmp_path / "work"), shard_images), whole)  # all of it from the folder


def test_another_run_is_refused(tmp_path: Path) -> None:
    run(str(tmp_path / "work"))
    with pytest.raises(RecordError, match=r"another dissection \(shard_images differ\)"):
        run(str(tmp_path / "work"), shard_images=17)
    with pytest.raises(RecordError, match=r"another dissection \(.*probe differ\)"):
        run(str(tmp_path / "work"), probe=other_probe())
    (tmp_path / "other").mkdir()
    (tmp_path / "other/thesis.tex").write_text("")
    with pytest.raises(RecordError, match="holds something else"):
        run(str(tmp_path / "other"))
    with pytest.raises(RecordError, match="is a file"):
        run(str(tmp_path / "other/thesis.tex"))


class Doubled(nn.Module):
    """The same weights in another forward pass, which no description of the modules shows."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = lambda images: factor * images
        self.last = nn.Conv2d(3, 2, 3)
        nn.init.constant_(self.last.weight, 0.1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.last(self.factor(images))


def test_another_forward_pass_with_the_same_weights_is_noticed(tmp_path: Path) -> None:
    probe, one = random_probe(np.random.default_rng(0), 12), Doubled(1)
    other = Doubled(2)
    other.load_state_dict(one.state_dict())
    dissect_layers(one, ["last"], probe, work=tmp_path / "work")
    with pytest.raises(RecordError, match=r"another dissection \(outputs differ\)"):
        dissect_layers(other, ["last"], probe, work=tmp_path / "work")


def other_probe() -> MemoryProbe:
    probe = random_probe(np.random.default_rng(1), 37)
    probe.digest = "1"
    return probe


def test_a_silent_unit_has_threshold_zero_in_shards_too(tmp_path: Path) -> None:
    """Most of its values are equal to the bound, and each shard drops those."""
    silent = nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU())
    with torch.no_grad():
        silent[0].bias.copy_(torch.tensor([-100.0, 0.1, -0.5]))
    probe = random_probe(np.random.default_rng(0), 30)
    found = [
        dissect_layers(silent, ["1"], probe, quantile=0.05, work=work, shard_images=7, batch_size=1)[0]
        for work in (None, tmp_path / "work")
    ]
    assert found[0].thresholds[0] == 0
    np.testing.assert_array_equal(found[0].thresholds, found[1].thresholds)
    np.testing.assert_array_equal(found[0].tally.intersection, found[1].tally.intersection)


def start(tmp_path: Path, *arguments: object, processes: int = 1) -> subprocess.CompletedProcess[str]:
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "sharing_case.py").write_text(Path(__file__).read_text())
    launch = [] if processes == 1 else ["-m", "torch.distributed.run", "--nproc-per-node", str(processes)]
    paths = [str(tmp_path), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, *launch, str(tmp_path / "program.py"), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_killed_run_goes_on_from_its_finished_shards(whole: Dissections, tmp_path: Path) -> None:
    work = tmp_path / "work"
    killed = start(tmp_path, tmp_path / "out", work, 8, 20)
    assert killed.returncode == -signal.SIGKILL
    assert sorted(path.name for path in work.glob("shard-*")) == ["shard-00000", "shard-00001"]
    before = (work / "shard-00001/0.npz").stat().st_mtime_ns
    again = start(tmp_path, tmp_path / "out", work, 8, 0)
    assert again.returncode == 0, again.stderr
    assert (work / "shard-00001/0.npz").stat().st_mtime_ns == before
    assert_same(Dissections.load(tmp_path / "out"), whole)


def test_two_processes_give_what_one_gives(whole: Dissections, tmp_path: Path) -> None:
    ran = start(tmp_path, tmp_path / "out", tmp_path / "work", 8, 0, processes=2)
    assert ran.returncode == 0, ran.stderr
    assert_same(Dissections.load(tmp_path / "out"), whole)
    assert_same(Dissections.load(tmp_path / "out-other"), whole)


def test_only_work_is_removed(tmp_path: Path) -> None:
    run(str(tmp_path / "many/one"))
    (tmp_path / "many/thesis.tex").write_text("x")
    remove_work(tmp_path / "many")
    assert [path.name for path in (tmp_path / "many").iterdir()] == ["thesis.tex"]
    (tmp_path / "many/thesis.tex").unlink()
    run(str(tmp_path / "many/one"))
    remove_work(tmp_path / "many")
    assert not (tmp_path / "many").exists()
    remove_work(tmp_path / "nothing")
