"""Batched augmentation that is a pure function of (seed, epoch, index)."""

from typing import Literal, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor
from torch.nn import functional as F

from kdissect.seeds import uniform
from kdissect.specs import Spec


@final
class Augment(Spec):
    """Random shift or crop, and horizontal flip.

    Each image's draw depends on (seed, epoch, index) alone: not on the batch it falls in, the number
    of workers, or what was drawn before. So a teacher's output for it can be kept, and a resumed run
    sees the same images.

    Attributes:
        shift_share: largest shift to each side, as a share of the image's side; 0 to 0.5. The border
            is filled by reflection.
        flip: mirror left-right with probability one half.
        crop: `shift`, the augmentation of small-image training; `resized`: a box of random area and proportions,
            brought to full size, that of ImageNet training (torchvision's RandomResizedCrop).
        scale: smallest and largest area of the box, as shares of the image's; for `resized`.
        ratio: smallest and largest width of the box over its height; for `resized`.
    """

    shift_share: float = Field(default=0.0625, ge=0, le=0.5)
    flip: bool = True
    crop: Literal["shift", "resized"] = "shift"
    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)

    @model_validator(mode="after")
    def _ranges(self) -> Self:
        if not 0 < self.scale[0] <= self.scale[1] <= 1:
            raise ValueError(f"scale must be two rising shares above 0 and at most 1, got {self.scale}")
        if not 0 < self.ratio[0] <= self.ratio[1]:
            raise ValueError(f"ratio must be two rising numbers above 0, got {self.ratio}")
        return self

    def apply(self, pictures: Tensor, *, seed: int, epoch: int, indices: NDArray[np.int64]) -> Tensor:
        """The augmented pictures, `(b 3 h w)` uint8 to the same.

        Args:
            pictures: `(b 3 h w)`.
            seed: the training seed.
            epoch: number of the epoch.
            indices: `(b)`, each picture's index in its split.
        """
        if self.crop == "resized":
            return self._resized(pictures, uniform(seed, "augment", epoch, indices, 5))
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

    def _resized(self, pictures: Tensor, draws: NDArray[np.float64]) -> Tensor:
        """A box of each picture at full size, by bilinear interpolation; `draws` are `(b, 5)` in [0, 1)."""
        height, width = pictures.shape[2:]
        area = (self.scale[0] + (self.scale[1] - self.scale[0]) * draws[:, 0]) * height * width
        low, high = np.log(self.ratio)
        ratio = np.exp(low + (high - low) * draws[:, 1])
        # One draw and a limit stand for torchvision's ten tries and centre crop.
        wide = np.minimum(np.sqrt(area * ratio), width)
        tall = np.minimum(np.sqrt(area / ratio), height)
        left, top = draws[:, 2] * (width - wide), draws[:, 3] * (height - tall)
        mirrored = np.where(draws[:, 4] < 0.5, -1.0, 1.0) if self.flip else np.ones(len(draws))
        # The affine map from the output's square [-1, 1] to the box.
        maps = np.zeros((len(draws), 2, 3))
        maps[:, 0, 0], maps[:, 0, 2] = mirrored * wide / width, (2 * left + wide) / width - 1
        maps[:, 1, 1], maps[:, 1, 2] = tall / height, (2 * top + tall) / height - 1
        theta = torch.from_numpy(maps).to(pictures.device, torch.float32)
        grid = F.affine_grid(theta, [len(draws), 3, height, width], align_corners=False)
        sampled = F.grid_sample(pictures.float(), grid, padding_mode="reflection", align_corners=False)
        return sampled.round_().clamp_(0, 255).to(torch.uint8)


def _reflect(positions: Tensor, size: int) -> Tensor:
    """Positions beyond the border come back in, without repeating the border itself."""
    positions = positions.abs()
    return torch.where(positions >= size, 2 * (size - 1) - positions, positions)
