"""Formulas: how they are written, and when two are the same."""

import itertools

import numpy as np
import pytest

from kdissect.dissect.formula import OPERATORS, Formula

LABELS = (1, 2, 3, 4)
TRUTHS = np.array(list(itertools.product([False, True], repeat=len(LABELS))))


def formulas(length: int) -> list[Formula]:
    return [
        Formula(labels, operators)
        for labels in itertools.permutations(LABELS, length)
        for operators in itertools.product(OPERATORS, repeat=length - 1)
    ]


def truth(formula: Formula) -> bytes:
    return formula.holds(TRUTHS[:, [LABELS.index(label) for label in formula.labels]]).tobytes()


def test_formulas_are_written_from_the_left() -> None:
    assert Formula((1, 2, 3), ("or", "and not")).text(["", "a", "b", "c"]) == "((a OR b) AND NOT c)"
    assert Formula((2,)).text(["", "a", "b"]) == "b"


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_two_formulas_are_written_alike_just_if_they_mean_the_same(length: int) -> None:
    every = formulas(length)
    by_form, by_truth = {}, {}
    for formula in every:
        form = formula.canonical()
        assert truth(form) == truth(formula)
        assert form.canonical() == form
        by_form.setdefault(form, truth(formula))
        assert by_truth.setdefault(truth(formula), form) == form
    assert len(by_form) == len(by_truth)


def test_labels_go_by_their_numbers_and_no_formula_begins_with_not() -> None:
    for written, canonical in (
        (Formula((3, 1), ("or",)), Formula((1, 3), ("or",))),
        (Formula((3, 1), ("and not",)), Formula((3, 1), ("and not",))),
        (Formula((4, 1, 2), ("and not", "and")), Formula((2, 1, 4), ("and not", "and"))),
        (Formula((4, 2, 3, 1), ("or", "and not", "and")), Formula((2, 4, 1, 3), ("or", "and", "and not"))),
    ):
        assert written.canonical() == canonical
