"""Transfer: does a student explain, and represent, as its teacher does?"""

from itertools import pairwise
from pathlib import Path
from typing import Annotated, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from kdissect.attribution import ATTRIBUTIONS, Attribution, GradCam
from kdissect.measures.cka import LinearCka
from kdissect.measures.each_image import EachImage, both, scores_of
from kdissect.measures.loss_gradient import spearman
from kdissect.measures.measure import EXPLAINED_AT_ONCE, Measure, Measured, Need, Subject, evaluating
from kdissect.measures.similarity_matrix import agreement as similarity_agreement
from kdissect.measures.similarity_matrix import similarity_matrix
from kdissect.models import EMBEDDING, Anatomy, Reading
from kdissect.records import Score
from kdissect.specs import one_of


@final
class Transfer(Measure):
    """How much a network agrees with a teacher.

    Hold it against a student that was never taught, and against another teacher of the same kind.

    Gives, for the class that the teacher gives the largest logit: `agreement`, cosine of the two attributions (-1 to 1;
    0 to 1 for maps that are not negative), `rank_agreement`, their rank correlation, `top_agreement`, the share that
    the tenth of the pixels with the largest values have in common (chance 0.1); `top1_agreement`, whether both say the
    same class. Over all images: `cka/LAYER`, linear CKA of the student's stages and embedding with the teacher's of
    the same place (at most 1; unbiased, so it may fall below 0); `similarity_rsa`, rank correlation of both outputs'
    mean log-probabilities, class by class within groups (-1 to 1), and `similarity_rsa/centred`, the same with each
    class's mean taken away, so that only which sibling is nearer counts, and not how sure the output is. Higher is more
    alike, which is a merit only if the teacher is right.

    Attributes:
        attribution: the method.
        images: how many test images, from the first; at least 4.

    Source: Parchami-Araghi et al. 2024, arXiv:2402.03119 (agreement); Stanton et al. 2021, arXiv:2106.05945;
        Kornblith et al. 2019, arXiv:1905.00414 (CKA); Nguyen et al. 2021, arXiv:2010.15327 (its unbiased form over
        batches).
    """

    version: ClassVar[int] = 3
    needs: ClassVar[frozenset[Need]] = frozenset({"dataset", "teacher", "arms"})
    passes: ClassVar[float] = 10
    definitions: ClassVar[dict[str, str]] = {
        **both(
            {
                "agreement": "cosine of the student's and the teacher's attribution of the teacher's class",
                "rank_agreement": "rank correlation of the two",
                "top_agreement": "share that their largest tenths have in common",
                "top1_agreement": "whether both give the same class the largest logit",
            }
        ),
        "cka/": "linear CKA with the teacher's layer of the same place",
        "similarity_rsa": "rank correlation of both outputs' mean log-probabilities within groups of classes",
        "similarity_rsa/centred": "the same, each class's mean taken away: which sibling is nearer",
    }

    attribution: Annotated[Attribution, *one_of(lambda: ATTRIBUTIONS)] = GradCam()
    images: int = Field(default=1000, ge=4)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All scores, from a map of each network for every image and one pass through both."""
        teacher = subject.the_teacher
        said = teacher.logits("test")[: self.images].argmax(1)
        own, other = (who.maps(self.attribution, self.images, said) for who in (subject, teacher))
        same = (subject.logits("test")[: self.images].argmax(1) == said).double().numpy()
        found = [
            EachImage("agreement", cosine(own, other), "cosine", "higher", (-1, 1)),
            EachImage("rank_agreement", spearman(own, other), "correlation", "higher", (-1, 1)),
            EachImage("top_agreement", top_overlap(own, other), "share", "higher"),
            EachImage("top1_agreement", same, "share", "higher"),
        ]
        right = subject.right(self.images).numpy()
        scores = [*scores_of(found, right, folder)]
        for layer, value in similarity(subject, teacher, len(said)).items():
            scores.append(Score(name=f"cka/{layer}", value=value, unit="CKA", direction="higher", bounds=(None, 1)))
        tree, labels = subject.the_dataset.class_tree, subject.the_dataset.split("test").labels
        a, b = (similarity_matrix(who.logits("test"), labels) for who in (subject, teacher))
        for name, centred in (("similarity_rsa", False), ("similarity_rsa/centred", True)):
            rsa = similarity_agreement(a, b, tree, centred=centred)
            scores.append(Score(name=name, value=rsa, unit="correlation", direction="higher", bounds=(-1, 1)))
        return Measured(tuple(scores), {"images": len(said), "right": int(right.sum())})


def cosine(a: Tensor, b: Tensor) -> NDArray[np.float64]:
    """Cosine of two maps of each image, `(b)`, -1 to 1; NaN where one is all zeros."""
    x, y = a.flatten(1).double(), b.flatten(1).double()
    size = x.norm(dim=1) * y.norm(dim=1)
    # Rounding may carry the cosine of equal maps beyond 1.
    found: NDArray[np.float64] = torch.where(size > 0, ((x * y).sum(1) / size).clamp(-1, 1), torch.nan).numpy()
    return found


def top_overlap(a: Tensor, b: Tensor, share: float = 0.1) -> NDArray[np.float64]:
    """Share that the pixels with the largest values of two maps have in common, `(b)`; NaN where a map is constant."""
    x, y = a.flatten(1), b.flatten(1)
    num = max(1, round(share * x.shape[1]))
    marks = [torch.zeros_like(each, dtype=torch.bool).scatter_(1, each.topk(num, 1).indices, True) for each in (x, y)]
    known = (x.amax(1) > x.amin(1)) & (y.amax(1) > y.amin(1))
    found: NDArray[np.float64] = torch.where(known, (marks[0] & marks[1]).sum(1).double() / num, torch.nan).numpy()
    return found


def similarity(subject: Subject, teacher: Subject, count: int) -> dict[str, float | None]:
    """Linear CKA of stages, paired from the last backwards, and of the embeddings; by the student's layer.

    Over batches of at most 64 images in the data set's order, always the same ones: the estimate is unbiased whatever
    they are, and another order would give another one.
    """
    readings, layers = [], []
    for who in (subject, teacher):
        with torch.no_grad():
            anatomy = Anatomy.of(who.module, who.images(slice(0, 2)))
        layers.append([*anatomy.stages, *([EMBEDDING] if anatomy.classifier is not None else [])])
        readings.append((who.module, anatomy))
    pairs = list(zip(reversed(layers[0]), reversed(layers[1]), strict=False))[::-1]
    pairs = [(a, b) for a, b in pairs if (a == EMBEDDING) == (b == EMBEDDING)]
    found = {a: LinearCka() for a, _ in pairs}
    chosen = [list(side) for side in zip(*pairs, strict=True)]
    read = [Reading(module, wanted, anatomy) for (module, anatomy), wanted in zip(readings, chosen, strict=True)]
    try:
        with evaluating(subject.module, teacher.module):
            # Batches of nearly one size: the estimator is not defined for fewer than four images, and none is left out.
            number = -(-count // EXPLAINED_AT_ONCE)
            ends = [count * k // number for k in range(number + 1)]
            for rows in (slice(*pair) for pair in pairwise(ends)):
                _, mine = read[0](subject.images(rows))
                _, theirs = read[1](teacher.images(rows))
                for a, b in pairs:
                    found[a].add(mine[a].flatten(1).cpu(), theirs[b].flatten(1).cpu())
    finally:
        for each in read:
            each.release()
    return {layer: each.value() for layer, each in found.items()}
