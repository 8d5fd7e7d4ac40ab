"""Attention transfer."""

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.layer_term import LayerTerm, shrink
from kdissect.distill.terms.term import full
from kdissect.training import Pair, Seen, Taught


@final
class AT(LayerTerm):
    """Attention transfer: where the student's maps are large should be where the teacher's are.

    Summed over the layers, the mean over batch and places of (Q_s - Q_t)^2, with Q the channel-mean of the
    squared activations, flattened and of length 1. Published with a weight of 1000. Of maps of different sizes
    the larger are averaged down.

    Attributes:
        layers: the student's; by default the last two stages of each network.
        teacher: the teacher's, if their names differ.

    Source: Zagoruyko & Komodakis 2017, "Paying More Attention to Attention", arXiv:1612.03928; the form of the
        authors' code, which the weight of 1000 belongs to, not that of the paper's equation (a norm).
    """

    stages: ClassVar[int] = 2

    @property
    def formula(self) -> str:
        """For example `AT(mean (Q_s-Q_t)^2, layer3, layer4)`."""
        return f"AT(mean (Q_s-Q_t)^2, {self.at})"

    def part(self, pair: Pair) -> nn.Module | None:
        """Nothing to train; remembers which layers belong together, and their sizes."""
        sizes = [(min(s[1], t[1]), min(s[2], t[2])) for s, t in self.shapes(pair)]
        return _Layers(*self.pairs(pair), sizes)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's attention maps, flat, one a layer."""
        assert isinstance(part, _Layers)
        return {
            str(k): attention(taught.maps[layer], *part.sizes[k]).flatten(1) for k, layer in enumerate(part.teacher)
        }

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 to 4 a layer over the number of places; 0 where the attention is the same."""
        assert isinstance(part, _Layers)
        losses = [
            (attention(seen.maps[layer], *part.sizes[k]).flatten(1) - seen.target[str(k)]).square().mean()
            for k, layer in enumerate(part.student)
        ]
        return torch.stack(losses).sum()


@final
class _Layers(nn.Module):
    def __init__(self, student: tuple[str, ...], teacher: tuple[str, ...], sizes: list[tuple[int, int]]) -> None:
        super().__init__()
        self.student, self.teacher, self.sizes = student, teacher, sizes


def attention(maps: Tensor, height: int, width: int) -> Tensor:
    """Channel-mean of the squared activations, of length 1 over the places, `(b h w)`."""
    energy = shrink(full(maps).square().mean(1, keepdim=True), height, width)
    return F.normalize(energy.flatten(1), dim=1).view_as(energy)[:, 0]
