"""Loss gradients: does what would change the loss lie on the object?"""

from pathlib import Path
from typing import ClassVar, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from kdissect.measures.against_masks import auroc, energy
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.measure import EXPLAINED_AT_ONCE, Measure, Measured, Need, Subject
from kdissect.measures.shown import keep_shown


@final
class LossGradient(Measure):
    """Where and how the gradient g of the training loss, taken by the input, looks like the image.

    Gives, for g of the cross entropy at the label: `mask_energy` and `mask_auroc` of |g| (summed over channels) against
    the object's mask, if the data set has masks (0 to 1, higher is better); `alignment`, |<x, g>| / (|x| |g|) (0 to 1,
    higher is better); `roughness`, total variation of |g| scaled to sum 1 (0 to 4, lower is better); `edges`, Spearman
    correlation of |g| with the image's Sobel magnitude, a control (-1 to 1): an edge detector has it high and explains
    nothing. `margin_energy` and `margin_auroc` are of the gradient of the logit's margin over the next one. All are
    free of the gradient's size, which shrinks with confidence. Keeps the gradients of some images, for pictures.

    Attributes:
        images: how many test images, from the first.

    Source: Tsipras et al. 2019, arXiv:1805.12152, Fig. 2; Etmann et al. 2019, arXiv:1905.04172; Han et al. 2023 show
        pictures only.
    Departs: the numbers are ours, but for the alignment, which Etmann et al. do not divide by |x|.
    """

    version: ClassVar[int] = 3
    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "arms"})
    passes: ClassVar[float] = 8
    definitions: ClassVar[dict[str, str]] = both(
        {
            "mask_energy": "share of the loss gradient on the object",
            "mask_auroc": "AUROC of the loss gradient as a search for the object's pixels",
            "alignment": "|cosine| of image and loss gradient",
            "roughness": "total variation of the loss gradient's size, scaled to sum 1",
            "edges": "rank correlation of the loss gradient with the image's edges; a control, no merit",
            "margin_energy": "share of the gradient of the logit's margin on the object",
            "margin_auroc": "AUROC of the gradient of the logit's margin as a search for the object's pixels",
        }
    )

    images: int = Field(default=1000, ge=1)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All scores, from two gradients an image."""
        labels = subject.labels(self.images)
        device = next(subject.module.parameters()).device
        of_loss, of_margin, aligned, edges = [], [], [], []
        for first in range(0, len(labels), EXPLAINED_AT_ONCE):
            rows = slice(first, min(first + EXPLAINED_AT_ONCE, len(labels)))
            images, own = subject.images(rows), labels[rows].to(device)
            loss, margin = gradients(subject.module, images, own)
            of_loss.append(loss.abs().sum(1).cpu())
            of_margin.append(margin.abs().sum(1).cpu())
            aligned.append(alignment(images, loss).cpu())
            edges.append(sobel(images).cpu())
            if subject.progress is not None:
                subject.progress(len(own))
        maps, margins = torch.cat(of_loss), torch.cat(of_margin)
        found = [
            EachImage("alignment", torch.cat(aligned).double().numpy(), "cosine", "higher"),
            EachImage("roughness", roughness(maps), "total variation", "lower", (0, 4)),
            EachImage("edges", spearman(maps, torch.cat(edges)), "correlation", "neither", (-1, 1)),
        ]
        if subject.the_dataset.has_objects:
            masks = subject.objects(self.images)
            found += [
                EachImage("mask_energy", energy(maps, masks), direction="higher"),
                EachImage("mask_auroc", auroc(maps, masks), direction="higher"),
                EachImage("margin_energy", energy(margins, masks), direction="higher"),
                EachImage("margin_auroc", auroc(margins, masks), direction="higher"),
            ]
        keep_shown(folder, subject, maps)
        right = subject.right(self.images).numpy()
        facts = {
            "images": len(maps),
            "right": int(right.sum()),
            "zero_maps": int((maps == 0).flatten(1).all(1).sum()),
            "shown": "magnitude",
            "shown_what": "loss gradients",
        }
        return Measured(scores_of(found, right, folder), facts)


def gradients(network: nn.Module, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients by the input of the cross entropy, and of the logit's margin over the largest other; `(b c h w)` each.

    Summed over the batch, so that an image's gradient does not depend on the others. The network runs in eval mode
    and is left as it was.
    """
    training = network.training
    network.eval()
    try:
        with torch.enable_grad():
            images = images.detach().requires_grad_()
            logits = network(images)
            chosen = F.one_hot(labels, logits.shape[1]).bool()
            others = logits.masked_fill(chosen, -torch.inf)
            margin = logits[chosen] - others.amax(1)
            # The cross entropy, written so that a sure network's gradient does not vanish: p - 1 would round to 0.
            loss = F.softplus(others.logsumexp(1) - logits[chosen])
            (of_loss,) = torch.autograd.grad(loss.sum(), images, retain_graph=True)
            (of_margin,) = torch.autograd.grad(margin.sum(), images)
    finally:
        network.train(training)
    return of_loss, of_margin


def alignment(images: Tensor, slopes: Tensor) -> Tensor:
    """|<x, g>| / (|x| |g|), `(b)`, 0 to 1; NaN for a gradient of zeros."""
    x, g = images.flatten(1).double(), slopes.flatten(1).double()
    found: Tensor = (x * g).sum(1).abs() / (x.norm(dim=1) * g.norm(dim=1))
    return found


def roughness(maps: Tensor) -> NDArray[np.float64]:
    """Total variation of a map `(b h w)` scaled to sum 1 of its sizes; `(b)`, 0 (constant) to 4; NaN for zeros."""
    sizes = maps.abs().double()
    total = sizes.sum((1, 2))
    variation = sizes.diff(dim=1).abs().sum((1, 2)) + sizes.diff(dim=2).abs().sum((1, 2))
    return torch.where(total > 0, variation / total, torch.nan).numpy()


def sobel(images: Tensor) -> Tensor:
    """Size of the Sobel gradient, summed over channels; `(b h w)`."""
    kernel = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]], device=images.device, dtype=images.dtype)
    planes = F.pad(images.detach().flatten(0, 1)[:, None], (1, 1, 1, 1), mode="replicate")
    across, down = F.conv2d(planes, kernel[None, None]), F.conv2d(planes, kernel.T[None, None])
    return torch.hypot(across, down)[:, 0].reshape(images.shape).sum(1)


def spearman(a: Tensor, b: Tensor) -> NDArray[np.float64]:
    """Rank correlation of two maps of each image, `(b)`, -1 to 1; NaN where one is constant."""
    from scipy.stats import rankdata

    x, y = (rankdata(maps.flatten(1).double().numpy(), axis=1) for maps in (a, b))
    x, y = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    size = np.sqrt((x * x).sum(1) * (y * y).sum(1))
    found: NDArray[np.float64] = np.divide((x * y).sum(1), size, out=np.full(len(size), np.nan), where=size > 0)
    return found
