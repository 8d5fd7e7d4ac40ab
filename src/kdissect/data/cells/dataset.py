"""Cells as a data set."""

from functools import lru_cache
from typing import final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from kdissect.data.cells.drawing import draw
from kdissect.data.cells.traits import Style
from kdissect.data.class_tree import ClassTree
from kdissect.data.dataset import Dataset, Split, SplitName

LOCALISATION, FEATURE = 0.4, 0.9
"""Values of the heat map on the object, and on the part that tells its class."""


@final
class Cells(Dataset, Style):
    """Drawn cells and rectangles of ten classes, with the part that tells each class known to the pixel.

    Round cells are plain (told by their ring), with a bar, or with a cross; rectangles have a red, green or blue
    border; tailed cells have one, three or eight tails; the last class is empty. The background is black, clouds or
    waves, and says nothing about the class. Image i of a split is a pure function of (seed, size, units, classes,
    split, i). The object may be cut by the frame; a single tail is drawn anew until it covers 0.3 % of the image.

    Attributes:
        seed: another seed is another set of images of the same classes.
        size: side of the images, pixels, 32 to 512.
        official_units: whether lengths are in pixels as published, whatever the size (a cell is some 200 px wide);
            else shapes grow with the image, and what an image shows does not depend on its size.
        classes: which are drawn, each equally often; labels are their places in the class tree.
        train: number of training images; 300 MB for all three splits at 128 px.
        val: number of validation images.
        test: number of test images.

    Source: Tjoa & Guan 2020, "Quantifying explainability of saliency methods in deep neural networks with a synthetic
        dataset", arXiv:2009.02899, and the parameters of their published generator (`xai_basic`).
    Departs: shapes are evaluated once at every pixel, turned and shifted, where they resample a drawing (so edges are
        sharp and the heat map has no value in between); shapes scale with the image unless `official_units`; offsets
        and thicknesses are not rounded to pixels. A rectangle's edges have noise of their own in y (theirs repeats that
        of x), and a rectangle is turned and then shifted, as cells are (theirs is shifted first, so turned out of its
        place). The background is pasted by the object's mask (theirs shows through wherever a channel is below 0.01).
        Images are rounded to 8 bits. Kept as published: an empty image on black is all zero, so absence tells its
        class; tails start at 0.8 times the vertical half axis on all sides, so those of a flat cell may lie inside
        it and those of a tall one apart from it.
    """

    train: int = Field(default=4096, ge=1)
    val: int = Field(default=1024, ge=1)
    test: int = Field(default=1024, ge=1)

    @property
    def class_tree(self) -> ClassTree:
        """The groups of the classes that are drawn."""
        return ClassTree(groups=self.groups)

    @property
    def title(self) -> str:
        """Name, number of images and side."""
        return f"Cells, {self.train:,} training images of {self.size} px"

    def split(self, name: SplitName) -> Split:
        """The images of a split, drawn once in a process."""
        return _drawn(self, name)[0]

    @property
    def has_objects(self) -> bool:
        """Cells knows its objects to the pixel; an empty image has an empty mask."""
        return True

    def objects(self, name: SplitName) -> Tensor:
        """Where the cell or rectangle is visible, `(b h w)` bool."""
        return torch.from_numpy(_drawn(self, name)[1] > 0)

    @property
    def has_features(self) -> bool:
        """Cells knows which part tells a class from its like."""
        return True

    def features(self, name: SplitName) -> Tensor:
        """Where ring, bar, cross, coloured border or tails are visible, `(b h w)` bool."""
        return torch.from_numpy(_drawn(self, name)[1] == 2)

    def heatmap(self, name: SplitName) -> Tensor:
        """The published ground truth, `(b h w)` float32: 0.9 on the feature, 0.4 on the rest of the object, else 0."""
        values = np.array([0, LOCALISATION, FEATURE], np.float32)
        return torch.from_numpy(values[_drawn(self, name)[1]])

    def _number(self, name: SplitName) -> int:
        return {"train": self.train, "val": self.val, "test": self.test}[name]


@lru_cache(maxsize=3)
def _drawn(dataset: Cells, name: SplitName) -> tuple[Split, NDArray[np.uint8]]:
    drawing = draw(dataset, name, np.arange(dataset._number(name), dtype=np.int64))
    return Split(torch.from_numpy(drawing.images), torch.from_numpy(drawing.labels)), drawing.levels
