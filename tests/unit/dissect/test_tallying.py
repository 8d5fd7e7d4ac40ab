"""The doors of the tally: what is refused, and the two paths."""

from dataclasses import replace

import jaxtyping
import numpy as np
import pytest
import torch
from probes import MemoryProbe, random_probe

from kdissect.dissect import Tally, tally, thresholds
from kdissect.dissect.active import active_maps
from kdissect.dissect.counting import IMAGES_A_PART, count
from kdissect.dissect.counts import PackedLabels
from kdissect.dissect.device_counting import contribute_on_device
from kdissect.errors import DataError, DivergedError, ShapeError, SpecError


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a user runs it: without the checks of annotations."""
    monkeypatch.setattr(jaxtyping.config, "jaxtyping_disable", True)


@pytest.mark.parametrize("size", [(7, 7), (13, 5), (14, 14), (1, 1), (29, 40), (60, 33)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_both_paths_give_the_same_integers(size: tuple[int, int], dtype: torch.dtype) -> None:
    rng = np.random.default_rng(0)
    probe = random_probe(rng, 6, shape=(28, 31))
    activations = torch.randn(6, 8, *size, dtype=dtype)
    limits = thresholds(activations, quantile=0.1)
    limits[0] = activations[0, 0, 0, 0]  # met exactly
    active = active_maps(activations, limits)
    labels = PackedLabels.of(probe, active.images, label_zero=True)
    on_device = contribute_on_device(active, labels, limits, probe.primary, 3, num_bytes=3_000)
    found = [count([active], probe, limits, label_zero=True), on_device.counts()]
    assert found[0].unit_area.any()
    for name, values in vars(found[0]).items():
        assert np.array_equal(values, getattr(found[1], name)), name


def test_number_of_threads_changes_nothing() -> None:
    num_images = 2 * IMAGES_A_PART + 3
    probe = random_probe(np.random.default_rng(0), num_images)
    activations, threads = torch.randn(num_images, 4, 3, 3), torch.get_num_threads()
    limits = thresholds(activations)
    found = []
    try:
        for number in (1, 3):
            torch.set_num_threads(number)
            found.append(count([active_maps(activations, limits)], probe, limits, label_zero=True))
    finally:
        torch.set_num_threads(threads)
    assert all(np.array_equal(values, getattr(found[1], name)) for name, values in vars(found[0]).items())


def test_half_precision_is_widened_and_thresholds_may_be_float32() -> None:
    probe = random_probe(np.random.default_rng(0), 3)
    activations = torch.randn(3, 2, 4, 4).half()
    limits = thresholds(activations, quantile=0.1)
    assert np.array_equal(
        tally(activations, limits.float(), probe).intersection,
        tally(activations.double(), limits.float().double(), probe).intersection,
    )


def test_gates_share_one_pass() -> None:
    found = tally(torch.rand(4, 2, 3, 3), torch.tensor([0.5, 0.5]), random_probe(np.random.default_rng(0), 4))
    assert found.gate == "region"
    assert found.at_gate("none").unit_category_area.tolist() == [[area] * 3 for area in found.unit_area.tolist()]
    assert found.at_gate("image").at_gate("region").unit_category_area is found.unit_category_area


@pytest.mark.usefixtures("unchecked")
def test_refusals() -> None:
    probe, activations, limits = random_probe(np.random.default_rng(0), 4), torch.rand(4, 2, 3, 3), torch.zeros(2)
    with pytest.raises(ShapeError, match=r"\(4 images, units, h, w\).*got \(3, 2, 3, 3\) and \(2,\)"):
        tally(activations[:3], limits, probe)
    with pytest.raises(ShapeError, match=r"one a unit.*got \(4, 2, 3, 3\) and \(3,\)"):
        tally(activations, torch.zeros(3), probe)
    with pytest.raises(ShapeError, match="activations must be Float"):
        tally(activations[0], limits, probe)
    with pytest.raises(SpecError, match="gate must be region, image or none, got 'pixel'"):
        tally(activations, limits, probe, gate="pixel")
    with pytest.raises(SpecError, match="gate must be region, image or none, got 'pixel'"):
        tally(activations, limits, probe).at_gate("pixel")
    for bad in (torch.nan, torch.inf, -torch.inf):
        activations[1, 0, 2, 2] = bad
        with pytest.raises(DivergedError, match="finite"):
            tally(activations, limits, probe)
        with pytest.raises(DivergedError, match="finite"):
            thresholds(activations)
    with pytest.raises(ShapeError, match=r"not be empty, got \(0, 2, 3, 3\)"):
        thresholds(activations[:0])
    with pytest.raises(SpecError, match="netdissect or plain, got 'exact'"):
        thresholds(torch.rand(4, 2, 3, 3), rule="exact")
    with pytest.raises(SpecError, match=r"above 0 and below 1 .*got 1\.5"):
        thresholds(torch.rand(4, 2, 3, 3), quantile=1.5)


@pytest.mark.parametrize("label", [-1, 2])
def test_a_probe_that_breaks_its_promise_is_refused(label: int) -> None:
    class Wrong(MemoryProbe):
        def annotation(self, index: int):
            note = super().annotation(index)
            planes = note.planes.copy()
            planes[0, 0, 0] = label
            return replace(note, planes=planes)

    probe = Wrong([np.zeros((1, 4, 4))], [[]], [0, 0])
    with pytest.raises(DataError, match=r"image_0\.jpg must have label maps \(4, 4\) and numbers 0 to 1, got"):
        tally(torch.ones(1, 1, 2, 2), torch.zeros(1), probe)


def test_planted_truth() -> None:
    """A unit whose map is a concept's mask detects that concept, exactly and alone."""
    rng = np.random.default_rng(0)
    planes = rng.integers(1, 8, (30, 1, 16, 16))  # every pixel has one of seven labels
    probe = MemoryProbe(list(planes), [[]] * 30, [1, 0, 0, 0, 0, 1, 1, 1])
    activations = torch.stack([torch.from_numpy(planes[:, 0] == label).float() for label in range(1, 8)], 1)
    found: Tally = tally(activations, thresholds(activations, quantile=0.3), probe)
    assert np.allclose(found.iou[:, 1:], np.eye(7), rtol=0, atol=1e-9)
