"""DiffROAR: do the pixels that an explanation names tell the class better than those that it does not?"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, final

import torch
from pydantic import Field, model_validator
from torch import Tensor

from kdissect.attribution import ATTRIBUTIONS, Attribution, Gradient
from kdissect.data.augment import Augment
from kdissect.data.dataset import Split, SplitName
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.measures.ranking import blurred, kept, kept_pixels, only, random_maps, ranks_of
from kdissect.measures.retraining import accuracy_anew, plain
from kdissect.models import Network
from kdissect.models.small_resnet import Stem
from kdissect.records import Score
from kdissect.specs import one_of
from kdissect.training import Recipe

Ranked = dict[SplitName, Tensor]
"""Ranks of the pixels of training and test images."""


@final
class DiffRoar(Measure):
    """Whether pixels of large attribution tell a fresh network more about the class than those of small attribution.

    In every training and test image a share k of the pixels stays, those of largest |attribution| (top) or of smallest
    (bottom); the others get one colour. A fresh network is trained on the training images, and tested on the test
    images; then another one, with the same initial weights, order and recipe, on the other images.

    Gives: `top/K` and `bottom/K`, the two test accuracies after the last epoch (0 to 1); `diff_roar/K`, top minus
    bottom (-1 to 1, higher is better, chance 0; below 0 the attribution names what tells less); `diff_roar`, its mean
    over the shares. Controls, no merit: `random/K` and `random`, the same with maps that say nothing, 0 within the
    noise of training; `blurred/K` and `blurred`, with the attribution after a Gaussian blur: where it is as high as
    `diff_roar`, the score may come from smoothness alone; `top_shape/K` and `bottom_shape/K`, test accuracy of a
    network that sees which pixels stay and nothing of the image: above chance the masks themselves tell the label;
    `unmasked`, test accuracy with all pixels.

    Attributes:
        attribution: the method.
        explained: the class to explain in each image: its `label`, the same in every arm, or the class that the
            network says (`predicted`).
        levels: shares k of the pixels that stay, above 0 and at most 1.
        fill: colour of the others: `mean`, the mean colour of the training images, or `background`, black. Holes in
            another colour than the background are visible and tell their shape.
        architecture: of the fresh networks, whatever is explained.
        width: of their first stage; small ResNets only.
        stem: side of their first maps; small ResNets only.
        recipe: how they are trained; no augmentation unless it says so.
        repeats: how many networks are trained for each accuracy, which is their mean.
        images: how many test images, from the first.
        train_images: how many training images, evenly spread over the split; None for all.
        controls: whether to train for the controls, too: more than three times the work.
        blur: standard deviation of the blur as a share of the image's shorter side.

    Source: Shah, Jain & Netrapalli 2021, "Do input gradients highlight discriminative features?", arXiv:2102.12781,
        section 3; Hooker et al. 2019, arXiv:1806.10758 (ROAR); Rong et al. 2022, arXiv:2202.00449 (masks that leak);
        arXiv:2304.13836 (blurred maps score higher).
    Departs: pixels are ranked, all channels together; they rank each channel's value by itself. The label is explained;
        they say the prediction, and their code explains the label. Accuracies are of the last epoch, their code's are
        the best on the test images. Ties are drawn, always alike. The mean over shares and the controls are ours.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset"})
    passes: ClassVar[float] = 1500
    retrains: ClassVar[bool] = True
    definitions: ClassVar[dict[str, str]] = {
        "diff_roar": "accuracy with the most important pixels minus that with the least important, mean over shares",
        "diff_roar/": "the same where this share of the pixels stays",
        "top/": "test accuracy of a network trained on this share of the pixels, the most important ones",
        "bottom/": "test accuracy of a network trained on this share of the pixels, the least important ones",
        "random": "diff_roar of maps that say nothing; a control",
        "random/": "the same where this share of the pixels stays",
        "blurred": "diff_roar of the attribution after a Gaussian blur; a control",
        "blurred/": "the same where this share of the pixels stays",
        "top_shape/": "test accuracy of a network that sees which pixels matter most, and not the image; a control",
        "bottom_shape/": "the same of the least important pixels",
        "unmasked": "test accuracy of a network trained on all pixels",
    }

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = Gradient()
    explained: Literal["label", "predicted"] = "label"
    levels: tuple[float, ...] = Field(default=(0.05, 0.1, 0.3, 0.5), min_length=1)
    fill: Literal["mean", "background"] = "mean"
    architecture: str = "small/resnet8"
    width: int | None = 8
    stem: Stem | None = "half"
    recipe: Recipe = Recipe(epochs=10, batch_size=64, learning_rate=0.1, augment=Augment(shift_share=0, flip=False))
    repeats: int = Field(default=1, ge=1)
    images: int = Field(default=1000, ge=1)
    train_images: int | None = Field(default=None, ge=2)
    controls: bool = True
    blur: float = Field(default=0.05, gt=0, le=0.5)

    @model_validator(mode="after")
    def _can_be_trained(self) -> Self:
        if len(set(self.levels)) < len(self.levels) or any(not 0 < level <= 1 for level in self.levels):
            raise ValueError(f"levels are different shares above 0 and at most 1, got {self.levels}")
        plain(self.recipe)
        self.network(2)
        return self

    def network(self, num_classes: int) -> Network:
        """The spec of the fresh networks."""
        return Network(architecture=self.architecture, num_classes=num_classes, width=self.width, stem=self.stem)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All scores, from a map of each training and test image and two trainings a share."""
        dataset = subject.the_dataset
        splits: dict[SplitName, Split] = {"train": dataset.split("train"), "test": dataset.split("test")}
        total = len(splits["train"])
        number = min(total, self.train_images or total)
        rows: dict[SplitName, Tensor] = {
            "train": torch.arange(number) * total // number,
            "test": torch.arange(min(self.images, len(splits["test"]))),
        }
        chosen = {name: Split(split.pictures[rows[name]], split.labels[rows[name]]) for name, split in splits.items()}
        maps = {name: self._maps(subject, name, rows[name]) for name in splits}
        device = next(subject.module.parameters()).device
        fill = self.colour(chosen["train"].pictures)
        network = self.network(dataset.num_classes)

        def power(stay: Ranked, shape: bool = False) -> float:
            """Mean accuracy of fresh networks that see only these pixels, or only which they are."""
            seen = {n: _white(split.pictures) if shape else split.pictures for n, split in chosen.items()}
            colour = torch.zeros_like(fill) if shape else fill
            train, test = (Split(only(seen[n], stay[n], colour), chosen[n].labels) for n in ("train", "test"))
            found = [
                accuracy_anew(network, train, test, self.recipe, seed=repeat, device=device)
                for repeat in range(self.repeats)
            ]
            if subject.progress is not None:
                subject.progress(len(test))
            return sum(found) / len(found)

        ranked: Ranked = {name: ranks_of(each) for name, each in maps.items()}
        scores = self._scores("diff_roar", ranked, power)
        if self.controls:
            for level in self.levels:
                for side, last in (("top", False), ("bottom", True)):
                    stay = {name: kept(ranks, level, bottom=last) for name, ranks in ranked.items()}
                    scores.append(_accuracy(f"{side}_shape/{level:g}", power(stay, shape=True)))
            nothing = {name: ranks_of(random_maps(each, name)) for name, each in maps.items()}
            scores += self._scores("random", nothing, power)
            smooth = {name: ranks_of(blurred(each, self.blur)) for name, each in maps.items()}
            scores += self._scores("blurred", smooth, power)
            everything = power({name: torch.ones_like(each, dtype=torch.bool) for name, each in maps.items()})
            scores.append(_accuracy("unmasked", everything))
        pixels = maps["train"][0].numel()
        facts = {
            "train_images": number,
            "images": len(rows["test"]),
            "pixels": pixels,
            "kept": {f"{level:g}": kept_pixels(level, pixels) for level in self.levels},
            "fill": fill.tolist(),
            "repeats": self.repeats,
            "constant_maps": {n: int((each.amax((1, 2)) == each.amin((1, 2))).sum()) for n, each in maps.items()},
        }
        return Measured(tuple(scores), facts)

    def colour(self, pictures: Tensor) -> Tensor:
        """The colour of the pixels that go, `(3)` uint8."""
        if self.fill == "background":
            return torch.zeros(3, dtype=torch.uint8)
        # Sums of integers: a mean of floats would depend on the order of the images.
        sums = pictures.sum((0, 2, 3), dtype=torch.int64)
        return (sums.double() / (pictures.numel() // 3)).round().to(torch.uint8)

    def _maps(self, subject: Subject, split: SplitName, rows: Tensor) -> Tensor:
        classes = subject.logits(split)[rows].argmax(1) if self.explained == "predicted" else None
        return subject.maps(self.attribution, rows, classes, split=split)

    def _scores(self, name: str, ranked: Ranked, power: Callable[[Ranked], float]) -> list[Score]:
        """Differences by share and their mean; of the attribution itself also both accuracies."""
        own = name == "diff_roar"
        found, differences = [], []
        for level in self.levels:
            top, bottom = (
                power({split: kept(ranks, level, bottom=last) for split, ranks in ranked.items()})
                for last in (False, True)
            )
            differences.append(top - bottom)
            found.append(_difference(f"{name}/{level:g}", top - bottom, own))
            if own:
                found += [_accuracy(f"top/{level:g}", top), _accuracy(f"bottom/{level:g}", bottom)]
        return [_difference(name, sum(differences) / len(differences), own), *found]


def _white(pictures: Tensor) -> Tensor:
    return torch.full_like(pictures, 255)


def _accuracy(name: str, value: float) -> Score:
    return Score(name=name, value=value, unit="share", direction="neither", bounds=(0, 1))


def _difference(name: str, value: float, own: bool) -> Score:
    direction: Literal["higher", "neither"] = "higher" if own else "neither"
    return Score(name=name, value=value, unit="accuracy", direction=direction, bounds=(-1, 1))
