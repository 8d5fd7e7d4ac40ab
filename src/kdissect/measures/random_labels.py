"""Random labels: does an explanation depend on what there was to learn?"""

from pathlib import Path
from typing import Annotated, ClassVar, Self, final

import numpy as np
import torch
from pydantic import Field, model_validator

from kdissect.attribution import ATTRIBUTIONS, Attribution, Gradient
from kdissect.data.augment import Augment
from kdissect.data.dataset import Split
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.loss_gradient import spearman
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.measures.retraining import plain, train_anew
from kdissect.seeds import torch_generator
from kdissect.specs import one_of
from kdissect.training import Recipe, accuracy, predict

LEARNED = 0.9


@final
class RandomLabels(Measure):
    """Whether an attribution changes when the network was trained on labels that mean nothing.

    A network of the same spec is trained from scratch on some training images whose labels were permuted among them.
    What it knows it knows by heart, so an attribution that shows what was learned must show something else.

    Gives: `random_label_similarity`, rank correlation of |map| with that of the other network for the same class (-1 to
    1, lower is better).

    Attributes:
        attribution: the method; the label is explained, in every arm.
        images: how many test images, from the first.
        train_images: how many training images, evenly spread over the split; None for all. Few are learned sooner.
        recipe: how the other network is trained.
        seed: of its weights and of the permutation.
        passes_below: `random_label_similarity` (mean, all images) below which the check counts as passed, in the facts;
            neither passed nor failed where the other network learned fewer than nine tenths of its images.

    Source: Adebayo et al. 2018, arXiv:1810.03292, section 3.2 (data randomization test).
    Departs: they train until the random labels are learned. Here the recipe is fixed; `fitted` in the facts is the
        share of the images that the network has learned, and a low one means that the check says little. The loss is
        cross entropy, whatever taught the network under measurement.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "arms"})
    passes: ClassVar[float] = 130
    retrains: ClassVar[bool] = True
    definitions: ClassVar[dict[str, str]] = both(
        {"random_label_similarity": "rank correlation of the attribution with that of a network of random labels"}
    )

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = Gradient()
    images: int = Field(default=1000, ge=1)
    train_images: int | None = Field(default=1000, ge=2)
    recipe: Recipe = Recipe(
        epochs=40, batch_size=64, learning_rate=0.1, weight_decay=0, augment=Augment(shift_share=0, flip=False)
    )
    seed: int = Field(default=0, ge=0)
    passes_below: float = Field(default=0.5, gt=-1, le=1)

    @model_validator(mode="after")
    def _can_be_trained(self) -> Self:
        plain(self.recipe)
        return self

    def run(self, subject: Subject, folder: Path) -> Measured:
        """One training and one comparison of each image's map."""
        maps = subject.maps(self.attribution, self.images)
        whole = subject.the_dataset.split("train")
        number = min(len(whole), self.train_images or len(whole))
        rows = torch.arange(number) * len(whole) // number
        mixed = torch.randperm(number, generator=torch_generator(self.seed, "random labels"))
        split = Split(whole.pictures[rows], whole.labels[rows][mixed])
        network = subject.network.model_copy(update={"weights": None})
        device = next(subject.module.parameters()).device
        other = train_anew(network, split, self.recipe, seed=self.seed, device=device)
        others = Subject(other, network, subject.dataset).maps(self.attribution, self.images)
        similar = spearman(maps.abs(), others.abs())
        found = [EachImage("random_label_similarity", similar, "correlation", "lower", (-1, 1))]
        right = subject.right(self.images).numpy()
        known = similar[~np.isnan(similar)]
        fitted = accuracy(predict(other, network, split), split.labels)
        facts = {
            "images": len(maps),
            "right": int(right.sum()),
            "train_images": number,
            "fitted": fitted,
            # A network that learned nothing differs from one that did for other reasons.
            "passed": bool(len(known) and known.mean() < self.passes_below) if fitted >= LEARNED else None,
        }
        return Measured(scores_of(found, right, folder), facts)
