"""Formulas over concepts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Operator = Literal["and", "or", "and not"]
OPERATORS: tuple[Operator, ...] = ("and", "or", "and not")


@dataclass(frozen=True)
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
