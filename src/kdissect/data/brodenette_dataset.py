"""Brodenette as a data set, and as a probe."""

from functools import lru_cache
from pathlib import Path
from typing import final

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from kdissect.data.broden import Broden
from kdissect.data.brodenette import World, draw, draw_images, write_probe
from kdissect.data.class_tree import ClassTree
from kdissect.data.dataset import Dataset, Split, SplitName
from kdissect.data.probe import Probe
from kdissect.data.probe_source import ProbeSource


@final
class Brodenette(Dataset):
    """A procedurally drawn world with fine classes in coarse groups; needs no download.

    Attributes:
        world: what is drawn, and how hard it is.
        train: number of training images.
        val: number of validation images.
        test: number of test images.
    """

    world: World = World()
    train: int = Field(default=6000, ge=1)
    val: int = Field(default=1000, ge=1)
    test: int = Field(default=2000, ge=1)

    @property
    def class_tree(self) -> ClassTree:
        """The world's classes."""
        return ClassTree(groups=self.world.groups)

    @property
    def title(self) -> str:
        """Name, number of images and side."""
        return f"Brodenette, {self.train:,} training images of {self.world.size} px"

    def split(self, name: SplitName) -> Split:
        """The images of a split, drawn once in a process."""
        return _drawn(self, name)

    @property
    def has_objects(self) -> bool:
        """Brodenette knows its objects to the cell of two by two pixels."""
        return True

    def objects(self, name: SplitName) -> Tensor:
        """Where the main object is visible, `(b h w)` bool."""
        return _masks(self, name)[0]

    @property
    def has_features(self) -> bool:
        """Brodenette knows the parts that only some classes of a group have."""
        return True

    def features(self, name: SplitName) -> Tensor:
        """Where such a part of the main object is visible, `(b h w)` bool: a beak of one kind, a wheel, a roof."""
        return _masks(self, name)[1]

    def _number(self, name: SplitName) -> int:
        return {"train": self.train, "val": self.val, "test": self.test}[name]


@lru_cache(maxsize=6)
def _drawn(dataset: Brodenette, name: SplitName) -> Split:
    drawing = draw_images(dataset.world, name, np.arange(dataset._number(name), dtype=np.int64))
    return Split(torch.from_numpy(drawing.images), torch.from_numpy(drawing.classes))


@lru_cache(maxsize=2)
def _masks(dataset: Brodenette, name: SplitName) -> tuple[Tensor, Tensor]:
    """Objects and their traits, `(b h w)` bool."""
    drawing = draw(dataset.world, name, np.arange(dataset._number(name), dtype=np.int64))
    # Label maps have half the side of the pictures: each cell stands for two by two pixels.
    both = (torch.from_numpy(mask) for mask in (drawing.mask, drawing.trait & drawing.mask))
    objects, traits = (mask.repeat_interleave(2, 1).repeat_interleave(2, 2) for mask in both)
    return objects, traits


@final
class BrodenetteProbe(ProbeSource):
    """Images of a Brodenette world that no network is trained on, with exact labels of every pixel.

    Attributes:
        world: the world.
        num_images: number of images.
    """

    world: World = World()
    num_images: int = Field(default=1500, ge=1)

    @property
    def title(self) -> str:
        """Name, number of images and side."""
        return f"Brodenette, {self.num_images:,} probe images of {self.world.size} px"

    def open(self, cache: Path) -> Probe:
        """The probe, written in Broden's directory format on the first call and read back."""
        folder = cache / f"brodenette-{self.digest()[:16]}"
        if not (folder / "index.csv").is_file():
            cache.mkdir(parents=True, exist_ok=True)
            write_probe(self.world, folder, self.num_images)
        return Broden(folder)
