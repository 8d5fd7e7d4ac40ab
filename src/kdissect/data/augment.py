"""Batched augmentation that is a pure function of (seed, epoch, index)."""

from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from kdissect.seeds import uniform
from kdissect.specs import Spec


@final
class Augment(Spec):
    """Random shift and horizontal flip, the augmentation of small-image training.

    Each image's draw depends on (seed, epoch, index) alone: not on the batch it falls in, the number
    of workers, or what was drawn before. So a teacher's output for it can be kept, and a resumed run
    sees the same images.

    Attributes:
        shift_share: largest shift to each side, as a share of the image's side; 0 to 0.5. The border
            is filled by reflection.
        flip: mirror left-right with probability one half.
    """

    shift_share: float = Field(default=0.0625, ge=0, le=0.5)
    flip: bool = True

    def apply(self, pictures: Tensor, *, seed: int, epoch: int, indices: NDArray[np.int64]) -> Tensor:
        """The augmented pictures, `(b 3 h w)` uint8 to the same.

        Args:
            pictures: `(b 3 h w)`.
            seed: the training seed.
            epoch: number of the epoch.
            indices: `(b)`, each picture's index in its split.
        """
        side = pictures.shape[-1]
        reach = round(self.shift_share * side)
        draws = uniform(seed, "augment", epoch, indices, 3)
        shift = torch.from_numpy(np.floor(draws[:, :2] * (2 * reach + 1)).astype(np.int64) - reach)
        mirrored = torch.from_numpy(draws[:, 2] < 0.5) if self.flip else torch.zeros(len(indices), dtype=torch.bool)
        rows = _reflect(torch.arange(pictures.shape[-2]) + shift[:, :1], pictures.shape[-2])
        columns = _reflect(torch.arange(side) + shift[:, 1:], side)
        columns = torch.where(mirrored[:, None], columns.flip(1), columns)
        rows, columns = rows.to(pictures.device), columns.to(pictures.device)
        channels_last = pictures.permute(0, 2, 3, 1)
        batch = torch.arange(len(pictures), device=pictures.device)[:, None, None]
        return channels_last[batch, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _reflect(positions: Tensor, size: int) -> Tensor:
    """Positions beyond the border come back in, without repeating the border itself."""
    positions = positions.abs()
    return torch.where(positions >= size, 2 * (size - 1) - positions, positions)
