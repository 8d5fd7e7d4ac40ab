"""Self-supervision knowledge distillation: its two terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.data.views import ROTATIONS
from kdissect.distill.terms.embedding_term import EmbeddingTerm
from kdissect.distill.terms.logit_term import LogitTerm
from kdissect.distill.terms.term import full, log_softmax
from kdissect.models import EMBEDDING
from kdissect.training import Pair, Seen, Taught, TeacherStage


@final
class SS(EmbeddingTerm):
    """The self-supervised part of SSKD: which upright image a rotated one belongs to, as the teacher sees it.

    Every image is also shown in three rotations. A head on the teacher (two linear layers), trained first with the
    teacher frozen, learns to give a rotated image and its upright one similar vectors. The student's head is then
    taught the teacher's similarities between all rotated and all upright images of the batch: T^2 KL, mean over the
    rotated images. All are kept of which the teacher is right, and of the others the share in which it is least wrong.
    SSKD is `CE() + 0.9 * KD(temperature=4) + 10 * SS() + 2.7 * TF()`.

    Attributes:
        temperature: of the similarities.
        wrong_share: share of the teacher's mistakes that is kept, 0 to 1.
        width: of the vectors; None for the width of each embedding.
        stage_epochs: epochs of the teacher's stage.
        stage_learning_rate: of the teacher's stage.

    Source: Xu et al. 2020, "Knowledge Distillation Meets Self-Supervision", arXiv:2006.07114, section 3; settings of
        the authors' code, but for epochs.
    Departs: one image is turned after all other augmentation, as in the authors' code (the paper's released
        configuration crops each rotation by itself).
    """

    whole_batch: ClassVar[bool] = True

    temperature: float = Field(default=0.5, gt=0)
    wrong_share: float = Field(default=0.75, ge=0, le=1)
    width: int | None = Field(default=None, ge=2)
    stage_epochs: int = Field(default=30, ge=0)
    stage_learning_rate: float = Field(default=0.1, gt=0)

    @property
    def formula(self) -> str:
        """For example `SS(T^2*KL of rotation similarities, T=0.5)`."""
        return f"SS(T^2*KL of rotation similarities, T={self.temperature:g})"

    @property
    def views(self) -> tuple[str, ...]:
        """Three rotations."""
        return ROTATIONS

    def part(self, pair: Pair) -> nn.Module | None:
        """A head for each side."""
        assert pair.teacher is not None
        student, teacher = pair.student.shape(EMBEDDING)[0], pair.teacher.shape(EMBEDDING)[0]
        return _Heads(student, teacher, self.width or student, self.width or teacher)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's vectors."""
        assert isinstance(part, _Heads)
        return {"vector": F.normalize(part.teacher(full(taught.maps[EMBEDDING])), dim=1)}

    def teacher_stage(self, part: nn.Module | None) -> TeacherStage | None:
        """The teacher's head."""
        assert isinstance(part, _Heads)
        return _HeadStage(part, self.stage_epochs, self.stage_learning_rate) if self.stage_epochs else None

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more; 0 where the similarities are the same."""
        assert isinstance(part, _Heads)
        views = [seen, *(seen.views[view] for view in self.views)]
        student = [F.normalize(part.student(full(view.maps[EMBEDDING])), dim=1) for view in views]
        teacher = [view.target["vector"] for view in views]
        of_student = torch.cat(student[1:]) @ student[0].T
        of_teacher = torch.cat(teacher[1:]) @ teacher[0].T
        owner = torch.arange(len(student[0]), device=of_student.device).repeat(len(self.views))
        kept = best_of_the_wrong(of_teacher, owner, self.wrong_share)
        return kl_of_kept(of_student, of_teacher, self.temperature, kept)


@final
class TF(LogitTerm):
    """The transformed part of SSKD: logit distillation on the rotated images.

    T^2 KL at temperature T, mean over the rotated images that are kept: those of which the teacher is right, and of
    the others the share in which it is least wrong. This is logit distillation, too.

    Attributes:
        temperature: T, above 0.
        wrong_share: share of the teacher's mistakes that is kept, 0 to 1.
        control: what is done to the teacher's logits before.

    Source: Xu et al. 2020, arXiv:2006.07114, section 3; settings of the authors' code.
    """

    whole_batch: ClassVar[bool] = True

    temperature: float = Field(default=4.0, gt=0)
    wrong_share: float = Field(default=1.0, ge=0, le=1)

    @property
    def formula(self) -> str:
        """For example `TF(T^2*KL of rotated images, T=4)`."""
        return self.by(f"TF(T^2*KL of rotated images, T={self.temperature:g})")

    @property
    def views(self) -> tuple[str, ...]:
        """Three rotations."""
        return ROTATIONS

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more; 0 where student and teacher agree."""
        views = [seen.views[view] for view in self.views]
        student = torch.cat([view.student for view in views])
        teacher = torch.cat([self.shown(view, part, self.temperature) for view in views])
        kept = best_of_the_wrong(teacher, seen.labels.repeat(len(views)), self.wrong_share)
        return kl_of_kept(student, teacher, self.temperature, kept)


