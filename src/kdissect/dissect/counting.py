"""Counting, by the compiled loop on CPUs and by torch elsewhere; both give the same integers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.data.probe import Probe
from kdissect.dissect.active import ActiveMaps
from kdissect.dissect.bilinear import Samples, upsample
from kdissect.dissect.cells import Cells
from kdissect.dissect.contributions import MAX_CATEGORIES, Contributions
from kdissect.dissect.counts import Counts, PackedLabels
from kdissect.dissect.kernel import contribute
from kdissect.errors import SpecError

IMAGES_A_PART = 32  # few enough to share among threads, enough that a call costs nothing

Batch = Cells | ActiveMaps
Result = TypeVar("Result")


def count(batches: Iterable[Batch], probe: Probe, thresholds: Tensor, *, label_zero: bool) -> Counts:
    """The counts over all images of some batches, each image once.

    Images are shared among `torch.get_num_threads()` threads. Each thread has counts of its own,
    `(u q)` of eight bytes.

    Args:
        batches: cells, or active maps; on a CPU the compiled loop counts them, on another device torch.
        probe: the labels.
        thresholds: `(u,)`, float64.
        label_zero: count a scalar label 0 as a label (of its primary category).

    Raises:
        SpecError: the probe has more categories than a bit set holds.
        DataError: a label map of the probe is damaged.
    """
    shape = (len(thresholds), len(probe.categories), len(probe.primary))
    spare: SimpleQueue[Counts] = SimpleQueue()
    made: list[Counts] = []

    def work(part: Batch) -> None:
        labels = PackedLabels.of(probe, part.images, label_zero)
        if spare.empty():
            made.append(Counts.zeros(*shape))
            spare.put(made[-1])
        counts = spare.get()
        if isinstance(part, ActiveMaps) and part.maps.device.type != "cpu":
            count_torch(part, labels, thresholds, probe.primary, counts)
        else:
            _contribute(part, labels, thresholds, probe).add_to(counts)
        spare.put(counts)

    for _ in _shared(work, batches, probe):
        pass
    return Counts.sum(made) if made else Counts.zeros(*shape)


def contributions(batches: Sequence[Batch], probe: Probe, thresholds: Tensor, *, label_zero: bool) -> Contributions:
    """What each image of some batches adds to the counts, in the order of the batches; as in `count`."""

    def work(part: Batch) -> Contributions:
        return _contribute(part, PackedLabels.of(probe, part.images, label_zero), thresholds, probe)

    return Contributions.concatenate(_shared(work, batches, probe))


def _shared(work: Callable[[Batch], Result], batches: Iterable[Batch], probe: Probe) -> Iterator[Result]:
    """The results of parts of the batches, in order, made by several threads."""
    if len(probe.categories) > MAX_CATEGORIES:
        raise SpecError(f"a probe may have {MAX_CATEGORIES} categories, {probe.name} has {len(probe.categories)}")
    parts = [part for batch in batches for part in batch.parts(IMAGES_A_PART)]
    with ThreadPoolExecutor(max(1, min(torch.get_num_threads(), len(parts)))) as pool:
        yield from pool.map(work, parts)


def _contribute(part: Batch, labels: PackedLabels, thresholds: Tensor, probe: Probe) -> Contributions:
    """The contributions of a few images, by the compiled loop."""
    bounds = thresholds.cpu().numpy()
    cells = part if isinstance(part, Cells) else part.cells(bounds)
    rows, columns = (
        (np.searchsorted(samples.lower, np.arange(size + 1)), samples.fraction)
        for size, pixels in zip(cells.shape, labels.planes.shape[1:], strict=True)
        for samples in (Samples.of(size, pixels),)
    )
    found = contribute(
        cells.values, cells.places, cells.starts, cells.units, cells.map_starts, cells.shape,
        labels.planes, labels.plane_starts, labels.scalars, labels.scalar_starts,
        bounds, probe.primary, rows, columns,
    )  # fmt: skip
    values = (*found, len(bounds), len(probe.categories), probe.primary)
    return Contributions(**dict(zip((field.name for field in fields(Contributions)), values, strict=True)))


def count_torch(
    active: ActiveMaps, labels: PackedLabels, thresholds: Tensor, primary: NDArray[np.int64], counts: Counts
) -> None:
    """Adds a few images to the counts by torch, on the device of the maps. The plain form of the definition."""
    device = active.maps.device
    pixels = labels.planes.shape[1] * labels.planes.shape[2]
    for n in range(len(active.images)):
        kept = slice(active.starts[n], active.starts[n + 1])
        units = active.units[kept]
        maps = active.maps[torch.from_numpy(active.rows[kept]).to(device)]
        bounds = thresholds[torch.from_numpy(units).to(thresholds.device)].to(device)
        masks = (upsample(maps, (labels.planes.shape[1], labels.planes.shape[2])) > bounds[:, None, None]).flatten(1)
        area = masks.sum(1).cpu().numpy()
        planes = labels.planes[labels.plane_starts[n] : labels.plane_starts[n + 1]].reshape(-1, pixels)
        scalars = labels.scalars[labels.scalar_starts[n] : labels.scalar_starts[n + 1]]
        found, times = np.unique(planes, return_counts=True)
        found, times = found[found != 0], times[found != 0]
        # (pixels, labels): on how many planes a pixel has a label; sums stay far below 2^53, so they are exact
        has = sum(
            (torch.from_numpy(plane[:, None] == found).to(device).double() for plane in planes),
            start=torch.zeros(pixels, len(found), dtype=torch.float64, device=device),
        )
        under = (masks.double() @ has).cpu().numpy().astype(np.int64)
        in_region = np.zeros((len(units), counts.region_area.shape[1]), bool)
        for k, label in enumerate(found):
            in_region[:, primary[label]] |= under[:, k] > 0
        in_region[:, primary[scalars]] = True
        in_image = np.zeros(counts.image_area.shape[1], bool)
        in_image[primary[found]] = True
        in_image[primary[scalars]] = True
        counts.intersection[units[:, None], found] += under
        for scalar in scalars:
            counts.intersection[units, scalar] += area
        counts.unit_area[units] += area
        counts.region_area[units] += area[:, None] * in_region
        counts.image_area[units] += area[:, None] * in_image
        counts.label_area[found] += times
        np.add.at(counts.label_area, scalars, pixels)
