"""Sanity: does an explanation depend on what the network learned?"""

from pathlib import Path
from typing import Annotated, ClassVar, final

import numpy as np
from pydantic import Field

from kdissect.attribution import ATTRIBUTIONS, Attribution, Gradient
from kdissect.dissect import untrained
from kdissect.measures.complexity import map_entropy
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.loss_gradient import spearman
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.specs import one_of


@final
class Sanity(Measure):
    """Whether an attribution changes when the network, or the class, is another.

    Gives: `untrained_similarity`, rank correlation of |map| with that of the same network with weights drawn anew
    (-1 to 1, lower is better: a method that shows edges only gives the same map for both); `class_similarity`, of
    |map| of the label with that of the next class (-1 to 1, lower is better); `complexity_rise`, the map's entropy with
    weights drawn anew, divided by its own, minus 1 (higher is better).

    Attributes:
        attribution: the method.
        images: how many test images, from the first.
        passes_below: `untrained_similarity` (mean, all images) below which the check counts as passed, in the facts.

    Source: Adebayo et al. 2018, arXiv:1810.03292; Sixt et al. 2020, arXiv:1912.09818 (the other class); Hedström et al.
        2023, arXiv:2401.06465 (complexity).
    Departs: all layers are drawn anew at once.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "arms"})
    passes: ClassVar[float] = 10
    definitions: ClassVar[dict[str, str]] = both(
        {
            "untrained_similarity": "rank correlation of the attribution with that of the same network, untrained",
            "class_similarity": "rank correlation of the attribution with that of another class",
            "complexity_rise": "relative rise of the attribution's entropy when the weights are drawn anew",
        }
    )

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = Gradient()
    images: int = Field(default=1000, ge=1)
    passes_below: float = Field(default=0.5, gt=-1, le=1)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """Three comparisons of each image's map."""
        maps = subject.maps(self.attribution, self.images)
        labels = subject.labels(self.images)
        fresh = Subject(untrained(subject.module), subject.network, subject.dataset)
        others = fresh.maps(self.attribution, self.images)
        next_class = (labels + 1) % subject.the_dataset.num_classes
        elsewhere = subject.maps(self.attribution, self.images, next_class)
        similar = spearman(maps.abs(), others.abs())
        before, after = map_entropy(maps), map_entropy(others)
        rise = np.divide(after, before, out=np.full(len(after), np.nan), where=before > 0) - 1
        found = [
            EachImage("untrained_similarity", similar, "correlation", "lower", (-1, 1)),
            EachImage("class_similarity", spearman(maps.abs(), elsewhere.abs()), "correlation", "lower", (-1, 1)),
            EachImage("complexity_rise", rise, "relative change", "higher", (-1, None)),
        ]
        right = subject.right(self.images).numpy()
        known = similar[~np.isnan(similar)]
        passed = bool(len(known) and known.mean() < self.passes_below)
        facts = {"images": len(maps), "right": int(right.sum()), "passed": passed}
        return Measured(scores_of(found, right, folder), facts)
