"""FitNet hints."""

from typing import ClassVar, final

from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.layer_term import LayerTerm, shrink
from kdissect.distill.terms.term import full
from kdissect.training import Pair, Seen, Taught


@final
class FitNet(LayerTerm):
    """Hints: squared distance between a teacher's maps and a regression of the student's, mean over all.

    The regressor is a 1x1 convolution with batch norm and ReLU. Published with a weight of 100 in later comparisons.
    Of maps of different sizes the larger are averaged down.

    Attributes:
        layers: one layer of the student; by default its middle stage.
        teacher: one of the teacher.

    Source: Romero et al. 2015, "FitNets", arXiv:1412.6550, equation 3.
    Departs: trained together with the other terms, as in Tian et al. 2020, in place of a first stage.
    """

    single: ClassVar[bool] = True

    @property
    def formula(self) -> str:
        """For example `FitNet(mean (r(s)-t)^2, layer2)`."""
        return f"FitNet(mean (r(s)-t)^2, {self.at if self.layers or self.teacher else 'middle stage'})"

    def pairs(self, pair: Pair) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The layers, or the middle stages."""
        if self.layers or self.teacher:
            return super().pairs(pair)
        assert pair.teacher is not None
        number = min(len(pair.student.stages), len(pair.teacher.stages))
        if number == 0:
            return (pair.student.last_stage,), (pair.teacher.last_stage,)
        place = -(number // 2) - 1
        return (pair.student.stages[place],), (pair.teacher.stages[place],)

    def part(self, pair: Pair) -> nn.Module | None:
        """The regressor."""
        (student,), (teacher,) = (layers[-1:] for layers in self.pairs(pair))
        s, t = self.shapes(pair)[-1]
        return _Regressor(student, teacher, s, t)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's maps, at the smaller of both sizes."""
        assert isinstance(part, _Regressor)
        return {"maps": shrink(full(taught.maps[part.teacher]), *part.size)}

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more."""
        assert isinstance(part, _Regressor)
        return F.mse_loss(part.regress(shrink(full(seen.maps[part.student]), *part.size)), seen.target["maps"])


@final
class _Regressor(nn.Module):
    def __init__(self, student: str, teacher: str, s: tuple[int, int, int], t: tuple[int, int, int]) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher
        self.size = (min(s[1], t[1]), min(s[2], t[2]))
        self.regress = nn.Sequential(nn.Conv2d(s[0], t[0], 1, bias=False), nn.BatchNorm2d(t[0]), nn.ReLU())
