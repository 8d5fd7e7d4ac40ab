"""The quick study: the paper's central comparison, from nothing to a report in minutes on two cores."""

from kdissect.data import Brodenette, BrodenetteProbe
from kdissect.data.brodenette import World
from kdissect.distill import CE, KD, LS, as_objective
from kdissect.measures import Accuracy, ClassSimilarity, Detectors
from kdissect.models import Network
from kdissect.study.arm import Arm
from kdissect.study.study import Study
from kdissect.training import Recipe

WORLD = World()

TEACHER_OBJECTIVE = as_objective(CE())
TEACHER_RECIPE = Recipe(epochs=60, batch_size=128, learning_rate=0.1)
"""What the shipped teacher was trained with; `--train-teacher` does it again."""

TEACHER = "kdissect:quick_teacher"
"""The shipped weights of the teacher."""


def quick() -> Study:
    """Scratch, label smoothing and distillation from one teacher: accuracy, class similarity, detectors."""
    dataset = Brodenette(world=WORLD)
    classes = dataset.num_classes
    student = Network(architecture="small/resnet8", num_classes=classes, width=16, stem="half")
    teacher = Network(architecture="small/resnet14", num_classes=classes, width=32, stem="half", weights=TEACHER)
    return Study(
        name="quick",
        title="Does distillation make a student more interpretable?",
        dataset=dataset,
        probe=BrodenetteProbe(world=WORLD),
        arms=(
            Arm(name="teacher", network=teacher, role="teacher"),
            Arm(name="scratch", network=student, objective=as_objective(CE())),
            Arm(name="LS", network=student, objective=as_objective(LS(smoothing=0.1))),
            Arm(name="KD", network=student, objective=CE() + KD(temperature=4), teacher="teacher"),
        ),
        recipe=Recipe(epochs=12, batch_size=128, learning_rate=0.1),
        measures=(Accuracy(), ClassSimilarity(), Detectors(layer="layer3")),
        seeds=(0, 1, 2),
        reference="scratch",
    )
