"""Variational information distillation."""

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.layer_term import LayerTerm, shrink
from kdissect.distill.terms.term import full
from kdissect.training import Pair, Seen, Taught

START_VARIANCE = 5.0
LEAST = 1e-5


@final
class VID(LayerTerm):
    """Negative log-likelihood of the teacher's maps under a Gaussian around a regression of the student's.

    Mean over all elements of ((m - t)^2 / v + log v) / 2, m from three 1x1 convolutions, and one learned variance v a
    unit; summed over the layers. Can be below zero.

    Attributes:
        layers: the student's; by default the last three stages.
        teacher: the teacher's.

    Source: Ahn et al. 2019, "Variational Information Distillation", arXiv:1904.05835, equation 5; variance from a
        softplus that starts at 5 with 1e-5 added, as in Tian et al. 2020.
    """

    stages: ClassVar[int] = 3

    @property
    def formula(self) -> str:
        """For example `VID(-log N(t; m(s), v), last 3 stages)`."""
        return f"VID(-log N(t; m(s), v), {self.at})"

    def part(self, pair: Pair) -> nn.Module | None:
        """Means and variances, one of each a layer."""
        return _Gaussians(*self.pairs(pair), self.shapes(pair))

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's maps, at the smaller of both sizes."""
        assert isinstance(part, _Gaussians)
        return {str(k): shrink(full(taught.maps[layer]), *part.sizes[k]) for k, layer in enumerate(part.teacher)}

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over elements, summed over the layers."""
        assert isinstance(part, _Gaussians)
        losses = []
        for k, layer in enumerate(part.student):
            mean = part.means[k](shrink(full(seen.maps[layer]), *part.sizes[k]))
            variance = (F.softplus(part.scales[k]) + LEAST).view(1, -1, 1, 1)
            losses.append(0.5 * ((mean - seen.target[str(k)]).square() / variance + variance.log()).mean())
        return torch.stack(losses).sum()


@final
class _Gaussians(nn.Module):
    def __init__(
        self,
        student: tuple[str, ...],
        teacher: tuple[str, ...],
        shapes: list[tuple[tuple[int, int, int], tuple[int, int, int]]],
    ) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher
        self.sizes = [(min(s[1], t[1]), min(s[2], t[2])) for s, t in shapes]
        self.means = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(s[0], t[0], 1), nn.ReLU(), nn.Conv2d(t[0], t[0], 1), nn.ReLU(), nn.Conv2d(t[0], t[0], 1)
            )
            for s, t in shapes
        )
        start = float(torch.tensor(START_VARIANCE - LEAST).expm1().log())
        self.scales = nn.ParameterList(nn.Parameter(torch.full((t[0],), start)) for _, t in shapes)
