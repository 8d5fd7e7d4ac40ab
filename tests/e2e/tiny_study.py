"""A study that runs in seconds: the quick study's arms on little pictures, the teacher trained."""

from kdissect.data import Brodenette, BrodenetteProbe
from kdissect.data.brodenette import World
from kdissect.distill import CE, KD, LS, as_objective
from kdissect.measures import Accuracy, ClassSimilarity, Detectors
from kdissect.models import Network
from kdissect.study import Arm, Study
from kdissect.training import Recipe

EASY = World(size=32, scale=(0.8, 0.95), clutter=0.5, occlusion=0.0, sibling_overlap=0.0, noise=0.01, lighting=0.1)


def tiny() -> Study:
    network = Network(architecture="small/resnet8", num_classes=32, width=8, stem="half")
    ce = as_objective(CE())
    return Study(
        name="tiny",
        title="A study in seconds",
        dataset=Brodenette(world=EASY, train=512, val=256, test=256),
        probe=BrodenetteProbe(world=EASY, num_images=96),
        arms=(
            Arm(name="teacher", network=network, objective=ce, role="teacher", recipe=Recipe(epochs=14, batch_size=32)),
            Arm(name="scratch", network=network, objective=ce),
            Arm(name="LS", network=network, objective=as_objective(LS())),
            Arm(name="KD", network=network, objective=CE() + KD(temperature=4), teacher="teacher"),
        ),
        recipe=Recipe(epochs=2, batch_size=32),
        measures=(Accuracy(), ClassSimilarity(), Detectors(layer="layer3")),
        seeds=(0, 1),
        reference="scratch",
    )
