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
    """

    groups: tuple[tuple[str, tuple[str, ...]], ...]

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        if not self.classes:
            raise ValueError("a class tree has at least one group with one class")
        if len(set(self.classes)) < len(self.classes):
            twice = sorted({name for name in self.classes if self.classes.count(name) > 1})
            raise ValueError(f"each class stands in one group, these stand in several: {', '.join(twice)}")
        return self

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the fine classes, in the order of their labels."""
        return tuple(name for _, members in self.groups for name in members)

    @property
    def group_of(self) -> NDArray[np.int64]:
        """The group's number of each class, `(k)`."""
        numbers = [number for number, (_, members) in enumerate(self.groups) for _ in members]
        return np.array(numbers, dtype=np.int64)
