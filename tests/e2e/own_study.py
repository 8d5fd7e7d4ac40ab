"""A study with a data set of its own, as a user would write it."""

import numpy as np
import torch

from kdissect.data import ClassTree, Dataset, Split
from kdissect.data.dataset import SplitName
from kdissect.distill import CE, KD, as_objective
from kdissect.measures import Accuracy, ClassSimilarity
from kdissect.models import Network
from kdissect.study import Arm, Study
from kdissect.training import Recipe


class Stripes(Dataset):
    """Four colours of noise."""

    @property
    def title(self) -> str:
        return "stripes"

    @property
    def class_tree(self) -> ClassTree:
        return ClassTree(groups=(("warm", ("red", "yellow")), ("cold", ("blue", "cyan"))))

    def split(self, name: SplitName) -> Split:
        rng = np.random.default_rng(len(name))
        labels = np.arange(64) % 4
        colors = np.array([[200, 40, 40], [200, 200, 40], [40, 40, 200], [40, 200, 200]])[labels]
        pictures = (colors[:, :, None, None] + rng.normal(0, 30, (64, 3, 16, 16))).clip(0, 255)
        return Split(torch.from_numpy(pictures.astype(np.uint8)), torch.from_numpy(labels))


def own() -> Study:
    network = Network(architecture="small/resnet8", num_classes=4, width=4)
    ce = as_objective(CE())
    return Study(
        name="own",
        title="My own study",
        dataset=Stripes(),
        arms=(
            Arm(name="teacher", network=network, objective=ce, role="teacher", recipe=Recipe(epochs=8, batch_size=16)),
            Arm(name="scratch", network=network, objective=ce),
            Arm(name="KD", network=network, objective=CE() + KD(), teacher="teacher"),
        ),
        recipe=Recipe(epochs=2, batch_size=16),
        measures=(Accuracy(), ClassSimilarity()),
        seeds=(0, 1),
        reference="scratch",
    )
