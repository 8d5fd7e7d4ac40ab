"""The quick study: the paper's central comparison, from nothing to a report in minutes on two cores."""

from kdissect.data import Brodenette, BrodenetteProbe
from kdissect.data.brodenette import World
from kdissect.distill import CE, KD, LS, as_objective
from kdissect.measures import Accuracy, ClassSimilarity, Detectors
from kdissect.models import Network
from kdissect.study.arm import Arm
from kdissect.study.study import Study
from kdissect.training import Recipe

PICTURES = World(
    scale=(0.55, 0.92), clutter=2.5, occlusion=0.1, sibling_overlap=0.03, noise=0.015, lighting=0.45, detail=1.0
)
"""What the networks are trained on: one large object, as in ImageNet.

Chosen on the scratch student and the teacher alone: 6,000 images and a minute are enough to learn from, the teacher is
clearly better, and nobody is near perfect.
"""

STREETS = World(seed=1, scale=(0.25, 0.6), clutter=8, detail=1.0)
"""What they are dissected on: busy scenes with smaller objects, as in Broden.

On images like the training ones nearly every unit of the student becomes a detector, and the count says nothing.
"""

TEACHER_OBJECTIVE = as_objective(CE())
TEACHER_RECIPE = Recipe(epochs=30, batch_size=64, learning_rate=0.1)
"""What the shipped teacher was trained with; `--train-teacher` does it again."""

TEACHER = "kdissect:quick_teacher"
"""The shipped weights of the teacher; `tools/ship_teacher.py` put them there. Their header says what made them."""


def quick() -> Study:
    """Scratch, label smoothing and distillation from one teacher: accuracy, class similarity, detectors."""
    dataset = Brodenette(world=PICTURES)
    classes = dataset.num_classes
    student = Network(architecture="small/resnet8", num_classes=classes, width=16, stem="half")
    teacher = Network(architecture="small/resnet8", num_classes=classes, width=24, stem="half", weights=TEACHER)
    return Study(
        name="quick",
        title="Does distillation make a student more interpretable?",
        dataset=dataset,
        probe=BrodenetteProbe(world=STREETS, num_images=2000),
        arms=(
            Arm(name="teacher", network=teacher, role="teacher", stated_accuracy=0.960),
            Arm(name="scratch", network=student, objective=as_objective(CE())),
            Arm(name="LS", network=student, objective=as_objective(LS(smoothing=0.1))),
            Arm(name="KD", network=student, objective=CE() + KD(temperature=4), teacher="teacher"),
        ),
        recipe=Recipe(epochs=7, batch_size=64, learning_rate=0.1),
        measures=(Accuracy(), ClassSimilarity(), Detectors(layer="layer3")),
        seeds=(0, 1, 2),
        reference="scratch",
    )
