"""Trials: a few real steps, and a few forward passes, to say what a cell will take."""

import contextlib
import statistics
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import NamedTuple, final

import numpy as np
import torch

from kdissect.data import BrodenetteProbe, ClassTree, Dataset, Split
from kdissect.data.dataset import SplitName
from kdissect.data.probe_source import ProbeSource
from kdissect.models import Ensemble, Network
from kdissect.study.arm import Arm
from kdissect.study.cell import Cell
from kdissect.study.likes import Cost
from kdissect.training import Distiller, Teacher, fit, predict

STEPS = 3
"""Steps that are timed, after one that warms up."""
PATIENCE = 20.0
"""Seconds after which a trial ends, with the steps that it has then."""
BATCH = 64
"""Images of the forward passes that are timed."""
CELL_SECONDS = 0.08
"""What each cell costs besides: its claim, its files, its record."""
MEASURE_BYTES = 30_000
PROBE_SECONDS = 0.25
"""What a dissection costs besides its images: concepts, tables, what is compiled."""
PROBE_BYTES, PROBE_IMAGE_BYTES = 400_000, 4_000
"""What a dissection keeps, about, and for each image of its probe."""


class Training(NamedTuple):
    """What a trial of a training found, in seconds: of a step, and of what is trained before the student, an epoch."""

    step: float
    stage: float


class EnoughError(Exception):
    """Ends a trial."""


