"""Which classes an output takes for similar: by hand, and with a planted similarity."""

import math

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import Tensor

from kdissect.data import ClassTree
from kdissect.errors import ShapeError
from kdissect.measures.similarity_matrix import agreement, agreement_with_tree, similarity_matrix

TREE = ClassTree(groups=(("a", ("a1", "a2", "a3")), ("b", ("b1", "b2", "b3")), ("c", ("c1",))))


def drawn(seed: int, images: int = 60) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(images, 7, generator=generator) * 2, torch.arange(images) % 7


def test_the_matrix_is_the_mean_over_loops_by_hand() -> None:
    logits, labels = drawn(0, 20)
    found = similarity_matrix(logits, labels)
    for row in range(7):
        own = [logits[k].double().tolist() for k in range(20) if labels[k] == row]
        for column in range(7):
            values = [one[column] - math.log(sum(math.exp(z) for z in one)) for one in own]
            assert found[row, column] == pytest.approx(sum(values) / len(values), abs=1e-12)


def test_a_class_without_images_has_no_row_and_a_constant_changes_nothing() -> None:
    logits, labels = drawn(1)
    labels[labels == 2] = 1
    found = similarity_matrix(logits, labels)
    assert np.isnan(found[2]).all()
    assert np.isfinite(np.delete(found, 2, 0)).all()
    np.testing.assert_allclose(similarity_matrix(logits.double() + 17.5, labels), found, atol=1e-5)
    with pytest.raises(ShapeError, match="labels must be"):
        similarity_matrix(logits, labels[:-1])


def test_agreement_is_spearman_over_the_pairs_of_siblings() -> None:
    a, b = (similarity_matrix(*drawn(seed)) for seed in (2, 3))
    pairs = [(i, j) for group in ((0, 1, 2), (3, 4, 5)) for i in group for j in group if i != j]
    x, y = ([float(one[pair]) for pair in pairs] for one in (a, b))
    assert agreement(a, b, TREE) == pytest.approx(spearmanr(x, y).statistic)
    assert agreement(a, a, TREE) == pytest.approx(1)
    other = a.copy()
    other[0, 3:] += 100  # another group's classes have no influence
    other[np.arange(7), np.arange(7)] -= 5
    assert agreement(other, b, TREE) == agreement(a, b, TREE)


def test_centred_agreement_does_not_see_how_sure_a_class_is() -> None:
    a = similarity_matrix(*drawn(4))
    surer = a - np.arange(7)[:, None] * 3.0
    assert agreement(a, surer, TREE, centred=True) == pytest.approx(1)
    assert agreement(a, surer, TREE) < 0.9


def test_permuted_similarities_are_told_from_the_teachers() -> None:
    """The rows' values are the same, so no entropy differs: only which sibling is nearer does."""
    a = similarity_matrix(*drawn(5))
    permuted = a.copy()
    permuted[0, [1, 2]], permuted[3, [4, 5]] = a[0, [2, 1]], a[3, [5, 4]]
    permuted[1, [0, 2]], permuted[4, [3, 5]] = a[1, [2, 0]], a[4, [5, 3]]
    permuted[2, [0, 1]], permuted[5, [3, 4]] = a[2, [1, 0]], a[5, [4, 3]]
    assert agreement(permuted, a, TREE, centred=True) < -0.5


def test_the_tree_itself_agrees_with_the_tree() -> None:
    group = TREE.group_of
    planted = np.where(group[:, None] == group[None, :], -1.0, -5.0)
    assert agreement_with_tree(planted, TREE) == pytest.approx(1)
    assert agreement_with_tree(-planted, TREE) == pytest.approx(-1)
    assert agreement_with_tree(np.full((7, 7), -2.0), TREE) is None
    alone = ClassTree(groups=tuple((name, (name,)) for name in "abcdefg"))
    assert agreement_with_tree(planted, alone) is None
    assert agreement(planted, planted, alone) is None
