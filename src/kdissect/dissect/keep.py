"""Kept maps: exact thresholds and all that decides the masks, from one pass over the images."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.dissect.cells import Cells
from kdissect.dissect.finite import all_finite
from kdissect.dissect.order import insert, insert_cells, tighten
from kdissect.dissect.quantile import Position, Rule, Thresholds
from kdissect.dissect.spill import Spill
from kdissect.dissect.staging import BYTES as STAGING
from kdissect.dissect.staging import Staging
from kdissect.errors import DivergedError, RecordError, ShapeError, SpecError
from kdissect.types import Activations, check

MEMORY_BUDGET = 2 * 2**30
_SMALL = 32 * 2**20  # below so many bytes pruning is not worth its time
_LARGE = 64 * 2**20  # memory in pieces of this size goes back to the system; many smaller ones leave holes
_SLACK = 1.5  # kept cells grow so much before the next pruning


class KeptMaps:
    """What of the feature maps can still matter, while batches come in.

    The number of positions N h w is known before the pass, so a unit's threshold is its k-th largest
    activation for a fixed k. The k-th largest value so far never decreases: it is a lower bound of the
    threshold at every moment. A map whose maximum is not above it can be dropped, and of the others all cells
    that are not near a value above it (see `Cells`). When the last batch is in, the thresholds are exact (the
    same bits as `thresholds()` on all activations), and every cell that decides a mask is still there.

    In memory are k to 1.25 k values a unit (k is about N h w / 200), and at most 1.5 times the cells that matter,
    up to `memory_budget`; beyond it kept cells lie in a temporary file that goes when this object goes.

    Args:
        num_images: how many images there are in all; each comes once.
        quantile, rule: as in `thresholds()`; of several quantiles the largest.
        memory_budget: bytes of kept cells that stay in memory.
        folder: where a temporary file goes, the system's place for them if None.
        staging: bytes of a buffer on the device, which spares the host from waiting for it at every batch; None: 1 GiB
            on devices other than the CPU, none there.
    """

    def __init__(
        self,
        num_images: int,
        *,
        quantile: float = 0.005,
        rule: Rule = "netdissect",
        memory_budget: int = MEMORY_BUDGET,
        folder: Path | None = None,
        staging: int | None = None,
    ) -> None:
        Position.of(quantile, rule, 2)  # refuse a wrong rule before the first batch
        self.num_images = num_images
        self.num_seen = 0
        self._next = 0
        self.shape: tuple[int, int, int] | None = None
        self._quantile, self._rule = quantile, rule
        self._budget, self._folder, self._staging_bytes = memory_budget, folder, staging
        self._staging: Staging | None = None
        self._staged: list[int] = []
        self._floor = np.empty(0)
        self._chunks: list[Cells] = []
        self._on_disk: list[Cells] = []
        self._pruned_size = 0
        self._spill: Spill | None = None

    def add(self, activations: Tensor, first: int | None = None) -> None:
        """Take the next batch `(b u h w)`, on any device.

        Args:
            activations: of images that come after one another in the probe.
            first: index of the first of them; None: they follow those of the last batch.

        Raises:
            ShapeError: units or map size are not those of the first batch, or too many images came.
            DivergedError: an activation is not finite.
            RecordError: the largest values do not fit in memory, or the kept cells neither there nor on the disk.
        """
        check(activations=(activations, Activations))
        if self.shape is None:
            self._begin(tuple(activations.shape[1:]), torch.float64 if activations.dtype == torch.float64 else None)
        if activations.shape[1:] != self.shape or self.num_seen + len(activations) > self.num_images:
            raise ShapeError(
                f"expected feature maps (b, {', '.join(map(str, self.shape or ()))}) of {self.num_images} images in "
                f"all, got {tuple(activations.shape)} after {self.num_seen} images"
            )
        maps = activations.detach().to(self._dtype)
        first = self._next if first is None else first
        self._next = first + len(maps)
        if maps.device.type != "cpu" or self._staging_bytes is not None:
            self._stage(maps, first)
            return
        if not all_finite(activations):
            raise DivergedError("activations must be finite, some are NaN or infinite")
        peaks = maps.flatten(2).amax(2)
        alive = peaks > torch.from_numpy(self._bound).to(peaks.device, peaks.dtype)  # exact: a bound is a value
        image, unit = (index.cpu().numpy() for index in alive.nonzero(as_tuple=True))
        unit = unit.astype(np.int32)
        pool = maps[alive].cpu().contiguous().numpy()
        insert(self._top, self._filled, self._bound, pool, unit, self._num_top)
        images = np.arange(len(maps), dtype=np.int64)
        self._chunks.append(
            Cells.of(
                images + first,
                pool,
                np.arange(len(pool)),
                unit,
                np.searchsorted(image, np.arange(len(maps) + 1)).astype(np.int64),
                peaks[alive].cpu().numpy(),
                self._bound,
            )
        )
        self.num_seen += len(maps)
        self._make_room()

    def _stage(self, maps: Tensor, first: int) -> None:
        """The next batch, on a device that the host does not wait for."""
        if self._staging is None:
            num_bytes = STAGING if self._staging_bytes is None else self._staging_bytes
            units, height, width = maps.shape[1:]
            self._staging = Staging((units, height, width), self._dtype, maps.device, num_bytes)
            self._on_device = torch.from_numpy(self._bound).to(maps.device, self._dtype)
        images_a_part = max(1, self._staging.capacity // maps.shape[1])
        for k in range(0, len(maps), images_a_part):
            part = maps[k : k + images_a_part]
            if not self._staging.has_room(part.shape[0] * part.shape[1]):
                self._unstage()
            self._staging.add(part, self._on_device, first + k)
            self._staged += range(first + k, first + k + len(part))
        self.num_seen += len(maps)

    def _unstage(self) -> None:
        """Bring to the host what the device has gathered."""
        if self._staging is None or not self._staged:
            return
        maps, owners, units = self._staging.take()
        pool, unit = maps.numpy(), units.numpy().astype(np.int32)
        insert(self._top, self._filled, self._bound, pool, unit, self._num_top)
        images = np.array(self._staged, np.int64)
        starts = np.searchsorted(owners.numpy(), np.append(images, images[-1] + 1)).astype(np.int64)
        peaks = pool.reshape(len(pool), -1).max(1, initial=-np.inf)
        self._chunks.append(Cells.of(images, pool, np.arange(len(pool)), unit, starts, peaks, self._bound))
        self._staged = []
        self._make_room()
        self._on_device = torch.from_numpy(self._bound).to(self._on_device)

    def give(self, cells: Cells, num_units: int, floor: NDArray[np.float64]) -> None:
        """Take the cells that another object kept, by `take`.

        Args:
            cells: with all values above `floor`.
            num_units: units of the layer.
            floor: `(u,)`, that object's bounds.
        """
        if self.shape is None:
            self._begin((num_units, *cells.shape), torch.float64 if cells.values.dtype == np.float64 else None)
        self._floor = np.maximum(self._floor, floor)
        insert_cells(self._top, self._filled, self._bound, cells.values, cells.starts, cells.units, self._num_top)
        self._chunks.append(cells)
        self.num_seen += len(cells.images)
        self._make_room()

    def take(self) -> list[Cells]:
        """Hand over what is kept, batch by batch; what has been seen still decides what will be kept."""
        self._unstage()
        self._prune()
        taken, self._chunks, self._on_disk = self._all(), [], []
        return taken

    @property
    def bounds(self) -> NDArray[np.float64]:
        """Lower bounds of the thresholds `(u,)`: no value above one has been dropped."""
        bounds: NDArray[np.float64] = np.maximum(self._bound, self._floor)
        return bounds

    @property
    def num_bytes(self) -> int:
        """Bytes of the kept cells that are in memory."""
        return sum(chunk.num_bytes for chunk in self._chunks)

    @property
    def num_maps(self) -> int:
        """Number of maps kept, in memory and on disk."""
        return sum(chunk.num_maps for chunk in self._all())

    def thresholds(self, quantile: float | None = None) -> Thresholds:
        """The exact thresholds `(u,)`, float64, after the last batch.

        Args:
            quantile: at most the one that was announced, which is meant if None.

        Raises:
            ShapeError: images are missing.
            SpecError: the quantile is larger than the one announced.
        """
        if self.num_seen != self.num_images or self.shape is None:
            raise ShapeError(f"expected {self.num_images} images (at least one), {self.num_seen} came")
        position = Position.of(quantile or self._quantile, self._rule, self._num_positions)
        if position.num_top > self._num_top:
            raise SpecError(f"quantile must be at most {self._quantile}, the one announced, got {quantile}")
        self._unstage()
        self._prune()
        rank = position.num_top
        lower, upper = np.empty(len(self._bound)), np.empty(len(self._bound))
        for unit, filled in enumerate(self._filled):
            top = self._top[unit, :filled]
            if filled < rank:
                top = np.concatenate([top, np.full(rank - filled, -np.inf, top.dtype)])
            places = len(top) - rank, min(len(top) - rank + 1, len(top) - 1)
            lower[unit], upper[unit] = np.partition(top, places)[list(places)]
        # of values at the floor another object may have dropped some; all above it are here, so that what is missing
        # for the rank are values at the floor
        lower, upper = np.maximum(lower, self._floor), np.maximum(upper, self._floor)
        return position.between(torch.from_numpy(lower), torch.from_numpy(upper))

    def active(self, thresholds: Tensor) -> Sequence[Cells]:
        """The cells that decide the masks, in the order of the images.

        There may be a few cells more than that; they change no mask.

        Args:
            thresholds: `(u,)`, none below those of `thresholds()`.
        """
        bounds = thresholds.double().cpu().numpy()
        chunks = self._all()
        active = sum(int((chunk.peaks > bounds[chunk.units]).sum()) for chunk in chunks)
        if active > 0.9 * self.num_maps:  # as good as pruned to these thresholds already: no second copy of all cells
            return chunks
        return [chunk.above(bounds) for chunk in chunks]

    def _begin(self, shape: tuple[int, ...], dtype: torch.dtype | None) -> None:
        num_units, height, width = shape
        self.shape = (num_units, height, width)
        self._dtype = dtype or torch.float32
        self._num_positions = self.num_images * height * width
        self._num_top = Position.of(self._quantile, self._rule, self._num_positions).num_top
        room = self._num_top + self._num_top // 4 + 256
        _refuse_size(num_units, room, self._dtype.itemsize)
        self._top = torch.empty(num_units, room, dtype=self._dtype).numpy()
        self._filled = np.zeros(num_units, np.int64)
        self._bound = np.full(num_units, -np.inf)
        self._floor = np.full(num_units, -np.inf)

    def _all(self) -> list[Cells]:
        return sorted([*self._on_disk, *self._chunks], key=lambda chunk: int(chunk.images[0]))

    def _make_room(self) -> None:
        if self.num_bytes > min(max(_SLACK * self._pruned_size, _SMALL), self._budget):
            self._prune()

    def _prune(self) -> None:
        tighten(self._top, self._filled, self._bound, self._num_top)
        self._chunks = list(_joined(self._chunks, self.bounds))
        if self.num_bytes > 0.75 * self._budget:  # a budget that is nearly full would be pruned at every batch
            self._to_disk()
        self._pruned_size = self.num_bytes

    def _to_disk(self) -> None:
        if self._spill is None:
            self._spill = Spill(self._folder)
        kept = self.num_bytes + sum(chunk.num_bytes for chunk in self._on_disk)
        to_come = kept * (self.num_images - self.num_seen) // self.num_seen
        self._spill.reserve(self.num_bytes + to_come)
        move = self._spill.move
        self._on_disk += [
            replace(chunk, places=move(chunk.places), values=move(chunk.values)) for chunk in self._chunks
        ]
        self._chunks = []


def _joined(chunks: list[Cells], bounds: NDArray[np.float64]) -> Iterator[Cells]:
    """What still matters of the chunks, in fewer and larger ones; the list is emptied on the way."""
    chunks.sort(key=lambda chunk: int(chunk.images[0]))
    chunks.reverse()
    waiting: list[Cells] = []
    while chunks:
        waiting.append(chunks.pop().above(bounds))
        if sum(chunk.num_bytes for chunk in waiting) > _LARGE or not chunks:
            yield waiting[0] if len(waiting) == 1 else Cells.concatenate(waiting)
            waiting = []


def _refuse_size(num_units: int, room: int, itemsize: int) -> None:
    """The largest values of each unit must fit in the machine's memory."""
    needed, there = num_units * room * itemsize, physical_memory()
    if there is not None and needed > there:
        raise RecordError(
            f"exact thresholds of {num_units} units need {needed / 2**30:.1f} GiB for the {room} largest values of "
            f"each, the machine has {there / 2**30:.1f} GiB; dissect fewer layers at once, or a smaller quantile"
        )


def physical_memory() -> int | None:
    """Bytes of memory that the machine has; None if it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
