"""Which classes an output takes for similar, as a matrix, and how far two such matrices agree."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.data.class_tree import ClassTree
from kdissect.types import Labels, Logits, check

Matrix = NDArray[np.float64]


def similarity_matrix(logits: Tensor, labels: Tensor) -> Matrix:
    """Mean log-probability of each class over the images of each class, `(k k)`: row the images' class, in nats.

    A row is NaN where a class has no image. Adding a constant to an image's logits changes nothing.

    Args:
        logits: `(b k)`.
        labels: `(b)`, 0 to k - 1.

    Raises:
        ShapeError: there are not as many labels as logits.
    """
    check(logits=(logits, Logits), labels=(labels, Labels))
    log_p = torch.log_softmax(logits.double().cpu(), 1)
    k = logits.shape[1]
    sums = torch.zeros(k, k, dtype=torch.float64).index_add_(0, labels.cpu(), log_p)
    found: Matrix = (sums / torch.bincount(labels.cpu(), minlength=k)[:, None]).numpy()
    return found


def siblings(tree: ClassTree) -> NDArray[np.bool_]:
    """Which pairs of different classes are of one group, `(k k)`."""
    group = tree.group_of
    found: NDArray[np.bool_] = (group[:, None] == group[None, :]) & ~np.eye(len(group), dtype=bool)
    return found


def agreement(a: Matrix, b: Matrix, tree: ClassTree, *, centred: bool = False) -> float | None:
    """Rank correlation of two similarity matrices over the pairs of siblings; -1 to 1, None where it is not defined.

    Args:
        a: `(k k)`, as `similarity_matrix` gives it.
        b: the other.
        tree: says which classes are siblings.
        centred: take from each row its mean over the siblings first, so that only *which* sibling is nearer counts, and
            not how sure the output is of the class. Rows with a single sibling then say nothing.

    Source: representational similarity analysis, Kriegeskorte et al. 2008, doi:10.3389/neuro.06.004.2008, of outputs.
    """
    pairs = siblings(tree)
    if centred:
        pairs = pairs & (pairs.sum(1) > 1)[:, None]
        a, b = (one - _row_means(one, pairs) for one in (a, b))
    return _spearman(a[pairs], b[pairs])


def agreement_with_tree(a: Matrix, tree: ClassTree) -> float | None:
    """Rank correlation of a similarity matrix with the class tree (1 for siblings, 0 for others); -1 to 1.

    None where it is not defined: a single group, or no group of two.
    """
    others = ~np.eye(len(a), dtype=bool)
    return _spearman(a[others], siblings(tree)[others].astype(np.float64))


def _row_means(matrix: Matrix, pairs: NDArray[np.bool_]) -> Matrix:
    sums = np.where(pairs, matrix, 0.0).sum(1)
    found: Matrix = (sums / np.maximum(pairs.sum(1), 1))[:, None]
    return found


def _spearman(x: Matrix, y: Matrix) -> float | None:
    from scipy.stats import spearmanr

    known = ~(np.isnan(x) | np.isnan(y))
    x, y = x[known], y[known]
    if len(x) < 3 or np.ptp(x) <= 1e-12 or np.ptp(y) <= 1e-12:
        return None
    return float(spearmanr(x, y).statistic)
