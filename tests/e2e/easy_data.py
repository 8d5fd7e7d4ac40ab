"""A user's own data set that a tiny network learns in seconds: four colours in noise."""

import torch

from kdissect.data import ClassTree, Dataset, Split
from kdissect.data.dataset import SplitName


class Colours(Dataset):
    """Four colours, in two groups."""

    @property
    def class_tree(self) -> ClassTree:
        return ClassTree(groups=(("warm", ("red", "yellow")), ("cold", ("green", "blue"))))

    @property
    def title(self) -> str:
        return "four colours"

    def split(self, name: SplitName) -> Split:
        number = {"train": 192, "val": 96, "test": 32}[name]
        generator = torch.Generator().manual_seed(len(name))
        labels = torch.arange(number) % 4
        colours = torch.tensor([[200, 60, 60], [200, 200, 60], [60, 200, 60], [60, 60, 200]])
        noise = torch.randint(-60, 56, (number, 3, 16, 16), generator=generator)
        return Split((colours[labels][:, :, None, None] + noise).to(torch.uint8), labels)


def colours() -> Colours:
    """The data set."""
    return Colours()
