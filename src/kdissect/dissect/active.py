"""Active maps: the feature maps of a few images that exceed their unit's threshold somewhere."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.dissect.cells import Cells


@dataclass(frozen=True)
class ActiveMaps:
    """Feature maps of some images, image by image, on any device; all other maps have an empty mask.

    Attributes:
        images: index in the probe of each image `(n,)`, int64.
        maps: a pool of feature maps `(m h w)`, float32 or float64.
        rows: for each active map its place in the pool `(k,)`, int64.
        units: for each active map its unit `(k,)`, int64.
        starts: active maps of the i-th image are those from `starts[i]` to `starts[i + 1]`, `(n + 1,)`.
    """

    images: NDArray[np.int64]
    maps: Tensor
    rows: NDArray[np.int64]
    units: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, cells: Cells, device: torch.device) -> "ActiveMaps":
        """The maps of those cells on a device; a cell that is not listed has the lowest value of its type."""
        maps = torch.from_numpy(cells.dense()).to(device)
        return cls(cells.images, maps, np.arange(cells.num_maps), cells.units.astype(np.int64), cells.map_starts)

    def cells(self, thresholds: NDArray[np.float64]) -> Cells:
        """The cells that decide the masks at thresholds `(u,)`; for maps on the CPU."""
        maps = self.maps.numpy()
        peaks = np.zeros(len(self.rows), maps.dtype)  # not needed: nothing is pruned any more
        return Cells.of(self.images, maps, self.rows, self.units.astype(np.int32), self.starts, peaks, thresholds)

    def parts(self, num_images: int) -> Iterator["ActiveMaps"]:
        """The same in parts of at most so many images; nothing is copied."""
        for first in range(0, len(self.images), num_images):
            starts = self.starts[first : first + num_images + 1]
            kept = slice(starts[0], starts[-1])
            yield ActiveMaps(
                self.images[first : first + num_images],
                self.maps,
                self.rows[kept],
                self.units[kept],
                starts - starts[0],
            )


def active_maps(activations: Tensor, thresholds: Tensor) -> ActiveMaps:
    """The active maps among all `(b u h w)`, with the images numbered from 0.

    A map whose maximum is not above the threshold has an empty mask: bilinear upsampling never
    exceeds the maximum.
    """
    num_images, num_units, height, width = activations.shape
    maps = activations.reshape(-1, height, width)
    active = maps.flatten(1).amax(1).reshape(num_images, num_units).double() > thresholds
    image, unit = (index.cpu().numpy() for index in active.nonzero(as_tuple=True))
    return ActiveMaps(
        np.arange(num_images, dtype=np.int64),
        maps,
        image * num_units + unit,
        unit,
        np.searchsorted(image, np.arange(num_images + 1)).astype(np.int64),
    )
