"""Several networks that answer as one."""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

from kdissect.errors import SpecError


@final
class Ensemble(nn.Module):
    """The mean of the logits of several networks: the geometric mean of their probabilities, at every temperature.

    Its layers are those of its members, `members.0.layer3`.

    Args:
        members: at least two networks with the same classes, taking the same images.

    Raises:
        SpecError: there are fewer than two.
    """

    def __init__(self, members: Sequence[nn.Module]) -> None:
        super().__init__()
        if len(members) < 2:
            raise SpecError(f"an ensemble has two members or more, got {len(members)}")
        self.members = nn.ModuleList(members)

    def forward(self, images: Tensor) -> Tensor:
        """Logits `(b k)`."""
        return torch.stack([member(images) for member in self.members]).mean(0)
