"""Error bars and chance, against slow forms and against simulations with known truth."""

import dataclasses

import numpy as np
import pytest
import scipy.stats
import torch
from contributions import contributions_of
from probes import MemoryProbe, random_probe
from torch import nn

from kdissect.dissect import Tally, Winners, bootstrap, chance, dissect, tally
from kdissect.dissect.active import active_maps
from kdissect.dissect.bootstrap import Bootstrap
from kdissect.dissect.chance import Chance, expected_iou, permutation
from kdissect.dissect.counting import contributions
from kdissect.dissect.resampling import draw, strata
from kdissect.dissect.saved_error_bars import bootstrap_of
from kdissect.dissect.tallying import GATES
from kdissect.dissect.winners import best_labels, iou_of
from kdissect.errors import SpecError


def case(seed: int, num_images: int = 30, units: int = 6) -> tuple[torch.Tensor, torch.Tensor, MemoryProbe]:
    rng = np.random.default_rng(seed)
    probe = random_probe(rng, num_images)
    activations = torch.from_numpy(rng.normal(size=(num_images, units, 4, 4)).astype(np.float32))
    return activations, torch.full((units,), 1.0, dtype=torch.float64), probe


@pytest.mark.parametrize("gate", GATES)
@pytest.mark.parametrize("seed", range(3))
def test_best_labels_are_the_winners(gate, seed: int) -> None:
    activations, limits, probe = case(seed)
    activations[:, 4] = -5  # no mask at all
    counts = contributions_of(activations, limits, probe).counts()
    whole = Tally.from_counts(counts, probe.categories, probe.primary, gate)
    winners = Winners.of(whole)
    labels, ious = best_labels(counts, probe.primary, gate)
    assert labels.tolist() == winners.label.tolist()
    assert ious.tolist() == winners.iou.tolist()
    assert iou_of(counts, probe.primary, gate, labels).tolist() == [
        float(whole.iou[u, k]) for u, k in enumerate(labels)
    ]


def test_ties_between_labels_and_categories_are_broken_alike() -> None:
    planes = [np.array([[[1, 1], [2, 2]], [[3, 3], [4, 4]]])] * 4
    probe = MemoryProbe(planes, [[]] * 4, [2, 0, 0, 1, 1])
    activations = torch.ones(4, 1, 1, 1)
    counts = contributions_of(activations, torch.zeros(1).double(), probe).counts()
    winners = Winners.of(Tally.from_counts(counts, probe.categories, probe.primary, "region"))
    assert best_labels(counts, probe.primary, "region")[0].tolist() == winners.label.tolist() == [3]


def test_a_resample_is_the_tally_of_the_images_it_drew() -> None:
    activations, limits, probe = case(1)
    groups = strata(probe.sources, "source")
    times = draw(groups, 30, 0, 7)
    assert times.sum() == 30
    order = np.repeat(np.arange(30), times).tolist()
    again = tally(activations[order], limits, probe.at(order))
    counts = contributions_of(activations, limits, probe).counts(times)
    np.testing.assert_array_equal(counts.intersection, again.intersection)
    np.testing.assert_array_equal(counts.image_area, again.category_areas["image"])


def test_strata_keep_their_size() -> None:
    groups = strata(["a", "b", "a", "b", "b"], "source")
    for number in range(20):
        times = draw(groups, 5, 0, number)
        assert times[[0, 2]].sum() == 2
        assert sorted(permutation(groups, 5, 0, number)[[0, 2]].tolist()) == [0, 2]


def test_error_bars_hold_what_was_counted_and_survive_the_folder() -> None:
    activations, limits, probe = case(2)
    found = bootstrap(contributions_of(activations, limits, probe), sources=probe.sources, threshold=0.1, replicates=50)
    for gate, spread in found.gates.items():
        winners = Winners.of(tally(activations, limits, probe, gate=gate))
        assert spread.iou.tolist() == winners.iou.tolist()
        assert spread.detectors.value == len(winners.detectors(0.1))
        assert (spread.low < spread.iou).all()
        assert (spread.iou < spread.high).all()
    again = Bootstrap.of_parts(found.table(), found.facts())
    assert again.facts() == found.facts()
    assert again.table().equals(found.table())
    more = bootstrap(contributions_of(activations, limits, probe), sources=probe.sources, threshold=0.1, replicates=50)
    assert more.facts() == found.facts()


