"""Curves over layers and checkpoints, and the dissection of a run's checkpoints."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from probes import MemoryProbe, random_probe
from torch import nn

from kdissect.dissect import Dissection, Dissections, dissect_layers
from kdissect.dissect.curves import checkpoint_curve, layer_curve
from kdissect.dissect.over_training import dissect_checkpoints
from kdissect.errors import DataError, SpecError
from kdissect.models import Checkpoint, find_checkpoints, save_weights

OPTIONS = {"quantile": 0.05, "threshold": 0.04, "num_exemplars": 1}


@pytest.fixture(scope="module")
def probe() -> MemoryProbe:
    return random_probe(np.random.default_rng(0), 12)


def network(seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Conv2d(3, 6, 3, stride=2), nn.ReLU(), nn.Conv2d(6, 4, 3), nn.ReLU())


@pytest.fixture
def run(tmp_path: Path) -> list[Checkpoint]:
    (tmp_path / "run").mkdir()
    for epoch in (0, 2, 10):
        save_weights(network(epoch), tmp_path / f"run/epoch-{epoch}.safetensors")
    return find_checkpoints(tmp_path / "run")


@pytest.fixture(scope="module")
def layers(probe: MemoryProbe) -> Dissections:
    return dissect_layers(network(), ["1", "3"], probe, **OPTIONS)


def test_a_curve_has_what_each_dissection_says(layers: Dissections) -> None:
    rows = layer_curve(layers, threshold=0.06, gate="image").to_pylist()
    assert [row["layer"] for row in rows] == ["1", "3"]
    for row, found in zip(rows, layers, strict=True):
        assert row["num_units"] == found.num_units
        assert row["detectors"] == found.num_detectors(0.06, "image")
        assert row["detector_share"] == row["detectors"] / row["num_units"]
        assert row["unique_detectors"] == found.unique_detectors(0.06, "image")
        assert row["mean_iou"] == pytest.approx(found.winners("image").iou.mean())
        each = found.by_top_label(0.06, "image")
        assert {name: row[f"detectors/{name}"] for name in each} == {n: f.num_detectors for n, f in each.items()}
        assert {name: row[f"unique/{name}"] for name in each} == {n: f.unique_detectors for n, f in each.items()}
        assert row["detectors_low"] is None
    assert layer_curve(layers, threshold=1.0)["detectors"].to_pylist() == [0, 0]


def test_a_curve_has_the_intervals_of_its_threshold(layers: Dissections) -> None:
    from kdissect.dissect.bootstrap import bootstrap

    first = layers[0]
    bars = bootstrap(first.contributions, sources=first.sources, threshold=0.04, replicates=20)
    found = dataclasses.replace(first, bootstrap=bars)
    (row,) = layer_curve([found], gate="none").to_pylist()
    assert (row["detectors_low"], row["detectors_high"]) == (
        bars.gates["none"].detectors.low,
        bars.gates["none"].detectors.high,
    )
    assert layer_curve([found], threshold=0.1)["unique_low"].to_pylist() == [None]


def test_checkpoints_of_a_curve_are_in_order(layers: Dissections) -> None:
    def at(found: Dissection, name: str) -> Dissection:
        return dataclasses.replace(found, checkpoint=name)

    mixed = [at(one, name) for name in ("last", "epoch-10", "epoch-9") for one in layers]
    rows = checkpoint_curve(mixed).to_pylist()
    assert [(row["layer"], row["number"]) for row in rows] == [
        ("1", 9), ("1", 10), ("1", None), ("3", 9), ("3", 10), ("3", None)
    ]  # fmt: skip
    with pytest.raises(SpecError, match="is of no checkpoint"):
        checkpoint_curve(layers)
    with pytest.raises(SpecError, match="at least one dissection"):
        layer_curve([])
    facts = dataclasses.replace(layers[1].probe, categories=("object",))
    with pytest.raises(SpecError, match="must have the categories"):
        layer_curve([layers[0], dataclasses.replace(layers[1], probe=facts)])


def test_each_checkpoint_is_dissected_with_its_weights(run: list[Checkpoint], probe: MemoryProbe) -> None:
    found = dissect_checkpoints(network(99), run, ["1", "3"], probe, **OPTIONS)
    assert [(one.checkpoint, one.layer) for one in found] == [
        (f"epoch-{epoch}", layer) for epoch in (0, 2, 10) for layer in ("1", "3")
    ]
    for epoch in (0, 2, 10):
        alone = dissect_layers(network(epoch), ["1"], probe, **OPTIONS)[0]
        assert np.array_equal(found.of("1", checkpoint=f"epoch-{epoch}").iou(), alone.iou())


def test_what_is_done_is_not_made_again_and_what_changed_is(
    run: list[Checkpoint], probe: MemoryProbe, tmp_path: Path
) -> None:
    loaded: list[str] = []

    def load(module: nn.Module, path: Path) -> None:
        from kdissect.models import load_weights

        if len(loaded) == limit:
            raise KeyboardInterrupt
        loaded.append(path.stem)
        load_weights(module, path)

    def go(layers: list[str] | None = None, images: MemoryProbe = probe, **changes: object) -> Dissections:
        loaded.clear()
        options = {**OPTIONS, "out": tmp_path / "out", "load": load, **changes}
        return dissect_checkpoints(network(99), run, layers or ["1"], images, **options)

    limit = 1
    with pytest.raises(KeyboardInterrupt):
        go()
    limit = 9
    resumed = go()
    assert loaded == ["epoch-2", "epoch-10"]
    assert [one.table() for one in go()] == [one.table() for one in resumed]
    assert loaded == []
    go(batch_size=5)
    assert len(loaded) == 3
    go(["3"])
    assert len(loaded) == 3
    go(["3"], probe.at(range(11)))
    assert len(loaded) == 3
    go(["3"], probe.at(range(11)))
    assert loaded == []
    save_weights(network(7), run[1].path)
    go(["3"], probe.at(range(11)))
    assert loaded == ["epoch-2"]
    next((tmp_path / "out/epoch-10").glob("*/tally.npz")).write_bytes(b"damaged")
    go(["3"], probe.at(range(11)))
    assert loaded == ["epoch-10"]


def test_bad_checkpoints_are_refused(run: list[Checkpoint], probe: MemoryProbe, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="at least one, got none"):
        dissect_checkpoints(network(), [], ["1"], probe)
    with pytest.raises(SpecError, match="different names"):
        dissect_checkpoints(network(), [run[0], run[0]], ["1"], probe)
    evil = tmp_path / "evil.pth"
    evil.write_bytes(b"\x80\x04cos\nsystem\n.")
    with pytest.raises(DataError, match="without running code"):
        dissect_checkpoints(network(), [Checkpoint("evil", None, evil)], ["1"], probe)
