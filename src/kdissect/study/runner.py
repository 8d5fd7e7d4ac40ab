"""Running studies: only what is missing is done, several cells side by side, anywhere."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

import torch

from kdissect.errors import KdissectError, SpecError
from kdissect.models import Ensemble
from kdissect.records import Progress, Record, Store
from kdissect.study.arm import Arm
from kdissect.study.cell import Cell, plan
from kdissect.study.describe import describe
from kdissect.study.executor import Executor
from kdissect.study.here import Here, Told
from kdissect.study.job import Job
from kdissect.study.places import HERE, Places
from kdissect.study.scheduler import Scheduler, missing_of
from kdissect.study.study import Study
from kdissect.study.watch import NoWatch, Watch
from kdissect.study.work import Worker, open_probe
from kdissect.study.workshop import Workshop
from kdissect.training import Distiller, Processes
from kdissect.training.hardware import autocast


@final
@dataclass(frozen=True)
class Runner:
    """Runs the cells of studies.

    Any number of runners may share one store: each cell is done by one of them.

    Attributes:
        studies: one, or several that share teachers and whatever else they have in common.
        store: where the records go.
        device: where to train and measure.
        watch: who is told.
        places: where cells are done; no score depends on it.
        keep_every: keep the weights of every so many epochs in `checkpoints` of each training record that is made
            now; no score and no digest depends on it. None keeps none.
        cache: folder for what teachers say, so that later students with the same seed and augmentation need no teacher;
            no score depends on it.

    Raises:
        SpecError: `keep_every` is less than 1, or two different studies have one name.
    """

    studies: Study | tuple[Study, ...]
    store: Store
    device: torch.device
    watch: Watch
    places: Places = HERE
    keep_every: int | None = None
    cache: Path | None = None

    def __post_init__(self) -> None:
        """Refuse what no run can do, before the first cell."""
        if self.keep_every is not None and self.keep_every < 1:
            raise SpecError(f"keep_every must be 1 or more, got {self.keep_every}")
        names = [study.name for study in self._studies]
        if len(set(names)) < len(names):
            raise SpecError(f"studies that share a store need unique names, got {', '.join(names)}")

    @property
    def _studies(self) -> tuple[Study, ...]:
        return self.studies if isinstance(self.studies, tuple) else (self.studies,)

    @property
    def _job(self) -> Job:
        cache = str(self.cache) if self.cache is not None else None
        return Job(
            self._studies,
            self.store.where,
            str(self.device),
            self.keep_every,
            cache,
            self.places.processes_per_training,
        )

    def run(self) -> list[Record]:
        """Do every cell that has no record yet; all records of the studies, in the plan's order.

        A cell that fails stops only what depends on it.

        Raises:
            Exception: what the first cell that failed raised, with notes that name it and count the others.
        """
        processes = Processes()
        if processes.number > 1:
            return self._run_together(processes)
        cells = plan(*self._studies)
        missing = self._missing(cells)
        executor: Executor | None = None
        if missing:  # before anything is written: the place may not be there
            executor = self.places.executor(self._job, len(missing)) or Here(self._workshop())
        try:
            self._describe(cells, missing)
        except BaseException:
            if executor is not None:
                executor.close()
            raise
        if executor is not None:
            scheduler = Scheduler(missing, self.store, executor, self.watch)
            scheduler.run()
            scheduler.complain()
        return self._records(cells)

    def _workshop(self) -> Workshop:
        return Workshop(self._job, self.store)

    def _missing(self, cells: list[Cell]) -> list[Cell]:
        """See what is missing, and that it can be done."""
        missing = missing_of(cells, self.store, self.watch)
        self._check(missing)
        return missing

    def _describe(self, cells: list[Cell], missing: list[Cell]) -> None:
        """Write what the studies are into the store, and tell the watch."""
        for study in self._studies:
            describe(study, [cell for cell in cells if cell.study is study], self.store)
        different = {cell.digest: cell for cell in cells}
        undone = {cell.digest for cell in missing}
        self.watch.begin(cells, different.keys() - undone)

    def _run_together(self, processes: Processes) -> list[Record]:
        """Under torchrun: all processes train each network, one of them does all the rest."""
        cells = plan(*self._studies)
        missing = self._missing(cells) if processes.first else []
        if processes.first:
            self._describe(cells, missing)
        processes.wait()  # what is damaged is set aside
        if not processes.first:
            missing = [cell for cell in {c.digest: c for c in cells}.values() if not self.store.has(cell.digest)]
        processes.wait()  # before anybody writes
        watch = self.watch if processes.first else NoWatch()
        worker = Worker(self.store, self.device, self.keep_every, self.cache, first=processes.first)
        for cell in missing:
            if processes.first:
                with self.store.claims.take(cell.digest, cell.title, Progress()) as mine:
                    if not mine:
                        raise SpecError(f"another run is at work on {cell.title}; wait for it, or choose another --out")
                    if mine > 1:
                        self.store.sweep(cell.digest)
                    record = worker.do(cell, Told(watch, cell))
                    assert record is not None
                    watch.end(cell, record)
            elif cell.measure is None and cell.arm.objective is not None:
                worker.do(cell, Told(watch, cell))
            processes.wait()
        return self._records(cells)

    def _records(self, cells: list[Cell]) -> list[Record]:
        found = {digest: self.store.find(digest) for digest in {cell.digest for cell in cells}}
        return [record for cell in cells if (record := found[cell.digest]) is not None]

    def _check(self, missing: list[Cell]) -> None:
        """Build and open what the cells will need, before the first epoch rather than after the last."""
        for study in self._studies:
            self._check_study(study, [cell for cell in missing if cell.study is study])

    def _check_study(self, study: Study, missing: list[Cell]) -> None:
        by_arm: dict[str, list[Cell]] = {}
        for cell in missing:
            by_arm.setdefault(cell.arm.name, []).append(cell)
        for cells in by_arm.values():
            arm = cells[0].arm
            module = arm.network.build()
            self._check_objective(study, arm)
            for measure in {cell.measure for cell in cells if cell.measure is not None}:
                measure.check(module)
        needs = {need for cell in missing if cell.measure is not None for need in cell.measure.needs}
        if "probe" in needs:
            open_probe(study, self.store)
        # Masks are read once here, so that a missing or damaged one is found before anything is trained.
        if "objects" in needs:
            study.dataset.objects("test")
        if "features" in needs:
            study.dataset.features("test")
        if "nulls" in needs:
            study.dataset.nulls("test")

    def _check_objective(self, study: Study, arm: Arm) -> None:
        """See that the arm's layers, classes and batch fit, on networks without training."""
        if arm.objective is None:
            return
        train, recipe = study.dataset.split("train"), study.recipe_of(arm)
        if len(train) < recipe.batch_size:
            raise SpecError(
                f"arm {arm.name}: expected a batch of at most {len(train)} (the images to train on), "
                f"got {recipe.batch_size}"
            )
        Processes().check(recipe.batch_size, self.places.processes_per_training)
        autocast(recipe.precision, self.device)
        teachers = [study.arm(name).network.build() for name in arm.teachers]
        teacher = None if not teachers else teachers[0] if len(teachers) == 1 else Ensemble(teachers)
        try:
            Distiller(
                arm.network.build(),
                teacher if arm.objective.needs_teacher else None,
                arm.objective,
                images=torch.zeros(2, *train.pictures.shape[1:]),
                labels=train.labels,
                groups=torch.from_numpy(study.dataset.class_tree.group_of),
            )
        except KdissectError as error:
            error.add_note(f"in arm {arm.name}")
            raise