def world(rng: np.random.Generator, num_images: int) -> tuple[torch.Tensor, MemoryProbe]:
    """Units that follow a concept more or less; labels of three concepts side by side."""
    planes = rng.integers(1, 4, (num_images, 1, 1, 4))
    noise = rng.random((num_images, 6, 1, 4))
    strength = np.array([0.0, 0.3, 0.45, 0.55, 0.7, 0.9]).reshape(1, 6, 1, 1)
    active = np.where(noise < strength, planes == 1, rng.random((num_images, 6, 1, 4)) < 0.3)
    probe = MemoryProbe(list(planes), [[] for _ in planes], [0, 0, 0, 0])
    return torch.from_numpy(active.astype(np.float32)), probe


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    limits = torch.full((6,), 0.5, dtype=torch.float64)
    activations, probe = world(np.random.default_rng(99), 20_000)
    truth = tally(activations, limits, probe).iou
    hits, trials = np.zeros(6), 120
    for trial in range(trials):
        activations, probe = world(np.random.default_rng(trial), 60)
        counts = contributions([active_maps(activations, limits)], probe, limits, label_zero=True)
        spread = bootstrap(counts, sources=probe.sources, replicates=100, seed=trial).gates["none"]
        own = truth[np.arange(6), spread.labels]
        hits += (spread.low <= own) & (own <= spread.high)
    # the first unit follows nothing, and its label is the luckiest
    assert (hits[1:] / trials > 0.88).all()
    assert 0.9 < hits[1:].mean() / trials < 0.985


def test_counts_by_units_hold_the_truth_where_units_crowd_below_the_threshold() -> None:
    limits = torch.full((6,), 0.5, dtype=torch.float64)
    activations, probe = world(np.random.default_rng(99), 20_000)
    true = tally(activations, limits, probe).iou[:, 1]
    # all units are copies of one that is no detector, but hardly so
    copies, threshold = [4] * 6, float(true[4]) + 0.01
    by_units, by_counts = 0, 0
    for trial in range(60):
        rng = np.random.default_rng(trial)
        planes = rng.integers(1, 4, (40, 1, 1, 4))
        luck, noise = rng.random((40, 6, 1, 4)), rng.random((40, 6, 1, 4)) < 0.3
        active = np.where(luck < 0.7, planes == 1, noise)
        probe = MemoryProbe(list(planes), [[] for _ in planes], [0, 0, 0, 0])
        maps = active_maps(torch.from_numpy(active.astype(np.float32)), limits)
        counts = contributions([maps], probe, limits, label_zero=True)
        found = bootstrap(counts, sources=probe.sources, threshold=threshold, replicates=60, seed=trial)
        assert found.gates["none"].labels.tolist() == [1] * len(copies)
        sure, possible = found.certain("none")
        assert sure <= found.gates["none"].detectors.value <= possible
        by_units += sure == 0
        by_counts += found.gates["none"].detectors.low == 0
    assert by_units > 45
    assert by_counts < by_units


def test_detectors_of_one_name_are_one_concept() -> None:
    activations, limits, probe = case(2, units=12)
    counts = contributions_of(activations, limits, probe)
    apart = bootstrap(counts, sources=probe.sources, threshold=0.01, replicates=20).gates["region"]
    names = ["", *("thing" for _ in probe.concepts[1:])]
    alike = bootstrap(counts, sources=probe.sources, names=names, threshold=0.01, replicates=20).gates["region"]
    assert apart.unique_detectors.value > 1
    assert dataclasses.astuple(alike.unique_detectors) == (1, 1, 1)
    assert alike.detectors == apart.detectors


def test_error_bars_of_a_dissection_that_was_made_without() -> None:
    probe = random_probe(np.random.default_rng(0), 20)
    network = nn.Sequential(nn.Conv2d(3, 8, 3, stride=4))
    options = {"quantile": 0.1, "batch_size": 5, "num_exemplars": 0}
    plain, barred = dissect(network, "0", probe, **options), dissect(network, "0", probe, **options, bootstrap=20)
    assert plain.bootstrap is None
    later = bootstrap_of(plain, replicates=20)
    assert barred.bootstrap is not None
    assert later.table().equals(barred.bootstrap.table())
    assert later.facts() == barred.bootstrap.facts()
    spread = later.gates[plain.gate]
    assert spread.detectors.value == plain.num_detectors()
    assert spread.unique_detectors.value == plain.unique_detectors()
    assert bootstrap_of(plain, replicates=5, threshold=0.5).threshold == 0.5
    with pytest.raises(SpecError, match="dissect with per_image"):
        bootstrap_of(dissect(network, "0", probe, **options, per_image=False))


