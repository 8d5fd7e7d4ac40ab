"""The quick study with every measure that trains nothing, another teacher, and a teacher with permuted similarities."""

from kdissect.distill import CE, KD, Permuted, as_objective
from kdissect.measures import (
    Complexity,
    ConceptInheritance,
    Faithfulness,
    Localisation,
    LossGradient,
    Sanity,
    Stability,
    Transfer,
)
from kdissect.study import Arm, Study
from kdissect.study.quick import quick

IMAGES = 300


def every_measure() -> Study:
    """Scratch, label smoothing, distillation and its causal control, from one teacher; a second teacher as a level."""
    study = quick()
    teacher, student = study.arm("teacher").network, study.arm("scratch").network
    return study.changed(
        name="every-measure",
        arms=(
            *study.arms,
            Arm(
                name="teacher-B",
                network=teacher.changed(weights=None),
                objective=as_objective(CE()),
                role="teacher",
            ),
            Arm(
                name="KD-permuted",
                network=student,
                objective=CE() + KD(temperature=4, control=Permuted()),
                teacher="teacher",
            ),
        ),
        measures=(
            *study.measures,
            Localisation(images=IMAGES),
            LossGradient(images=IMAGES),
            Faithfulness(images=IMAGES),
            Stability(images=IMAGES),
            Complexity(images=IMAGES),
            Sanity(images=IMAGES),
            Transfer(images=IMAGES),
            ConceptInheritance(layer="layer3"),
        ),
    )
