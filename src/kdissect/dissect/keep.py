"""Kept maps: exact thresholds and all active maps from one pass over the images."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.dissect.active import ActiveMaps
from kdissect.dissect.finite import all_finite
from kdissect.dissect.order import insert, tighten
from kdissect.dissect.quantile import Position, Rule, Thresholds
from kdissect.dissect.spill import Spill
from kdissect.errors import DivergedError, ShapeError
from kdissect.types import Activations, check

MEMORY_BUDGET = 4 * 2**30
_SMALL = 32 * 2**20  # below so many bytes pruning is not worth its time


@dataclass(frozen=True)
class _Chunk:
    """What is kept of one batch: `rows[k]` is the place in `maps` of the k-th map, `images[k]` its image."""

    first: int
    num_images: int
    maps: Tensor
    on_disk: bool
    rows: NDArray[np.int64]
    images: NDArray[np.int64]
    units: NDArray[np.int64]
    peaks: NDArray[np.float64]

    def above(self, bounds: NDArray[np.float64]) -> Self:
        """Only the maps whose maximum exceeds their unit's bound."""
        kept = self.peaks > bounds[self.units]
        return replace(
            self,
            rows=self.rows[kept],
            images=self.images[kept],
            units=self.units[kept],
            peaks=self.peaks[kept],
        )

    def slim(self) -> Self:
        """Without the maps in memory that it no longer needs."""
        if self.on_disk or len(self.rows) == len(self.maps):
            return self
        return replace(self, maps=self.maps[torch.from_numpy(self.rows)], rows=np.arange(len(self.rows)))


