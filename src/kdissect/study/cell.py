"""Cells: the pieces of work of a study, and the key that names each one's result."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, final

from kdissect.measures import Measure
from kdissect.records import file_digest
from kdissect.specs import digest
from kdissect.study.arm import Arm
from kdissect.study.study import Study
from kdissect.user_code import find_file, own_code

TRAINING_VERSION = 1
"""Raised when the training loop gives other weights for the same specs."""


@final
@dataclass(frozen=True)
class Cell:
    """One piece of work: train (arm, seed), or measure (measure, arm, seed).

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
    """

    study: Study = field(repr=False)
    arm: Arm
    seed: int
    measure: Measure | None
    key: dict[str, Any]
    sources: "tuple[Cell, ...]" = ()
    against: "Cell | None" = None
    among: "tuple[Cell, ...]" = ()

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
        return f"{self.kind} {self.arm.name}, seed {self.seed}"


def plan(*studies: Study) -> list[Cell]:
    """All cells of the studies, each after what it needs; in a study, measures that look at other arms come last.

    Cells of one digest are the same work: whoever runs them does one of them.
    """
    return [cell for study in studies for cell in _plan(study)]


def _plan(study: Study) -> list[Cell]:
    cells: list[Cell] = []
    trained: dict[tuple[str, int], Cell] = {}
    dataset = study.dataset.identity()
    probe = study.probe.identity() if study.probe else None
    for kind, data in ((study.dataset, dataset), (study.probe, probe)):
        if data is not None and (own := own_code(kind)):
            data["own_code"] = own
    alone = [measure for measure in study.measures if not measure.needs & {"teacher", "arms"}]
    together = [measure for measure in study.measures if measure not in alone]
    for arm in study.in_order():
        for seed in study.seeds_of(arm):
            teachers = tuple(trained.get((name, seed)) or trained[name, study.seeds[0]] for name in arm.teachers)
            training = Cell(study, arm, seed, None, _training_key(study, arm, seed, teachers, dataset), teachers)
            trained[(arm.name, seed)] = training
            cells.append(training)
            measuring = (_measuring(study, arm, seed, one, trained, dataset, probe) for one in alone)
            cells += [cell for cell in measuring if cell is not None]
    for arm in study.in_order():
        for seed in study.seeds_of(arm):
            measuring = (_measuring(study, arm, seed, one, trained, dataset, probe) for one in together)
            cells += [cell for cell in measuring if cell is not None]
    return cells


def _measuring(
    study: Study,
    arm: Arm,
    seed: int,
    measure: Measure,
    trained: dict[tuple[str, int], Cell],
    dataset: dict[str, Any],
    probe: dict[str, Any] | None,
) -> Cell | None:
    """The cell of a measure; None where there is nothing to hold the arm against (the teacher itself)."""

    def of(one: Arm) -> Cell:
        return trained.get((one.name, seed)) or trained[one.name, study.seeds[0]]

    training = trained[arm.name, seed]
    key: dict[str, Any] = {"measure": measure.model_dump(mode="json"), "trained": training.digest}
    if own := own_code(measure):
        key["own_code"] = own
    if "dataset" in measure.needs:
        key["dataset"] = dataset
    if "probe" in measure.needs:
        key["probe"] = probe
    against: Cell | None = None
    among: tuple[Cell, ...] = ()
    if "teacher" in measure.needs:
        judge = study.teacher_of(arm)
        if judge is None:
            return None
        against = of(judge)
        key["teacher"] = against.digest
    if "arms" in measure.needs:
        alike = [one for one in study.arms if arm.run is None or one.run is None or one.run == arm.run]
        among = tuple({cell.digest: cell for cell in map(of, alike)}.values())
        key["among"] = sorted(cell.digest for cell in among)
    sources = {cell.digest: cell for cell in (training, *([against] if against else []), *among)}
    return Cell(study, arm, seed, measure, key, tuple(sources.values()), against, among)


def _training_key(
    study: Study, arm: Arm, seed: int, teachers: tuple[Cell, ...], dataset: dict[str, Any]
) -> dict[str, Any]:
    key: dict[str, Any] = {
        "version": TRAINING_VERSION,
        "network": arm.network.model_dump(mode="json"),
        "objective": arm.objective.model_dump(mode="json") if arm.objective else None,
    }
    if arm.network.weights is not None:
        # A path may hold other weights tomorrow; their digest decides.
        key["weights"] = arm.network.weights_digest()
    if ".py:" in arm.network.architecture:
        key["code"] = file_digest(find_file(arm.network.architecture))
    if arm.objective is None:
        key |= {"dataset": dataset, "stated_accuracy": arm.stated_accuracy}
    else:
        own = own_code(*(part.term for part in arm.objective.terms))
        if own:
            key["own_code"] = own
        key |= {
            "seed": seed,
            "recipe": study.recipe_of(arm).model_dump(mode="json"),
            "dataset": dataset,
            "teacher": None if not teachers else teachers[0].digest if len(teachers) == 1 else _digests(teachers),
        }
        if generation := study.generation(arm):
            key["generation"] = generation
    return key


def _digests(cells: tuple[Cell, ...]) -> list[str]:
    return [cell.digest for cell in cells]
