"""Cells: the pieces of work of a study."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, final

from kdissect.measures import Measure
from kdissect.specs import digest
from kdissect.study.arm import Arm
from kdissect.study.keys import Keys
from kdissect.study.study import Study


@final
@dataclass(frozen=True, eq=False)
class Cell:
    """One piece of work: train (arm, seed), or measure (measure, arm, seed) after its last epoch or an earlier one.

    Attributes:
        study: the study that it belongs to.
        arm: the arm.
        seed: the training seed.
        measure: None for training.
        key: everything that decides the result.
        sources: what must be done before: for training the teachers' cells; for a measure the training cell it
            measures, then those that it is held against.
        against: for a measure that looks at a teacher, the teacher's training cell.
        among: for a measure of images that every arm gets right, the training cells of all arms with the seed (or the
            number of the run).
        epoch: for a measure, the epochs done of the weights that it looks at; None for the last weights.
    """

    study: Study = field(repr=False)
    arm: Arm
    seed: int
    measure: Measure | None
    key: dict[str, Any]
    sources: "tuple[Cell, ...]" = ()
    against: "Cell | None" = None
    among: "tuple[Cell, ...]" = ()
    epoch: int | None = None

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the key: the name of the result."""
        return digest(self.key)

    @property
    def kind(self) -> str:
        """`train`, or the measure's name."""
        return "train" if self.measure is None else type(self.measure).__name__

    @property
    def title(self) -> str:
        """For people: what is done to which arm and seed."""
        at = "" if self.epoch is None else f", epoch {self.epoch}"
        return f"{self.kind} {self.arm.name}, seed {self.seed}{at}"


def plan(*studies: Study) -> list[Cell]:
    """All cells of the studies, each after what it needs; in a study, measures that look at other arms come last.

    Cells of one digest are the same work: whoever runs them does one of them.
    """
    return [cell for study in studies for cell in _Plan(study).cells()]


@final
class _Plan:
    """The plan of one study."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.keys = Keys(study)
        self.trained: dict[tuple[str, int], Cell] = {}
        self.plain: dict[int, dict[str, Any]] = {}
        self.measures: dict[tuple[int, str], tuple[Measure, dict[str, Any]]] = {}
        self.fellows: dict[tuple[int, int | None], tuple[tuple[Cell, ...], list[str]]] = {}
        """By seed and run: the training cells of the arms whose images count together, and their digests, sorted."""

    def cells(self) -> list[Cell]:
        """Training, each network followed by what is measured on it alone; then what looks at other arms."""
        measures = self.study.measures
        together = [number for number, one in enumerate(measures) if one.needs & {"teacher", "arms"}]
        alone = [number for number in range(len(measures)) if number not in together]
        planned: list[Cell] = []
        for arm in self.study.in_order():
            for seed in self.study.seeds_of(arm):
                teachers = tuple(self._trained(name, seed) for name in arm.teachers)
                key = self.keys.training(arm, seed, tuple(cell.digest for cell in teachers))
                training = Cell(self.study, arm, seed, None, key, teachers)
                self.trained[arm.name, seed] = training
                planned.append(training)
                planned += self._measuring(training, alone)
        for training in list(self.trained.values()):
            planned += self._measuring(training, together)
        return planned

    def _trained(self, name: str, seed: int) -> Cell:
        """The arm's training cell of that seed; of an arm with one seed, that one."""
        return self.trained.get((name, seed)) or self.trained[name, self.study.seeds_of(self.study.arm(name))[0]]

    def _measuring(self, training: Cell, numbers: list[int]) -> list[Cell]:
        """The cells of measures of one network; none where there is nothing to hold it against (the teacher itself)."""
        arm, seed, found = training.arm, training.seed, []
        for number in numbers:
            measure, common = self._measure(number, arm)
            key = {**common, "trained": training.digest}
            against: Cell | None = None
            among: tuple[Cell, ...] = ()
            if "teacher" in measure.needs:
                judge = self.study.teacher_of(arm)
                if judge is None:
                    continue
                against = self._trained(judge.name, seed)
                key["teacher"] = against.digest
            if "arms" in measure.needs:
                among, key["among"] = self._fellows(arm, seed)
            sources = {cell.digest: cell for cell in (training, *([against] if against else []), *among)}
            for epoch in (None, *self.study.checkpoints_of(arm)):
                own = key if epoch is None else {**key, "epoch": epoch}
                found.append(Cell(self.study, arm, seed, measure, own, tuple(sources.values()), against, among, epoch))
        return found

    def _measure(self, number: int, arm: Arm) -> tuple[Measure, dict[str, Any]]:
        """A measure as it looks at an arm, and what its keys have in common."""
        if (number, arm.name) not in self.measures:
            plain = self.study.measures[number]
            own = self.study.measure_of(arm, plain)
            if own is plain:
                if number not in self.plain:
                    self.plain[number] = self.keys.measure(plain)
                self.measures[number, arm.name] = plain, self.plain[number]
            else:
                self.measures[number, arm.name] = own, self.keys.measure(own)
        return self.measures[number, arm.name]

    def _fellows(self, arm: Arm, seed: int) -> tuple[tuple[Cell, ...], list[str]]:
        if (seed, arm.run) not in self.fellows:
            alike = [one for one in self.study.arms if arm.run is None or one.run is None or one.run == arm.run]
            cells = {cell.digest: cell for cell in (self._trained(one.name, seed) for one in alike)}
            self.fellows[seed, arm.run] = (tuple(cells.values()), sorted(cells))
        return self.fellows[seed, arm.run]
