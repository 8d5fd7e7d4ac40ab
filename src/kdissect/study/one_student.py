"""The study of one student: what `kdissect train` runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from kdissect.data.dataset import Dataset
from kdissect.distill import CE, Method, Objective, as_objective
from kdissect.distill.terms.ls import LS
from kdissect.errors import SpecError
from kdissect.measures import Accuracy
from kdissect.models import Network
from kdissect.study.arm import Arm
from kdissect.study.study import Study
from kdissect.training import Recipe

_CE = as_objective(CE())


@final
@dataclass(frozen=True)
class Teaching:
    """Who teaches.

    Attributes:
        networks: the teachers; several are an ensemble. Those without weights are trained first.
        objective: what those are trained with.
        stated_accuracy: accuracy that teachers which come trained are said to have; checked.
        generations: 1 or more for a teacher of the student's own kind, trained first: 1 is self-distillation, more are
            born-again generations, each the teacher of the next.
    """

    networks: tuple[Network, ...] = ()
    objective: Objective = _CE
    stated_accuracy: float | None = None
    generations: int = 0


def one_student(
    dataset: Dataset,
    network: Network,
    objective: Objective,
    recipe: Recipe,
    teaching: Teaching | None = None,
    *,
    seeds: Sequence[int] = (0,),
) -> Study:
    """A study that trains one student, and first the teachers that need it.

    Args:
        dataset: what to train on.
        network: the student.
        objective: what it minimises.
        recipe: for the student, and for teachers that are trained.
        teaching: who teaches; None for nobody.
        seeds: of the student.

    Raises:
        SpecError: the objective needs a teacher and there is none, or there is one that nobody reads; or the student
            would learn from itself and others.
    """
    teaching = teaching or Teaching()
    if teaching.generations and teaching.networks:
        raise SpecError("a student learns from itself or from others, got both; leave one out")
    untrained = [one for one in teaching.networks if one.weights is None]
    if len(set(untrained)) < len(untrained):
        raise SpecError("members of an ensemble that are trained here must differ, in width or architecture")
    arms: list[Arm] = []
    teacher: str | tuple[str, ...] | None = None
    if teaching.generations:
        arms.append(Arm(name="generation-0", network=network, objective=teaching.objective, role="teacher"))
        for number in range(1, teaching.generations):
            before = f"generation-{number - 1}"
            name = f"generation-{number}"
            arms.append(Arm(name=name, network=network, objective=objective, teacher=before, role="teacher"))
        teacher = arms[-1].name
    for number, one in enumerate(teaching.networks):
        name = "teacher" if len(teaching.networks) == 1 else f"teacher-{number}"
        if one.weights is None:
            arms.append(Arm(name=name, network=one, objective=teaching.objective, role="teacher"))
        else:
            arms.append(Arm(name=name, network=one, role="teacher", stated_accuracy=teaching.stated_accuracy))
    if teaching.networks:
        teacher = arms[0].name if len(arms) == 1 else tuple(arm.name for arm in arms)
    arms.append(Arm(name="student", network=network, objective=objective, teacher=teacher))
    return Study(
        name="train",
        title=f"{network.architecture} trained with {objective.formula}",
        dataset=dataset,
        arms=tuple(arms),
        recipe=recipe,
        measures=(Accuracy(),),
        seeds=tuple(seeds),
        reference="student",
    )


def teaching_of(method: Method, teachers: tuple[Network, ...], accuracy: float | None) -> Teaching:
    """Who teaches in a preset's method.

    Args:
        method: of a preset.
        teachers: those that the user names.
        accuracy: that they are said to have.

    Raises:
        SpecError: the method needs a teacher and none is named.
    """
    if method.teacher == "none":
        return Teaching()
    if method.teacher == "same network" and not teachers:
        return Teaching(generations=1)
    if not teachers:
        raise SpecError(f"the method {method.name} has a {method.teacher} teacher; name its network")
    objective = as_objective(LS(smoothing=0.1)) if method.teacher == "label smoothing" else as_objective(CE())
    return Teaching(teachers, objective, accuracy)
