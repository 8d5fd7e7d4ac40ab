"""Distillation with the teacher's classifier reused."""

from typing import ClassVar, final

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.term import Term, full
from kdissect.models import Anatomy
from kdissect.models.projected import Projection, project
from kdissect.training import Pair, Seen, Taught


@final
class SimKD(Term):
    """The student learns the teacher's last maps and keeps the teacher's classifier: squared error, mean over all.

    The student is rebuilt before training: a projector (1x1, 3x3, 1x1 convolutions with batch norm and ReLU) stands
    behind its last stage, and the teacher's classifier, frozen, in place of its own. Use it alone; its accuracy
    is the teacher's classifier's. Dissect the inner layer (`layer4.0`) for the student's own units.

    Attributes:
        narrowing: width of the projector's middle, as the teacher's width over this.

    Source: Chen et al. 2022, "Knowledge Distillation with the Reused Teacher Classifier", arXiv:2203.14001, section 3.
    """

    needs_teacher: ClassVar[bool] = True

    narrowing: int = Field(default=2, ge=1)

    @property
    def formula(self) -> str:
        """`SimKD(mean (p(s)-t)^2, last stage, teacher's classifier)`."""
        return "SimKD(mean (p(s)-t)^2, last stage, teacher's classifier)"

    def adapt(self, student: nn.Module, anatomy: Anatomy, teacher: nn.Module, taught: Anatomy) -> Projection:
        """Rebuild the student's end; what was done.

        Raises:
            ShapeError: a classifier does not look at its network's last maps.
        """
        return project(student, anatomy, teacher, taught, narrowing=self.narrowing)

    def student_layers(self, pair: Pair) -> tuple[str, ...]:
        """Its last stage, with the projector."""
        return (pair.student.last_stage,)

    def teacher_layers(self, pair: Pair) -> tuple[str, ...]:
        """Its last stage."""
        assert pair.teacher is not None
        return (pair.teacher.last_stage,)

    def part(self, pair: Pair) -> nn.Module | None:
        """Nothing to train but the student; remembers the layers and their size."""
        assert pair.teacher is not None
        student, teacher = pair.student.last_stage, pair.teacher.last_stage
        _, height, width = pair.student.shape(student)
        return _Last(student, teacher, (height, width))

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's last maps, at the student's size."""
        assert isinstance(part, _Last)
        return {"maps": F.adaptive_avg_pool2d(full(taught.maps[part.teacher]), part.size)}

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more."""
        assert isinstance(part, _Last)
        return F.mse_loss(full(seen.maps[part.student]), seen.target["maps"])


@final
class _Last(nn.Module):
    def __init__(self, student: str, teacher: str, size: tuple[int, int]) -> None:
        super().__init__()
        self.student, self.teacher, self.size = student, teacher, size
