"""Precision, recall and information against pixels; rotations against their group; fresh weights."""

from types import SimpleNamespace

import numpy as np
import pytest
import scipy.stats
import timm.models.vision_transformer as timm_vit
import torch
from probes import MemoryProbe, random_probe
from torch import nn

from kdissect import seeds
from kdissect.dissect import Agreement, rotation_test, tally, untrained
from kdissect.dissect.bilinear import upsample
from kdissect.dissect.rotation import rotation_powers
from kdissect.errors import SpecError


def test_scores_are_those_of_the_pixels() -> None:
    rng = np.random.default_rng(0)
    planes = rng.integers(0, 5, (9, 1, 6, 5))
    probe = MemoryProbe(list(planes), [[] for _ in planes], [1, 0, 0, 1, 1])
    activations = torch.from_numpy(rng.normal(size=(9, 4, 3, 3)).astype(np.float32))
    limits = torch.tensor([0.5, 0.0, 9.0, -9.0], dtype=torch.float64)
    masks = (upsample(activations.flatten(0, 1), (6, 5)).unflatten(0, (9, 4)) > limits[:, None, None]).numpy()
    found = Agreement(tally(activations, limits, probe, gate="none"), 9 * 30)
    for unit in range(4):
        mask = masks[:, unit].reshape(-1)
        for label in range(1, 5):
            has = (planes[:, 0] == label).reshape(-1)
            both = (mask & has).sum()
            assert found.precision[unit, label] == pytest.approx(both / max(mask.sum(), 1))
            assert found.f1[unit, label] == pytest.approx(2 * both / max(mask.sum() + has.sum(), 1))
            assert found.recall[unit, label] == pytest.approx(both / has.sum())
            table = np.array([[(mask & has).sum(), (mask & ~has).sum()], [(~mask & has).sum(), (~mask & ~has).sum()]])
            joint = scipy.stats.entropy(table.reshape(-1))
            mutual = scipy.stats.entropy(table.sum(0)) + scipy.stats.entropy(table.sum(1)) - joint
            assert found.information[unit, label] == pytest.approx(max(mutual, 0), abs=1e-9)
            assert found.information_quality[unit, label] == pytest.approx(max(mutual, 0) / joint, abs=1e-9)


def test_the_most_informative_label_is_one_that_the_mask_seeks() -> None:
    planes = np.array([[[[1, 1, 2, 2], [3, 3, 3, 3]]]] * 4)
    probe = MemoryProbe(list(planes), [[] for _ in planes], [0, 0, 0, 0])
    masks = np.stack([planes[:, 0] != 3, planes[:, 0] == 2, planes[:, 0] == 0, planes[:, 0] > 0], axis=1)
    activations = torch.from_numpy(masks.astype(np.float32))
    found = Agreement(tally(activations, torch.full((4,), 0.5).double(), probe), 32)
    # the first mask is all but label 3: that tells the most, and is not what it detects
    assert found.information_quality[0].argmax() == 3
    labels, quality = found.most_informative()
    assert labels.tolist() == [1, 2, 0, 0]
    assert quality[1] == pytest.approx(1)
    assert quality[0] == pytest.approx(found.information_quality[0, 1])
    assert quality[2:].tolist() == [0, 0]


def test_quality_is_one_for_a_perfect_unit() -> None:
    planes = np.random.default_rng(0).integers(1, 3, (5, 1, 4, 4))
    probe = MemoryProbe(list(planes), [[] for _ in planes], [0, 0, 0])
    activations = torch.from_numpy((planes == 2).astype(np.float32))
    found = Agreement(tally(activations, torch.zeros(1).double(), probe), 80)
    assert found.information_quality[0, 2] == pytest.approx(1)


@pytest.mark.parametrize("num_units", [1, 2, 3, 8, 33])
def test_powers_of_a_rotation(num_units: int) -> None:
    powers = rotation_powers(num_units, (0, 0.25, 0.5, 0.75, 1, 2), seed=num_units)
    whole = powers[1]
    assert torch.equal(powers[0], torch.eye(num_units, dtype=torch.float64))
    assert torch.linalg.det(whole) == pytest.approx(1)
    for matrix in powers.values():
        torch.testing.assert_close(matrix @ matrix.T, powers[0], atol=1e-10, rtol=0)
    matrix = np.linalg.qr(seeds.numpy_generator(num_units, "rotation").standard_normal((num_units, num_units)))[0]
    # Q itself, up to the signs of its columns
    assert np.abs(np.abs(whole.numpy()) - np.abs(matrix)).max() < 1e-12
    torch.testing.assert_close(powers[0.25] @ powers[0.75], whole, atol=1e-10, rtol=0)
    torch.testing.assert_close(powers[0.5] @ powers[0.5], whole, atol=1e-10, rtol=0)
    torch.testing.assert_close(powers[2], whole @ whole, atol=1e-10, rtol=0)


