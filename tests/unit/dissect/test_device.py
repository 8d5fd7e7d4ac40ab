"""What runs on other devices: the same integers, and a host that does not wait in the loop over batches."""

import dataclasses

import numpy as np
import pytest
import torch
from contributions import contributions_of, ordered
from probes import random_probe
from torch.utils._python_dispatch import TorchDispatchMode

from kdissect.dissect import thresholds
from kdissect.dissect.active import ActiveMaps, active_maps
from kdissect.dissect.counting import count
from kdissect.dissect.counts import PackedLabels
from kdissect.dissect.device_counting import contribute_on_device
from kdissect.dissect.exemplars import RunningExemplars
from kdissect.dissect.keep import KeptMaps
from kdissect.dissect.staging import Staging
from kdissect.errors import DivergedError

WAITS = ("_local_scalar_dense", "nonzero", "equal", "item", "masked_select", "unique")


class NoWaiting(TorchDispatchMode):
    """Refuses operations for which the host would wait for the device."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket._qualified_op_name
        assert not any(name.endswith((f"::{wait}", f"::{wait}_static")) for wait in WAITS), name
        return func(*args, **(kwargs or {}))


DEVICES = (
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")),
)


def batches(num_images: int = 90, units: int = 7) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    drift = torch.linspace(1, 2, num_images)[:, None, None, None]  # later images matter more
    return (torch.randn(num_images, units, 5, 4, generator=generator) * drift).relu()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("staging", [1, 20_000, 10**9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_staged_maps_are_kept_like_others(device: str, staging: int, dtype: torch.dtype) -> None:
    activations, probe = batches().to(dtype), random_probe(np.random.default_rng(0), 90)
    plain, staged = KeptMaps(90, quantile=0.02), KeptMaps(90, quantile=0.02, staging=staging)
    for part in activations.split(8):
        plain.add(part)
        staged.add(part.to(device))
    limits = staged.thresholds()
    assert torch.equal(limits, plain.thresholds())
    assert torch.equal(limits, thresholds(activations, quantile=0.02))
    one, other = (count(kept.active(limits), probe, limits, label_zero=True) for kept in (plain, staged))
    for name, value in dataclasses.asdict(one).items():
        assert np.array_equal(value, getattr(other, name)), name


def test_the_loop_over_batches_does_not_wait() -> None:
    activations = batches()
    staging = Staging((7, 5, 4), torch.float32, torch.device("cpu"), 10**7)
    exemplars = RunningExemplars(3)
    exemplars.add(activations[:8])
    with NoWaiting():
        for first in range(0, 80, 8):
            assert staging.has_room(56)
            staging.add(activations[first : first + 8], torch.full((7,), 1.5), first)
            exemplars._add_all(
                activations[first : first + 8], activations[first : first + 8].flatten(2).amax(2).T, first
            )
    with pytest.raises(AssertionError, match="nonzero"), NoWaiting():  # the check itself works
        activations.nonzero()
    maps, images, units = staging.take()
    alive = activations[:80].flatten(2).amax(2) > 1.5
    assert [tuple(pair) for pair in alive.nonzero().tolist()] == list(zip(images.tolist(), units.tolist(), strict=True))
    assert torch.equal(maps, activations[:80][alive])


def test_a_full_buffer_is_looked_at_once_in_a_while() -> None:
    staging = Staging((2, 1, 1), torch.float32, torch.device("cpu"), 20 * 10)
    assert staging.capacity == 10
    for first in range(5):
        assert staging.has_room(2)
        staging.add(torch.zeros(1, 2, 1, 1), torch.ones(2), first)
    assert staging.has_room(2)  # ten came and none was taken
    staging.add(torch.full((3, 2, 1, 1), 2.0), torch.ones(2), 5)
    assert not staging.has_room(6)
    assert staging.take()[1].tolist() == [5, 5, 6, 6, 7, 7]
    assert staging.has_room(10)


def test_an_infinite_activation_is_named_when_the_buffer_is_read() -> None:
    activations = batches(20)
    activations[13, 4, 2, 1] = torch.nan
    kept = KeptMaps(20, staging=10**6)
    kept.add(activations)
    with pytest.raises(DivergedError, match="unit 4 is not on image number 13"):
        kept.thresholds()


@pytest.mark.parametrize("device", DEVICES)
def test_top_images_are_the_same_ties_included(device: str) -> None:
    activations = (batches(60) * 2).round()  # many equal peaks
    plain, other = RunningExemplars(5), RunningExemplars(5)
    for first in range(0, 60, 7):
        part = activations[first : first + 7]
        plain.add(part)
        if device == "cpu":
            if first == 0:
                other.add(part[:0])
            other._add_all(part, part.flatten(2).amax(2).T, first)
        else:
            other.add(part.to(device))
    for name, value in vars(plain.top()).items():
        assert np.array_equal(value, getattr(other.top(), name)), name


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("label_zero", [True, False])
@pytest.mark.parametrize("shape", [(4, 4), (1, 7), (15, 3)])
def test_device_contributions_are_those_of_the_definition(
    device: str, shape: tuple[int, int], label_zero: bool
) -> None:
    rng = np.random.default_rng(3)
    probe = random_probe(rng, 20, shape=(13, 11))
    activations = torch.from_numpy(rng.normal(size=(20, 5, *shape)).astype(np.float32))
    limits = torch.tensor([0.8, 2.0, 0.0, -1.0, 9.0], dtype=torch.float64)
    active = active_maps(activations, limits)
    on_device = ActiveMaps(active.images, active.maps.to(device), active.rows, active.units, active.starts)
    labels = PackedLabels.of(probe, active.images, label_zero)
    expected = contributions_of(activations, limits, probe, label_zero=label_zero)
    for num_bytes in (1, 30_000, 2**30):
        found = contribute_on_device(on_device, labels, limits, probe.primary, 3, num_bytes)
        for name, value in vars(ordered(expected)).items():
            np.testing.assert_array_equal(getattr(ordered(found), name), value, err_msg=name)
            if isinstance(value, np.ndarray):
                assert value.dtype == getattr(found, name).dtype, name


def test_images_without_active_maps() -> None:
    probe = random_probe(np.random.default_rng(0), 3)
    active = active_maps(torch.zeros(3, 2, 4, 4), torch.ones(2).double())
    labels = PackedLabels.of(probe, active.images, label_zero=True)
    found = contribute_on_device(active, labels, torch.ones(2).double(), probe.primary, 3)
    assert len(found.units) == 0
    assert found.mask_starts.tolist() == [0, 0, 0, 0]
    expected = contributions_of(torch.zeros(3, 2, 4, 4), torch.ones(2).double(), probe)
    assert found.counts().label_area.tolist() == expected.counts().label_area.tolist()
