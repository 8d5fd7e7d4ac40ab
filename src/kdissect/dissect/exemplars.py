"""Exemplars: the images on which a unit is most active."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from kdissect.data.probe import Probe

PICTURE_SIDE = 112


@dataclass(frozen=True)
class Exemplars:
    """The top images of every unit by their largest activation, most active first.

    Equal activations: the lower image index comes first. A unit without exemplars, and a place that no image
    fills, has image -1, peak 0 and an empty map.

    Attributes:
        images: `(u n)`, index in the probe, int64.
        peaks: `(u n)`, the largest activation, float32.
        maps: `(u n h w)`, the feature maps, float16.
        picture_index: `(m,)`, the images that occur, in ascending order, int64.
        pictures: `(m H W 3)`, these images, uint8; larger ones reduced to 112 pixels on their longer side.
    """

    images: NDArray[np.int64]
    peaks: NDArray[np.float32]
    maps: NDArray[np.float16]
    picture_index: NDArray[np.int64]
    pictures: NDArray[np.uint8]

    def only(self, units: Sequence[int]) -> "Exemplars":
        """The exemplars of some units; all the others have none."""
        others = np.setdiff1d(np.arange(len(self.images)), units)
        images, peaks, maps = self.images.copy(), self.peaks.copy(), self.maps.copy()
        images[others], peaks[others], maps[others] = -1, 0, 0
        used = np.isin(self.picture_index, images)
        return Exemplars(images, peaks, maps, self.picture_index[used], self.pictures[used])


@dataclass(frozen=True)
class TopImages:
    """Exemplars without their pictures; the attributes are those of `Exemplars`, an empty place has peak -inf."""

    images: NDArray[np.int64]
    peaks: NDArray[np.float32]
    maps: NDArray[np.float16]

    @classmethod
    def merge(cls, parts: Sequence["TopImages"]) -> "TopImages":
        """The top images of at least one part; as many a unit as each part has."""
        images, peaks, maps = (
            np.concatenate([getattr(part, name) for part in parts], axis=1) for name in ("images", "peaks", "maps")
        )
        number = parts[0].images.shape[1]
        # by falling peak, then by rising image number; empty places come last
        order = np.lexsort((images, -peaks), axis=1)[:, :number]
        rows = np.arange(len(images))[:, None]
        return cls(images[rows, order], peaks[rows, order], maps[rows, order])

    def with_pictures(self, probe: Probe, units: Sequence[int] | None = None) -> Exemplars:
        """The exemplars, with their pictures read from the probe.

        Args:
            probe: whose images came.
            units: those to have exemplars, all if None.
        """
        images, nothing = self.images, np.empty((0, 1, 1, 3), np.uint8)
        peaks = np.where(images >= 0, self.peaks, 0).astype(np.float32)
        bare = Exemplars(images, peaks, self.maps, np.empty(0, np.int64), nothing)
        if units is not None:
            bare = bare.only(units)
        index = np.unique(bare.images[bare.images >= 0])
        small = [_small(probe.pictures(index[k : k + 64].tolist())) for k in range(0, len(index), 64)]
        return replace(bare, picture_index=index, pictures=np.concatenate(small) if small else bare.pictures)


class RunningExemplars:
    """The top images of every unit, while batches come in. Nothing grows with the number of images.

    Args:
        number: exemplars a unit.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._next = 0
        self._begun = False

    def add(self, activations: Tensor, first: int | None = None) -> None:
        """Take the next batch `(b u h w)`, on any device.

        Args:
            activations: of images that come after one another in the probe, and after those that came before.
            first: number of the first of them; None: they follow those of the last batch.
        """
        num_images, num_units = activations.shape[:2]
        first = self._next if first is None else first
        if not self._begun:
            self._begun = True
            device, places = activations.device, (num_units, self.number)
            self.images = torch.full(places, -1, device=device)
            self.peaks = torch.full(places, -torch.inf, device=device)
            self.maps = torch.zeros(*places, *activations.shape[2:], dtype=torch.float16, device=device)
        peaks = activations.flatten(2).amax(2).T.float()
        if activations.device.type != "cpu":
            self._add_all(activations, peaks, first)
            self._next = first + num_images
            return
        # what stands there has lower image numbers, and a stable sort leaves it in front of equals
        worst = self.peaks[:, -1:] if self.number else torch.inf
        units = (peaks > worst).any(1).nonzero()[:, 0]
        both = torch.cat([self.peaks[units], peaks[units]], 1)
        order = both.argsort(stable=True, dim=1, descending=True)[:, : self.number]
        fresh = order >= self.number
        old, new = order.clamp(max=self.number - 1), (order - self.number).clamp(min=0)
        rows = units[:, None]
        self.images[units] = torch.where(fresh, new + first, self.images[rows, old])
        self.maps[units] = self.maps[rows, old]
        unit, place = fresh.nonzero(as_tuple=True)
        limit = torch.finfo(torch.float16).max  # larger activations are drawn as this
        self.maps[units[unit], place] = activations[new[unit, place], units[unit]].clamp(-limit, limit).half()
        self.peaks[units] = both.gather(1, order)
        self._next = first + num_images

    def _add_all(self, activations: Tensor, peaks: Tensor, first: int) -> None:
        """The same without looking which units change, for which the host would wait for the device."""
        numbers = torch.arange(first, first + len(activations), device=peaks.device).expand(len(peaks), -1)
        limit = torch.finfo(torch.float16).max
        maps = activations.clamp(-limit, limit).half().transpose(0, 1)
        both = torch.cat([self.peaks, peaks], 1)
        order = both.argsort(stable=True, dim=1, descending=True)[:, : self.number]
        self.peaks = both.gather(1, order)
        self.images = torch.cat([self.images, numbers], 1).gather(1, order)
        every = torch.cat([self.maps, maps], 1)
        self.maps = every.gather(1, order[:, :, None, None].expand(-1, -1, *every.shape[2:]))

    def top(self) -> TopImages:
        """The top images so far."""
        return TopImages(self.images.cpu().numpy(), self.peaks.cpu().numpy(), self.maps.cpu().numpy())

    def finish(self, probe: Probe, units: Sequence[int] | None = None) -> Exemplars:
        """The exemplars, with their pictures; as `TopImages.with_pictures`."""
        return self.top().with_pictures(probe, units)


def _small(pictures: Tensor) -> NDArray[np.uint8]:
    height, width = pictures.shape[2:]
    longer = max(height, width)
    if longer > PICTURE_SIDE:
        shape = (max(1, height * PICTURE_SIDE // longer), max(1, width * PICTURE_SIDE // longer))
        pictures = functional.interpolate(pictures, shape, mode="bilinear", antialias=True)
    return np.ascontiguousarray(pictures.permute(0, 2, 3, 1).numpy())