def best_of_the_wrong(scores: Tensor, right: Tensor, share: float) -> Tensor:
    """Which rows are kept, `(n)` of bool: all whose right column is the largest, and a share of the others.

    Args:
        scores: `(n m)`.
        right: the right column of each row.
        share: of the wrong rows those are kept in which the right column stands highest.
    """
    rank = (scores > scores.gather(1, right[:, None])).sum(1)
    wrong = rank > 0
    if share >= 1:
        return torch.ones_like(wrong)
    # Rows in the order of their rank; a wrong row's place among the wrong ones is its place less the right ones.
    order = rank.argsort(stable=True)
    place = torch.empty_like(order).scatter_(0, order, torch.arange(len(order), device=order.device))
    number = wrong.sum()
    return ~wrong | (place - (len(order) - number) < (number * share).floor())


def kl_of_kept(student: Tensor, teacher: Tensor, temperature: float, kept: Tensor) -> Tensor:
    """T^2 KL of the softmaxes at T, mean over the rows that are kept."""
    log_s, log_t = log_softmax(student / temperature), log_softmax(teacher / temperature)
    every = F.kl_div(log_s, log_t, reduction="none", log_target=True).sum(1)
    return temperature**2 * (every * kept).sum() / kept.sum().clamp(min=1)


@final
class _Heads(nn.Module):
    def __init__(self, student: int, teacher: int, student_width: int, teacher_width: int) -> None:
        super().__init__()
        self.student, self.teacher = _head(student, student_width), _head(teacher, teacher_width)
        self.teacher.requires_grad_(False)  # but in its stage


def _head(width: int, inner: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, inner), nn.ReLU(), nn.Linear(inner, inner))


@final
@dataclass(frozen=True)
class _HeadStage:
    part: _Heads
    epochs: int
    learning_rate: float
    weight_decay: float = 5e-4
    name: str = "self-supervised head"
    views: tuple[str, ...] = ROTATIONS

    def parameters(self) -> Sequence[nn.Parameter]:
        """The teacher's head's."""
        return list(self.part.teacher.parameters())

    def loss(self, taught: Taught, views: Mapping[str, Taught]) -> Tensor:
        """Cross-entropy of each rotated image choosing its upright one by similarity."""
        head = self.part.teacher
        upright = F.normalize(head(full(taught.maps[EMBEDDING])), dim=1)
        turned = F.normalize(head(torch.cat([full(views[view].maps[EMBEDDING]) for view in self.views])), dim=1)
        owner = torch.arange(len(upright), device=upright.device).repeat(len(self.views))
        return F.cross_entropy(turned @ upright.T, owner)
