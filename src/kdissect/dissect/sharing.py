"""Sharing: one pass over the images, in memory, or in shards that processes share and a later run finds again."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kdissect import __version__
from kdissect.data.broden import Broden
from kdissect.data.probe import Probe
from kdissect.dissect.cells import Cells
from kdissect.dissect.choices import Statistics
from kdissect.dissect.contributions import Contributions
from kdissect.dissect.counting import contributions
from kdissect.dissect.exemplars import TopImages
from kdissect.dissect.forward import View, forward
from kdissect.dissect.gathering import Gathering
from kdissect.dissect.keep import KeptMaps
from kdissect.dissect.layer import reading
from kdissect.dissect.quantile import Rule
from kdissect.dissect.ranks import rank, wait, world
from kdissect.dissect.work_folder import WorkFolder, earlier_shards, weights_digest
from kdissect.errors import SpecError
from kdissect.models.layer_name import bare

MOST_IMAGES = 4096
"""Of a shard, unless it is asked for."""


@dataclass(frozen=True)
class Job:
    """A dissection to be done; the attributes are those of `dissect`.

    Attributes:
        quantiles: all of them, the main one first.
        statistics: mean and standard deviation by which pictures are normalised.
    """

    network: nn.Module
    views: Mapping[str, View]
    probe: Probe
    quantiles: tuple[float, ...]
    rule: Rule
    label_zero: bool
    statistics: Statistics
    batch_size: int
    num_exemplars: int
    memory_budget: int
    progress: Callable[[int, int], object] | None

    def gatherings(self) -> dict[str, Gathering]:
        """One that is still empty for each view."""
        return {
            name: Gathering(
                len(self.probe),
                quantile=max(self.quantiles),
                rule=self.rule,
                memory_budget=self.memory_budget // len(self.views),
                num_exemplars=self.num_exemplars,
            )
            for name in self.views
        }

    def run(self, gatherings: Mapping[str, Gathering], images: range, done: int) -> None:
        """The forward pass over some images, of which `done` were done before."""
        seen = done

        def tell(number: int) -> None:
            nonlocal seen
            seen += number
            if self.progress is not None:
                self.progress(seen, len(self.probe))

        forward(
            self.network,
            self.views,
            gatherings,
            self.probe,
            images,
            statistics=self.statistics,
            batch_size=self.batch_size,
            progress=tell,
        )

    def key(self) -> dict[str, object]:
        """All that decides what lies in a work folder."""
        parameter = next(iter(bare(self.network).parameters()), torch.zeros(()))
        return {
            "kdissect": __version__,
            "torch": torch.__version__,
            "device": parameter.device.type,
            "network": f"{type(bare(self.network)).__qualname__}: {bare(self.network)}",
            "weights": weights_digest(bare(self.network)),
            "outputs": self._outputs(),
            "views": [
                [name, view.layer, None if view.matrix is None else view.matrix.double().flatten().tolist()]
                for name, view in self.views.items()
            ],
            "probe": self.probe.stamp if isinstance(self.probe, Broden) else self.probe.digest,
            "num_images": len(self.probe),
            "quantiles": list(self.quantiles),
            "rule": self.rule,
            "label_zero": self.label_zero,
            "statistics": self.statistics,
            "batch_size": self.batch_size,
            "num_exemplars": self.num_exemplars,
        }

    def _outputs(self) -> str | None:
        """SHA-256 of what the layers give for the first image: another forward pass with the same weights is noticed.

        None on devices where that may differ from run to run.
        """
        parameter = next(iter(bare(self.network).parameters()), torch.zeros(()))
        if parameter.device.type != "cpu":
            return None
        digest = hashlib.sha256()
        with reading(self.network, list(dict.fromkeys(view.layer for view in self.views.values()))) as activations_of:
            for maps in activations_of(self.probe.pictures([0]).to(parameter) / 255).values():
                digest.update(maps.contiguous().numpy().data)
        return digest.hexdigest()


@dataclass(frozen=True)
class Passed:
    """What a pass left of one view.

    Attributes:
        thresholds: `(u,)` for each quantile.
        batches: for the main quantile, the cells that decide the masks.
        contributions: for each quantile.
        top: the most active images of each unit.
        activity: mean activation of each unit on each image `(b u)`.
        map_shape: height and width of the feature maps.
    """

    thresholds: tuple[Tensor, ...]
    batches: Callable[[], Sequence[Cells]]
    contributions: tuple[Contributions, ...]
    top: TopImages
    activity: NDArray[np.float32]
    map_shape: tuple[int, int]


def in_memory(job: Job) -> dict[str, Passed]:
    """The whole pass in this process.

    Raises:
        SpecError: there are several processes.
    """
    if world() > 1:
        raise SpecError("several processes share a dissection through files: name a folder for them as work=")
    gatherings = job.gatherings()
    job.run(gatherings, range(len(job.probe)), 0)
    return {name: _passed(job, gathering) for name, gathering in gatherings.items()}


def _passed(job: Job, gathering: Gathering) -> Passed:
    kept = gathering.kept
    limits = tuple(kept.thresholds(quantile) for quantile in job.quantiles)
    _, height, width = kept.shape or (0, 0, 0)
    return Passed(
        thresholds=limits,
        batches=lambda: kept.active(limits[0]),
        contributions=tuple(
            contributions(kept.active(limit), job.probe, limit, label_zero=job.label_zero) for limit in limits
        ),
        top=gathering.exemplars.top(),
        activity=gathering.activity,
        map_shape=(height, width),
    )


def in_shards(job: Job, path: Path, shard_images: int | None) -> dict[str, Passed]:
    """The pass in shards of images, which the processes share; finished ones are found again.

    Every process gives the same result. Without a number of images a shard has what an earlier run chose, or so many
    that each process has two, at most 4,096.

    Raises:
        RecordError: the folder holds another run's work.
    """
    size, key = len(job.probe), job.key()
    wait()
    chosen = shard_images or earlier_shards(path) or min(MOST_IMAGES, -(-size // (2 * world())))
    chosen += -chosen % job.batch_size  # whole batches: another batch size rounds differently
    wait()
    if rank() == 0:
        WorkFolder(path, key | {"shard_images": chosen})
    wait()
    work = WorkFolder(path, key | {"shard_images": chosen})
    shards = [range(k, min(k + chosen, size)) for k in range(0, size, chosen)]
    own = range(rank(), len(shards), world())
    gatherings = job.gatherings()
    done = sum(len(shards[k]) for k in range(len(shards)) if work.has(f"shard-{k:05d}"))
    for k in own:
        if not work.has(f"shard-{k:05d}"):
            job.run(gatherings, shards[k], done)
            done += len(shards[k])
            work.put_gathered(k, {name: gathering.take() for name, gathering in gatherings.items()})
    wait()
    if rank() == 0 and not work.has("thresholds"):
        kept = [_merged(job, work, view, len(shards)) for view in range(len(job.views))]
        work.put_thresholds([[each.thresholds(quantile) for quantile in job.quantiles] for each in kept])
    wait()
    limits = [work.thresholds(view) for view in range(len(job.views))]
    for k in own:
        if not work.has(f"counted-{k:05d}"):
            work.put_counted(k, [_counted(job, work, view, k, limits[view]) for view in range(len(job.views))])
    wait()
    return {name: _read(job, work, view, len(shards), limits[view]) for view, name in enumerate(job.views)}


def _merged(job: Job, work: WorkFolder, view: int, num_shards: int) -> KeptMaps:
    """What all shards kept of a view, as if one process had seen all images."""
    kept = KeptMaps(len(job.probe), quantile=max(job.quantiles), rule=job.rule, memory_budget=job.memory_budget)
    for shard in range(num_shards):
        found = work.gathered(shard, view)
        for cells in found.cells:
            kept.give(cells, len(found.bounds), found.bounds)
    return kept


def _counted(job: Job, work: WorkFolder, view: int, shard: int, limits: Tensor) -> list[Contributions]:
    """The contributions of a shard's images at each quantile."""
    batches = work.gathered(shard, view).cells
    return [
        contributions([cells.above(limit.numpy()) for cells in batches], job.probe, limit, label_zero=job.label_zero)
        for limit in limits
    ]


def _read(job: Job, work: WorkFolder, view: int, num_shards: int, limits: Tensor) -> Passed:
    """A view's result from the work folder."""
    tops, activity = [], []
    shape = (0, 0)
    for shard in range(num_shards):
        found = work.gathered(shard, view)
        tops.append(found.top)
        activity.append(found.activity)
        shape = found.cells[0].shape

    def batches() -> list[Cells]:
        bounds = limits[0].numpy()
        each = (work.gathered(shard, view).cells for shard in range(num_shards))
        return [cells.above(bounds) for parts in each for cells in parts]

    return Passed(
        thresholds=tuple(limits),
        batches=batches,
        contributions=tuple(
            Contributions.concatenate([work.counted(shard, view, k) for shard in range(num_shards)])
            for k in range(len(job.quantiles))
        ),
        top=TopImages.merge(tops),
        activity=np.concatenate(activity),
        map_shape=shape,
    )
