"""Kept maps: exact in one pass, bounded in memory, on disk when they must."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.ndimage
import torch
from probes import random_probe

from kdissect.dissect import KeptMaps, spill, tally, thresholds
from kdissect.dissect import keep as keep_module
from kdissect.dissect.active import active_maps
from kdissect.dissect.counting import count
from kdissect.errors import DivergedError, RecordError, ShapeError, SpecError

NUM_IMAGES = 400


def drifting(num_images: int = NUM_IMAGES) -> torch.Tensor:
    """Activations that grow and then fall, so that early bounds are poor; with many equal values."""
    rise = torch.linspace(0.5, 2, num_images).roll(num_images // 3)[:, None, None, None]
    return ((torch.randn(num_images, 5, 6, 6) * rise * 8).round() / 8).clamp(min=0)


def keep(activations: torch.Tensor, batch: int = 16, **options: object) -> KeptMaps:
    kept = KeptMaps(len(activations), **options)
    for part in activations.split(batch):
        kept.add(part)
    return kept


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prune as soon as the kept maps have doubled, however small they are."""
    monkeypatch.setattr("kdissect.dissect.keep._SMALL", 0)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("rule", ["netdissect", "plain"])
def test_thresholds_equal_those_of_all_activations(dtype: torch.dtype, rule: str) -> None:
    activations = drifting().to(dtype)
    activations[:, 4] = 0  # a silent unit
    kept = keep(activations, rule=rule)
    assert torch.equal(kept.thresholds(), thresholds(activations, rule=rule))


@pytest.mark.usefixtures("eager")
def test_active_maps_are_all_there_and_most_others_are_gone() -> None:
    activations = drifting()
    kept = keep(activations)
    limits = kept.thresholds()
    whole = active_maps(activations, limits)
    parts = [part.above(limits.numpy()) for part in kept.active(limits)]
    assert [image for part in parts for image in part.images] == list(range(NUM_IMAGES))
    maps = np.concatenate([part.dense() for part in parts])
    expected = whole.maps[torch.from_numpy(whole.rows)].numpy()
    listed = maps > np.finfo(np.float32).min
    assert np.array_equal(maps[listed], expected[listed])
    above = expected > limits.numpy()[whole.units][:, None, None]
    assert listed[scipy.ndimage.grey_dilation(above, (1, 3, 3))].all()
    assert np.concatenate([part.units for part in parts]).tolist() == whole.units.tolist()
    assert len(whole.rows) <= kept.num_maps < 3 * len(whole.rows) < NUM_IMAGES * 5 / 2


@pytest.mark.usefixtures("eager")
def test_memory_does_not_grow_with_the_images_that_do_not_matter() -> None:
    most = 0
    kept = KeptMaps(4000)
    for part in torch.rand(4000, 2, 4, 4).split(50):
        kept.add(part)
        most = max(most, kept.num_bytes)
    assert most < 0.4 * 4000 * 2 * 16 * 4  # 0.5 % of positions: 8 % of the maps, twice, and the start


@pytest.mark.usefixtures("eager")
def test_beyond_the_budget_maps_lie_on_disk_and_count_the_same(tmp_path: Path) -> None:
    activations, probe = drifting(120), random_probe(np.random.default_rng(0), 120)
    kept = keep(activations, memory_budget=8_000, folder=tmp_path)
    limits = kept.thresholds()
    assert torch.equal(limits, thresholds(activations))
    assert kept.num_bytes <= 8_000
    assert kept.num_maps > 100
    found = count(kept.active(limits), probe, limits, label_zero=True)
    assert np.array_equal(found.intersection, tally(activations, limits, probe).intersection)
    assert list(tmp_path.iterdir()) == []  # the file has no name: nothing can be left behind


@pytest.mark.usefixtures("eager")
def test_too_little_disk_is_said_in_one_line_before_it_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=spill.MARGIN + 1000))
    with pytest.raises(RecordError, match=r"need about .* GiB in .*memory_budget.*TMPDIR") as caught:
        keep(drifting(120), memory_budget=8_000, folder=tmp_path)
    assert "\n" not in str(caught.value)


def test_full_disk_is_said_in_one_line(tmp_path: Path) -> None:
    place = spill.Spill(tmp_path)
    place._file.close()
    place._file = open("/dev/full", "r+b", buffering=0)  # noqa: SIM115, PTH123
    with pytest.raises(RecordError, match=r"cannot write kept feature maps .*No space left"):
        place.move(np.ones(10_000))
    place._file.close()


def test_refusals() -> None:
    kept = KeptMaps(4)
    kept.add(torch.ones(2, 3, 2, 2))
    with pytest.raises(ShapeError, match="4 images"):
        kept.thresholds()
    with pytest.raises(ShapeError, match=r"\(b, 3, 2, 2\) of 4 images.*\(2, 4, 2, 2\) after 2"):
        kept.add(torch.ones(2, 4, 2, 2))
    with pytest.raises(ShapeError, match="after 2 images"):
        kept.add(torch.ones(3, 3, 2, 2))
    with pytest.raises(DivergedError):
        kept.add(torch.full((2, 3, 2, 2), torch.inf))
    with pytest.raises(SpecError, match="above 0 and below 1"):
        KeptMaps(4, quantile=0.0)


def test_more_units_than_fit_in_memory_are_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_module, "physical_memory", lambda: 10_000)
    with pytest.raises(RecordError, match=r"exact thresholds of 900 units need .* GiB .*dissect fewer layers"):
        KeptMaps(40).add(torch.ones(2, 900, 2, 2))
