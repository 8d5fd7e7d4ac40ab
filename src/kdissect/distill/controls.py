"""Causal controls: a teacher whose logits say something else than similarity.

The paper credits the similarity of classes in the teacher's logits. A control leaves something of the teacher (its
confidence, its entropy, its groups) and takes something away; what a student loses by it was due to that.
"""

from abc import ABC, abstractmethod
from typing import Any, Literal, final

import numpy as np
import torch
from torch import Tensor, nn

from kdissect.errors import SpecError
from kdissect.seeds import numpy_generator
from kdissect.specs import Plugin
from kdissect.training import Pair


class Control(Plugin, ABC):
    """A change of the teacher's logits, by label. Abstract."""

    @property
    @abstractmethod
    def formula(self) -> str:
        """What it does, in few words."""

    @abstractmethod
    def bind(self, pair: Pair) -> nn.Module:
        """A module that takes logits `(b k)`, labels `(b)` and a temperature, and gives logits `(b k)`.

        Raises:
            SpecError: the pair lacks something that the control needs.
        """


@final
class Permuted(Control):
    """A fixed permutation of the non-target classes for each target class: wrong similarities.

    Each image keeps the probability of its label, and the others are the same numbers at other classes, so the
    confidence in the label and the entropy stay exactly, at every temperature.

    Attributes:
        classes: `all`: any permutation in which no class stays where it is; `within`: only among the non-target classes
            of the same coarse group, so that groups keep their mass; `across`: each class goes to another group
            as far as sizes allow, so that the target's siblings lose their mass.
        seed: of the permutations.

    Source: kdissect; after the permutation test for the cause in Yuan et al. 2020 (arXiv:1909.11723), where classes
        are not permuted but the teacher is weakened.
    """

    classes: Literal["all", "within", "across"] = "all"
    seed: int = 0

    @property
    def formula(self) -> str:
        """For example `teacher permuted within groups`."""
        return "teacher permuted" + ("" if self.classes == "all" else f" {self.classes} groups")

    def bind(self, pair: Pair) -> nn.Module:
        """The permutations, one row a target class."""
        if self.classes != "all" and pair.groups is None:
            raise SpecError(f"Permuted(classes={self.classes!r}) needs a class tree; the data set has none")
        if pair.num_classes < 3:
            raise SpecError(f"Permuted needs 3 classes or more, got {pair.num_classes}: one other class stays in place")
        groups = pair.groups.cpu().numpy() if pair.groups is not None else np.zeros(pair.num_classes, dtype=np.int64)
        if self.classes != "all" and len(set(groups.tolist())) in (1, pair.num_classes):
            raise SpecError(
                f"Permuted(classes={self.classes!r}) needs groups of several classes, got {len(set(groups.tolist()))} "
                f"groups of {pair.num_classes} classes"
            )
        generator = numpy_generator(self.seed, f"permuted {self.classes}")
        order = np.stack([self._order(target, groups, generator) for target in range(pair.num_classes)])
        return _Permutation(torch.from_numpy(order))

    def _order(self, target: int, groups: np.ndarray[Any, Any], generator: np.random.Generator) -> np.ndarray[Any, Any]:
        """Where each class's logit is taken from."""
        order = np.arange(len(groups))
        others = np.delete(order.copy(), target)
        if self.classes == "within":
            for group in np.unique(groups):
                members = others[groups[others] == group]
                order[members] = _derangement(members, generator)
        elif self.classes == "all":
            order[others] = _derangement(others, generator)
        else:
            # In a row, group by group, and taken from as far on as the largest group is long: nobody stays at home
            # unless one group has more than half of all.
            shuffled = generator.permutation(others)
            rank = dict(zip(generator.permutation(np.unique(groups)).tolist(), range(len(groups)), strict=False))
            row = np.array(sorted(shuffled.tolist(), key=lambda k: rank[int(groups[k])]))
            longest = max(int((groups[others] == group).sum()) for group in np.unique(groups[others]))
            # Of a label without siblings all others may be one group: then there is nowhere else to go.
            order[row] = np.roll(row, -longest if longest < len(row) else -1)
        return order


def _derangement(members: np.ndarray[Any, Any], generator: np.random.Generator) -> np.ndarray[Any, Any]:
    """A random cycle through all members: nobody stays in place unless alone."""
    cycle = generator.permutation(members)
    following = dict(zip(cycle.tolist(), np.roll(cycle, -1).tolist(), strict=True))
    return np.array([following[int(member)] for member in members], dtype=np.int64)


@final
class _Permutation(nn.Module):
    def __init__(self, order: Tensor) -> None:
        super().__init__()
        self.register_buffer("order", order)

    def forward(self, logits: Tensor, labels: Tensor, temperature: float) -> Tensor:
        """The logits in their row's order."""
        del temperature
        order = self.order
        assert isinstance(order, Tensor)
        return logits.gather(1, order[labels])


@final
class UniformRest(Control):
    """The teacher's confidence in the label, and all other classes alike: label smoothing by the teacher's own amount.

    At the temperature at which the term looks, each image keeps the probability of its label; the rest is
    spread evenly.

    Source: kdissect; the adaptive label smoothing that Tang et al. 2020 (arXiv:2002.03532, section 3.1) separate from
        the similarity of classes.
    """

    @property
    def formula(self) -> str:
        """In words."""
        return "non-target classes made uniform"

    def bind(self, pair: Pair) -> nn.Module:
        """A module without tables."""
        del pair
        return _Uniform()


@final
class _Uniform(nn.Module):
    def forward(self, logits: Tensor, labels: Tensor, temperature: float) -> Tensor:
        """The non-target logits replaced by the one that leaves their sum at this temperature."""
        scaled = (logits if logits.dtype == torch.float64 else logits.float()) / temperature
        target = torch.zeros_like(scaled, dtype=torch.bool).scatter_(1, labels[:, None], True)
        rest = torch.logsumexp(scaled.masked_fill(target, -torch.inf), 1, keepdim=True)
        even = (rest - float(np.log(logits.shape[1] - 1))).expand_as(scaled)
        return torch.where(target, scaled, even) * temperature


CONTROLS: tuple[type[Control], ...] = (Permuted, UniformRest)
"""What may be done to the teacher's logits; to be listed here is to be tested."""
