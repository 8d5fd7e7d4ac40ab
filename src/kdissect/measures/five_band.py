"""Five-band scores: does an attribution name the part that tells the class, and how strongly?"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from kdissect.attribution import ATTRIBUTIONS, Attribution, Gradient
from kdissect.errors import ShapeError
from kdissect.measures.bands import (
    CHANNELS,
    DEFAULT,
    HARD,
    SCORES,
    V1,
    V1_CLAMP,
    V2,
    Bands,
    corrected,
    published,
    scaled,
    tables,
    truth_of,
)
from kdissect.measures.each_image import EachImage, scores_of
from kdissect.measures.measure import EXPLAINED_AT_ONCE, Measure, Measured, Need, Subject
from kdissect.seeds import uniform
from kdissect.specs import one_of

Tables = dict[str, NDArray[np.int64]]
UNCLIPPED = {"v1": V1, "v2": V2, "corrected": DEFAULT, "hard": HARD}
BASELINES = ("zeros", "constant", "noise", "object", "perfect")
_SETTINGS = (
    "v1, v1_clamp and v2 are the published schedules of thresholds, mean over their steps (best: at the step where the "
    "image's pixel accuracy is highest), mean over images; corrected counts pixels in the wrong band as missed, with "
    "the published class's own schedule, mean over the classes with an object; of the images that every arm classifies "
    "correctly, or of all"
)


@final
class FiveBand(Measure):
    """Attribution in five bands against the truth: nothing, the object, the part that tells its class.

    A map is scaled to -1..1 and cut by two thresholds on each side into bands -2 to 2; the truth has band 2 on the
    telling part, 1 on the rest of the object, 0 elsewhere.

    Gives, for each setting (`v1`, `v1_clamp`, `v2`, their `/best`, and `corrected`): `pixel_accuracy`, `precision`,
    `recall` (0 to 1, higher is better) and `fpr` (lower is better), over the images that every arm gets right and
    (`/all`) over all. As published (`bands.published`), the numbers reward silence: a map of zeros has a pixel accuracy
    equal to the background's share, a perfect map a precision far below 1 with `v1`, and an empty image precision and
    recall 0. `corrected` (`bands.corrected`) has none of this: a perfect map has 1, 1, 1 and 0; a map of zeros has
    pixel accuracy 1/3; images without an object are left out, and classes count alike. The facts have the same numbers
    for five maps that know nothing of the network (`baselines`) and the pixels of each true band by the band that the
    map gives them (`confusion`). Read a score beside its baselines, and beside `Localisation`, which has no threshold.

    Attributes:
        attribution: the method. `Gradient` is what the published code calls Saliency: the gradient's size, summed over
            channels.
        explained: the label, the same in every arm, or the class that the network predicts, as published.
        images: how many test images, from the first.

    Source: Tjoa & Guan 2020, arXiv:2009.02899, and their code (`xai_basic`, v1 and v2); used by Han et al. 2023.
    Departs: thresholds are start minus k times delta, not k subtractions; `v1_clamp` clips the summed map to
        -0.3..0.3, since attributions are summed here (each of three channels to -0.1..0.1 there); a map whose channels
        cancel counts as one of zeros, where theirs stops; `corrected` is ours.
    """

    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "objects", "features", "arms"})
    passes: ClassVar[float] = 6
    definitions: ClassVar[dict[str, str]] = {
        "pixel_accuracy/": f"share of pixels in the right one of five bands (corrected: mean over bands); {_SETTINGS}",
        "precision/": f"share in the right band of the pixels that the map names; {_SETTINGS}",
        "recall/": f"share in the right band of the object's pixels (published: wrong bands left out); {_SETTINGS}",
        "fpr/": f"share named of the pixels that are no object (published: with wrong bands); {_SETTINGS}",
    }

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = Gradient()
    explained: Literal["label", "predicted"] = "label"
    images: int = Field(default=500, ge=1)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All scores of the network's maps, and of the baselines."""
        objects = subject.objects(self.images)
        features = subject.features(self.images)
        truth = truth_of(objects, features)
        labels = subject.labels(self.images).numpy()
        predicted = subject.logits("test")[: self.images].argmax(1) if self.explained == "predicted" else None
        maps = subject.maps(self.attribution, self.images, predicted)
        found = in_parts(lambda rows: maps[rows], truth)
        right = subject.right(self.images).numpy()
        facts: dict[str, Any] = {
            "images": len(maps),
            "right": int(right.sum()),
            "without_object": int((truth == 0).all((1, 2)).sum()),
            "zero_maps": int((maps == 0).flatten(1).all(1).sum()),
            "confusion": confusion(found["hard"]),
            "baselines": {name: baseline_numbers(name, truth, labels) for name in BASELINES},
        }
        return Measured(scores_of(numbers(found, labels), right, folder), facts)


