"""Compositional explanations against pixels, one formula after the other."""

import itertools
from functools import cached_property

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from probes import MemoryProbe, random_probe

from kdissect.dissect import Tally, Winners, tally
from kdissect.dissect.active import active_maps
from kdissect.dissect.bilinear import upsample
from kdissect.dissect.compositional import Compositional, compositional
from kdissect.dissect.formula import OPERATORS, Formula
from kdissect.errors import SpecError

LABELS = 5


class Case:
    """A probe, activations, and both as pixels."""

    def __init__(self, probe: MemoryProbe, activations: torch.Tensor, threshold: float) -> None:
        self.probe, self.activations = probe, activations
        self.num_units = activations.shape[1]
        self.thresholds = torch.full((self.num_units,), threshold, dtype=torch.float64)
        grown = upsample(activations.flatten(0, 1), probe.plane_shape).unflatten(0, activations.shape[:2])
        self.masks: NDArray[np.bool_] = (grown > threshold).numpy()
        notes = [probe.annotation(k) for k in range(len(probe))]
        has = [
            [
                np.broadcast_to((note.planes == label).any(0), probe.plane_shape) | (label in note.scalars)
                for label in range(len(probe.primary))
            ]
            for note in notes
        ]
        self.has = np.array(has).transpose(0, 2, 3, 1).reshape(-1, len(probe.primary))

    @classmethod
    def drawn(cls, seed: int, num_images: int = 12, num_units: int = 4) -> "Case":
        rng = np.random.default_rng(seed)
        probe = random_probe(rng, num_images, (6, 5), LABELS)
        return cls(probe, torch.from_numpy(rng.normal(size=(num_images, num_units, 3, 3)).astype(np.float32)), 0.4)

    @classmethod
    def planted(cls, formulas: list[Formula], planes: list[NDArray[np.int64]], scalars: list[list[int]]) -> "Case":
        """Units that are on just where formulas hold."""
        probe = MemoryProbe(planes, scalars, [0] * LABELS)
        has = cls(probe, torch.zeros(len(planes), 1, 1, 1), 0).has
        on = [formula.holds(has[:, list(formula.labels)]).reshape(-1, *probe.plane_shape) for formula in formulas]
        return cls(probe, torch.from_numpy(np.stack(on, 1).astype(np.float32)), 0)

    @cached_property
    def tally(self) -> Tally:
        return tally(self.activations, self.thresholds, self.probe)

    @cached_property
    def plain(self) -> NDArray[np.float64]:
        """IoU of single concepts, without label 0 `(u q)`."""
        iou = self.tally.at_gate("none").iou.copy()
        iou[:, 0] = 0
        return iou

    def explain(self, **options: object) -> Compositional:
        batches = [active_maps(self.activations, self.thresholds)]
        return compositional(batches, self.probe, self.thresholds, self.tally, **options)

    def holds(self, formula: Formula) -> NDArray[np.bool_]:
        return formula.holds(self.has[:, list(formula.labels)])

    def iou(self, unit: int, formula: Formula) -> float:
        true, mask = self.holds(formula), self.masks[:, unit].reshape(-1)
        return float((true & mask).sum() / max((true | mask).sum(), 1))

    def expected(self, unit: int, length: int) -> float:
        """IoU of the best of all formulas of so many labels or fewer."""
        single = max(self.iou(unit, formula) for formula in every(1))
        longer = max(self.iou(unit, formula) for k in range(2, length + 1) for formula in every(k))
        return longer if longer > single else self.plain[unit].max()


def every(length: int) -> list[Formula]:
    return [
        Formula(labels, operators)
        for labels in itertools.permutations(range(1, LABELS), length)
        for operators in itertools.product(OPERATORS, repeat=length - 1)
    ]


def noise(seed: int = 0, num_planes: int = 2) -> list[NDArray[np.int64]]:
    return list(np.random.default_rng(seed).integers(0, LABELS, (20, num_planes, 6, 6)))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("length", [2, 3])
def test_a_wide_beam_finds_the_best_of_all_formulas(seed: int, length: int) -> None:
    case = Case.drawn(seed)
    found = case.explain(length=length, beam=400)
    for unit in range(4):
        assert found.best(unit)["iou"] == pytest.approx(case.expected(unit, length), abs=1e-12)
        assert found.best(unit)["base_iou"] == case.plain[unit].max()


