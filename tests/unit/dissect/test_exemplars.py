"""Top images of each unit."""

import numpy as np
import pytest
import torch
from probes import random_probe

from kdissect.dissect.exemplars import RunningExemplars


@pytest.mark.parametrize("batch", [1, 3, 7, 20])
def test_are_the_most_active_images_whatever_the_batches(batch: int) -> None:
    probe = random_probe(np.random.default_rng(0), 20)
    activations = torch.randint(0, 6, (20, 4, 3, 3)).float()  # many ties
    running = RunningExemplars(5)
    for part in activations.split(batch):
        running.add(part)
    found = running.finish(probe)
    peaks = activations.amax((2, 3)).numpy()
    for unit in range(4):
        order = sorted(range(20), key=lambda image: (-peaks[image, unit], image))[:5]
        assert found.images[unit].tolist() == order
        assert found.peaks[unit].tolist() == peaks[order, unit].tolist()
        assert np.array_equal(found.maps[unit], activations[order, unit].half().numpy())
    assert found.picture_index.tolist() == sorted({int(image) for image in found.images.ravel()})
    first = int(found.picture_index[0])
    assert np.array_equal(found.pictures[0], probe.pictures([first])[0].permute(1, 2, 0).numpy())


def test_only_some_units() -> None:
    probe = random_probe(np.random.default_rng(0), 6)
    running = RunningExemplars(2)
    running.add(torch.rand(6, 3, 2, 2))
    found = running.finish(probe, [1])
    assert found.images[[0, 2]].tolist() == [[-1, -1]] * 2
    assert not found.peaks[[0, 2]].any()
    assert not found.maps[[0, 2]].any()
    assert set(found.picture_index) == set(found.images[1])
    none = running.finish(probe, [])
    assert len(none.pictures) == len(none.picture_index) == 0


def test_large_pictures_are_reduced_and_large_activations_stay_finite() -> None:
    probe = random_probe(np.random.default_rng(0), 1)
    probe._pictures = np.full((1, 3, 224, 448), 9, np.uint8)
    running = RunningExemplars(1)
    running.add(torch.full((1, 1, 2, 2), 1e6))
    found = running.finish(probe)
    assert found.pictures.shape == (1, 56, 112, 3)
    assert (found.pictures == 9).all()
    assert np.isfinite(found.maps).all()


def test_no_exemplars() -> None:
    running = RunningExemplars(0)
    running.add(torch.rand(2, 3, 2, 2))
    assert running.finish(random_probe(np.random.default_rng(0), 2)).images.shape == (3, 0)
