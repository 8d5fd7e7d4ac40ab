"""One arm of a study."""

from collections.abc import Mapping
from typing import Any, Literal, Self, final

from pydantic import Field, field_serializer, field_validator, model_validator

from kdissect.distill import Objective, as_objective
from kdissect.distill.terms.term import Term, Weighted
from kdissect.models import Network
from kdissect.specs import Spec
from kdissect.training import Recipe


@final
class Arm(Spec):
    """A name, a network, an objective and a teacher.

    Attributes:
        name: short and unique in the study; letters, digits, `-` and `_`.
        network: what is trained, or, without an objective, the trained network itself.
        objective: what it minimises; None for a network that comes trained.
        teacher: name of the arm that teaches; several names are an ensemble (the mean of their logits); None for none.
        recipe: another recipe than the study's; a comparison with such an arm is not one of equal budgets,
            and the report says so.
        role: `teacher` arms are trained (or loaded) once, with the study's first seed.
        run: number of the training run that an arm which comes trained stands for. Images that every arm gets right are
            those of the arms of one number, as in a study they are those of the arms of one seed; None goes with all.
        stated_accuracy: accuracy that a network which comes trained is said to have, 0 to 1; checked.
        layer: the layer that measures of one layer look at in this arm, where another architecture names its layers
            otherwise; None for the measure's own.
        place: where the arm stands on the axes of its study, for tables and curves, as in `{"temperature": 4}`; kept as
            pairs, and decides no result.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_\-]+$")
    network: Network
    objective: Objective | None = None
    teacher: str | tuple[str, ...] | None = None
    recipe: Recipe | None = None
    role: Literal["teacher", "student"] = "student"
    run: int | None = None
    stated_accuracy: float | None = Field(default=None, ge=0, le=1)
    layer: str | None = None
    place: tuple[tuple[str, int | float | str], ...] = ()

    @field_validator("place", mode="before")
    @classmethod
    def _pairs(cls, value: Any) -> Any:
        return tuple(value.items()) if isinstance(value, Mapping) else value

    @field_serializer("place")
    def _as_mapping(self, place: tuple[tuple[str, int | float | str], ...]) -> dict[str, int | float | str]:
        return dict(place)

    @field_validator("objective", mode="before")
    @classmethod
    def _a_term_alone(cls, value: Any) -> Any:
        return as_objective(value) if isinstance(value, Term | Weighted) else value

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        if self.objective is None and self.network.weights is None:
            raise ValueError(f"arm {self.name} has neither an objective to train with nor weights")
        needs = self.objective is not None and self.objective.needs_teacher
        if needs and self.teacher is None:
            raise ValueError(f"arm {self.name} has a term that needs a teacher; name the arm that teaches")
        if len(set(self.teachers)) < len(self.teachers) or self.teacher == ():
            raise ValueError(f"arm {self.name}: the members of an ensemble differ, got {self.teacher}")
        if self.teacher is not None and not needs:
            raise ValueError(f"arm {self.name} has a teacher, and no term that reads it")
        return self

    @property
    def teachers(self) -> tuple[str, ...]:
        """Names of the arms that teach; none, one, or the members of an ensemble."""
        if self.teacher is None:
            return ()
        return (self.teacher,) if isinstance(self.teacher, str) else self.teacher

    @property
    def formula(self) -> str:
        """The resolved objective, or `as it came`."""
        return self.objective.formula if self.objective else "as it came"
