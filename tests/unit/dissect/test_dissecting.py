"""The one pass from network and probe to dissection."""

from pathlib import Path

import numpy as np
import pytest
import torch
from probes import MemoryProbe, random_probe, write_broden
from torch import Tensor, nn

from kdissect.data.broden import Broden
from kdissect.dissect import dissect, tally, thresholds
from kdissect.errors import DataError, DivergedError, LayerError, SpecError


@pytest.fixture
def probe() -> MemoryProbe:
    return random_probe(np.random.default_rng(0), 20)


@pytest.fixture
def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 5, stride=3), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout2d(0.5)).train()


@pytest.mark.parametrize("batch_size", [1, 7, 64])
def test_equals_tally_of_all_activations(probe: MemoryProbe, network: nn.Sequential, batch_size: int) -> None:
    network.double()  # batches of another size then round alike in practice
    found = dissect(network, "2", probe, batch_size=batch_size, normalize=((0.5, 0.4, 0.3), (0.2, 0.3, 0.4)))
    pictures = probe.pictures(range(20)).double() / 255
    mean, deviation = torch.tensor([[0.5, 0.4, 0.3], [0.2, 0.3, 0.4]]).double()[:, :, None, None]
    with torch.no_grad():
        activations = network[:3].eval()((pictures - mean) / deviation)
    limits = thresholds(activations)
    expected = tally(activations, limits, probe)
    assert np.allclose(found.thresholds, limits.numpy(), rtol=1e-12, atol=0)
    assert np.array_equal(found.tally.intersection, expected.intersection)
    assert np.array_equal(found.iou("image"), expected.at_gate("image").iou)
    assert found.map_shape == (4, 4)
    assert found.probe.num_images == 20


def test_leaves_the_network_as_it_was(probe: MemoryProbe, network: nn.Sequential) -> None:
    before = {name: value.clone() for name, value in network.state_dict().items()}
    dissect(network, "2", probe)
    assert all(part.training for part in network.modules())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_reports_progress(probe: MemoryProbe, network: nn.Sequential) -> None:
    seen: list[tuple[int, int]] = []
    dissect(network, "2", probe, batch_size=8, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(8, 20), (16, 20), (20, 20)]


def test_not_finite_names_image_and_unit(probe: MemoryProbe) -> None:
    class Explodes(nn.Module):
        def forward(self, maps: Tensor) -> Tensor:
            maps = maps.clone()
            maps[1, 2, 0, 0] = torch.nan
            return maps

    network = nn.Sequential(nn.Conv2d(3, 4, 3), Explodes())
    with pytest.raises(DivergedError, match=r"layer '1' gives nan in unit 2 on image image_1\.jpg"):
        dissect(network, "1", probe, batch_size=8)
    assert not network[1]._forward_hooks


def test_damaged_probe_stops_it_and_leaves_the_network(tmp_path: Path, network: nn.Sequential) -> None:
    folder = write_broden(tmp_path / "probe")
    (folder / "images/a/cloth_texture.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"cloth_texture\.png.*damaged"):
        dissect(network, "2", Broden(folder), batch_size=1)
    assert all(part.training for part in network.modules())


def test_broden_folder(tmp_path: Path, network: nn.Sequential) -> None:
    found = dissect(network, "2", Broden(write_broden(tmp_path / "probe")), quantile=0.3)
    assert found.probe.name == "probe"
    assert found.names[300] == "striped"
    assert (found.tally.label_area[[1, 2, 3, 300, 0]] == [8, 8, 16, 12, 16]).all()
    ignoring = dissect(network, "2", Broden(tmp_path / "probe"), quantile=0.3, label_zero=False)
    assert ignoring.tally.label_area[0] == 0


def test_exemplars_of_detectors_only(probe: MemoryProbe, network: nn.Sequential) -> None:
    every = dissect(network, "2", probe, num_exemplars=30)
    assert every.exemplars.images.shape == (6, 20)  # no more than there are images
    median = float(np.median(every.winners().iou))
    some = dissect(network, "2", probe, threshold=median, exemplar_units="detectors")
    assert 0 < some.num_detectors() < 6
    assert np.flatnonzero((some.exemplars.images >= 0).any(1)).tolist() == some.detectors().tolist()
    chosen = dissect(network, "2", probe, exemplar_units=[4])
    assert np.flatnonzero((chosen.exemplars.images >= 0).any(1)).tolist() == [4]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size must be 1 or more, got 0"),
        ({"num_exemplars": -1}, "num_exemplars must be 0 or more, got -1"),
        ({"threshold": 1.5}, "threshold is an IoU and must be 0 to 1, got 1.5"),
        ({"quantile": 0.0}, "quantile must be above 0"),
        ({"normalize": ((0.5,), (0.5,))}, "three means and three deviations"),
        ({"normalize": ((0.5,) * 3, (0.0,) * 3)}, "deviations above 0"),
        ({"exemplar_units": [6]}, r"exemplar_units must be all, detectors, or units of 0 to 5, got 6"),
    ],
)
def test_wrong_arguments(probe: MemoryProbe, network: nn.Sequential, arguments, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        dissect(network, "2", probe, **arguments)


def test_wrong_layer_before_anything_is_read(network: nn.Sequential) -> None:
    unread = MemoryProbe([np.zeros((1, 4, 4))], [[]], [0, 0])
    with pytest.raises(LayerError, match=r"no layer '9'.*0, 1, 2, 3"):
        dissect(network, "9", unread)


def test_empty_probe(network: nn.Sequential) -> None:
    with pytest.raises(DataError, match="probe memory has no images"):
        dissect(network, "2", MemoryProbe([], [], [0, 0]))