class KeptMaps:
    """The feature maps that can still matter, while batches come in.

    The number of positions N h w is known before the pass, so a unit's threshold is its k-th largest
    activation for a fixed k. The k-th largest value so far never decreases: it is a lower bound of the
    threshold at every moment, and a map whose maximum is not above it can be dropped. When the last batch
    is in, the thresholds are exact (the same bits as `thresholds()` on all activations), and every active
    map is still there.

    In memory are k to 1.25 k values a unit (k is about N h w / 200), and at most twice the maps that matter, up
    to `memory_budget`; beyond it kept maps lie in a temporary file that goes when this object goes.

    Args:
        num_images: how many images will come; each once, in order.
        quantile, rule: as in `thresholds()`.
        memory_budget: bytes of kept maps that stay in memory.
        folder: where a temporary file goes, the system's place for them if None.
    """

    def __init__(
        self,
        num_images: int,
        *,
        quantile: float = 0.005,
        rule: Rule = "netdissect",
        memory_budget: int = MEMORY_BUDGET,
        folder: Path | None = None,
    ) -> None:
        Position.of(quantile, rule, 2)  # refuse a wrong rule before the first batch
        self.num_images = num_images
        self.num_seen = 0
        self._quantile, self._rule = quantile, rule
        self._budget, self._folder = memory_budget, folder
        self._chunks: list[_Chunk] = []
        self._pruned_size = 0
        self._spill: Spill | None = None

    def add(self, activations: Tensor) -> None:
        """Take the next batch `(b u h w)`, on any device.

        Raises:
            ShapeError: units or map size are not those of the first batch, or too many images came.
            DivergedError: an activation is not finite.
            RecordError: the kept maps fit neither in memory nor on the disk.
        """
        check(activations=(activations, Activations))
        if self.num_seen == 0:
            self._begin(activations)
        if activations.shape[1:] != self.shape or self.num_seen + len(activations) > self.num_images:
            raise ShapeError(
                f"expected feature maps (b, {', '.join(map(str, self.shape))}) of {self.num_images} images in all, "
                f"got {tuple(activations.shape)} after {self.num_seen} images"
            )
        if not all_finite(activations):
            raise DivergedError("activations must be finite, some are NaN or infinite")
        maps = activations.detach().to(self._dtype)
        peaks = maps.flatten(2).amax(2)
        alive = peaks > torch.from_numpy(self._bound).to(peaks.device, peaks.dtype)  # exact: a bound is a value
        image, unit = (index.cpu().numpy() for index in alive.nonzero(as_tuple=True))
        chunk = _Chunk(
            self.num_seen,
            len(maps),
            maps[alive].cpu().contiguous(),
            False,
            np.arange(len(image)),
            image,
            unit,
            peaks[alive].cpu().double().numpy(),
        )
        insert(self._top, self._filled, self._bound, chunk.maps.numpy(), unit, self._position.num_top)
        self._chunks.append(chunk)
        self.num_seen += len(activations)
        if self.num_bytes > min(max(2 * self._pruned_size, _SMALL), self._budget):
            self._prune()

    @property
    def num_bytes(self) -> int:
        """Bytes of the kept maps that are in memory."""
        return sum(chunk.maps.nbytes for chunk in self._chunks if not chunk.on_disk)

    @property
    def num_maps(self) -> int:
        """Number of maps kept, in memory and on disk."""
        return sum(len(chunk.rows) for chunk in self._chunks)

    def thresholds(self) -> Thresholds:
        """The exact thresholds `(u,)`, float64, after the last batch.

        Raises:
            ShapeError: images are missing.
        """
        if self.num_seen != self.num_images or not self.num_images:
            raise ShapeError(f"expected {self.num_images} images (at least one), {self.num_seen} came")
        tighten(self._top, self._filled, self._bound, self._position.num_top)
        top = self._top[:, : self._position.num_top]
        lower = torch.from_numpy(top[:, 0].copy())
        upper = torch.from_numpy(top[:, 1:].min(axis=1)) if top.shape[1] > 1 else lower
        return self._position.between(lower, upper)

    def active(self, thresholds: Tensor) -> list[ActiveMaps]:
        """The maps that exceed the thresholds, batch by batch.

        Args:
            thresholds: `(u,)`, none below those of `thresholds()`.
        """
        bounds = thresholds.double().cpu().numpy()
        result = []
        for chunk in (chunk.above(bounds) for chunk in self._chunks):
            images = np.arange(chunk.first, chunk.first + chunk.num_images)
            starts = np.searchsorted(chunk.images, np.arange(chunk.num_images + 1))
            result.append(ActiveMaps(images, chunk.maps, chunk.rows, chunk.units, starts))
        return result

    def _begin(self, activations: Tensor) -> None:
        num_units, height, width = activations.shape[1:]
        self.shape = activations.shape[1:]
        self._dtype = torch.float64 if activations.dtype == torch.float64 else torch.float32
        self._position = Position.of(self._quantile, self._rule, self.num_images * height * width)
        room = self._position.num_top + self._position.num_top // 4 + 256
        self._top = torch.empty(num_units, room, dtype=self._dtype).numpy()
        self._filled = np.zeros(num_units, np.int64)
        self._bound = np.full(num_units, -np.inf)

    def _prune(self) -> None:
        tighten(self._top, self._filled, self._bound, self._position.num_top)
        self._chunks = [chunk.above(self._bound).slim() for chunk in self._chunks]
        if self.num_bytes > 0.75 * self._budget:  # a budget that is nearly full would be pruned at every batch
            self._to_disk()
        self._pruned_size = self.num_bytes

    def _to_disk(self) -> None:
        if self._spill is None:
            self._spill = Spill(self._folder)
        a_map = self._chunks[0].maps[:1].nbytes or self._top.itemsize * self.shape[1] * self.shape[2]
        to_come = self.num_maps * a_map * (self.num_images - self.num_seen) // self.num_seen
        self._spill.reserve(self.num_bytes + to_come)
        self._chunks = [
            chunk if chunk.on_disk else replace(chunk, maps=self._spill.move(chunk.maps), on_disk=True)
            for chunk in self._chunks
        ]
