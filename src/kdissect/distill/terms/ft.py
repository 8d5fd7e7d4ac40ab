"""Factor transfer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import final

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.layer_term import LayerTerm, shrink
from kdissect.distill.terms.term import full
from kdissect.training import Pair, Seen, Taught, TeacherStage


@final
class FT(LayerTerm):
    """Factor transfer: a translator in the student gives what a paraphraser, trained first, finds in the teacher.

    Mean over batch and elements of the absolute difference of both factors, each divided by its length. The
    paraphraser is an auto-encoder on the teacher's maps (squared error), trained in a stage of its own and then left
    alone. The weight of 1000 belongs to this normalisation.

    Attributes:
        layers: one layer of the student; by default the last stage.
        teacher: one of the teacher.
        single: ClassVar[bool] = True

    factor_share: units of the factor, as a share of the teacher's.
        stage_epochs: epochs of the paraphraser's stage.
        stage_learning_rate: of its stage.

    Source: Kim et al. 2018, "Paraphrasing Complex Network", arXiv:1802.04977, equations 1 to 3; sizes and rates of the
        paper's released configuration.
    """

    factor_share: float = Field(default=0.5, gt=0, le=1)
    stage_epochs: int = Field(default=1, ge=0)
    stage_learning_rate: float = Field(default=0.01, gt=0)

    @property
    def formula(self) -> str:
        """For example `FT(mean |F_s-F_t|, last stage)`."""
        return f"FT(mean |F_s-F_t|, {self.at})"

    def part(self, pair: Pair) -> nn.Module | None:
        """Paraphraser and translator."""
        (student,), (teacher,) = (layers[-1:] for layers in self.pairs(pair))
        (s, t) = self.shapes(pair)[-1]
        units = max(1, round(t[0] * self.factor_share))
        return _Factors(student, teacher, s, t, units)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's factor, of length 1, flat."""
        assert isinstance(part, _Factors)
        # In eval mode nothing here depends on the batch, and the stage is over: a plain function of the image.
        maps = shrink(full(taught.maps[part.teacher]), *part.size)
        return {"factor": F.normalize(part.paraphraser.encoder(maps).flatten(1), dim=1)}

    def teacher_stage(self, part: nn.Module | None) -> TeacherStage | None:
        """The paraphraser's."""
        assert isinstance(part, _Factors)
        return _ParaphraserStage(part, self.stage_epochs, self.stage_learning_rate) if self.stage_epochs else None

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more; 0 where the factors point the same way."""
        assert isinstance(part, _Factors)
        maps = shrink(full(seen.maps[part.student]), *part.size)
        factor = F.normalize(part.translator(maps).flatten(1), dim=1)
        return (factor - seen.target["factor"]).abs().mean()


@final
class _Paraphraser(nn.Module):
    def __init__(self, units: int, factor: int) -> None:
        super().__init__()
        self.encoder = _convolutions(units, factor)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(factor, factor, 3, 1, 1),
            nn.LeakyReLU(0.1),
            nn.ConvTranspose2d(factor, units, 3, 1, 1),
            nn.LeakyReLU(0.1),
            nn.ConvTranspose2d(units, units, 3, 1, 1),
            nn.LeakyReLU(0.1),
        )


@final
class _Factors(nn.Module):
    def __init__(
        self, student: str, teacher: str, s: tuple[int, int, int], t: tuple[int, int, int], units: int
    ) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher
        self.size = (min(s[1], t[1]), min(s[2], t[2]))
        self.paraphraser = _Paraphraser(t[0], units)
        self.paraphraser.requires_grad_(False)  # but in its stage
        self.translator = _convolutions(s[0], units)


def _convolutions(units: int, factor: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(units, units, 3, 1, 1),
        nn.LeakyReLU(0.1),
        nn.Conv2d(units, factor, 3, 1, 1),
        nn.LeakyReLU(0.1),
        nn.Conv2d(factor, factor, 3, 1, 1),
        nn.LeakyReLU(0.1),
    )


@final
@dataclass(frozen=True)
class _ParaphraserStage:
    part: _Factors
    epochs: int
    learning_rate: float
    weight_decay: float = 1e-4
    name: str = "paraphraser"
    views: tuple[str, ...] = ()

    def parameters(self) -> Sequence[nn.Parameter]:
        """The auto-encoder's."""
        return list(self.part.paraphraser.parameters())

    def loss(self, taught: Taught, views: Mapping[str, Taught]) -> Tensor:
        """Squared error of the maps drawn again, mean over all."""
        del views
        maps = shrink(full(taught.maps[self.part.teacher]), *self.part.size)
        paraphraser = self.part.paraphraser
        return torch.nn.functional.mse_loss(paraphraser.decoder(paraphraser.encoder(maps)), maps)
