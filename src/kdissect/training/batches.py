"""The stream of batches: order, augmentation and further views, all pure functions of (seed, epoch, index)."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.data.dataset import Split
from kdissect.data.views import see_otherwise
from kdissect.seeds import key, numpy_generator
from kdissect.training.recipe import Recipe

RESIDENT_SHARE = 0.25
"""A split that takes less than this share of a device's free memory is kept there."""


@final
@dataclass(frozen=True)
class Batch:
    """Some images of one step, augmented.

    Attributes:
        indices: each image's index in the split, `(b)`, int64, on the CPU.
        pictures: `(b 3 h w)`, uint8.
        labels: `(b)`.
        views: the same images seen otherwise.
        draw: a number of this step, for what terms draw at random.
        seconds: what it took to make, where the host did it.
    """

    indices: NDArray[np.int64]
    pictures: Tensor
    labels: Tensor
    views: dict[str, Tensor]
    draw: int
    seconds: float


@final
class Batches:
    """The batches of a training run.

    Args:
        split: the training split.
        recipe: batch size and augmentation.
        seed: of the run.
        device: where the batches are wanted.
        views: further views to make.
        rank: number of this process; it gets every `processes`-th image of each batch.
        processes: how many processes share each batch.
    """

    def __init__(
        self,
        split: Split,
        recipe: Recipe,
        seed: int,
        device: torch.device,
        views: Sequence[str] = (),
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        self.split, self.recipe, self.seed, self.device = split, recipe, seed, device
        self.views, self.rank, self.processes = tuple(views), rank, processes
        self.pictures, self.labels = split.pictures, split.labels
        if device.type == "cuda" and self.pictures.nbytes < RESIDENT_SHARE * torch.cuda.mem_get_info(device)[0]:
            self.pictures, self.labels = self.pictures.to(device), self.labels.to(device)

    @property
    def steps(self) -> int:
        """Steps an epoch; the last incomplete batch is left out."""
        return len(self.split) // self.recipe.batch_size

    def epoch(self, epoch: int, purpose: str = "") -> Iterator[Batch]:
        """The batches of one epoch.

        Args:
            epoch: its number, from 0.
            purpose: of a stage of its own, which has its own order and draws; empty for the student's training.
        """
        order = numpy_generator(self.seed, f"order{purpose}", epoch).permutation(len(self.split)).astype(np.int64)
        salt = key(self.seed, f"draw{purpose}", epoch)
        for step in range(self.steps):
            started = time.perf_counter()
            whole = order[step * self.recipe.batch_size : (step + 1) * self.recipe.batch_size]
            indices = whole[self.rank :: self.processes]
            rows = torch.from_numpy(indices)
            pictures = self.pictures[rows.to(self.pictures.device)].to(self.device, non_blocking=True)
            labels = self.labels[rows.to(self.labels.device)].to(self.device, non_blocking=True)
            pictures = self.recipe.augment.apply(pictures, seed=self.seed, epoch=epoch, indices=indices)
            # Further views depend on (seed, epoch, index) too, so that what a teacher says of them can be kept.
            views = {view: see_otherwise(pictures, view, salt, indices.tolist()) for view in self.views}
            yield Batch(indices, pictures, labels, views, (salt + step) >> 1, time.perf_counter() - started)