@pytest.mark.parametrize(("units", "permutations", "fewest"), [(10, 199, 1), (8, 19, 8), (512, 200, 51), (8, 18, None)])
def test_what_so_many_permutations_can_discover(units: int, permutations: int, fewest: int | None) -> None:
    activations, limits, probe = case(0, num_images=4, units=1)
    one = chance([active_maps(activations, limits)], probe, limits, permutations=1)
    p = np.ones(units)
    found = dataclasses.replace(one, p=p, permutations=permutations)
    assert found.fewest_discoveries == found.facts()["fewest_discoveries"] == fewest
    for number in range(1, units + 1):  # as Benjamini and Hochberg have it
        p[:number] = 1 / (1 + permutations)
        discovered = (scipy.stats.false_discovery_control(p) <= 0.05).sum()
        assert discovered == (number if fewest is not None and number >= fewest else 0)


def test_p_values_are_even_when_labels_mean_nothing() -> None:
    found = []
    for trial in range(60):
        rng = np.random.default_rng(trial)
        probe = random_probe(rng, 12, (6, 6))
        activations = torch.from_numpy(rng.normal(size=(12, 3, 3, 3)).astype(np.float32))
        limits = torch.full((3,), 0.8, dtype=torch.float64)
        found.append(chance([active_maps(activations, limits)], probe, limits, permutations=19, seed=trial).p)
    p = np.concatenate(found)
    # 20 possible values, 1/20 each: a point within each step makes them continuous
    even = p - np.random.default_rng(0).random(len(p)) / 20
    assert scipy.stats.kstest(even, "uniform").pvalue > 0.01
    assert abs((p <= 0.1).mean() - 0.1) < 0.06


def test_a_planted_detector_is_beyond_chance_and_noise_is_not() -> None:
    rng = np.random.default_rng(0)
    planes = rng.integers(1, 6, (60, 1, 3, 3))
    activations = rng.random((60, 8, 3, 3)).astype(np.float32)
    activations[:, 0] += planes[:, 0] == 2
    activations[:, 1] += planes[:, 0] == 4
    probe = MemoryProbe(list(planes), [[] for _ in planes], [0] * 6)
    limits = torch.full((8,), 0.95, dtype=torch.float64)
    found = chance([active_maps(torch.from_numpy(activations), limits)], probe, limits, permutations=99, threshold=0.5)
    assert found.discovered.tolist() == [True, True, *[False] * 6]
    assert found.detectors == 2
    assert found.chance_detectors["mean"] < 0.5
    assert found.p[:2].tolist() == [0.01, 0.01]
    assert found.facts()["smallest_p"] == 0.01
    assert (found.chance_iou < found.iou[:2].min()).all()
    assert Chance.of_parts(found.table(), found.facts()).facts() == found.facts()


def test_noise_has_about_the_chance_count_of_detectors() -> None:
    rng = np.random.default_rng(5)
    probe = random_probe(rng, 60, (8, 8))
    activations = torch.from_numpy(rng.normal(size=(60, 40, 4, 4)).astype(np.float32))
    limits = torch.full((40,), 1.2, dtype=torch.float64)
    found = chance([active_maps(activations, limits)], probe, limits, permutations=60, threshold=0.075)
    assert 3 < found.detectors < 38
    assert found.chance_detectors["low"] - 2 <= found.detectors <= found.chance_detectors["high"] + 2
    assert found.discovered.sum() <= 2


def test_expected_iou_of_independent_masks() -> None:
    rng = np.random.default_rng(0)
    mask, label = rng.random(400_000) < 0.02, rng.random(400_000) < 0.3
    assert expected_iou(0.02, 0.3) == pytest.approx((mask & label).sum() / (mask | label).sum(), rel=0.05)
    assert expected_iou(0, 0) == 0


def test_one_image_one_unit_and_wrong_numbers() -> None:
    activations, limits, probe = case(0, num_images=1, units=1)
    counts = contributions_of(activations, limits, probe)
    assert bootstrap(counts, sources=probe.sources, replicates=3).gates["region"].detectors.low >= 0
    found = chance([active_maps(activations, limits)], probe, limits, permutations=3)
    assert found.p.tolist() == [1]
    assert found.fixed_images == 1
    with pytest.raises(SpecError, match="replicates >= 1"):
        bootstrap(counts, sources=probe.sources, replicates=0)
    with pytest.raises(SpecError, match="permutations >= 1"):
        chance([active_maps(activations, limits)], probe, limits, permutations=0)
