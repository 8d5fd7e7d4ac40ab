"""What a loss may look at, and what the training loop needs of an objective."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, final

from torch import Tensor, nn

from kdissect.models import Anatomy
from kdissect.models.projected import Projection


@final
@dataclass(frozen=True)
class Pair:
    """What an objective knows before the first step.

    Attributes:
        student: anatomy of the network in training.
        teacher: anatomy of the teacher; None if there is none.
        num_classes: number of classes.
        num_images: images of the training split; 0 if unknown (an own loop that gave none).
        labels: of the training split, `(num_images)`; None if unknown.
        groups: number of the coarse group of each class, `(k)`; None if there is no class tree.
        student_module: the network in training, so that a term can name its layers in an error.
        teacher_module: the teacher.
    """

    student: Anatomy
    teacher: Anatomy | None
    num_classes: int
    num_images: int = 0
    labels: Tensor | None = None
    groups: Tensor | None = None
    student_module: nn.Module | None = None
    teacher_module: nn.Module | None = None


@final
@dataclass(frozen=True)
class Taught:
    """What the teacher gave for a batch.

    Attributes:
        labels: `(b)`, int64.
        logits: `(b k)`, without gradient unless the term asked for `teacher_gradients`.
        maps: the teacher's layers that the term reads, `(b u h w)` each (`embedding`: `(b u)`).
    """

    labels: Tensor
    logits: Tensor
    maps: Mapping[str, Tensor] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class Seen:
    """One batch as a term sees it.

    Attributes:
        labels: `(b)`, int64.
        student: logits of the student, `(b k)`, with gradient.
        teacher: logits of the teacher for the same augmented images, `(b k)`, without gradient; None
            if the objective needs no teacher.
        maps: the student's layers that the term reads, `(b u h w)` each (`embedding`: `(b u)`), with gradient.
        roots: the same layers for all views together, as they stand in the logits' graph: the tensors to differentiate
            the logits by. The first rows are these images.
        target: what the term made of the teacher's maps (`Term.target`), one row an image, without gradient.
        indices: each image's index in the training split, `(b)`; None where nobody gave them.
        views: the same images seen otherwise (`rot90`, `strong`, ...), for the terms that ask for them.
        epoch: number of the epoch, from 0.
        draw: a number that is another one for each step; what a term draws at random is seeded by it.
    """

    labels: Tensor
    student: Tensor
    teacher: Tensor | None = None
    maps: Mapping[str, Tensor] = field(default_factory=dict)
    roots: Mapping[str, Tensor] = field(default_factory=dict)
    target: Mapping[str, Tensor] = field(default_factory=dict)
    indices: Tensor | None = None
    views: Mapping[str, "Seen"] = field(default_factory=dict)
    epoch: int = 0
    draw: int = 0


class TeacherStage(Protocol):
    """Something on the teacher's side that is trained before the student: a paraphraser, a head."""

    @property
    def name(self) -> str:
        """For messages and the curve."""

    @property
    def epochs(self) -> int:
        """Passes over the training split."""

    @property
    def learning_rate(self) -> float:
        """Of SGD with momentum 0.9, divided by ten after each third."""

    @property
    def weight_decay(self) -> float:
        """Of all that is trained here."""

    @property
    def views(self) -> Sequence[str]:
        """Further views of each image that the loss looks at."""

    def parameters(self) -> Sequence[nn.Parameter]:
        """What is trained."""

    def loss(self, taught: Taught, views: Mapping[str, Taught]) -> Tensor:
        """To be minimised, from what the teacher gave for a batch and its further views."""


class Bound(Protocol):
    """An objective made fit for one student and teacher: with the parts that it trains. Also an `nn.Module`."""

    @property
    def student_layers(self) -> tuple[str, ...]:
        """What is read of the student."""

    @property
    def teacher_layers(self) -> tuple[str, ...]:
        """What is read of the teacher."""

    @property
    def views(self) -> tuple[str, ...]:
        """Further views of each image that the objective looks at."""

    @property
    def formula(self) -> str:
        """The resolved formula."""

    @property
    def needs_indices(self) -> bool:
        """Whether the index of each image is looked at."""

    @property
    def targets_key(self) -> str:
        """All that decides `targets` but the teacher's weights. Known once the teacher's stages are over."""

    @property
    def teacher_gradients(self) -> bool:
        """Whether the teacher's logits must have a gradient to its maps."""

    @property
    def teacher_stages(self) -> tuple[TeacherStage, ...]:
        """What is trained before the student."""

    def targets(self, taught: Taught) -> dict[str, Tensor]:
        """What is kept of the teacher, one row an image; `logits` are the logits."""

    def losses(self, seen: Seen) -> dict[str, Tensor]:
        """Weighted terms by name, each a scalar; their sum is minimised."""


class Objective(Protocol):
    """What is minimised. `kdissect.distill.Objective` is one; a user's own may be another."""

    @property
    def needs_teacher(self) -> bool:
        """Whether there must be a teacher."""

    @property
    def formula(self) -> str:
        """The resolved formula."""

    def adapt(self, student: nn.Module, anatomy: Anatomy, teacher: nn.Module, taught: Anatomy) -> Projection | None:
        """Rebuild the student's end before training, where the objective asks for it."""

    def bind(self, pair: Pair) -> Bound:
        """The objective with its trainable parts, for one pair of networks."""
