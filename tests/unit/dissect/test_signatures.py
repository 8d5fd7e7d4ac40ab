"""Signatures: the sets of labels of a probe."""

import numpy as np
import pytest
import torch
from probes import MemoryProbe, random_probe

from kdissect.dissect import signatures as module
from kdissect.dissect.active import active_maps
from kdissect.dissect.signatures import Signatures, local_signatures
from kdissect.errors import DataError


def sets_of(signatures: Signatures) -> dict[frozenset[int], int]:
    bounds = zip(signatures.starts[:-1], signatures.starts[1:], strict=True)
    sets = [frozenset(signatures.labels[start:stop].tolist()) for start, stop in bounds]
    assert len(set(sets)) == len(sets)
    return dict(zip(sets, signatures.pixels.tolist(), strict=True))


def test_sets_and_their_pixels() -> None:
    planes = [
        np.array([[[1, 0], [2, 256]], [[2, 0], [1, 0]]]),  # (1, 2) and (2, 1) are one set; 256 has a zero byte
        np.array([[[3, 3], [3, 3]]]),
        np.empty((0, 2, 2)),
    ]
    probe = MemoryProbe(planes, [[], [3, 0], [256, 1]], [0] * 300)
    found = sets_of(Signatures.of(probe))
    assert found == {
        frozenset({1, 2}): 2,
        frozenset(): 1,
        frozenset({256}): 1,
        frozenset({3}): 4,
        frozenset({1, 256}): 4,
    }


@pytest.mark.parametrize("num_planes", [1, 4, 9])
def test_any_number_of_planes(num_planes: int) -> None:
    rng = np.random.default_rng(num_planes)
    planes = rng.integers(0, 4, (num_planes, 9, 7)) * rng.integers(1, 2000)
    probe = MemoryProbe([planes], [[]], [0] * 8000)
    numbered, sets, times = local_signatures(probe, 0)
    expected = [frozenset(planes[:, r, c].tolist()) - {0} for r in range(9) for c in range(7)]
    found = [frozenset(np.frombuffer(key + b"\0" * (len(key) % 2), "<i2").tolist()) for key in sets]
    assert [found[k - 1] for k in numbered.reshape(-1)] == expected
    assert times.tolist() == [expected.count(each) for each in found]


def test_the_order_of_images_changes_nothing_but_numbers() -> None:
    probe = random_probe(np.random.default_rng(3), 9)
    assert sets_of(Signatures.of(probe)) == sets_of(Signatures.of(probe.at([4, 0, 8, 2, 6, 1, 3, 7, 5])))


def test_an_image_may_have_so_many_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = MemoryProbe([np.arange(12).reshape(1, 3, 4)], [[]], [0] * 12)
    assert len(Signatures.of(probe)) == 12
    monkeypatch.setattr(module, "MOST", 11)
    with pytest.raises(DataError, match=r"image_0\.jpg has 12 different sets of labels, at most 11"):
        Signatures.of(probe)


@pytest.mark.parametrize("wrong", [5, -1])
def test_labels_that_the_probe_does_not_have_are_refused(wrong: int) -> None:
    probe = MemoryProbe([np.full((1, 2, 2), 3), np.full((1, 2, 2), 1)], [[], []], [0] * 4)
    probe._planes[1][0, 0, 0] = wrong
    probe.annotation = lambda k: MemoryProbe.annotation(MemoryProbe(probe._planes, [[], []], [0] * 9), k)
    with pytest.raises(DataError, match="labels of memory must be 0 to 3, got"):
        Signatures.of(probe)


def test_masks_are_added_up_a_few_images_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    probe = random_probe(rng, 10, (6, 6), 5)
    activations = torch.from_numpy(rng.normal(size=(10, 3, 3, 3)).astype(np.float32))
    limits = torch.full((3,), 0.2, dtype=torch.float64)
    batches = [active_maps(activations, limits)]
    signatures = Signatures.of(probe)
    whole = signatures.under(batches, probe, limits, range(3)).toarray()
    monkeypatch.setattr(module, "IMAGES_A_SUM", 3)
    assert (signatures.under(batches, probe, limits, range(3)).toarray() == whole).all()
    assert whole.any()
