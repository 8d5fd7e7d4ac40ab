"""Complexity: on how few pixels does an explanation rest?"""

import math
from pathlib import Path
from typing import Annotated, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from kdissect.attribution import ATTRIBUTIONS, Attribution, Gradient
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.specs import one_of


@final
class Complexity(Measure):
    """How concentrated an attribution is.

    Gives: `gini` (Gini index of |map|, 0 for a constant map to 1 - 1/n for a single pixel of n; higher is sparser),
    `map_entropy` (entropy of |map| scaled to sum 1, in nats, 0 to ln n; lower is sparser). Maps of zeros are left out.
    A sparse map is easier to read, and not truer: read it beside faithfulness.

    Attributes:
        attribution: the method; the label is explained, in every arm.
        images: how many test images, from the first.

    Source: Chalasani et al. 2020, arXiv:1810.06583 (Gini); Bhatt et al. 2020, arXiv:2005.00631 (entropy).
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "arms"})
    passes: ClassVar[float] = 4
    definitions: ClassVar[dict[str, str]] = both(
        {
            "gini": "Gini index of the attribution's sizes, 1 if a single pixel has all",
            "map_entropy": "entropy of the attribution's sizes scaled to sum 1",
        }
    )

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = Gradient()
    images: int = Field(default=1000, ge=1)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """Both scores."""
        maps = subject.maps(self.attribution, self.images)
        pixels = maps[0].numel()
        found = [
            EachImage("gini", gini(maps), "index", "higher"),
            EachImage("map_entropy", map_entropy(maps), "nats", "lower", (0, math.log(pixels))),
        ]
        right = subject.right(self.images).numpy()
        return Measured(scores_of(found, right, folder), {"images": len(maps), "right": int(right.sum())})


def gini(maps: Tensor) -> NDArray[np.float64]:
    """Gini index of |values| of each map; `(b)`, 0 to 1 - 1/n; NaN for a map of zeros."""
    sizes = maps.flatten(1).abs().double().sort(1).values
    n = sizes.shape[1]
    place = torch.arange(1, n + 1, dtype=torch.float64)
    total = sizes.sum(1)
    index = ((2 * place - n - 1) * sizes).sum(1) / (n * total)
    return torch.where(total > 0, index, torch.nan).numpy()


def map_entropy(maps: Tensor) -> NDArray[np.float64]:
    """-sum q ln q of |values| scaled to sum 1; `(b)`, nats; NaN for a map of zeros."""
    sizes = maps.flatten(1).abs().double()
    total = sizes.sum(1, keepdim=True)
    found: NDArray[np.float64] = torch.where(
        total[:, 0] > 0, torch.special.entr(sizes / total).sum(1), torch.nan
    ).numpy()
    return found