@pytest.mark.parametrize("seed", range(3))
def test_a_row_says_what_its_formula_counts(seed: int) -> None:
    case = Case.drawn(seed)
    names = [concept.name for concept in case.probe.concepts]
    by_text = {formula.canonical().text(names): formula for length in (2, 3) for formula in every(length)}
    rows = [row for row in case.explain(length=3, keep=9).rows if row["length"] > 1]
    assert rows
    for row in rows:
        true, mask = case.holds(by_text[row["formula"]]), case.masks[:, row["unit"]].reshape(-1)
        assert (row["intersection"], row["area"], row["unit_area"]) == ((true & mask).sum(), true.sum(), mask.sum())
        assert row["iou"] == (true & mask).sum() / (true | mask).sum()
        single = int(case.plain[row["unit"]].argmax())
        assert row["gain"] == row["iou"] - case.iou(row["unit"], Formula((single,)))
        assert row["precision"] == (true & mask).sum() / mask.sum()
        assert row["recall"] == (true & mask).sum() / true.sum()


@pytest.mark.parametrize("seed", range(4))
def test_formulas_of_length_one_are_the_plain_result(seed: int) -> None:
    case = Case.drawn(seed)
    winners = Winners.of(tally(case.activations, case.thresholds, case.probe, gate="none", label_zero=False))
    rows = case.explain(length=1).rows
    assert [row["iou"] for row in rows] == winners.iou.tolist()
    assert [row["formula"] for row in rows] == [f"label_{label}" for label in winners.label]
    plain = case.tally.at_gate("none")
    assert [row["intersection"] for row in rows] == plain.intersection[range(4), winners.label].tolist()
    assert [row["gain"] for row in rows] == [0] * 4
    for unit, row in enumerate(rows):
        true, mask = case.holds(Formula((int(winners.label[unit]),))), case.masks[:, unit].reshape(-1)
        assert (row["precision"], row["recall"]) == ((true & mask).sum() / mask.sum(), (true & mask).sum() / true.sum())


def test_equal_concepts_come_in_the_order_of_the_winners() -> None:
    both = np.zeros((1, 2, 4, 4), np.int64)
    both[0, 0], both[0, 1] = 3, 1
    probe = MemoryProbe(list(both), [[]], [2, 0, 1, 1])
    on = torch.ones(1, 1, 4, 4)
    on[..., 0] = 0
    case = Case(probe, on, 0.5)
    winner = Winners.of(case.tally.at_gate("none"))
    assert winner.label.tolist() == [3]
    rows = case.explain(length=1, keep=2).rows
    assert [row["formula"] for row in rows] == ["label_3", "label_1"]
    assert rows[0]["iou"] == rows[1]["iou"]


@pytest.mark.parametrize(
    ("formula", "beam"),
    [
        (Formula((1, 2, 3), ("or", "and not")), 10),
        (Formula((2, 4), ("and",)), 2),
        (Formula((3, 1, 4), ("and not", "and not")), 10),
        (Formula((2, 3, 4), ("or", "and")), 10),
        (Formula((1, 2, 4), ("and", "or")), 40),  # the way to it leads over a poor formula, (1 and 2)
    ],
)
def test_a_planted_formula_is_found(formula: Formula, beam: int) -> None:
    # whole-image labels take part like any other
    case = Case.planted([formula, Formula((1,))], noise(), [[3] if k % 3 == 0 else [0, 4][k % 2 :] for k in range(20)])
    names = [concept.name for concept in case.probe.concepts]
    first, second = case.explain(length=3, beam=beam).rows
    assert (first["iou"], first["precision"], first["recall"]) == (1, 1, 1)
    assert first["formula"] == formula.canonical().text(names)
    assert second["formula"] == "label_1"


def test_formulas_that_equal_a_part_of_themselves_do_not_fill_the_beam() -> None:
    # labels of different images, so that AND NOT changes nothing and AND leaves nothing
    planes = [np.full((1, 6, 6), 1 + k % 4) for k in range(20)]
    for k in range(20):
        planes[k][0, : 1 + k % 3] = 0
    case = Case.planted([Formula((1, 2, 3), ("or", "or"))], planes, [[] for _ in planes])
    rows = case.explain(length=3, beam=1, keep=50).rows
    assert rows[0]["formula"] == "((label_1 OR label_2) OR label_3)"
    assert rows[0]["iou"] == 1
    assert not any("AND" in row["formula"] for row in rows)


def test_a_longer_formula_must_be_better_and_equals_go_by_label_numbers() -> None:
    # labels 2 and 3 lie on the same pixels
    on = np.random.default_rng(1).random((20, 6, 6)) < 0.5
    planes = [np.stack([2 * each, 3 * each, 4 * np.roll(each, 1)]) for each in on.astype(np.int64)]
    case = Case.planted([Formula((2,)), Formula((2, 4), ("and",))], planes, [[] for _ in planes])
    found = case.explain(length=3, keep=30)
    assert found.best(0)["formula"] == "label_2"
    assert found.best(1)["formula"] == "(label_2 AND label_4)"
    of_second = [row["formula"] for row in found.rows if row["unit"] == 1]
    assert of_second[1] == "(label_3 AND label_4)"
    assert len(set(of_second)) == len(of_second)


