"""Counting, by the compiled loop on CPUs and by torch elsewhere; both give the same integers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from queue import SimpleQueue
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from kdissect.data.probe import Probe
from kdissect.dissect.active import ActiveMaps
from kdissect.dissect.bilinear import Samples
from kdissect.dissect.cells import Cells
from kdissect.dissect.contributions import MAX_CATEGORIES, Contributions
from kdissect.dissect.counts import Counts, PackedLabels, refuse
from kdissect.dissect.device_counting import contribute_on_device
from kdissect.dissect.kernel import contribute
from kdissect.errors import SpecError

IMAGES_A_PART = 16  # few enough to share among threads, enough that a call costs nothing

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
    """The contributions of a few images: by the compiled loop on a CPU, by torch on another device."""
    if isinstance(part, ActiveMaps) and part.maps.device.type != "cpu":
        if labels.planes.view(np.uint16).max(initial=0) >= len(probe.primary):
            image = next(int(k) for k in part.images if _wrong(probe, int(k)))
            refuse(probe, image, probe.annotation(image))
        return contribute_on_device(part, labels, thresholds, probe.primary, len(probe.categories))
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
    if found[0][0] < 0:
        image = int(cells.images[-1 - found[0][0]])
        refuse(probe, image, probe.annotation(image))
    values = (*found, len(bounds), len(probe.categories), probe.primary)
    return Contributions(**dict(zip((field.name for field in fields(Contributions)), values, strict=True)))


def _wrong(probe: Probe, image: int) -> bool:
    return bool(probe.annotation(image).planes.view(np.uint16).max(initial=0) >= len(probe.primary))