@final
class Trials:
    """Times what cells are made of, each kind once.

    On the CPU with one thread, as in a cell. Networks have no training behind them: what they compute is as fast.

    Args:
        device: where.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.number = 0
        self._trainings: dict[str, Training] = {}
        self._passes: dict[tuple[Network, str], float] = {}

    def cost(self, cell: Cell, name: str) -> Cost:
        """What a cell will take, about.

        Args:
            cell: the cell.
            name: digest of its kind of work.
        """
        threads = torch.get_num_threads()
        if self.device.type == "cpu":
            torch.set_num_threads(1)
        try:
            return self._training(cell, name) if cell.measure is None else self._measure(cell)
        finally:
            torch.set_num_threads(threads)

    def _training(self, cell: Cell, name: str) -> Cost:
        study, arm = cell.study, cell.arm
        looked = self._forward(arm.network, study.dataset) * len(study.dataset.split("val"))
        weights = weights_bytes(arm.network)
        if arm.objective is None:
            return Cost(CELL_SECONDS + looked, weights)
        recipe = study.recipe_of(arm)
        if name not in self._trainings:
            self._trainings[name] = self._try(cell)
        found = self._trainings[name]
        steps = len(study.dataset.split("train")) // recipe.batch_size
        looks = -(-recipe.epochs // recipe.validate_every)
        kept = 2 + len(study.checkpoints_of(arm))
        seconds = recipe.epochs * steps * found.step + looks * looked + steps * found.stage
        return Cost(CELL_SECONDS + seconds, kept * weights)

    def _try(self, cell: Cell) -> Training:
        """Time the first steps of a real training."""
        study, arm = cell.study, cell.arm
        assert arm.objective is not None
        self.number += 1
        recipe, dataset = study.recipe_of(arm), study.dataset
        teacher = self._teacher([study.arm(name) for name in arm.teachers])
        stages = self._stage_epochs(arm, dataset, teacher)
        if stages:  # they are trained whole, so on few images
            dataset = first_images(dataset, recipe.batch_size)
            recipe = recipe.changed(epochs=STEPS + 1, validate_every=STEPS + 1)
        began, stamps = time.perf_counter(), list[float]()

        def progress(_images: int) -> None:
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
            stamps.append(time.perf_counter())
            if len(stamps) > STEPS or stamps[-1] - began > PATIENCE:
                raise EnoughError

        with contextlib.suppress(EnoughError):
            fit(arm.network, arm.objective, dataset, recipe, seed=cell.seed, teacher=teacher, device=self.device,
                progress=progress)  # fmt: skip
        times = [after - before for before, after in zip([began, *stamps], stamps, strict=False)]
        step = statistics.median(times[1:]) if len(times) > 1 else times[0]
        # Before the first step: networks are built, and each stage goes over the few images once an epoch.
        return Training(step, max(0.0, times[0] - step) if stages else 0.0)

    def _teacher(self, arms: list[Arm]) -> Teacher | None:
        if not arms:
            return None
        modules = [arm.network.build().to(self.device) for arm in arms]
        return Teacher(modules[0] if len(modules) == 1 else Ensemble(modules).to(self.device), arms[0].network)

    def _stage_epochs(self, arm: Arm, dataset: Dataset, teacher: Teacher | None) -> int:
        """Epochs of what is trained on the teacher's side before the student."""
        assert arm.objective is not None
        train = dataset.split("train")
        distiller = Distiller(
            arm.network.build(),
            teacher.module.cpu() if teacher is not None and arm.objective.needs_teacher else None,
            arm.objective,
            images=torch.zeros(2, *train.pictures.shape[1:]),
            labels=train.labels,
            groups=torch.from_numpy(dataset.class_tree.group_of),
        )
        if teacher is not None:
            teacher.module.to(self.device)
        return sum(stage.epochs for stage in distiller.bound.teacher_stages)

    def _measure(self, cell: Cell) -> Cost:
        measure, study = cell.measure, cell.study
        assert measure is not None
        forward = self._forward(cell.arm.network, study.dataset)
        if "teacher" in measure.needs and cell.against is not None:
            # The teacher's part is made once for all its students.
            forward += self._forward(cell.against.arm.network, study.dataset) / 4
        if "probe" in measure.needs:
            assert study.probe is not None
            images, pixels = probe_size(study.probe)
            forward *= pixels / study.dataset.split("test").pictures[0, 0].numel()
            # What is held against a teacher keeps no dissection of its own.
            size = MEASURE_BYTES if "teacher" in measure.needs else PROBE_BYTES + images * PROBE_IMAGE_BYTES
        else:
            images, size = len(study.dataset.split("test")), MEASURE_BYTES
            images = min(images, getattr(measure, "images", images))
        besides = CELL_SECONDS + PROBE_SECONDS * ("probe" in measure.needs)
        return Cost(besides + images * measure.passes * forward, size)

    def _forward(self, network: Network, dataset: Dataset) -> float:
        """Seconds of a forward pass over one image of the test split."""
        name = network.changed(weights=None), dataset.title
        if name not in self._passes:
            self.number += 1
            test = dataset.split("test")
            some = Split(test.pictures[:BATCH], test.labels[:BATCH])
            module = network.build().to(self.device)
            times = []
            for _ in range(STEPS + 1):
                began = time.perf_counter()
                predict(module, network, some)
                times.append(time.perf_counter() - began)
            self._passes[name] = statistics.median(times[1:]) / len(some)
        return self._passes[name]


def first_images(dataset: Dataset, number: int) -> Dataset:
    """The first images of each split."""

    class FirstImages(Dataset):  # no plug-in: nobody names it in a study
        @property
        def class_tree(self) -> ClassTree:
            return dataset.class_tree

        @property
        def title(self) -> str:
            return dataset.title

        def split(self, name: SplitName) -> Split:
            whole = dataset.split(name)
            return Split(whole.pictures[:number], whole.labels[:number])

    return FirstImages()


@cache
def probe_size(source: ProbeSource) -> tuple[int, float]:
    """Images of a probe, and pixels of each. One that would have to be drawn is not."""
    if isinstance(source, BrodenetteProbe):
        return source.num_images, float(source.world.size**2)
    with tempfile.TemporaryDirectory() as folder:
        probe = source.open(Path(folder))
        return len(probe), float(np.prod(probe.pictures([0]).shape[-2:]))


@cache
def weights_bytes(network: Network) -> float:
    """Bytes of a network's weights."""
    return float(sum(each.nbytes for each in network.changed(weights=None).build().state_dict().values()))