def test_a_label_on_two_planes_counts_twice_in_single_concepts_only() -> None:
    # label 1 lies twice on part of its pixels; label 2 is one pixel of the mask elsewhere
    first, second = np.zeros((2, 1, 8, 8), np.int64)
    first[0, :4] = 1
    second[0, :4, :2] = 1
    first[0, 7, 7] = 2
    probe = MemoryProbe([np.concatenate([first, second])], [[]], [0] * 3)
    mask = torch.zeros(1, 1, 8, 8)
    mask[..., :4, 4:] = 1
    mask[..., 7, 7] = 1
    case = Case(probe, mask, 0.5)
    assert case.plain[0, 1] == pytest.approx(16 / (17 + 40 - 16))  # as a set it would be 16 / 33
    (row,) = case.explain(length=1).rows
    assert (row["formula"], row["iou"], row["area"]) == ("label_1", case.plain[0, 1], 40)
    (row,) = case.explain(length=3).rows
    assert (row["formula"], row["iou"], row["base_iou"]) == ("(label_1 OR label_2)", 17 / 33, case.plain[0, 1])
    assert row["gain"] == 17 / 33 - 16 / 33
    # without that pixel no formula is better than label 1 as a set, though one exceeds it counted twice
    case.activations[..., 7, 7] = 0
    rows = Case(probe, case.activations, 0.5).explain(length=3, keep=2).rows
    assert [(row["formula"], row["iou"], row["gain"]) for row in rows] == [
        ("label_1", pytest.approx(16 / 40), 0),
        ("(label_1 OR label_2)", 16 / 33, 16 / 33 - 16 / 32),
    ]


def test_an_iou_above_1_by_counting_twice_does_not_hide_a_formula_that_fits() -> None:
    twice = np.zeros((2, 8, 8), np.int64)
    twice[:, :4] = 1
    twice[0, 6] = 2
    case = Case.planted([Formula((1, 2), ("or",))], [twice], [[]])
    (row,) = case.explain().rows
    assert (row["formula"], row["iou"]) == ("(label_1 OR label_2)", 1)
    assert row["base_iou"] > 1 > row["gain"] > 0


def test_the_order_of_units_and_images_and_batches_changes_nothing() -> None:
    case = Case.drawn(11)
    expected = case.explain(length=3, keep=4)
    rng = np.random.default_rng(0)
    images, units = rng.permutation(12).tolist(), rng.permutation(4).tolist()
    other = Case(case.probe.at(images), case.activations[images][:, units], 0.4).explain(length=3, keep=4)
    back = [{**row, "unit": units[row["unit"]]} for row in other.rows]
    assert sorted(back, key=lambda row: (row["unit"], row["rank"])) == list(expected.rows)
    whole = active_maps(case.activations, case.thresholds)
    split = compositional([*whole.parts(5)], case.probe, case.thresholds, case.tally, length=3, keep=4)
    assert split == expected


def test_some_units_alone_are_explained_as_among_all() -> None:
    case = Case.drawn(12)
    found = case.explain(units=[3, 1, 3])
    assert [row["unit"] for row in found.rows] == [3, 1]
    assert all(row == case.explain().best(row["unit"]) for row in found.rows)
    assert case.explain(units=[]).facts()["mean_iou"] is None


def test_ranks_are_of_different_formulas_the_best_first() -> None:
    found = Case.drawn(13).explain(keep=6)
    for unit in range(4):
        rows = [row for row in found.rows if row["unit"] == unit]
        assert [row["rank"] for row in rows] == list(range(6))
        assert len({row["formula"] for row in rows}) == 6


def test_units_without_masks_or_labels_have_no_formula() -> None:
    case = Case.drawn(1)
    case.activations[:, 2] = 0
    case = Case(case.probe, case.activations, 0.4)
    found = case.explain()
    assert found.best(2) is None
    assert {row["unit"] for row in found.rows} == {0, 1, 3}
    assert Compositional.of_parts(found.table(), found.facts()) == found
    bare = MemoryProbe([np.zeros((1, 4, 4)), np.zeros((0, 4, 4))], [[], [0]], [0, 0])
    empty = Case(bare, torch.ones(2, 1, 2, 2), 0.5).explain()
    assert empty.rows == ()
    assert empty.facts()["units"] == 0
    assert Compositional.of_parts(empty.table(), empty.facts()) == empty


def test_wrong_arguments_are_refused() -> None:
    case = Case.drawn(1)
    for options, message in (
        ({"length": 0}, "length must be 1 or more, got 0"),
        ({"beam": 0}, "beam must be 1 or more, got 0"),
        ({"keep": -1}, "keep must be 1 or more, got -1"),
        ({"units": [7]}, "units must be of 0 to 3, got 7"),
    ):
        with pytest.raises(SpecError, match=message):
            case.explain(**options)
