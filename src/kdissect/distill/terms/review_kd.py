"""Knowledge review."""

from typing import ClassVar, final

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.layer_term import LayerTerm
from kdissect.distill.terms.term import full
from kdissect.training import Pair, Seen, Taught

LEVELS = (4, 2, 1)


@final
class ReviewKD(LayerTerm):
    """Each stage of the teacher teaches the student's same stage together with all later ones.

    From the last stage to the first an attention-based fusion mixes what came from above with the stage's own maps; the
    loss is the squared error to the teacher's maps, at full size and averaged to 4x4, 2x2 and 1x1, with weights halved
    each time and divided by their sum; summed over the stages.

    Attributes:
        layers: the student's, finest first; by default its last four stages.
        teacher: the teacher's.
        width: units in the fusion.
        warmup_epochs: epochs over which the term's weight rises linearly to 1.

    Source: Chen et al. 2021, "Distilling Knowledge via Knowledge Review", arXiv:2104.09044, section 3; settings of the
        authors' code.
    Departs: the pooled embedding is no stage of its own; the 1x1 level of the last stage stands for it.
    """

    stages: ClassVar[int] = 4

    width: int = Field(default=64, ge=1)
    warmup_epochs: int = Field(default=0, ge=0)

    @property
    def formula(self) -> str:
        """For example `ReviewKD(HCL of fused stages, last 4 stages)`."""
        return f"ReviewKD(HCL of fused stages, {self.at})"

    def part(self, pair: Pair) -> nn.Module | None:
        """The fusions."""
        return _Review(*self.pairs(pair), self.shapes(pair), self.width)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's maps."""
        assert isinstance(part, _Review)
        return {str(k): full(taught.maps[layer]) for k, layer in enumerate(part.teacher)}

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more."""
        assert isinstance(part, _Review)
        fused = part([full(seen.maps[layer]) for layer in part.student])
        losses = [hierarchical(own, seen.target[str(k)]) for k, own in enumerate(fused)]
        warm = min(1.0, (seen.epoch + 1) / self.warmup_epochs) if self.warmup_epochs else 1.0
        return warm * torch.stack(losses).sum()


def hierarchical(student: Tensor, teacher: Tensor) -> Tensor:
    """Squared error at full size and at coarser ones, weights 1, 1/2, 1/4, ... over their sum."""
    total, weight, weights = F.mse_loss(student, teacher), 1.0, 1.0
    for level in LEVELS:
        if level >= min(student.shape[2:]):
            continue
        weight /= 2
        weights += weight
        own, other = (F.adaptive_avg_pool2d(maps, level) for maps in (student, teacher))
        total = total + weight * F.mse_loss(own, other)
    return total / weights


@final
class _Review(nn.Module):
    def __init__(
        self,
        student: tuple[str, ...],
        teacher: tuple[str, ...],
        shapes: list[tuple[tuple[int, int, int], tuple[int, int, int]]],
        width: int,
    ) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher
        self.sizes = [t[1:] for _, t in shapes]
        self.narrow = nn.ModuleList(
            nn.Sequential(nn.Conv2d(s[0], width, 1, bias=False), nn.BatchNorm2d(width)) for s, _ in shapes
        )
        self.attend = nn.ModuleList(nn.Conv2d(2 * width, 2, 1) for _ in shapes[1:])
        self.widen = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, t[0], 3, 1, 1, bias=False), nn.BatchNorm2d(t[0])) for _, t in shapes
        )

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        """For each stage maps of the teacher's shape, finest first."""
        fused: list[Tensor] = []
        above: Tensor | None = None
        for k in reversed(range(len(maps))):
            own = self.narrow[k](maps[k])
            if above is not None:
                above = F.interpolate(above, size=own.shape[2:], mode="nearest")
                share = torch.sigmoid(self.attend[k](torch.cat([own, above], 1)))
                own = own * share[:, :1] + above * share[:, 1:]
            above = own
            wide = self.widen[k](own)
            fused.append(wide if wide.shape[2:] == self.sizes[k] else F.interpolate(wide, size=self.sizes[k]))
        return fused[::-1]
