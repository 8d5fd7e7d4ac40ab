"""Running a study: only what is missing is done, several cells side by side."""

import os
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch

from kdissect.errors import KdissectError, SpecError
from kdissect.models import Ensemble
from kdissect.records import Record, Store
from kdissect.study.arm import Arm
from kdissect.study.cell import Cell, plan
from kdissect.study.describe import describe
from kdissect.study.processes import work_in_processes
from kdissect.study.study import Study
from kdissect.study.watch import NoWatch, Watch
from kdissect.study.work import Worker, open_probe
from kdissect.training import Distiller, Processes
from kdissect.training.hardware import autocast


@final
@dataclass(frozen=True)
class Runner:
    """Runs the cells of one study on this machine.

    Attributes:
        study: the study.
        store: where the records go.
        device: where to train and measure.
        watch: who is told.
        processes: how many cells run side by side, each in a process of its own; with 1 they run in this one.
            No score depends on it.
        keep_every: keep the weights of every so many epochs in `checkpoints` of each training record that is made
            now; no score and no digest depends on it. None keeps none.
        cache: folder for what teachers say, so that later students with the same seed and augmentation need no teacher;
            no score depends on it.

    Raises:
        SpecError: `keep_every` is less than 1.
    """

    study: Study
    store: Store
    device: torch.device
    watch: Watch
    processes: int = 1
    keep_every: int | None = None
    cache: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what no training can do, before the first one."""
        if self.keep_every is not None and self.keep_every < 1:
            raise SpecError(f"keep_every must be 1 or more, got {self.keep_every}")

    def run(self) -> list[Record]:
        """Do every cell that has no record yet; all records of the study, in the plan's order.

        Raises:
            KdissectError: what a cell raised, with a note that names the cell. Earlier records stay.
        """
        processes = Processes()
        if processes.number > 1:
            return self._run_together(processes)
        with self.store.locked():
            return self._run()

    def _run_together(self, processes: Processes) -> list[Record]:
        """Under torchrun: all processes train each network, one of them does all the rest."""
        with self.store.locked() if processes.first else nullcontext():
            cells = plan(self.study)
            different = {cell.digest: cell for cell in cells}
            missing = [cell for cell in different.values() if self.store.find(cell.digest) is None]
            processes.wait()  # before anybody writes
            if processes.first:
                self._check(missing)
                describe(self.study, cells, self.store)
                self.watch.begin(len(different), len(different) - len(missing))
            watch = self.watch if processes.first else NoWatch()
            worker = Worker(
                self.study, self.store, self.device, watch, self.keep_every, self.cache, first=processes.first
            )
            for cell in missing:
                if processes.first or (cell.measure is None and cell.arm.objective is not None):
                    worker.do(cell)
                processes.wait()
        records = [self.store.find(cell.digest) for cell in cells]
        return [record for record in records if record is not None]

    def _run(self) -> list[Record]:
        cells = plan(self.study)
        different = {cell.digest: cell for cell in cells}  # arms of equal specs share their cells
        missing = [cell for cell in different.values() if self.store.find(cell.digest) is None]
        self._check(missing)
        describe(self.study, cells, self.store)
        self.watch.begin(len(different), len(different) - len(missing))
        if self.processes > 1 and len(missing) > 1:
            work_in_processes(
                self.study, self.store, self.device, self.watch, missing, self.processes, self.keep_every, self.cache
            )
        else:
            worker = Worker(self.study, self.store, self.device, self.watch, self.keep_every, self.cache)
            for cell in missing:
                worker.do(cell)
        records = [self.store.find(cell.digest) for cell in cells]
        return [record for record in records if record is not None]

    def _check(self, missing: list[Cell]) -> None:
        """Build and open what the cells will need, before the first epoch rather than after the last."""
        for arm in {cell.arm.name: cell.arm for cell in missing}.values():
            module = arm.network.build()
            self._check_objective(arm)
            for measure in {cell.measure for cell in missing if cell.arm == arm and cell.measure is not None}:
                measure.check(module)
        needs = {need for cell in missing if cell.measure is not None for need in cell.measure.needs}
        if "probe" in needs:
            open_probe(self.study, self.store)
        # Masks are read once here, so that a missing or damaged one is found before anything is trained.
        if "objects" in needs:
            self.study.dataset.objects("test")
        if "features" in needs:
            self.study.dataset.features("test")
        if "nulls" in needs:
            self.study.dataset.nulls("test")

    def _check_objective(self, arm: Arm) -> None:
        """See that the arm's layers, classes and batch fit, on networks without training."""
        if arm.objective is None:
            return
        train, recipe = self.study.dataset.split("train"), self.study.recipe_of(arm)
        if len(train) < recipe.batch_size:
            raise SpecError(
                f"arm {arm.name}: expected a batch of at most {len(train)} (the images to train on), "
                f"got {recipe.batch_size}"
            )
        Processes().check(recipe.batch_size)
        autocast(recipe.precision, self.device)
        teachers = [self.study.arm(name).network.build() for name in arm.teachers]
        teacher = None if not teachers else teachers[0] if len(teachers) == 1 else Ensemble(teachers)
        try:
            Distiller(
                arm.network.build(),
                teacher if arm.objective.needs_teacher else None,
                arm.objective,
                images=torch.zeros(2, *train.pictures.shape[1:]),
                labels=train.labels,
                groups=torch.from_numpy(self.study.dataset.class_tree.group_of),
            )
        except KdissectError as error:
            error.add_note(f"in arm {arm.name}")
            raise


def choose_processes(on: str, device: torch.device) -> int:
    """How many cells run side by side.

    Args:
        on: `local` for one, `processes:N`, or `auto`: one for each core on the CPU, one on other devices.
        device: where the cells run.

    Raises:
        SpecError: it is none of these.
    """
    if on == "auto":
        return _cores() if device.type == "cpu" else 1
    if on == "local":
        return 1
    kind, _, number = on.partition(":")
    if kind == "processes" and number.isdecimal() and int(number) >= 1:
        return int(number)
    raise SpecError(f"--on must be auto, local or processes:N with N of 1 or more, got {on!r}")


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
