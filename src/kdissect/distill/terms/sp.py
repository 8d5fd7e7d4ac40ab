"""Similarity-preserving distillation."""

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.layer_term import LayerTerm
from kdissect.distill.terms.term import full
from kdissect.training import Pair, Seen, Taught


@final
class SP(LayerTerm):
    """Images that are alike to the teacher should be alike to the student.

    Mean over pairs of images of the squared difference of the Gram matrices of the flattened maps, their rows of
    length 1; summed over the layers. Published with a weight of 3000.

    Attributes:
        layers: the student's; by default the last stage.
        teacher: the teacher's.

    Source: Tung & Mori 2019, "Similarity-Preserving Knowledge Distillation", arXiv:1907.09682, equations 2 to 4.
    """

    whole_batch: ClassVar[bool] = True

    @property
    def formula(self) -> str:
        """For example `SP(mean (G_s-G_t)^2, last stage)`."""
        return f"SP(mean (G_s-G_t)^2, {self.at})"

    def part(self, pair: Pair) -> nn.Module | None:
        """Nothing to train; remembers the layers."""
        return _Named(*self.pairs(pair))

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's maps, flat: which images stand beside an image is not known yet."""
        assert isinstance(part, _Named)
        return {str(k): full(taught.maps[layer]).flatten(1) for k, layer in enumerate(part.teacher)}

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more; 0 where the similarities are the same."""
        assert isinstance(part, _Named)
        losses = [
            (_gram(full(seen.maps[layer]).flatten(1)) - _gram(seen.target[str(k)])).square().mean()
            for k, layer in enumerate(part.student)
        ]
        return torch.stack(losses).sum()


@final
class _Named(nn.Module):
    def __init__(self, student: tuple[str, ...], teacher: tuple[str, ...]) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher


def _gram(features: Tensor) -> Tensor:
    return F.normalize(features @ features.T, dim=1)
