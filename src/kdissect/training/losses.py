"""Means of the losses of an epoch."""

from collections.abc import Mapping
from typing import final

import torch
from torch import Tensor

from kdissect.errors import DivergedError

CHECK_EVERY = 32
"""Steps between two looks at the losses: a look makes the host wait for the device."""


@final
class Losses:
    """Means of the losses, looked at every few steps so that the host seldom waits for the device."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.names: list[str] = []
        self.recent: list[Tensor] = []
        self.looked = 0
        self.total: Tensor | None = None

    def add(self, losses: Mapping[str, Tensor]) -> None:
        """Those of one step.

        Raises:
            DivergedError: a loss was not finite.
        """
        self.names = list(losses)
        self.recent.append(torch.stack([value.detach() for value in losses.values()]))
        if len(self.recent) >= CHECK_EVERY:
            self._look()

    def means(self) -> dict[str, float]:
        """Mean of each, and of their sum, over the epoch.

        Raises:
            DivergedError: a loss was not finite.
        """
        self._look()
        assert self.total is not None
        means = (self.total / self.looked).tolist()
        terms = {f"loss/{name}": mean for name, mean in zip(self.names, means, strict=True)}
        return {"loss": sum(means), **terms}

    def _look(self) -> None:
        if not self.recent:
            return
        losses = torch.stack(self.recent).double().cpu()
        bad = (~losses.isfinite()).nonzero()
        if len(bad):
            step, term = bad[0].tolist()
            raise DivergedError(
                f"the term {self.names[term]} is {losses[step, term].item()} at step {self.looked + step + 1} of epoch "
                f"{self.epoch + 1}; lower the learning rate, or that term's weight"
            )
        summed = losses.sum(0)
        self.total = summed if self.total is None else self.total + summed
        self.looked += len(self.recent)
        self.recent.clear()
