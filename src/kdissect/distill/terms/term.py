"""Terms, and the objective that is their weighted sum."""

from abc import ABC, abstractmethod
from typing import Annotated, ClassVar, Self, final

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from kdissect.distill.bound import BoundObjective
from kdissect.errors import SpecError
from kdissect.models import Anatomy
from kdissect.models.projected import Projection
from kdissect.specs import Plugin, Spec, one_of
from kdissect.training import Pair, Seen, Taught, TeacherStage


class Term(Plugin, ABC):
    """One differentiable piece of a loss. Abstract; terms add up and take weights: `CE() + 2 * KD(temperature=4)`.

    A term is a frozen value. What it trains or remembers (regressors, memory banks) is a module that `part` makes.

    Class attributes:
        needs_teacher: whether there must be a teacher.
        needs_logits: whether it reads the teacher's logits.
        needs_indices: whether it must know each image's index in the training split.
        teacher_gradients: whether `target` differentiates the teacher's logits by its maps.
        whole_batch: whether it compares images with each other, or moves a memory; several processes then share
            what they see, so that the loss is that of the whole batch.
    """

    needs_teacher: ClassVar[bool] = False
    needs_logits: ClassVar[bool] = False
    needs_indices: ClassVar[bool] = False
    teacher_gradients: ClassVar[bool] = False
    whole_batch: ClassVar[bool] = False

    @property
    @abstractmethod
    def formula(self) -> str:
        """The term as one would write it, with its settings."""

    @property
    def views(self) -> tuple[str, ...]:
        """Further views that it looks at: `rot90`, `rot180`, `rot270`, `strong`; none unless overridden."""
        return ()

    def student_layers(self, pair: Pair) -> tuple[str, ...]:
        """The student's layers that it reads, for this pair; none unless overridden."""
        del pair
        return ()

    def teacher_layers(self, pair: Pair) -> tuple[str, ...]:
        """The teacher's layers that it reads, for this pair; none unless overridden."""
        del pair
        return ()

    def part(self, pair: Pair) -> nn.Module | None:
        """What the term trains or remembers, for this pair; None unless overridden.

        Raises:
            ShapeError: the layers do not fit each other and the term has nothing that makes them fit.
        """
        del pair
        return None

    @property
    def keeps_target(self) -> bool:
        """Whether `target` is overridden."""
        return type(self).target is not Term.target

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """What the loss needs of the teacher's maps: one row an image, as small as can be; nothing unless overridden.

        It must not depend on anything that is trained with the student, since it may come from a cache.
        """
        del taught, part
        return {}

    def teacher_stage(self, part: nn.Module | None) -> TeacherStage | None:
        """What is trained on the teacher's side first; None unless overridden."""
        del part
        return None

    def adapt(self, student: nn.Module, anatomy: Anatomy, teacher: nn.Module, taught: Anatomy) -> Projection | None:
        """Rebuild the student's end before training; nothing unless overridden."""
        del student, anatomy, teacher, taught
        return None

    @abstractmethod
    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """The term's value for a batch, a scalar with gradient to the student."""

    def bind(self, pair: Pair) -> BoundObjective:
        """As an objective of this term alone."""
        return _objective(self).bind(pair)

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

    @property
    def needs_teacher(self) -> bool:
        """Whether the term reads the teacher."""
        return self.term.needs_teacher

    def adapt(self, student: nn.Module, anatomy: Anatomy, teacher: nn.Module, taught: Anatomy) -> Projection | None:
        """As the term does."""
        return self.term.adapt(student, anatomy, teacher, taught)

    def bind(self, pair: Pair) -> BoundObjective:
        """As an objective of this term alone."""
        return _objective(self).bind(pair)

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

    @property
    def named(self) -> dict[str, Weighted]:
        """The summands by name: the term's class, with a number if it is the second of its kind."""
        named: dict[str, Weighted] = {}
        for part in self.terms:
            name = kind = type(part.term).__name__
            number = 2
            while name in named:
                name, number = f"{kind}{number}", number + 1
            named[name] = part
        return named

    def adapt(self, student: nn.Module, anatomy: Anatomy, teacher: nn.Module, taught: Anatomy) -> Projection | None:
        """Rebuild the student's end, where a term asks for it, before training.

        Raises:
            SpecError: more than one term asks for it.
            ShapeError: the networks do not allow it.
        """
        asking = [part.term for part in self.terms if type(part.term).adapt is not Term.adapt]
        if len(asking) > 1:
            names = ", ".join(type(term).__name__ for term in asking)
            raise SpecError(f"only one term can rebuild the student, got {names}; leave all but one out")
        return asking[0].adapt(student, anatomy, teacher, taught) if asking else None

    def bind(self, pair: Pair) -> BoundObjective:
        """The objective with its trainable parts, for one pair of networks.

        Raises:
            SpecError: a term needs a teacher, or the index of images, and there are none.
            ShapeError: teacher and student have other numbers of classes, or layers that do not fit.
            LayerError: there is no such layer.
        """
        return BoundObjective(self.formula, {name: (w.weight, w.term) for name, w in self.named.items()}, pair)


def _objective(part: Term | Weighted | Objective) -> Objective:
    if isinstance(part, Objective):
        return part
    if not isinstance(part, Term | Weighted):
        raise SpecError(f"terms are added to terms, got {part!r}")
    return Objective(terms=(part if isinstance(part, Weighted) else Weighted(term=part),))


def as_objective(part: Term | Weighted | Objective) -> Objective:
    """The objective that a term, a weighted term or an objective stands for."""
    return _objective(part)


def full(tensor: Tensor) -> Tensor:
    """The tensor in float32 or better: under autocast half precision would lose the tail."""
    return tensor if tensor.dtype == torch.float64 else tensor.float()


def log_softmax(logits: Tensor) -> Tensor:
    """Log-probabilities in float32 or better, `(b k)`."""
    return torch.log_softmax(full(logits), dim=1)