class Show(nn.Module):
    """Gives the maps that a probe's pictures encode: one picture value for each label."""

    def __init__(self, num_labels: int) -> None:
        super().__init__()
        self.num_labels, self.last = num_labels, nn.Identity()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        number = (images[:, :1] * 255).round()
        noise = torch.rand(len(images), self.num_labels, *images.shape[2:], generator=torch.Generator().manual_seed(0))
        return self.last((number == torch.arange(1, self.num_labels + 1).reshape(1, -1, 1, 1)).float() + 0.3 * noise)


def test_a_planted_basis_loses_detectors_when_it_is_rotated() -> None:
    rng = np.random.default_rng(0)
    planes = rng.integers(1, 13, (80, 1, 4, 4))
    pictures = np.repeat(planes, 3, axis=1).astype(np.uint8)
    probe = MemoryProbe(list(planes), [[] for _ in planes], [0] * 13, pictures)
    found = rotation_test(Show(12), "last", probe, rotations=(0, 1), quantile=0.08, rule="plain", threshold=0.6)
    assert [(row["power"], row["seed"]) for row in found.rows][:2] == [(0, 0), (0.25, 0)]
    assert found.mean(0) == 12
    assert found.mean(1) < 6
    assert found.mean(0.25) > found.mean(1)
    with pytest.raises(SpecError, match="power 3 was not tried"):
        found.mean(3)
    with pytest.raises(SpecError, match="powers of 0 to 1"):
        rotation_test(Show(12), "last", probe, powers=(2,))


def test_fresh_weights() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Linear(4, 2))
    network[1].running_mean.fill_(7)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    state = torch.get_rng_state()
    fresh, again, other = untrained(network, 0), untrained(network, 0), untrained(network, 1)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert torch.equal(fresh[0].weight, again[0].weight)
    assert not torch.equal(fresh[0].weight, other[0].weight)
    assert not torch.equal(fresh[0].weight, network[0].weight)
    assert not fresh[1].running_mean.any()
    vit = timm_vit.VisionTransformer(16, 8, embed_dim=8, depth=1, num_heads=2)
    assert not torch.equal(untrained(vit, 0).cls_token, vit.cls_token)
    odd = nn.Sequential(nn.Conv2d(3, 4, 3))
    odd.register_parameter("scale", nn.Parameter(torch.ones(1)))
    with pytest.raises(SpecError, match="scale cannot be drawn anew"):
        untrained(odd)


class Half(nn.Linear):
    """Draws its weights anew, and forgets its bias."""

    def reset_parameters(self) -> None:
        nn.init.normal_(self.weight)


def test_no_trained_number_is_left() -> None:
    with pytest.raises(SpecError, match=r"0\.bias cannot be drawn anew"):
        untrained(nn.Sequential(Half(2, 2)))
    attention = nn.MultiheadAttention(4, 2)  # torch calls its reset _reset_parameters
    assert not torch.equal(untrained(attention).in_proj_weight, attention.in_proj_weight)
    half = untrained(nn.Sequential(nn.Linear(2, 2).half()))
    assert half[0].weight.dtype == torch.float16
    assert torch.isfinite(half[0].weight).all()


def test_a_label_on_two_planes_does_not_break_the_scores() -> None:
    rng = np.random.default_rng(1)
    probe = random_probe(rng, 8)
    activations = torch.from_numpy(rng.normal(size=(8, 3, 4, 4)).astype(np.float32))
    found = Agreement(tally(activations, torch.zeros(3).double(), probe), 8 * 144)
    assert np.isfinite(found.information).all()
    assert ((found.information_quality >= 0) & (found.information_quality <= 1)).all()
    assert SimpleNamespace(**vars(found)).num_pixels == 8 * 144
