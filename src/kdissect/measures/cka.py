"""Linear CKA: are two sets of features the same up to rotation and scale?"""

from typing import final

from torch import Tensor

from kdissect.errors import ShapeError


@final
class LinearCka:
    """Linear CKA from batches, without bias from the number of images.

    1 for features that are the same up to rotation, scale and shift; 0 on average for independent ones.

    Source: Kornblith et al. 2019, arXiv:1905.00414; the unbiased HSIC of Song et al. 2012, summed over batches as in
        Nguyen et al. 2021, arXiv:2010.15327.
    """

    def __init__(self) -> None:
        self.cross = self.first = self.second = 0.0

    def add(self, a: Tensor, b: Tensor) -> None:
        """One batch of features, `(b m)` and `(b n)`.

        Raises:
            ShapeError: the batches differ, or have fewer than four images.
        """
        if len(a) != len(b) or len(a) < 4:
            raise ShapeError(f"CKA takes two batches of at least 4 images each, got {len(a)} and {len(b)}")
        k, m = (_gram(each) for each in (a, b))
        self.cross += hsic(k, m)
        self.first += hsic(k, k)
        self.second += hsic(m, m)

    def value(self) -> float | None:
        """CKA, at most 1; None where a set of features does not vary."""
        if min(self.first, self.second) <= 0:
            return None
        return float(self.cross / (self.first * self.second) ** 0.5)


def hsic(k: Tensor, m: Tensor) -> float:
    """Unbiased HSIC of two Gram matrices `(b b)` with a diagonal of zeros."""
    n = len(k)
    middle = (k.sum() * m.sum()) / ((n - 1) * (n - 2))
    last = 2 / (n - 2) * (k.sum(0) @ m.sum(0))
    return float(((k * m).sum() + middle - last) / (n * (n - 3)))


def _gram(features: Tensor) -> Tensor:
    features = features.double()
    features = features - features.mean(0)  # HSIC does not see the shift; the subtraction keeps its digits
    gram = features @ features.T
    return gram.fill_diagonal_(0)
