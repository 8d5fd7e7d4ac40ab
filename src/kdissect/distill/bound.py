"""An objective made fit for one student and teacher."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Protocol, final

from torch import Tensor, nn

from kdissect.errors import ShapeError, SpecError
from kdissect.training import Pair, Seen, Taught, TeacherStage
from kdissect.training.processes import of_all

LOGITS = "logits"


class Piece(Protocol):
    """What is asked of a term; `kdissect.distill.Term` says what each means."""

    needs_teacher: ClassVar[bool]
    needs_logits: ClassVar[bool]
    needs_indices: ClassVar[bool]
    teacher_gradients: ClassVar[bool]
    whole_batch: ClassVar[bool]

    @property
    def views(self) -> tuple[str, ...]:
        """As of `Term`."""

    @property
    def keeps_target(self) -> bool:
        """As of `Term`."""

    def student_layers(self, pair: Pair) -> tuple[str, ...]:
        """As of `Term`."""

    def teacher_layers(self, pair: Pair) -> tuple[str, ...]:
        """As of `Term`."""

    def part(self, pair: Pair) -> nn.Module | None:
        """As of `Term`."""

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """As of `Term`."""

    def teacher_stage(self, part: nn.Module | None) -> TeacherStage | None:
        """As of `Term`."""

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """As of `Term`."""

    def model_dump(self, *, mode: str) -> dict[str, Any]:
        """As of `Term`."""


@final
class BoundObjective(nn.Module):
    """An objective with what its terms train and remember, for one pair of networks.

    Args:
        formula: the resolved formula.
        pieces: weight and term by name.
        pair: the networks.

    Raises:
        SpecError: a term needs a teacher and there is none, or the index of each image in an unknown split.
        ShapeError: teacher and student have other numbers of classes, or layers that do not fit.
        LayerError: there is no such layer.
    """

    def __init__(self, formula: str, pieces: Mapping[str, tuple[float, Piece]], pair: Pair) -> None:
        super().__init__()
        self.pieces = dict(pieces)
        terms = [term for _, term in self.pieces.values()]
        # Plain attributes, since torch.compile reads them at every step.
        self.formula, self.needs_teacher = formula, any(term.needs_teacher for term in terms)
        self.needs_logits = any(term.needs_logits for term in terms)
        self.needs_indices = any(term.needs_indices for term in terms)
        self.teacher_gradients = any(term.teacher_gradients for term in terms)
        self.views: tuple[str, ...] = tuple(dict.fromkeys(view for term in terms for view in term.views))
        if self.needs_teacher and pair.teacher is None:
            raise SpecError(f"{formula} needs a teacher; name one")
        if self.needs_logits and pair.teacher is not None and pair.teacher.num_classes != pair.student.num_classes:
            raise ShapeError(
                f"teacher and student must have the same classes, the teacher has {pair.teacher.num_classes}, the "
                f"student {pair.student.num_classes}; take a teacher of these classes, or terms that read layers only"
            )
        if pair.num_images == 0 and self.needs_indices:
            names = ", ".join(name for name, (_, term) in self.pieces.items() if term.needs_indices)
            raise SpecError(f"{names} needs to know the number of training images; give num_images")
        self.reads = {
            name: (term.student_layers(pair), term.teacher_layers(pair)) for name, (_, term) in self.pieces.items()
        }
        self.student_layers = tuple(dict.fromkeys(layer for student, _ in self.reads.values() for layer in student))
        self.teacher_layers = tuple(dict.fromkeys(layer for _, teacher in self.reads.values() for layer in teacher))
        made = {name: term.part(pair) for name, (_, term) in self.pieces.items()}
        self.parts = nn.ModuleDict({name: module for name, module in made.items() if module is not None})

    @property
    def targets_key(self) -> str:
        """All that decides `targets` but the teacher's weights, as JSON. Known once the teacher's stages are over."""
        key: dict[str, object] = {LOGITS: self.needs_logits, "views": self.views}
        for name, (_, term) in self.pieces.items():
            if not term.keeps_target:
                continue
            part = self._part(name)
            # What stands on the teacher's side is frozen by now; what is trained with the student no target may use.
            trained = [] if part is None else [_digest(p) for p in part.parameters() if not p.requires_grad]
            key[name] = {"term": term.model_dump(mode="json"), "reads": self.reads[name][1], "trained": trained}
        return json.dumps(key, sort_keys=True)

    @property
    def teacher_stages(self) -> tuple[TeacherStage, ...]:
        """What is trained on the teacher's side before the student."""
        stages = (term.teacher_stage(self._part(name)) for name, (_, term) in self.pieces.items())
        return tuple(stage for stage in stages if stage is not None)

    def targets(self, taught: Taught) -> dict[str, Tensor]:
        """What is kept of the teacher, one row an image: `logits`, and `TERM.NAME` for each target of a term."""
        kept = {LOGITS: taught.logits.detach()} if self.needs_logits else {}
        for name, (_, term) in self.pieces.items():
            own = replace(taught, maps={layer: taught.maps[layer] for layer in self.reads[name][1]})
            for key, value in term.target(own, self._part(name)).items():
                kept[f"{name}.{key}"] = value.detach()
        return kept

    def losses(self, seen: Seen) -> dict[str, Tensor]:
        """Weighted terms by name, each a scalar; a second term of a kind gets a number.

        Raises:
            SpecError: a term needs the teacher's logits, or the images' indices, and there are none.
            ShapeError: teacher and student have other numbers of classes, or a term gives no scalar.
        """
        if self.needs_logits and seen.teacher is None:
            raise SpecError(f"{self.formula} needs the teacher's logits; give Seen a teacher")
        if self.needs_logits and seen.teacher is not None and seen.teacher.shape != seen.student.shape:
            shapes = f"{tuple(seen.teacher.shape)} and {tuple(seen.student.shape)}"
            raise ShapeError(f"teacher and student must have logits of one shape, got {shapes}")
        if self.needs_indices and seen.indices is None:
            raise SpecError(f"{self.formula} needs the index of each image; give indices")
        losses: dict[str, Tensor] = {}
        for name, (weight, term) in self.pieces.items():
            own = self._own(seen, name)
            own = of_all(own) if term.whole_batch else own
            trained = self._part(name)
            value = term.loss(own) if trained is None else term.loss(own, trained)
            if value.ndim:
                raise ShapeError(f"the term {name} must give a scalar, got {tuple(value.shape)}; take its mean")
            losses[name] = weight * value
        return losses

    def forward(self, seen: Seen) -> dict[str, Tensor]:
        """As `losses`."""
        return self.losses(seen)

    def _part(self, name: str) -> nn.Module | None:
        return self.parts[name] if name in self.parts else None  # noqa: SIM401 (a ModuleDict has no get)

    def _own(self, seen: Seen, name: str) -> Seen:
        """What a term may see: its own targets, under its own names."""
        prefix = f"{name}."
        target = _without(seen.target, prefix)
        views = {
            view: replace(other, target=_without(other.target, prefix))
            for view, other in seen.views.items()
            if view in self.pieces[name][1].views
        }
        return replace(seen, target=target, views=views)


def _digest(tensor: Tensor) -> str:
    return hashlib.sha256(tensor.detach().cpu().contiguous().numpy().tobytes()).hexdigest()


def _without(target: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in target.items() if key.startswith(prefix)}
