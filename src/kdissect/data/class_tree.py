"""Coarse groups of fine classes."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import model_validator

from kdissect.specs import Spec


class ClassTree(Spec):
    """Fine classes in coarse groups; the label of a class is its place in `classes`.

    Attributes:
        groups: pairs of a group's name and the names of its classes.
        order: all classes in the order of their labels; empty for the order in which the groups name them.
    """

    groups: tuple[tuple[str, tuple[str, ...]], ...]
    order: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        grouped = [name for _, members in self.groups for name in members]
        if not grouped:
            raise ValueError("a class tree has at least one group with one class")
        if len(set(grouped)) < len(grouped):
            twice = sorted({name for name in grouped if grouped.count(name) > 1})
            raise ValueError(f"each class stands in one group, these stand in several: {', '.join(twice)}")
        if self.order and sorted(self.order) != sorted(grouped):
            odd = sorted(set(self.order) ^ set(grouped)) or sorted(self.order)
            raise ValueError(f"the order must name every class of the groups once, see {', '.join(odd)}")
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the fine classes, in the order of their labels."""
        return self.order or tuple(name for _, members in self.groups for name in members)

    @property
    def group_of(self) -> NDArray[np.int64]:
        """The group's number of each class, `(k)`."""
        numbers = {name: number for number, (_, members) in enumerate(self.groups) for name in members}
        return np.array([numbers[name] for name in self.classes], dtype=np.int64)
