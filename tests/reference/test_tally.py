"""The tally, derived a second time: plain Python, one pixel at a time, from the definitions."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from probes import MemoryProbe, random_probe

from kdissect.dissect import GATES, Winners, tally, thresholds


def value_at(fmap: np.ndarray, y: int, x: int, shape: tuple[int, int]) -> Fraction:
    """Bilinear, half-pixel centres, clamped edges; exact."""

    def neighbours(pixel: int, size: int, pixels: int) -> tuple[int, int, Fraction]:
        place = (pixel + Fraction(1, 2)) * size / pixels - Fraction(1, 2)
        place = min(max(place, Fraction(0)), Fraction(size - 1))
        low = place.numerator // place.denominator
        return low, min(low + 1, size - 1), place - low

    top, bottom, down = neighbours(y, fmap.shape[0], shape[0])
    left, right, along = neighbours(x, fmap.shape[1], shape[1])
    corners = [[Fraction(float(fmap[i, j])) for j in (left, right)] for i in (top, bottom)]
    upper, lower = ((1 - along) * a + along * b for a, b in corners)
    return (1 - down) * upper + down * lower


def derive(activations: np.ndarray, limits: np.ndarray, probe: MemoryProbe, label_zero: bool) -> dict[str, np.ndarray]:
    num_units, num_labels, num_categories = len(limits), len(probe.concepts), len(probe.categories)
    found = {
        "intersection": np.zeros((num_units, num_labels)),
        "unit_area": np.zeros(num_units),
        "label_area": np.zeros(num_labels),
        **{gate: np.zeros((num_units, num_categories)) for gate in GATES},
    }
    shape = probe.plane_shape
    for image in range(len(probe)):
        note = probe.annotation(image)
        scalars = [int(label) for label in note.scalars if label_zero or label != 0]
        pixels = [(y, x) for y in range(shape[0]) for x in range(shape[1])]
        of_pixel = {place: [int(plane[place]) for plane in note.planes if plane[place] != 0] for place in pixels}
        for place in pixels:
            for label in of_pixel[place] + scalars:
                found["label_area"][label] += 1
        anywhere = {probe.primary[label] for place in pixels for label in of_pixel[place] + scalars}
        for unit in range(num_units):
            fmap = activations[image, unit]
            mask = [place for place in pixels if value_at(fmap, *place, shape) > Fraction(float(limits[unit]))]
            found["unit_area"][unit] += len(mask)
            inside = {probe.primary[label] for label in scalars}
            for place in mask:
                for label in of_pixel[place] + scalars:
                    found["intersection"][unit, label] += 1
                inside |= {probe.primary[label] for label in of_pixel[place]}
            for category in range(num_categories):
                found["region"][unit, category] += len(mask) * (category in inside)
                found["image"][unit, category] += len(mask) * (category in anywhere)
                found["none"][unit, category] += len(mask)
    return found


@pytest.mark.parametrize("label_zero", [True, False])
@pytest.mark.parametrize("size", [(3, 3), (5, 4), (1, 1), (9, 12), (17, 20)])
def test_counts_and_iou_at_all_gates(size: tuple[int, int], label_zero: bool) -> None:
    rng = np.random.default_rng(sum(size))
    probe = random_probe(rng, num_images=5, shape=(12, 9))
    # quarters: values meet the threshold exactly, where > and >= differ
    activations = rng.integers(-3, 5, (5, 3, *size)).astype(np.float32) / 4
    activations[:, 2] = 0.5
    limits = np.array([0.25, 0.6, 0.5])
    expected = derive(activations, limits, probe, label_zero)
    found = tally(torch.from_numpy(activations), torch.from_numpy(limits), probe, label_zero=label_zero)
    for name in ("intersection", "unit_area", "label_area"):
        assert np.array_equal(getattr(found, name), expected[name])
    assert expected["unit_area"][2] == 0  # strictly above
    for gate in GATES:
        assert np.array_equal(found.at_gate(gate).unit_category_area, expected[gate])
        for unit in range(3):
            for label, category in enumerate(probe.primary):
                both = expected["intersection"][unit, label]
                union = expected[gate][unit, category] + expected["label_area"][label] - both
                assert found.at_gate(gate).iou[unit, label] == pytest.approx(both / (union + 1e-10), abs=1e-12)


def test_gates_differ_on_this_data() -> None:
    """Else the test above could not tell them apart."""
    rng = np.random.default_rng(8)
    probe = random_probe(rng, num_images=5, shape=(12, 9))
    found = tally(torch.rand(5, 3, 3, 3), torch.tensor([0.7, 0.8, 0.9]), probe)
    areas = [found.at_gate(gate).unit_category_area.sum() for gate in GATES]
    assert areas[0] < areas[1] < areas[2]


def test_a_pixel_without_a_label_is_none_of_the_last_category() -> None:
    planes = np.zeros((1, 2, 2))
    planes[0, 0, 0] = 1
    probe = MemoryProbe([planes], [[]], [1, 0])
    found = tally(torch.ones(1, 1, 1, 1), torch.zeros(1), probe)
    assert found.label_area.tolist() == [0, 1]
    for gate in ("region", "image"):
        assert found.at_gate(gate).unit_category_area.tolist() == [[4, 0]]


def test_label_on_two_planes_counts_twice() -> None:
    probe = MemoryProbe([np.full((2, 2, 2), 1)], [[]], [0, 0])
    found = tally(torch.ones(1, 1, 1, 1), torch.zeros(1), probe)
    assert found.intersection.tolist() == [[0, 8]]
    assert found.label_area.tolist() == [0, 8]
    assert found.iou[0, 1] == pytest.approx(2.0)  # 8 / (4 + 8 - 8): the published rule, not a share


@pytest.mark.parametrize("gate", GATES)
def test_winners(gate: str) -> None:
    rng = np.random.default_rng(1)
    probe = random_probe(rng, num_images=6, num_labels=9)
    found = tally(torch.rand(6, 20, 3, 3), torch.full((20,), 0.8), probe).at_gate(gate)
    winners = Winners.of(found)
    for unit in range(20):
        best: tuple[float, int, int] = (-1.0, -1, 0)
        for category in range(3):
            label, score = 0, 0.0
            for number in range(9):
                if probe.primary[number] == category and found.iou[unit, number] > score:
                    label, score = number, float(found.iou[unit, number])
            assert (winners.labels[unit, category], winners.ious[unit, category]) == (label, score)
            if score >= best[0]:
                best = (score, category, label)
        assert (winners.iou[unit], winners.category[unit], winners.label[unit]) == best


def test_winner_of_a_silent_unit_is_no_label_in_the_last_category() -> None:
    probe = random_probe(np.random.default_rng(2), 3)
    winners = Winners.of(tally(torch.zeros(3, 1, 2, 2), torch.zeros(1), probe))
    assert (winners.label[0], winners.category[0], winners.iou[0]) == (0, 2, 0.0)
    assert winners.detectors(0.0).size == 0


@pytest.mark.parametrize(("rule", "share"), [("netdissect", Fraction(994, 999)), ("plain", Fraction(995, 1000))])
@pytest.mark.parametrize("count", [1, 2, 3, 10, 999, 1000, 1176])
def test_thresholds_interpolate_between_order_statistics(rule: str, share: Fraction, count: int) -> None:
    values = np.random.default_rng(count).normal(size=(2, count))
    position = share * (count - 1)
    low = int(position)
    for unit, found in enumerate(thresholds(torch.from_numpy(values.T.copy())[:, :, None, None], rule=rule)):
        ordered = [Fraction(value) for value in sorted(values[unit])]
        high = min(low + 1, count - 1)
        exact = ordered[low] + (position - low) * (ordered[high] - ordered[low])
        assert found.item() == pytest.approx(float(exact), rel=1e-15, abs=1e-15)


def test_thresholds_take_positions_and_images_as_one_set() -> None:
    values = torch.randn(4, 2, 3, 5)
    flat = values.permute(1, 0, 2, 3).reshape(2, -1).double()
    expected = torch.quantile(flat, 989 / 999, dim=1)
    assert torch.allclose(thresholds(values, quantile=0.01), expected, rtol=1e-12, atol=0)
