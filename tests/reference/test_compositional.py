"""Compositional explanations against pixels, one formula after the other."""

import itertools

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from probes import MemoryProbe, random_probe

from kdissect.dissect import Tally, tally
from kdissect.dissect.active import active_maps
from kdissect.dissect.bilinear import upsample
from kdissect.dissect.compositional import Compositional, compositional
from kdissect.dissect.formula import OPERATORS, Formula
from kdissect.dissect.signatures import Signatures
from kdissect.errors import SpecError

LABELS = 5


class Case:
    """A small probe, activations, and both as pixels."""

    def __init__(self, seed: int, num_images: int = 12, num_units: int = 4) -> None:
        rng = np.random.default_rng(seed)
        self.probe = random_probe(rng, num_images, (6, 5), LABELS)
        self.activations = torch.from_numpy(rng.normal(size=(num_images, num_units, 3, 3)).astype(np.float32))
        self.thresholds = torch.full((num_units,), 0.4, dtype=torch.float64)
        self.masks = upsample(self.activations.flatten(0, 1), (6, 5)).unflatten(0, (num_images, num_units)) > 0.4
        notes = [self.probe.annotation(k) for k in range(num_images)]
        self.has = np.stack(
            [[(note.planes == label).any(0) | (label in note.scalars) for label in range(LABELS)] for note in notes]
        )

    def tally(self) -> Tally:
        return tally(self.activations, self.thresholds, self.probe)

    def explain(self, **options: object) -> Compositional:
        batches = [active_maps(self.activations, self.thresholds)]
        return compositional(batches, self.probe, self.thresholds, self.tally(), **options)

    def iou(self, unit: int, formula: Formula) -> float:
        true = formula.holds(self.has.transpose(0, 2, 3, 1).reshape(-1, LABELS)[:, list(formula.labels)])
        mask = self.masks[:, unit].numpy().reshape(-1)
        return float((true & mask).sum() / max((true | mask).sum(), 1))


def formulas(length: int) -> list[Formula]:
    found = [Formula((label,)) for label in range(1, LABELS)]
    for _ in range(length - 1):
        longer = [
            formula.then(operator, label)
            for formula in found
            for operator, label in itertools.product(OPERATORS, range(1, LABELS))
            if label not in formula.labels
        ]
        found = [formula for formula in longer if len(formula.labels) == len(set(formula.labels))]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_beam_finds_the_best_of_all_formulas(seed: int) -> None:
    case = Case(seed)
    plain = case.tally().at_gate("none").iou[:, 1:].max(1)
    found = case.explain(length=3, beam=400)
    for unit in range(4):
        best = max(case.iou(unit, formula) for length in (2, 3) for formula in formulas(length))
        assert found.best(unit)["iou"] == pytest.approx(max(best, plain[unit]), abs=1e-12)
        assert found.best(unit)["base_iou"] == plain[unit]


@pytest.mark.parametrize("seed", range(3))
def test_a_row_says_what_its_formula_counts(seed: int) -> None:
    case = Case(seed)
    by_text = {
        formula.text([concept.name for concept in case.probe.concepts]): formula
        for length in (2, 3)
        for formula in formulas(length)
    }
    rows = [row for row in case.explain(length=3, keep=9).rows if row["length"] > 1]
    assert rows
    for row in rows:
        formula = by_text[row["formula"]]
        assert row["iou"] == pytest.approx(case.iou(row["unit"], formula), abs=1e-12)
        union = row["area"] + row["unit_area"] - row["intersection"]
        assert row["iou"] == row["intersection"] / union
        assert row["precision"] == row["intersection"] / row["unit_area"]


def test_length_one_is_the_plain_result() -> None:
    case = Case(9)
    plain = case.tally().at_gate("none").iou.copy()
    plain[:, 0] = 0
    rows = case.explain(length=1).rows
    assert [row["iou"] for row in rows] == plain.max(1).tolist()
    assert [row["formula"] for row in rows] == [f"label_{label}" for label in plain.argmax(1)]


def test_signatures_hold_every_pixel() -> None:
    case = Case(5)
    signatures = Signatures.of(case.probe)
    assert signatures.pixels.sum() == 12 * 30
    assert signatures.label_pixels[1:].tolist() == case.has.sum((0, 2, 3))[1:].tolist()
    assert signatures.label_pixels[0] == 0
    batches = [active_maps(case.activations, case.thresholds)]
    under = signatures.under(batches, case.probe, case.thresholds, [2, 0])
    assert under.sum(1).tolist() == case.masks.sum((0, 2, 3))[[2, 0]].tolist()


def planted(formula: Formula) -> tuple[MemoryProbe, torch.Tensor]:
    rng = np.random.default_rng(0)
    planes = [rng.integers(0, LABELS, (2, 6, 6)) for _ in range(20)]
    probe = MemoryProbe(planes, [[] for _ in planes], [0, *[0] * (LABELS - 1)])
    has: NDArray[np.bool_] = np.stack([[(both == label).any(0) for label in range(LABELS)] for both in planes])
    true = formula.holds(has.transpose(0, 2, 3, 1).reshape(-1, LABELS)[:, list(formula.labels)])
    return probe, torch.from_numpy(true.reshape(20, 1, 6, 6).astype(np.float32))


@pytest.mark.parametrize(
    "formula",
    [
        Formula((1, 2, 3), ("or", "and not")),
        Formula((2, 4), ("and",)),
        Formula((3, 1, 4), ("and not", "and not")),
        Formula((1, 2, 4), ("and", "or")),
    ],
)
def test_a_planted_formula_is_found(formula: Formula) -> None:
    probe, activations = planted(formula)
    limits = torch.zeros(1, dtype=torch.float64)
    found = compositional(
        [active_maps(activations, limits)], probe, limits, tally(activations, limits, probe), length=3, beam=40
    )
    assert found.rows[0]["iou"] == 1
    assert sorted(map(int, "".join(c if c.isdigit() else " " for c in found.rows[0]["formula"]).split())) == sorted(
        formula.labels
    )


def test_silent_units_have_no_formula_and_wrong_arguments_are_refused() -> None:
    case = Case(1)
    case.activations[:, 2] = 0
    found = case.explain()
    assert found.best(2) is None
    assert {row["unit"] for row in found.rows} == {0, 1, 3}
    assert Compositional.of_parts(found.table(), found.facts()) == found
    for options, message in (({"length": 0}, "length must be 1"), ({"units": [7]}, "units must be of 0 to 3, got 7")):
        with pytest.raises(SpecError, match=message):
            case.explain(**options)


def test_formulas_are_written_from_the_left() -> None:
    assert Formula((1, 2, 3), ("or", "and not")).text(["", "a", "b", "c"]) == "((a OR b) AND NOT c)"
