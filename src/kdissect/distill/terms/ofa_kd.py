"""One-for-all distillation between unlike architectures."""

from typing import final

import torch
from pydantic import Field
from torch import Tensor, nn

from kdissect.distill.terms.logit_term import LogitTerm
from kdissect.distill.terms.term import full, log_softmax
from kdissect.training import Pair, Seen


@final
class OFAKD(LogitTerm):
    """Exits from the student's stages learn the teacher's logits, with the label's share strengthened.

    For each exit, and for the student's own logits: -sum over classes of ((p_t + 1_label)^e - 1_label) log p_s,
    mean over the batch; summed. Needs no alignment of layers, so a CNN may learn from a transformer.

    Attributes:
        exponent: e, 1 or more; 1 is plain distillation at T = 1, more strengthens the label.
        layers: the student's stages that get an exit; by default all.
        control: what is done to the teacher's logits before.

    Source: Hao et al. 2023, "One-for-All: Bridge the Gap Between Heterogeneous Architectures", arXiv:2310.19444,
        equation 6.
    Departs: an exit is a 3x3 convolution, batch norm, ReLU, mean and a linear layer, for every kind of student.
    """

    exponent: float = Field(default=1.0, ge=1)
    layers: tuple[str, ...] = ()

    @property
    def formula(self) -> str:
        """For example `OFAKD(exits and logits, e=1)`."""
        return self.by(f"OFAKD(exits and logits, e={self.exponent:g})")

    def student_layers(self, pair: Pair) -> tuple[str, ...]:
        """The stages with an exit."""
        for layer in self.layers:
            pair.student.shape(layer, pair.student_module)
        return self.layers or pair.student.stages

    def part(self, pair: Pair) -> nn.Module | None:
        """The exits."""
        layers = self.student_layers(pair)
        exits = [_exit(pair.student.shape(layer)[0], pair.num_classes) for layer in layers]
        return _Exits(layers, exits, super().part(pair))

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more."""
        assert isinstance(part, _Exits)
        teacher = log_softmax(self.shown(seen, part.control)).exp()
        label = torch.zeros_like(teacher).scatter_(1, seen.labels[:, None], 1.0)
        weights = (teacher + label) ** self.exponent - label
        exits = [head(full(seen.maps[layer])) for layer, head in zip(part.layers, part.exits, strict=True)]
        losses = [-(weights * log_softmax(logits)).sum(1).mean() for logits in (seen.student, *exits)]
        return torch.stack(losses).sum()


@final
class _Exits(nn.Module):
    def __init__(self, layers: tuple[str, ...], exits: list[nn.Sequential], control: nn.Module | None) -> None:
        super().__init__()
        self.layers, self.exits, self.control = layers, nn.ModuleList(exits), control


def _exit(units: int, num_classes: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(units, units, 3, 1, 1, bias=False),
        nn.BatchNorm2d(units),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(units, num_classes),
    )
