"""Bilinear resampling, to the last bit the same in numba and in torch.

Half-pixel centres and clamped edges, as cv2's INTER_LINEAR and torch with `align_corners=False`;
no antialiasing. The one formula, in float64: with `t` the distance to the lower neighbour,

    lerp(a, b, t) = a + t * (b - a)          first along y, then along x

each operation rounded by itself. Along `t` it is monotone and never leaves [a, b] (t <= 1 - 1/(2 size)),
rounding included, so that skipping what cannot exceed a threshold changes no pixel.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class Samples:
    """Where the pixels of an axis take their value from.

    Attributes:
        lower: index of the lower neighbour, never decreasing, one a pixel.
        upper: index of the upper neighbour: `lower + 1`, or `lower` at the end of the axis.
        fraction: distance to the lower neighbour, 0 <= fraction < 1, float64.
    """

    lower: NDArray[np.int64]
    upper: NDArray[np.int64]
    fraction: NDArray[np.float64]

    @classmethod
    def of(cls, size: int, pixels: int) -> Self:
        """The samples that resize an axis of `size` values to `pixels`."""
        # position (i + 1/2) size / pixels - 1/2 in whole numbers of 1 / (2 pixels): no rounding before the division
        place = (2 * np.arange(pixels, dtype=np.int64) + 1) * size - pixels
        place = np.clip(place, 0, 2 * pixels * (size - 1))
        lower, rest = np.divmod(place, 2 * pixels)
        return cls(lower, np.minimum(lower + 1, size - 1), rest / (2.0 * pixels))


def upsample(maps: Tensor, shape: tuple[int, int]) -> Tensor:
    """Feature maps `(m h w)` resampled to `(m, *shape)`, float64, on their device."""
    rows, columns = Samples.of(maps.shape[1], shape[0]), Samples.of(maps.shape[2], shape[1])
    return lerp(lerp(maps.double(), rows, 1), columns, 2)


def lerp(maps: Tensor, samples: Samples, dim: int) -> Tensor:
    """One axis resampled by the module's formula."""
    low = maps.index_select(dim, torch.from_numpy(samples.lower).to(maps.device))
    high = maps.index_select(dim, torch.from_numpy(samples.upper).to(maps.device))
    fraction = torch.from_numpy(samples.fraction).to(maps.device)
    fraction = fraction.reshape(-1, *[1] * (maps.dim() - 1 - dim))
    # three separate operations: a fused multiply-add would round differently
    return low + fraction * (high - low)
