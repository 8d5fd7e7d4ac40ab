"""Gathering: what the activations of one layer leave behind while the images go by."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.dissect.cells import Cells
from kdissect.dissect.exemplars import RunningExemplars, TopImages
from kdissect.dissect.keep import KeptMaps
from kdissect.dissect.quantile import Rule


@dataclass(frozen=True)
class Gathered:
    """What a range of images left behind.

    Attributes:
        cells: the cells that can still matter, batch by batch.
        bounds: `(u,)`; all values above are among the cells.
        top: the most active images of each unit.
        activity: mean activation of each unit on each image `(b u)`, float32.
    """

    cells: list[Cells]
    bounds: NDArray[np.float64]
    top: TopImages
    activity: NDArray[np.float32]


class Gathering:
    """One layer's state during the pass.

    Args:
        num_images: images of the whole probe.
        quantile, rule, memory_budget: as in `KeptMaps`.
        num_exemplars: top images a unit.
    """

    def __init__(self, num_images: int, *, quantile: float, rule: Rule, memory_budget: int, num_exemplars: int) -> None:
        self.kept = KeptMaps(num_images, quantile=quantile, rule=rule, memory_budget=memory_budget)
        self._number = min(num_exemplars, num_images)
        self.exemplars = RunningExemplars(self._number)
        self._activity: list[Tensor] = []

    def add(self, activations: Tensor, first: int) -> None:
        """Take a batch `(b u h w)` that begins with image number `first`.

        Raises:
            KdissectError: as `KeptMaps.add`.
        """
        self.kept.add(activations, first)
        self.exemplars.add(activations, first)
        self._activity.append(activations.mean((2, 3)).float())  # stays where it is: no waiting for the device

    @property
    def activity(self) -> NDArray[np.float32]:
        """Mean activation of each unit on each image that came `(b u)`."""
        found: NDArray[np.float32] = torch.cat(self._activity).cpu().numpy()
        return found

    def take(self) -> Gathered:
        """Hand over what came since the last time; only the bounds live on."""
        taken = Gathered(self.kept.take(), self.kept.bounds.copy(), self.exemplars.top(), self.activity)
        self.exemplars, self._activity = RunningExemplars(self._number), []
        return taken
