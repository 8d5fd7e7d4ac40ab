"""What a loss may look at, and what the training loop needs of an objective."""

from dataclasses import dataclass
from typing import Protocol, final

from torch import Tensor


@final
@dataclass(frozen=True)
class Seen:
    """One batch as the loss sees it.

    Attributes:
        labels: `(b)`, int64.
        student: logits of the student, `(b k)`, with gradient.
        teacher: logits of the teacher for the same augmented images, `(b k)`, without gradient; None
            if the objective needs no teacher.
    """

    labels: Tensor
    student: Tensor
    teacher: Tensor | None = None


class Objective(Protocol):
    """What is minimised. `kdissect.distill.Objective` is one; a user's own may be another."""

    @property
    def needs_teacher(self) -> bool:
        """Whether `Seen.teacher` must be there."""

    def losses(self, seen: Seen) -> dict[str, Tensor]:
        """Weighted terms by name, each a scalar; their sum is minimised."""
