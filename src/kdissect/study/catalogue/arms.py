"""Arms and measures that several studies of the catalogue have, so that they share their results."""

from kdissect.distill import CE, KD, as_objective
from kdissect.distill.terms.term import Objective
from kdissect.measures import Accuracy, ClassSimilarity, Detectors, Measure
from kdissect.study.arm import Arm
from kdissect.study.catalogue.scale import Scale
from kdissect.study.study import Study

Place = dict[str, int | float | str]


def scratch(scale: Scale) -> Arm:
    """The student without a teacher."""
    return Arm(name="scratch", network=scale.student, objective=as_objective(CE()))


def smoothed(scale: Scale) -> Arm:
    """The student with label smoothing."""
    return Arm(name="LS", network=scale.student, objective=scale.methods["LS"].objective)


def distilled(scale: Scale) -> Arm:
    """The student of the usual teacher: `CE + KD(T=4)`."""
    return taught(scale, "KD", CE() + KD(temperature=4))


def taught(scale: Scale, name: str, objective: Objective, teacher: str = "teacher", place: Place | None = None) -> Arm:
    """The student, taught otherwise."""
    return Arm(name=name, network=scale.student, objective=objective, teacher=teacher, place=place or {})


def measures(scale: Scale) -> tuple[Measure, ...]:
    """What every study looks at: accuracy, class similarity, detectors."""
    return (Accuracy(), ClassSimilarity(), Detectors(layer=scale.layer))


def study_of(scale: Scale, name: str, title: str, arms: tuple[Arm, ...], *more: Measure) -> Study:
    """A study of a size: its data, its recipe and its seeds, held against the arm `scratch`.

    Args:
        scale: the size.
        name: of the study.
        title: for people.
        arms: what is compared.
        more: measures besides those that every study has.
    """
    return Study(
        name=name,
        title=title,
        size=scale.size,
        dataset=scale.dataset,
        probe=scale.probe,
        arms=arms,
        recipe=scale.recipe,
        measures=(*measures(scale), *more),
        seeds=scale.seeds,
        reference="scratch",
    )
