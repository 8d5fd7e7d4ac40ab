"""Packed probes give what the probe gave, go on after a kill, and notice damage."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from probes import MemoryProbe, write_broden
from torch import nn

from kdissect.data import Broden, PackedFolder, PackedProbe, Probe, open_probe, pack
from kdissect.data.brodenette import World, write_probe
from kdissect.data.packed import verify
from kdissect.data.runs import Runs
from kdissect.dissect import dissect
from kdissect.errors import DataError, SpecError

PROGRAM = """
import os, signal, sys
from kdissect.data import Broden, pack

def progress(done, of):
    if done >= int(sys.argv[3]) > 0:
        os.kill(os.getpid(), signal.SIGKILL)

pack(Broden(sys.argv[1]), sys.argv[2], shard_images=8, progress=progress)
"""


def assert_same(a: Probe, b: Probe) -> None:
    assert (a.categories, a.concepts, a.plane_shape, a.sources) == (b.categories, b.concepts, b.plane_shape, b.sources)
    assert a.primary.tolist() == b.primary.tolist()
    assert torch.equal(a.pictures(range(len(a))), b.pictures(range(len(b))))
    for k in range(len(a)):
        assert a.image_name(k) == b.image_name(k)
        for name, value in vars(a.annotation(k)).items():
            other = getattr(b.annotation(k), name)
            assert value.dtype == other.dtype, name
            np.testing.assert_array_equal(value, other, err_msg=name)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn") / "probe"
    write_probe(World(seed=1, size=32), folder, 30)
    return folder


@given(st.integers(0, 10_000), st.sampled_from([(1, 1), (3, 5), (8, 8), (1, 40)]))
def test_runs_are_the_label_maps(seed: int, shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(seed)
    planes = rng.integers(0, rng.integers(1, 4), (int(rng.integers(0, 4)), *shape)).astype(np.int16)
    planes[:, 0] = 2**15 - 1
    found = Runs.of(planes).planes(shape)
    assert found.dtype == np.int16
    assert np.array_equal(found, planes)


def test_a_packed_probe_is_the_probe(drawn: Path, tmp_path: Path) -> None:
    probe = Broden(drawn)
    packed = PackedProbe(pack(probe, tmp_path / "out.probe", shard_images=7))
    assert_same(probe, packed)
    assert open_probe(tmp_path / "out.probe").digest == packed.digest
    assert isinstance(open_probe(drawn), Broden)
    assert verify(tmp_path / "out.probe") == 5 * 9
    network = nn.Sequential(nn.Conv2d(3, 8, 5, stride=4))
    one, other = dissect(network, "0", probe), dissect(network, "0", packed)
    np.testing.assert_array_equal(one.tally.intersection, other.tally.intersection)
    assert not (tmp_path / "out.probe.partial").exists()


def test_number_of_shards_is_not_part_of_what_is_read(drawn: Path, tmp_path: Path) -> None:
    probe = Broden(drawn)
    assert_same(PackedProbe(pack(probe, tmp_path / "a", shard_images=4)), PackedProbe(pack(probe, tmp_path / "b")))


def test_odd_probes(tmp_path: Path) -> None:
    broden = Broden(write_broden(tmp_path / "broden"))  # a scene 0, no plane, two planes, a number of two bytes
    assert_same(broden, PackedProbe(pack(broden, tmp_path / "broden.probe")))
    whole_images = MemoryProbe([np.empty((0, 4, 4))] * 2, [[1], [2, 1]], [0, 0, 0], np.zeros((2, 3, 6, 6), np.uint8))
    assert_same(whole_images, PackedProbe(pack(whole_images, tmp_path / "whole.probe")))


def test_pictures_are_resized_when_they_are_read(drawn: Path, tmp_path: Path) -> None:
    path = pack(Broden(drawn), tmp_path / "out")
    small = PackedProbe(path, size=(16, 20))
    assert small.pictures([3, 1]).shape == (2, 3, 16, 20)
    assert small.digest != PackedProbe(path).digest
    assert small.annotation(0).planes.shape[1:] == PackedProbe(path).plane_shape
    whole = PackedProbe(path).pictures([3]).float().mean()
    assert small.pictures([3]).float().mean() == pytest.approx(float(whole), abs=2)
    with pytest.raises(SpecError, match="1 pixel or more"):
        PackedProbe(path, size=0)
    spec = PackedFolder(path=str(path), size=16)
    assert spec.identity()["content"] == PackedProbe(path, size=16).digest
    assert "path" not in spec.identity()


def test_packing_goes_on_after_a_kill(drawn: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)

    def run(kill: int) -> int:
        arguments = [sys.executable, str(program), str(drawn), str(tmp_path / "out"), str(kill)]
        return subprocess.run(arguments, check=False, env=os.environ).returncode

    assert run(16) == -signal.SIGKILL
    partial = tmp_path / "out.partial"
    assert sorted(path.name for path in partial.glob("shard-*")) == ["shard-00000", "shard-00001"]
    before = (partial / "shard-00001/pictures.npy").stat().st_mtime_ns
    with pytest.raises(DataError, match="is no folder|no packed probe"):
        PackedProbe(tmp_path / "out")
    assert run(0) == 0
    assert (tmp_path / "out/shard-00001/pictures.npy").stat().st_mtime_ns == before
    assert_same(Broden(drawn), PackedProbe(tmp_path / "out"))


def test_damage_is_noticed(drawn: Path, tmp_path: Path) -> None:
    path = pack(Broden(drawn), tmp_path / "out")
    with pytest.raises(DataError, match="is not empty"):
        pack(Broden(drawn), path)
    pictures = path / "shard-00000/pictures.npy"
    data = bytearray(pictures.read_bytes())
    data[-1] ^= 1
    pictures.write_bytes(data)
    with pytest.raises(DataError, match=r"pictures.npy has changed since"):
        verify(path)
    pictures.write_bytes(data[:-9])
    with pytest.raises(DataError, match=r"pictures.npy is missing or not of \d+ bytes"):
        PackedProbe(path)
    header = json.loads((path / "header.json").read_text())
    for change, message in (
        ({"kind": "dissection"}, "is a dissection of format 1, expected a probe"),
        ({"categories": 7}, "is damaged"),
    ):
        (path / "header.json").write_text(json.dumps(header | change))
        with pytest.raises(DataError, match=message):
            PackedProbe(path)
    with pytest.raises(DataError, match="is no packed probe"):
        PackedProbe(tmp_path)


def test_a_check_may_refuse(drawn: Path, tmp_path: Path) -> None:
    totals = {}

    def refuse(found: dict[str, int]) -> None:
        totals.update(found)
        raise DataError("not what it claims to be")

    probe = Broden(drawn)
    with pytest.raises(DataError, match="not what it claims"):
        pack(probe, tmp_path / "out", check=refuse)
    assert not (tmp_path / "out").exists()
    expected = np.zeros(len(probe.concepts), np.int64)
    for k in range(len(probe)):
        note = probe.annotation(k)
        expected += np.bincount(note.planes[note.planes > 0], minlength=len(expected))
        np.add.at(expected, note.scalars, note.planes[0].size)
    assert list(totals.values()) == expected.tolist()
