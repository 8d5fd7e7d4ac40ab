"""Formulas over concepts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Operator = Literal["and", "or", "and not"]
OPERATORS: tuple[Operator, ...] = ("and", "or", "and not")


@dataclass(frozen=True, order=True)
class Formula:
    """Labels joined from the left: `((a or b) and not c)`.

    Attributes:
        labels: label numbers.
        operators: what stands before each label but the first.
    """

    labels: tuple[int, ...]
    operators: tuple[Operator, ...] = ()

    @property
    def length(self) -> int:
        """How many labels there are."""
        return len(self.labels)

    def then(self, operator: Operator, label: int) -> "Formula":
        """The formula with one label more."""
        return Formula((*self.labels, label), (*self.operators, operator))

    def canonical(self) -> "Formula":
        """The one way to write this formula, if no label is in it twice.

        Within a run of OR, and within a run of AND and AND NOT, the order means nothing: there the labels go by their
        numbers, only that the first of all has no NOT.
        """
        alike: Operator = "or" if self.operators[:1] == ("or",) else "and"
        runs: list[list[tuple[int, Operator]]] = [[(self.labels[0], alike)]]
        for operator, label in zip(self.operators, self.labels[1:], strict=True):
            if (runs[-1][-1][1] == "or") != (operator == "or"):
                runs.append([])
            runs[-1].append((label, operator))
        runs[0].sort(key=lambda each: (each[1] == "and not", each[0]))
        first, *rest = [runs[0][0], *sorted(runs[0][1:]), *(each for run in runs[1:] for each in sorted(run))]
        return Formula((first[0], *(label for label, _ in rest)), tuple(operator for _, operator in rest))

    def text(self, names: Sequence[str]) -> str:
        """The formula in the labels' names, in brackets from the left."""
        text = names[self.labels[0]]
        for operator, label in zip(self.operators, self.labels[1:], strict=True):
            text = f"({text} {operator.upper()} {names[label]})"
        return text

    def holds(self, has: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Where the formula is true.

        Args:
            has: `(n k)`, whether each of n things has each of the formula's labels.
        """
        true: NDArray[np.bool_] = has[:, 0]
        for k, operator in enumerate(self.operators, start=1):
            own = ~has[:, k] if operator == "and not" else has[:, k]
            true = true | own if operator == "or" else true & own
        return true
