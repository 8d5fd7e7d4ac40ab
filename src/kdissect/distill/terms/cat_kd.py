"""Class attention transfer."""

from typing import ClassVar, final

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.term import Term, full
from kdissect.models import CLASS_MAPS
from kdissect.training import Pair, Seen, Taught


@final
class CATKD(Term):
    """Where each class is seen: squared error of the class activation maps, averaged to a few cells, of length 1 each.

    A class's map is the last stage's maps weighted by the classifier. Mean over batch, classes and cells.

    Attributes:
        cells: side of the averaged maps.

    Source: Guo et al. 2023, "Class Attention Transfer Based Knowledge Distillation", arXiv:2304.12777, equations 5 to
        7.
    """

    needs_teacher: ClassVar[bool] = True

    cells: int = Field(default=2, ge=1)

    @property
    def formula(self) -> str:
        """For example `CATKD(mean (cam_s-cam_t)^2, 2x2)`."""
        return f"CATKD(mean (cam_s-cam_t)^2, {self.cells}x{self.cells})"

    def student_layers(self, pair: Pair) -> tuple[str, ...]:
        """The class maps."""
        pair.student.shape(CLASS_MAPS)
        return (CLASS_MAPS,)

    def teacher_layers(self, pair: Pair) -> tuple[str, ...]:
        """The class maps."""
        assert pair.teacher is not None
        pair.teacher.shape(CLASS_MAPS)
        return (CLASS_MAPS,)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's, averaged, of length 1."""
        del part
        return {"maps": self._cells(taught.maps[CLASS_MAPS])}

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 to 4 over the number of cells; 0 where they are the same."""
        return F.mse_loss(self._cells(seen.maps[CLASS_MAPS]), seen.target["maps"])

    def _cells(self, maps: Tensor) -> Tensor:
        return F.normalize(F.adaptive_avg_pool2d(full(maps), self.cells).flatten(2), dim=2)
