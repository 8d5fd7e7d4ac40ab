"""Terms that read the teacher's logits, and may be shown changed ones."""

from abc import ABC
from typing import Annotated, ClassVar

from torch import Tensor, nn

from kdissect.distill.controls import CONTROLS, Control
from kdissect.distill.terms.term import Term
from kdissect.specs import one_of
from kdissect.training import Pair, Seen


class LogitTerm(Term, ABC):
    """A term on the teacher's logits. Abstract.

    Attributes:
        control: what is done to the teacher's logits before they are looked at, for causal controls; None for nothing.
    """

    needs_teacher: ClassVar[bool] = True
    needs_logits: ClassVar[bool] = True

    control: Annotated[Control, *one_of(lambda: CONTROLS)] | None = None

    def part(self, pair: Pair) -> nn.Module | None:
        """The control's tables."""
        return self.control.bind(pair) if self.control is not None else None

    def shown(
        self, seen: Seen, part: nn.Module | None, temperature: float = 1.0, *, standardize: bool = False
    ) -> Tensor:
        """The teacher's logits, as the control shows them, `(b k)`.

        Args:
            seen: the batch.
            part: the control's tables.
            temperature: at which the term looks.
            standardize: z-score each image's logits first: what a control keeps, it keeps of what the term looks at.
        """
        assert seen.teacher is not None  # the bound objective refuses what lacks its teacher
        teacher = standardized(seen.teacher) if standardize else seen.teacher
        if self.control is None:
            return teacher
        assert part is not None
        changed: Tensor = part(teacher, seen.labels, temperature)
        return changed

    def by(self, text: str) -> str:
        """A formula with the control's name."""
        return text if self.control is None else f"{text[:-1]}, {self.control.formula})"


def standardized(logits: Tensor) -> Tensor:
    """Each image's logits less their mean, over their standard deviation.

    Source: Sun et al. 2024, "Logit Standardization in Knowledge Distillation", arXiv:2403.01427, algorithm 1
        (n - 1 in the deviation, and 1e-7 beside it, as published).
    """
    return (logits - logits.mean(1, keepdim=True)) / (logits.std(1, keepdim=True) + 1e-7)
