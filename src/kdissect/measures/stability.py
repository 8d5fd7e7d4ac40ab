"""Stability: does an explanation survive a change that nobody sees?"""

from pathlib import Path
from typing import Annotated, ClassVar, final

import numpy as np
import torch
from pydantic import Field

from kdissect.attribution import ATTRIBUTIONS, Attribution, Gradient
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.measure import EXPLAINED_AT_ONCE, Measure, Measured, Need, Subject
from kdissect.seeds import torch_generator
from kdissect.specs import one_of


@final
class Stability(Measure):
    """How much an attribution changes when the image hardly does.

    Gives: `max_sensitivity`: the largest, over `samples` draws of noise within `radius`, of |map' - map| / |map|; 0 and
    above, lower is better. Every image and every network gets the same noise. Maps of zeros are left out.

    Attributes:
        attribution: the method; the label is explained, in every arm.
        images: how many test images, from the first.
        samples: draws of noise, at least 1.
        radius: largest change of a pixel, in units of the normalised input (Captum's default is 0.02).

    Source: Yeh et al. 2019, arXiv:1901.09392; equal to Captum's `sensitivity_max` for the same noise (tested).
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "arms"})
    passes: ClassVar[float] = 14
    definitions: ClassVar[dict[str, str]] = both(
        {"max_sensitivity": "largest relative change of the attribution under noise that changes no pixel visibly"}
    )

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = Gradient()
    images: int = Field(default=1000, ge=1)
    samples: int = Field(default=4, ge=1)
    radius: float = Field(default=0.02, gt=0)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """The largest relative change of each image."""
        maps = subject.maps(self.attribution, self.images)
        labels = subject.labels(self.images)
        device = next(subject.module.parameters()).device
        largest = torch.zeros(len(labels), dtype=torch.float64)
        size = maps.flatten(1).double().norm(dim=1)
        for first in range(0, len(labels), EXPLAINED_AT_ONCE):
            rows = slice(first, min(first + EXPLAINED_AT_ONCE, len(labels)))
            images, generator = subject.images(rows), torch_generator(0, "Stability")
            for _ in range(self.samples):
                noise = (2 * torch.rand(images.shape[1:], generator=generator) - 1) * self.radius
                other = self.attribution.explain(subject.module, images + noise.to(images), labels[rows].to(device))
                change = (other.cpu() - maps[rows]).flatten(1).double().norm(dim=1)
                largest[rows] = torch.maximum(largest[rows], change / size[rows])
            if subject.progress is not None:
                subject.progress(len(images))
        values = torch.where(size > 0, largest, torch.nan).numpy()
        found = [EachImage("max_sensitivity", values.astype(np.float64), "relative change", "lower", (0, None))]
        right = subject.right(self.images).numpy()
        return Measured(scores_of(found, right, folder), {"images": len(labels), "right": int(right.sum())})
