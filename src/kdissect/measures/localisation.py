"""Localisation: does the network look at the object?"""

from pathlib import Path
from typing import Annotated, ClassVar, final

import numpy as np
from pydantic import Field

from kdissect.attribution import ATTRIBUTIONS, Attribution, GradCam
from kdissect.measures.against_masks import area, auprc, auroc, energy, pointing
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.measures.shown import keep_shown
from kdissect.specs import one_of


@final
class Localisation(Measure):
    """How much of an attribution lies on the object that the label names.

    Gives: `energy` (share of the positive attribution in the object's mask, 0 to 1, chance `area`), `energy_gain`
    (energy minus area, -1 to 1, chance 0), `pointing` (share of maps whose largest value lies in the mask), `auroc`
    (chance 0.5) and `auprc` (chance `area`) of the map as a search for the object, `area` (the mask's share of the
    image, no merit). Where the data set knows the part that tells the class from its like: `feature_energy` and
    `feature_auroc`. Higher is better. Images with an empty mask, and maps that point nowhere, are left out.

    Attributes:
        attribution: the method; the label is explained, in every arm.
        images: how many test images, from the first.

    Source: Wang et al. 2020, arXiv:1910.01279; Zhang et al. 2018, arXiv:1608.00507; Arras et al. 2022,
        arXiv:2003.07258.
    """

    version: ClassVar[int] = 3
    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "objects", "arms"})
    passes: ClassVar[float] = 4
    definitions: ClassVar[dict[str, str]] = both(
        {
            "energy": "share of the positive attribution on the object; chance is its area",
            "energy_gain": "energy minus the object's share of the image",
            "pointing": "whether the attribution's largest value lies on the object",
            "auroc": "AUROC of the attribution as a search for the object's pixels",
            "auprc": "average precision of the same; chance is the object's area",
            "area": "the object's share of the image",
            "feature_energy": "share of the positive attribution on the part that tells the class from its like",
            "feature_auroc": "AUROC of the attribution as a search for that part",
        }
    )

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = GradCam()
    images: int = Field(default=1000, ge=1)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All scores, from one map an image."""
        maps = subject.maps(self.attribution, self.images)
        masks = subject.objects(self.images)
        energies, areas = energy(maps, masks), area(masks)
        found = [
            EachImage("energy", energies, direction="higher"),
            EachImage("energy_gain", energies - areas, direction="higher", bounds=(-1, 1)),
            EachImage("pointing", pointing(maps, masks), direction="higher"),
            EachImage("auroc", auroc(maps, masks), direction="higher"),
            EachImage("auprc", auprc(maps, masks), direction="higher"),
            EachImage("area", areas),
        ]
        if subject.the_dataset.has_features:
            features = subject.features(self.images)
            found += [
                EachImage("feature_energy", energy(maps, features), direction="higher"),
                EachImage("feature_auroc", auroc(maps, features), direction="higher"),
            ]
        right = subject.right(self.images).numpy()
        keep_shown(folder, subject, maps)
        facts = {
            "images": len(maps),
            "right": int(right.sum()),
            "empty_masks": int(np.isnan(areas).sum()),
            "zero_maps": int((maps == 0).flatten(1).all(1).sum()),
            "shown": "overlay",
            "shown_what": type(self.attribution).__name__,
        }
        return Measured(scores_of(found, right, folder), facts)