def tables_of(maps: Tensor, truth: Bands) -> Tables:
    """Tables of bands `(b s 5 5)` of every setting, from maps `(b h w)` or `(b c h w)`.

    Raises:
        ShapeError: maps and truth are not of one size.
        DivergedError: a map has a value that is not finite.
    """
    schedules = [schedule.thresholds for schedule in UNCLIPPED.values()]
    found = tables(scaled(maps), truth, np.concatenate(schedules))
    parts = np.split(found, np.cumsum([len(one) for one in schedules])[:-1], axis=1)
    clipped = tables(scaled(maps, V1_CLAMP.clip), truth, V1_CLAMP.thresholds)
    return {**dict(zip(UNCLIPPED, parts, strict=True)), "v1_clamp": clipped}


def in_parts(maps: Callable[[slice], Tensor], truth: Bands) -> Tables:
    """Tables of maps that are made for some images at a time, as all of them in float64 may not fit in memory."""
    parts = []
    for first in range(0, len(truth), EXPLAINED_AT_ONCE):
        rows = slice(first, min(first + EXPLAINED_AT_ONCE, len(truth)))
        parts.append(tables_of(maps(rows), truth[rows]))
    return {setting: np.concatenate([part[setting] for part in parts]) for setting in parts[0]}


def baseline_numbers(name: str, truth: Bands, labels: NDArray[np.int64]) -> dict[str, float | None]:
    """The scores over all images of a map that knows nothing of a network."""
    found = numbers(in_parts(partial(baseline, name, truth), truth), labels)
    return {each.name: each.mean(np.ones(len(labels), np.bool_)) for each in found}


def baseline(name: str, truth: Bands, rows: slice) -> Tensor:
    """Maps `(b h w)`, or `(b c h w)` of the noise, to hold a network's against.

    Args:
        name: `zeros`; `constant` 1; `noise`, |Gaussian| in each channel; `object`, 1 on it;
            `perfect`, the values 0.4 and 0.9 of the published truth.
        truth: `(b h w)`, bands.
        rows: which of the images; each has its own noise.
    """
    from scipy.special import ndtri

    places = np.arange(len(truth), dtype=np.int64)[rows]
    truth = truth[rows]
    if name == "noise":
        draws = uniform(0, "five-band noise", 0, places, CHANNELS * truth[0].size)
        sizes = np.abs(ndtri(np.maximum(draws, 2.0**-54)))
        return torch.from_numpy(sizes.reshape(len(truth), CHANNELS, *truth.shape[1:]))
    if name == "perfect":
        return torch.from_numpy(np.array([0, 0.4, 0.9])[truth])
    values = {"zeros": np.zeros_like(truth), "constant": np.ones_like(truth), "object": truth > 0}[name]
    return torch.from_numpy(values.astype(np.float64))


def numbers(found: Tables, labels: NDArray[np.int64]) -> list[EachImage]:
    """The scores of each image, from its tables.

    Raises:
        ShapeError: there are not as many labels as images.
    """
    made: list[EachImage] = []
    if len(labels) != len(found["corrected"]):
        raise ShapeError(f"expected a label for each of {len(found['corrected'])} images, got {len(labels)}")
    ours = corrected(found["corrected"])
    made += [_number(f"{name}/corrected", ours[name].mean(1), labels) for name in SCORES]
    for setting in ("v1", "v1_clamp", "v2"):
        theirs = published(found[setting])
        best = theirs["pixel_accuracy"].argmax(1)
        made += [_number(f"{name}/{setting}", theirs[name].mean(1)) for name in SCORES]
        made += [_number(f"{name}/{setting}/best", theirs[name][np.arange(len(best)), best]) for name in SCORES]
    return made


def confusion(table: NDArray[np.int64]) -> dict[str, dict[str, float]]:
    """Of the pixels of each true band, the shares that a map puts into each, at the thresholds of the truth.

    Args:
        table: `(b 1 5 5)`.
    """
    total = table.sum((0, 1))
    found = {}
    for row, true in ((2, "background"), (3, "object"), (4, "feature")):
        pixels = max(1, int(total[row].sum()))
        against, nothing, weak, strong = total[row, :2].sum(), total[row, 2], total[row, 3], total[row, 4]
        counts = {"against": against, "background": nothing, "object": weak, "feature": strong}
        found[true] = {name: float(count / pixels) for name, count in counts.items()}
    return found


def _number(name: str, values: NDArray[np.float64], groups: NDArray[np.int64] | None = None) -> EachImage:
    return EachImage(name, values, direction="lower" if name.startswith("fpr") else "higher", groups=groups)
