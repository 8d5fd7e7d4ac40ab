"""Null block: does an explanation name pixels that cannot tell the class?"""

from pathlib import Path
from typing import Annotated, ClassVar, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor

from kdissect.attribution import ATTRIBUTIONS, Attribution, Gradient
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.measures.ranking import kept, ranks_of
from kdissect.specs import one_of


@final
class NullBlock(Measure):
    """How many of the pixels of largest attribution lie where nothing is that could tell the class.

    Gives: `null_share/P`, the share of the P per cent of the pixels with the largest |attribution| that lies in the
    null mask (0 to 1, lower is better, chance is the mask's area, 0.5 in BlockMNIST), and `null_share`, its mean over
    the percentages. Nothing is trained, so it costs a fraction of `DiffRoar`, and no hole can leak the label.

    Attributes:
        attribution: the method; the label is explained, in every arm.
        images: how many test images, from the first.
        percentages: of the pixels, above 0 and at most 100.

    Source: the null block of Shah, Jain & Netrapalli 2021, arXiv:2102.12781, section 4; the percentages are those of
        the BlockMNIST table of Serrurier et al. 2023, arXiv:2206.06854.
    Departs: an image whose map is constant is left out; elsewhere ties are drawn, always alike.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "nulls", "arms"})
    passes: ClassVar[float] = 4
    definitions: ClassVar[dict[str, str]] = {
        **both(
            {"null_share": "share of the most important pixels where nothing tells the class, mean over percentages"}
        ),
        "null_share/": "share of this percentage of the pixels, the most important ones, where nothing tells the class",
    }

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = Gradient()
    images: int = Field(default=1000, ge=1)
    percentages: tuple[float, ...] = Field(default=(2.5, 5, 10, 15, 20, 25, 30), min_length=1)

    @model_validator(mode="after")
    def _percentages_fit(self) -> Self:
        if len(set(self.percentages)) < len(self.percentages) or any(not 0 < one <= 100 for one in self.percentages):
            raise ValueError(f"percentages must differ, above 0 and at most 100, got {self.percentages}")
        return self

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All scores, from one map an image."""
        maps = subject.maps(self.attribution, self.images)
        nulls = subject.nulls(self.images)
        shares = {one: null_share(maps, nulls, one / 100) for one in self.percentages}
        found = [EachImage("null_share", np.mean(list(shares.values()), axis=0), direction="lower")]
        found += [EachImage(f"null_share/{one:g}", values, direction="lower") for one, values in shares.items()]
        right = subject.right(self.images).numpy()
        facts = {"images": len(maps), "right": int(right.sum()), "chance": float(nulls.double().mean())}
        return Measured(scores_of(found, right, folder), facts)


def null_share(maps: Tensor, nulls: Tensor, share: float) -> NDArray[np.float64]:
    """Share of the pixels of largest |attribution| that lies in the masks, `(b)`; NaN for a constant map."""
    top = kept(ranks_of(maps), share)
    inside = (top & nulls).sum((1, 2)).double() / top.sum((1, 2))
    sizes = maps.abs().flatten(1)
    found: NDArray[np.float64] = torch.where(sizes.amax(1) > sizes.amin(1), inside, torch.nan).numpy()
    return found
