"""Terms, and the objective that is their weighted sum."""

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Self, final

import torch
from pydantic import Field, model_validator
from torch import Tensor

from kdissect.errors import ShapeError, SpecError
from kdissect.specs import Plugin, Spec, one_of
from kdissect.training import Seen


class Term(Plugin, ABC):
    """One differentiable piece of a loss. Abstract; terms add up and take weights: `CE() + 2 * KD(temperature=4)`.

    Class attributes:
        needs_teacher: whether the term reads the teacher's logits.
    """

    needs_teacher: ClassVar[bool] = False

    @property
    @abstractmethod
    def formula(self) -> str:
        """The term as one would write it, with its settings."""

    @abstractmethod
    def loss(self, seen: Seen) -> Tensor:
        """The term's value for a batch, a scalar with gradient to the student."""

    def __add__(self, other: "Term | Weighted | Objective") -> "Objective":
        return _objective(self) + other

    def __mul__(self, weight: float) -> "Weighted":
        return Weighted(weight=weight, term=self)

    __rmul__ = __mul__


def _listed() -> tuple[type[Plugin], ...]:
    # The tuple stands above its members; a term is looked up in it only when a spec is read from text.
    from kdissect.distill.terms import TERMS

    return TERMS


@final
class Weighted(Spec):
    """A term and its weight.

    Attributes:
        weight: factor of the term, 0 or more.
        term: the term.
    """

    weight: float = Field(default=1.0, ge=0)
    term: Annotated[Term, *one_of(_listed)]

    def __add__(self, other: "Term | Weighted | Objective") -> "Objective":
        return _objective(self) + other

    def __mul__(self, factor: float) -> Self:
        return type(self)(weight=self.weight * factor, term=self.term)

    __rmul__ = __mul__

    @property
    def formula(self) -> str:
        """The term's formula, with its weight where it is not 1."""
        return self.term.formula if self.weight == 1 else f"{self.weight:g}*{self.term.formula}"


@final
class Objective(Spec):
    """What a student minimises: a weighted sum of terms.

    Attributes:
        terms: the summands, at least one.
    """

    terms: tuple[Weighted, ...]

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not any(part.weight > 0 for part in self.terms):
            raise ValueError("an objective needs a term with a weight above 0")
        return self

    def __add__(self, other: "Term | Weighted | Objective") -> "Objective":
        return Objective(terms=self.terms + _objective(other).terms)

    def __mul__(self, factor: float) -> "Objective":
        return Objective(terms=tuple(part * factor for part in self.terms))

    __rmul__ = __mul__

    @property
    def needs_teacher(self) -> bool:
        """Whether some term reads the teacher."""
        return any(part.term.needs_teacher for part in self.terms)

    @property
    def formula(self) -> str:
        """The resolved formula, for example `0.5*CE + 0.5*KD(T^2*KL(t||s), T=4, batchmean)`."""
        return " + ".join(part.formula for part in self.terms)

    def losses(self, seen: Seen) -> dict[str, Tensor]:
        """Weighted terms by name, each a scalar; a second term of a kind gets a number.

        Raises:
            SpecError: a term needs the teacher's logits and there are none.
            ShapeError: teacher and student have other numbers of classes, or a term gives no scalar.
        """
        if self.needs_teacher and seen.teacher is None:
            raise SpecError(f"{self.formula} needs the teacher's logits; give Seen a teacher")
        if seen.teacher is not None and seen.teacher.shape != seen.student.shape:
            shapes = f"{tuple(seen.teacher.shape)} and {tuple(seen.student.shape)}"
            raise ShapeError(f"teacher and student must have logits of one shape, got {shapes}")
        losses: dict[str, Tensor] = {}
        for part in self.terms:
            name = kind = type(part.term).__name__
            number = 2
            while name in losses:
                name, number = f"{kind}{number}", number + 1
            value = part.term.loss(seen)
            if value.ndim:
                raise ShapeError(f"the term {name} must give a scalar, got {tuple(value.shape)}; take its mean")
            losses[name] = part.weight * value
        return losses


def _objective(part: Term | Weighted | Objective) -> Objective:
    if isinstance(part, Objective):
        return part
    return Objective(terms=(part if isinstance(part, Weighted) else Weighted(term=part),))


def as_objective(part: Term | Weighted | Objective) -> Objective:
    """The objective that a term, a weighted term or an objective stands for."""
    return _objective(part)


def log_softmax(logits: Tensor) -> Tensor:
    """Log-probabilities in float32 or better, also under autocast, where half precision loses the tail."""
    return torch.log_softmax(logits if logits.dtype == torch.float64 else logits.float(), dim=1)
