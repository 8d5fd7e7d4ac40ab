"""Terms that compare layers of the student with layers of the teacher."""

from abc import ABC
from typing import Any, ClassVar, Self

from pydantic import model_validator
from torch import Tensor
from torch.nn import functional as F

from kdissect.distill.terms.term import Term
from kdissect.errors import SpecError
from kdissect.training import Pair


class LayerTerm(Term, ABC):
    """A term on layers, `AT("layer3", "layer4")`. Abstract.

    Class attributes:
        stages: how many of the last stages are read by default.
        single: whether it compares one layer of each network only.

    Attributes:
        layers: the student's layers; by default the last stages of both networks.
        teacher: the teacher's, in the same order; by default those of the same names.
    """

    needs_teacher: ClassVar[bool] = True
    stages: ClassVar[int] = 1
    single: ClassVar[bool] = False

    layers: tuple[str, ...] = ()
    teacher: tuple[str, ...] = ()

    def __init__(self, *layers: str, **fields: Any) -> None:
        if layers:
            if "layers" in fields:
                raise SpecError(f"{type(self).__name__}: layers are given twice, by place and by name")
            fields["layers"] = layers
        super().__init__(**fields)

    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @model_validator(mode="after")
    def _one_to_one(self) -> Self:
        if self.layers and self.teacher and len(self.layers) != len(self.teacher):
            raise ValueError(
                f"layers are compared one to one, got {len(self.layers)} of the student and {len(self.teacher)} of the "
                "teacher"
            )
        if self.single and max(len(self.layers), len(self.teacher)) > 1:
            name = type(self).__name__
            raise ValueError(f"{name} compares one layer of each network; add a second {name} with + for another")
        return self

    def student_layers(self, pair: Pair) -> tuple[str, ...]:
        """The student's layers, or its last stages."""
        return self.pairs(pair)[0]

    def teacher_layers(self, pair: Pair) -> tuple[str, ...]:
        """The teacher's layers, or its last stages."""
        return self.pairs(pair)[1]

    def pairs(self, pair: Pair) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Layers of the student and of the teacher, one to one.

        Raises:
            LayerError: a layer is not there; lists candidates.
        """
        assert pair.teacher is not None  # the bound objective refuses a term without its teacher
        if not self.layers and not self.teacher:
            number = min(self.stages, len(pair.student.stages), len(pair.teacher.stages))
            student = pair.student.stages[-number:] or (pair.student.last_stage,)
            teacher = pair.teacher.stages[-number:] or (pair.teacher.last_stage,)
            return student, teacher
        student, teacher = self.layers or self.teacher, self.teacher or self.layers
        for layer in student:
            pair.student.shape(layer, pair.student_module)
        for layer in teacher:
            pair.teacher.shape(layer, pair.teacher_module)
        return student, teacher

    def shapes(self, pair: Pair) -> list[tuple[tuple[int, int, int], tuple[int, int, int]]]:
        """Units, height and width of each pair of layers, student first."""
        student, teacher = self.pairs(pair)
        assert pair.teacher is not None
        return [(pair.student.shape(s), pair.teacher.shape(t)) for s, t in zip(student, teacher, strict=True)]

    @property
    def at(self) -> str:
        """The layers, for a formula."""
        if not self.layers and not self.teacher:
            return "last stage" if self.stages == 1 else f"last {self.stages} stages"
        student, teacher = self.layers or self.teacher, self.teacher or self.layers
        return ", ".join(s if s == t else f"{s}<-{t}" for s, t in zip(student, teacher, strict=True))


def shrink(maps: Tensor, height: int, width: int) -> Tensor:
    """Maps averaged down to at most this height and width; smaller ones stay as they are."""
    size = (min(height, maps.shape[2]), min(width, maps.shape[3]))
    return maps if size == tuple(maps.shape[2:]) else F.adaptive_avg_pool2d(maps, size)
