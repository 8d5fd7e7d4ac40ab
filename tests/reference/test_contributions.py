"""Contributions of single images add up to the counts of the tally."""

import dataclasses

import numpy as np
import pytest
import torch
from contributions import contributions_of, ordered
from probes import random_probe

from kdissect.dissect.active import active_maps
from kdissect.dissect.contributions import Contributions
from kdissect.dissect.counting import contributions, count
from kdissect.dissect.counts import Counts


def case(seed: int) -> tuple[torch.Tensor, torch.Tensor, object]:
    rng = np.random.default_rng(seed)
    probe = random_probe(rng, 7)
    activations = torch.from_numpy(rng.normal(size=(7, 5, 4, 4)).astype(np.float32))
    return activations, torch.full((5,), 0.8, dtype=torch.float64), probe


def assert_equal(a: Counts, b: Counts) -> None:
    for name, value in dataclasses.asdict(a).items():
        np.testing.assert_array_equal(value, getattr(b, name), err_msg=name)


def test_they_add_up_to_the_counts() -> None:
    activations, thresholds, probe = case(0)
    found = contributions_of(activations, thresholds, probe)
    assert_equal(found.counts(), count([active_maps(activations, thresholds)], probe, thresholds, label_zero=True))


def test_weights_are_images_that_occur_so_often() -> None:
    activations, thresholds, probe = case(1)
    found = contributions_of(activations, thresholds, probe)
    order = [0, 0, 3, 4, 4, 4, 6]
    again = contributions_of(activations[order], thresholds, probe.at(order))
    assert_equal(found.counts(np.bincount(order, minlength=7)), again.counts())


def test_parts_are_joined_in_order() -> None:
    activations, thresholds, probe = case(2)
    parts = [
        contributions_of(activations[k], thresholds, probe.at(range(7)[k]))
        for k in (slice(0, 3), slice(3, 4), slice(4, 7))
    ]
    whole, joined = contributions_of(activations, thresholds, probe), Contributions.concatenate(parts)
    for name, value in vars(whole).items():
        np.testing.assert_array_equal(value, getattr(joined, name), err_msg=name)


@pytest.mark.parametrize("label_zero", [True, False])
@pytest.mark.parametrize("shape", [(4, 4), (1, 7), (9, 3)])
def test_the_compiled_loop_finds_those_of_the_definition(shape: tuple[int, int], label_zero: bool) -> None:
    rng = np.random.default_rng(3)
    probe = random_probe(rng, 40, shape=(13, 11))
    activations = torch.from_numpy(rng.normal(size=(40, 5, *shape)).astype(np.float32))
    activations[:, 2] = 0
    thresholds = torch.tensor([0.8, 2.0, 0.0, -1.0, 9.0], dtype=torch.float64)
    found = contributions([active_maps(activations, thresholds)], probe, thresholds, label_zero=label_zero)
    expected = contributions_of(activations, thresholds, probe, label_zero=label_zero)
    for name, value in vars(ordered(expected)).items():
        np.testing.assert_array_equal(getattr(ordered(found), name), value, err_msg=name)
