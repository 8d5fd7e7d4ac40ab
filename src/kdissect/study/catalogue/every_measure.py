"""Every measure that the data allow, another teacher, and a teacher with permuted similarities."""

from kdissect.distill import CE, KD, Permuted, as_objective
from kdissect.measures import (
    Complexity,
    ConceptInheritance,
    Faithfulness,
    FiveBand,
    Localisation,
    LossGradient,
    Measure,
    Sanity,
    Stability,
    Transfer,
)
from kdissect.study.arm import Arm
from kdissect.study.catalogue.arms import distilled, scratch, smoothed, study_of, taught
from kdissect.study.catalogue.scale import Scale, Size
from kdissect.study.catalogue.sizes import scale_of
from kdissect.study.study import Study


def every_measure(size: Size = "small", data: str | None = None, probe: str | None = None) -> Study:
    """Scratch, LS, KD and a causal control with every measure that trains nothing; a second teacher as a level.

    What looks at where the object is runs on data that know it.

    Source: Han et al. 2023, for detectors, entropy, five bands and loss gradients; the measures say the rest.
    """
    scale = scale_of(size, data, probe)
    arms = (
        scale.teacher,
        scratch(scale),
        smoothed(scale),
        distilled(scale),
        _second_teacher(scale),
        taught(scale, "KD-permuted", CE() + KD(temperature=4, control=Permuted())),
    )
    return study_of(scale, "every_measure", "Every measure, and a causal control", arms, *_measures(scale))


def _second_teacher(scale: Scale) -> Arm:
    """Another of the teacher's kind, with the students' recipe."""
    network = scale.teacher.network.changed(weights=None)
    return Arm(name="teacher-B", network=network, objective=as_objective(CE()), role="teacher")


def _measures(scale: Scale) -> tuple[Measure, ...]:
    images = scale.images
    by_image = (
        Localisation(images=images),
        FiveBand(images=images),
        LossGradient(images=images),
        Faithfulness(images=images),
        Stability(images=images),
        Complexity(images=images),
        Sanity(images=images),
        Transfer(images=images),
    )
    missing = {
        need
        for need, there in (("objects", scale.dataset.has_objects), ("features", scale.dataset.has_features))
        if not there
    }
    allowed = tuple(measure for measure in by_image if not measure.needs & missing)
    return (*allowed, ConceptInheritance(layer=scale.layer))
