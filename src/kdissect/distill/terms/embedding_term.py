"""Terms that compare what goes into the classifiers."""

from abc import ABC
from typing import ClassVar

from torch import Tensor, nn

from kdissect.distill.terms.term import Term, full
from kdissect.models import EMBEDDING
from kdissect.training import Pair, Taught


class EmbeddingTerm(Term, ABC):
    """A term on the embeddings, the inputs `(b u)` of both classifiers. Abstract."""

    needs_teacher: ClassVar[bool] = True

    def student_layers(self, pair: Pair) -> tuple[str, ...]:
        """The embedding."""
        pair.student.shape(EMBEDDING)
        return (EMBEDDING,)

    def teacher_layers(self, pair: Pair) -> tuple[str, ...]:
        """The embedding."""
        assert pair.teacher is not None
        pair.teacher.shape(EMBEDDING)
        return (EMBEDDING,)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's embedding."""
        del part
        return {EMBEDDING: full(taught.maps[EMBEDDING])}
