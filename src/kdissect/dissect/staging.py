"""Staging: maps that may matter, gathered on a device without the host waiting for it."""

import torch
from torch import Tensor

from kdissect.errors import DivergedError

BYTES = 2**30


class Staging:
    """A buffer on the device that takes the maps whose maximum exceeds their unit's bound.

    Only the device knows how many those are. The host counts all that came, and asks when the buffer might be full.

    Args:
        shape: units, height and width of the maps.
        dtype: of the maps.
        device: where they are.
        num_bytes: size of the buffer; the maps of one image fit in any case.
    """

    def __init__(self, shape: tuple[int, int, int], dtype: torch.dtype, device: torch.device, num_bytes: int) -> None:
        self._num_units, height, width = shape
        itemsize = torch.empty(0, dtype=dtype).element_size()
        self.capacity = max(self._num_units, num_bytes // (height * width * itemsize + 16))
        # one place more, for the maps that are not taken
        self._maps = torch.empty(self.capacity + 1, height, width, dtype=dtype, device=device)
        self._owners = torch.empty(self.capacity + 1, dtype=torch.int64, device=device)
        self._used = torch.zeros((), dtype=torch.int64, device=device)
        self._wrong = torch.full((), torch.iinfo(torch.int64).max, device=device)
        self._at_most = 0

    def has_room(self, num_maps: int) -> bool:
        """Whether so many maps fit; the host waits for the device only if it cannot know."""
        if self._at_most + num_maps <= self.capacity:
            return True
        self._at_most = int(self._used)
        # a buffer that is nearly full would be asked at every batch
        return self._at_most + num_maps <= self.capacity and self._at_most < self.capacity // 2

    def add(self, maps: Tensor, bound: Tensor, first: int) -> None:
        """Take maps `(b u h w)` of images from number `first` on; bound: `(u,)`, of their type, on the device."""
        peaks = maps.flatten(2).amax(2)
        alive = (peaks > bound).reshape(-1)
        owners = torch.arange(alive.numel(), device=maps.device) + first * self._num_units
        place = torch.where(alive, alive.cumsum(0) - 1 + self._used, self.capacity)
        self._maps.index_copy_(0, place, maps.flatten(0, 1))
        self._owners.index_copy_(0, place, owners)
        self._used += alive.sum()
        finite = maps.isfinite().flatten(2).all(2).reshape(-1)
        self._wrong = torch.minimum(self._wrong, torch.where(finite, self._wrong, owners).min())
        self._at_most += alive.numel()

    def take(self) -> tuple[Tensor, Tensor, Tensor]:
        """Maps `(m h w)`, images and units `(m,)` on the host, in the order of the images; the buffer is empty then.

        Raises:
            DivergedError: an activation was not finite; names the image and the unit.
        """
        used, wrong = int(self._used), int(self._wrong)
        if wrong != torch.iinfo(torch.int64).max:
            image, unit = divmod(wrong, self._num_units)
            raise DivergedError(
                f"activations must be finite, unit {unit} is not on image number {image}; did training diverge, or are "
                "the weights damaged?"
            )
        maps, owners = self._maps[:used].cpu(), self._owners[:used].cpu()
        self._used.zero_()
        self._at_most = 0
        return maps, owners // self._num_units, owners % self._num_units
