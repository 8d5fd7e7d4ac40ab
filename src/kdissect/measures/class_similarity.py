"""Class-similarity entropy: how the output spreads over the classes of the image's coarse group."""

import math
from pathlib import Path
from typing import ClassVar, cast, final

import torch
from pydantic import Field
from torch import Tensor

from kdissect.data.class_tree import ClassTree
from kdissect.errors import ShapeError
from kdissect.measures.measure import Measure, Measured, Need, Subject
from kdissect.measures.similarity_matrix import agreement_with_tree, similarity_matrix
from kdissect.records import Score
from kdissect.types import Labels, Logits, check


@final
class ClassSimilarity(Measure):
    """Entropy of the output distribution within the coarse group of the image's class.

    For an image of group C, q(k) = p(k) / sum of p over C, for k in C; its entropy is -sum q ln q.
    Scores are means over the images of a group, then over groups of at least two classes. The paper
    reads a higher entropy as more class-similarity information.

    Gives: `entropy` (nats, 0 to ln of the largest group; the definition above at T = 1) and its variants,
    since the paper does not say which it prints:

    - `entropy/bits`; `entropy/soft` at `temperature`;
    - `entropy/partial`: -sum p ln p over the group, without renormalising;
    - `entropy/class_mean`, `entropy/group_mean`: of the mean of q over the images of a class, of a group;
    - `entropy/correct`: over correctly classified images only;
    - `entropy/matched`: after dividing the logits by `matched_temperature`, at which the mean entropy of
      the whole output is `matched_share` of ln k, the same for every network.

    `tree_rsa` (-1 to 1, higher is better): rank correlation of the matrix of mean log-probabilities, class by class,
    with the class tree; how far the output takes classes of one group for more similar than others.

    The facts hold `variants`, every combination of temperature, distribution (of each image, or the mean over the
    images of a class or a group) and renormalisation, in nats and in bits.

    And the confounders: `group_accuracy` (share of images whose largest logit lies in their group),
    `group_mass` (probability in the group), `matched_temperature`. An arm that is only less confident
    has a higher `entropy`, and not a higher `entropy/matched`.

    Attributes:
        temperature: of `entropy/soft`.
        matched_share: entropy of the whole output, as a share of ln k, that `entropy/matched` brings all
            networks to; 0 to 1, exclusive.

    Source: Han et al. 2023, section on class similarity; Müller et al. 2019, arXiv:1906.02629, on what
        label smoothing erases.
    Departs: the controls are ours.
    """

    version: ClassVar[int] = 2
    needs: ClassVar[frozenset[Need]] = frozenset({"dataset"})
    passes: ClassVar[float] = 1.5
    definitions: ClassVar[dict[str, str]] = {
        "entropy": "entropy of the output within the image's coarse group, mean over images, then over groups",
        "entropy/bits": "the same in bits",
        "entropy/soft": "the same at the measure's temperature",
        "entropy/partial": "the same without renormalising within the group",
        "entropy/class_mean": "entropy of the mean output of each class",
        "entropy/group_mean": "entropy of the mean output of each group",
        "entropy/correct": "over correctly classified images only",
        "entropy/matched": "at a temperature that gives every network the same mean entropy of the whole output",
        "tree_rsa": "rank correlation of mean log-probabilities, class by class, with the class tree",
        "group_accuracy": "share of images whose largest logit lies in their group",
        "group_mass": "probability within the image's group",
        "matched_temperature": "the temperature of the matched entropy",
    }

    temperature: float = Field(default=4.0, gt=0)
    matched_share: float = Field(default=0.25, gt=0, lt=1)

    def run(self, subject: Subject, folder: Path) -> Measured:
        """All variants and controls, from one pass over the test split."""
        dataset = subject.the_dataset
        logits, labels = subject.logits("test"), dataset.split("test").labels
        facts = {"variants": self.variants(logits, labels, dataset.class_tree)}
        return Measured(self.scores(logits, labels, dataset.class_tree), facts)

    def variants(self, logits: Tensor, labels: Tensor, tree: ClassTree) -> dict[str, dict[str, float]]:
        """The entropy in every reading of the paper's words, in `nats` and `bits`, means over groups.

        Args:
            logits: `(b k)`.
            labels: `(b)`.
            tree: the groups; those of a single class, or without images, are left out.
        """
        group_of = torch.from_numpy(tree.group_of)
        groups = group_of[labels]
        inside = group_of[None, :] == groups[:, None]
        sizes = torch.bincount(group_of)
        counted = [group for group in torch.unique(groups).tolist() if sizes[group] >= 2]
        found: dict[str, dict[str, float]] = {}
        if not counted:
            return found
        for t in dict.fromkeys((1.0, self.temperature)):
            soft = logits.double() / t
            for scaled in (True, False):
                rows = within_group(soft, inside) if scaled else torch.softmax(soft, 1) * inside
                of_image, of_class, of_group = [], [], []
                for group in counted:
                    own = rows[groups == group]
                    classes = labels[groups == group]
                    of_image.append(entropy(own).mean())
                    of_class.append(
                        torch.stack([entropy(own[classes == k].mean(0)) for k in torch.unique(classes)]).mean()
                    )
                    of_group.append(entropy(own.mean(0)))
                for level, each in (("image", of_image), ("class mean", of_class), ("group mean", of_group)):
                    value = float(torch.stack(each).mean())
                    name = f"T = {t:g}, {level}, {'renormalised' if scaled else 'partial'}"
                    found[name] = {"nats": value, "bits": value / math.log(2)}
        return found

    def scores(self, logits: Tensor, labels: Tensor, tree: ClassTree) -> tuple[Score, ...]:
        """The scores of given logits `(b k)` and labels `(b)`.

        Raises:
            ShapeError: the logits are not of the tree's classes, or there are not as many labels.
        """
        check(logits=(logits, Logits), labels=(labels, Labels))
        if logits.shape[1] != len(tree.classes) or not len(labels):
            raise ShapeError(f"logits must be (b {len(tree.classes)}) for this class tree, got {tuple(logits.shape)}")
        logits = logits.double()
        group_of = torch.from_numpy(tree.group_of)
        sizes = torch.bincount(group_of, minlength=len(tree.groups))
        groups = group_of[labels]
        inside = group_of[None, :] == groups[:, None]  # (b k)
        counted = [group for group in torch.unique(groups).tolist() if sizes[group] >= 2]

        def macro(per_image: Tensor, chosen: Tensor | None = None) -> float | None:
            kept = torch.ones_like(groups, dtype=torch.bool) if chosen is None else chosen
            means = [
                per_image[kept & (groups == group)].mean() for group in counted if (kept & (groups == group)).any()
            ]
            return float(torch.stack(means).mean()) if means else None

        q = within_group(logits, inside)
        h = entropy(q)
        p = torch.softmax(logits, dim=1)
        correct = logits.argmax(1) == labels
        matched = match_temperature(logits, self.matched_share * math.log(logits.shape[1]))
        classes = [[(labels == k).nonzero()[:, 0] for k in range(len(group_of)) if group_of[k] == g] for g in counted]
        of_class = [torch.stack([entropy(q[rows].mean(0)) for rows in own if len(rows)]).mean() for own in classes]
        of_group = [entropy(q[groups == group].mean(0)) for group in counted]
        top = math.log(max((int(size) for size in sizes), default=1))

        def nats(name: str, value: float | None) -> Score:
            return Score(name=name, value=value, unit="nats", direction="higher", bounds=(0, top))

        return (
            nats("entropy", macro(h)),
            Score(
                name="entropy/bits",
                value=None if not counted else float(macro(h) or 0.0) / math.log(2),
                unit="bits",
                direction="higher",
                bounds=(0, top / math.log(2)),
            ),
            nats("entropy/soft", macro(entropy(within_group(logits / self.temperature, inside)))),
            Score(
                name="entropy/partial",
                value=macro(entropy(p * inside)),
                unit="nats",
                direction="higher",
                bounds=(0, None),
            ),
            nats("entropy/class_mean", float(torch.stack(of_class).mean()) if of_class else None),
            nats("entropy/group_mean", float(torch.stack(of_group).mean()) if of_group else None),
            nats("entropy/correct", macro(h, correct)),
            nats("entropy/matched", macro(entropy(within_group(logits / matched, inside)))),
            Score(
                name="tree_rsa",
                value=agreement_with_tree(similarity_matrix(logits, labels), tree),
                unit="correlation",
                direction="higher",
                bounds=(-1, 1),
            ),
            Score(
                name="group_accuracy",
                value=macro((group_of[logits.argmax(1)] == groups).double()),
                unit="share",
                direction="higher",
                bounds=(0, 1),
            ),
            Score(name="group_mass", value=macro((p * inside).sum(1)), unit="share", bounds=(0, 1)),
            Score(name="matched_temperature", value=matched, unit="factor", bounds=(0, None)),
        )


def within_group(logits: Tensor, inside: Tensor) -> Tensor:
    """Softmax over the classes that `inside` marks, 0 elsewhere; `(b k)`."""
    return torch.softmax(logits.masked_fill(~inside, -torch.inf), dim=1)


def entropy(p: Tensor) -> Tensor:
    """-sum p ln p over the last axis, in nats; 0 ln 0 is 0."""
    return cast(Tensor, torch.special.entr(p).sum(-1))


def match_temperature(logits: Tensor, target: float) -> float:
    """The temperature at which the mean entropy of the softmax is `target` nats.

    The entropy rises with the temperature, from 0 (no ties) to ln k; found by bisection to 1e-9 relative.
    """
    low, high = 1e-4, 1e4
    for _ in range(80):
        middle = math.sqrt(low * high)
        if float(entropy(torch.softmax(logits / middle, dim=1)).mean()) < target:
            low = middle
        else:
            high = middle
    return math.sqrt(low * high)
