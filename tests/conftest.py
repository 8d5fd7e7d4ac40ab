"""Tiny data and networks that many tests share."""

import sys
from collections.abc import Callable

import numpy as np
import pytest
import torch

from kdissect.cli import main
from kdissect.data import Broden, ClassTree, Dataset, Probe, Split
from kdissect.data.brodenette import World, write_probe
from kdissect.data.dataset import SplitName
from kdissect.models import Network
from kdissect.training import Recipe


class Blobs(Dataset):
    """Four colours on noise in two groups: learnt in a few steps."""

    per_split: int = 64
    noise: float = 30.0

    @property
    def class_tree(self) -> ClassTree:
        return ClassTree(groups=(("warm", ("red", "yellow")), ("cold", ("blue", "cyan"))))

    @property
    def title(self) -> str:
        return "blobs"

    @property
    def has_objects(self) -> bool:
        return True

    def objects(self, name: SplitName) -> torch.Tensor:
        """The left half: a blob fills the picture, but a mask needs something outside."""
        mask = torch.zeros(self.per_split, 16, 16, dtype=torch.bool)
        mask[:, :, :8] = True
        return mask

    @property
    def has_features(self) -> bool:
        return True

    def features(self, name: SplitName) -> torch.Tensor:
        """The upper half of the object."""
        mask = self.objects(name)
        mask[:, 8:] = False
        return mask

    @property
    def has_nulls(self) -> bool:
        return True

    def nulls(self, name: SplitName) -> torch.Tensor:
        """The right half, as if a blob said nothing there."""
        return ~self.objects(name)

    def split(self, name: SplitName) -> Split:
        rng = np.random.default_rng(["train", "val", "test"].index(name))
        colors = np.array([[200, 40, 40], [200, 200, 40], [40, 40, 200], [40, 200, 200]])
        labels = np.arange(self.per_split) % 4
        pictures = colors[labels][:, :, None, None] + rng.normal(0, self.noise, (self.per_split, 3, 16, 16))
        return Split(torch.from_numpy(pictures.clip(0, 255).astype(np.uint8)), torch.from_numpy(labels))


@pytest.fixture
def blobs() -> Blobs:
    return Blobs()


@pytest.fixture
def tiny() -> Network:
    return Network(architecture="small/resnet8", num_classes=4, width=4)


@pytest.fixture
def recipe() -> Recipe:
    return Recipe(epochs=3, batch_size=16, learning_rate=0.05)


@pytest.fixture(scope="session")
def small_probe(tmp_path_factory: pytest.TempPathFactory) -> Probe:
    """A Brodenette probe of 24 images of 32 px."""
    folder = tmp_path_factory.mktemp("probe") / "brodenette"
    write_probe(World(size=32), folder, 24)
    return Broden(folder)


@pytest.fixture
def kdissect(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command line: its words to its exit code."""

    def call(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["kdissect", *words])
        try:
            main()
        except SystemExit as stop:
            return int(stop.code or 0)
        return 0

    return call
