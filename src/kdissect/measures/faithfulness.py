"""Faithfulness: do the pixels that an explanation names decide the output?"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from kdissect.attribution import ATTRIBUTIONS, Attribution, InputGradient
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.impute import impute
from kdissect.measures.measure import EXPLAINED_AT_ONCE, Measure, Measured, Need, Subject, evaluating
from kdissect.seeds import torch_generator, uniform
from kdissect.specs import one_of

Values = NDArray[np.float64]


@final
class Faithfulness(Measure):
    """What happens to the output when pixels are taken away in the order of an attribution.

    Gives, for the probability of the label: `deletion`, area under its curve while the pixels of largest attribution
    are set to the mean colour first (lower is better), `insertion`, while they come back first (higher is better), both
    scaled so that the image is 1 and the empty image 0 (else a surer network would win), and `gap`, insertion minus
    deletion (chance 0); images that are not 0.1 above the empty one are left out of the three. `road`: mean over
    `shares` of the probability after taking away the least important share minus that after the most important, with
    pixels filled in from their neighbours (-1 to 1, higher is better, chance 0). `infidelity`: mean squared
    difference between what squares of the map say and what the logit loses without them, after the best scaling of the
    map (0 and above, lower is better), and `explained`, the share of the logit's squared loss that the map explains
    (0 to 1, higher is better, free of the logit's scale).

    Attributes:
        attribution: the method; the label is explained, in every arm. Infidelity needs one that is signed and sums to
            a difference of logits, such as `InputGradient` and `IntegratedGradients`.
        images: how many test images, from the first.
        steps: points of the curves after the first.
        shares: of the pixels taken away for `road`; 0 to 1.
        squares: random squares of an image for `infidelity`, a quarter of its side each.

    Source: Petsiuk et al. 2018, arXiv:1806.07421 (curves); Rong et al. 2022, arXiv:2202.00449 (ROAD); Yeh et al. 2019,
        arXiv:1901.09392 (infidelity, equal to Captum's with `normalize=True` for the same squares, tested).
    Departs: curves are scaled by their ends. ROAD is of the probability, not of the accuracy, and adds no noise, so
        that the same image gives the same number.
    """

    version: ClassVar[int] = 2
    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "arms"})
    passes: ClassVar[float] = 35
    definitions: ClassVar[dict[str, str]] = both(
        {
            "deletion": "area under the scaled probability while the most important pixels go first",
            "insertion": "area under the scaled probability while the most important pixels come first",
            "gap": "insertion minus deletion",
            "road": "probability without the least important pixels minus that without the most important",
            "infidelity": "squared difference between what the map says of random squares and what the logit loses",
            "explained": "share of the logit's squared loss without random squares that the map explains",
        }
    )

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = InputGradient()
    images: int = Field(default=1000, ge=1)
    steps: int = Field(default=8, ge=2)
    shares: tuple[float, ...] = Field(default=(0.2, 0.5), min_length=1)
    squares: int = Field(default=8, ge=2)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All scores."""
        maps = subject.maps(self.attribution, self.images)
        labels = subject.labels(self.images)
        device = next(subject.module.parameters()).device
        parts: list[list[Tensor]] = []
        for first in range(0, len(labels), EXPLAINED_AT_ONCE):
            rows = slice(first, min(first + EXPLAINED_AT_ONCE, len(labels)))
            images, own, ranks = subject.images(rows), labels[rows].to(device), order(maps[rows]).to(device)
            with evaluating(subject.module):
                ask = _asker(subject, own)
                deletion, insertion = curves(ask, images, ranks, self.steps)
                road = road_of(ask, images, ranks, self.shares)
                infidelity, explained = infidelity_of(
                    lambda changed, own=own: subject.module(changed).gather(1, own[:, None])[:, 0],  # type: ignore[misc]
                    images,
                    maps[rows].to(device),
                    self.squares,
                )
            parts.append([each.double().cpu() for each in (deletion, insertion, road, infidelity, explained)])
            if subject.progress is not None:
                subject.progress(len(own))
        falls, rises, roads, wrongs, shares = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
        found = [
            EachImage("deletion", falls, "share", "lower", (None, None)),
            EachImage("insertion", rises, "share", "higher", (None, None)),
            EachImage("gap", rises - falls, "share", "higher", (None, None)),
            EachImage("road", roads, "share", "higher", (-1, 1)),
            EachImage("infidelity", wrongs, "squared logits", "lower", (0, None)),
            EachImage("explained", shares, "share", "higher"),
        ]
        right = subject.right(self.images).numpy()
        facts = {"images": len(maps), "right": int(right.sum()), "undecided_ends": int(np.isnan(falls).sum())}
        return Measured(scores_of(found, right, folder), facts)


def order(maps: Tensor) -> Tensor:
    """Rank of every pixel of `(b h w)` maps, 0 for the largest, `(b h w)` int64; ties are drawn, always alike."""
    flat = maps.flatten(1)
    draws = torch.from_numpy(uniform(0, "order", 0, np.zeros(1, np.int64), flat.shape[1]))[0]
    first = draws.argsort()
    places = first[flat[:, first].argsort(stable=True, dim=1, descending=True)]
    ranks = torch.empty_like(places)
    ranks.scatter_(1, places, torch.arange(flat.shape[1]).expand_as(places))
    return ranks.view_as(maps)


def curves(ask: Callable[[Tensor], Tensor], images: Tensor, ranks: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Areas under the deletion and the insertion curve, `(b)` each, by the trapezoid rule, scaled by their ends.

    Args:
        ask: gives the value of images `(b c h w)`, `(b)`.
        images: normalised; 0 is the mean colour.
        ranks: as `order` gives them.
        steps: points after the first.
    """
    pixels = ranks[0].numel()
    full, empty = ask(images), ask(torch.zeros_like(images))
    deleted, inserted = [full], [empty]
    for step in range(1, steps):
        first = (ranks < round(step / steps * pixels))[:, None]
        deleted.append(ask(images * ~first))
        inserted.append(ask(images * first))
    deleted.append(empty)
    inserted.append(full)
    ends = full - empty
    # Where the image gives the label no more than the empty one does, there is nothing to take away.
    scale = torch.where(ends >= 0.1, ends, torch.nan)
    found = []
    for curve in (deleted, inserted):
        stacked = torch.stack(curve)
        found.append((((stacked[1:] + stacked[:-1]) / 2).mean(0) - empty) / scale)
    return found[0], found[1]


def road_of(ask: Callable[[Tensor], Tensor], images: Tensor, ranks: Tensor, shares: tuple[float, ...]) -> Tensor:
    """Value without the least important pixels minus that without the most important, mean over shares, `(b)`."""
    pixels = ranks[0].numel()
    found = []
    for share in shares:
        num = round(share * pixels)
        least, most = impute(images, ranks >= pixels - num), impute(images, ranks < num)
        found.append(ask(least) - ask(most))
    return torch.stack(found).mean(0)


def infidelity_of(ask: Callable[[Tensor], Tensor], images: Tensor, maps: Tensor, squares: int) -> tuple[Tensor, Tensor]:
    """Infidelity of the best scaled map, and the share of the squared change that it explains, `(b)` each.

    For each of random squares, the same for all images: what the map sums to in it, and what the value loses when it is
    set to the mean colour.
    """
    height, width = maps.shape[1:]
    side_y, side_x = max(1, height // 4), max(1, width // 4)
    draws = torch.rand(squares, 2, generator=torch_generator(0, "infidelity"))
    base = ask(images).double()
    said, lost = [], []
    for down, across in draws.tolist():
        top, left = int(down * (height - side_y + 1)), int(across * (width - side_x + 1))
        inside = torch.zeros(height, width, dtype=torch.bool, device=images.device)
        inside[top : top + side_y, left : left + side_x] = True
        said.append((maps * inside).double().sum((1, 2)))
        lost.append(base - ask(images * ~inside).double())
    a, d = torch.stack(said), torch.stack(lost)
    power = (a * a).sum(0)
    factor = torch.where(power > 0, (a * d).sum(0) / power, 0.0)
    wrong = ((factor * a - d) ** 2).mean(0)
    change = (d * d).mean(0)
    return wrong, torch.where(change > 0, 1 - wrong / change, torch.nan)


def _asker(subject: Subject, labels: Tensor) -> Callable[[Tensor], Tensor]:
    def ask(images: Tensor) -> Tensor:
        p: Tensor = subject.module(images).double().softmax(1).gather(1, labels[:, None])[:, 0]
        return p

    return ask
