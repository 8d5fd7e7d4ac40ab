"""A study: what is compared, on what, with which measures and seeds."""

from typing import Annotated, Self, final

from pydantic import Field, model_validator

from kdissect.data import DATASETS, PROBES
from kdissect.data.dataset import Dataset
from kdissect.data.probe_source import ProbeSource
from kdissect.measures import MEASURES, Measure
from kdissect.specs import Spec, one_of
from kdissect.study.arm import Arm
from kdissect.training import Recipe


@final
class Study(Spec):
    """An experiment as a value. It checks every pairing before the first epoch.

    Attributes:
        name: short, for example `quick`.
        title: for people.
        dataset: what the networks are trained and tested on.
        probe: images with concept labels; None if no measure needs them.
        arms: what is compared; a teacher may stand anywhere in the list.
        recipe: the same for all arms that have none of their own.
        measures: what is measured on each trained network.
        seeds: training seeds of the students.
        reference: the arm that the others are compared with.
        checkpoints: epochs of the students, rising, after which the measures are made as well, besides after the last
            one; 0 is before training. A teacher, and what comes trained, is measured as it ends.
        teacher_seed: training seed of the teachers; None for the first of `seeds`.
        size: size of a study of the catalogue (`tiny`, `small`, `full`), for people; decides no result.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9_\-]+$")
    title: str
    dataset: Annotated[Dataset, *one_of(lambda: DATASETS)]
    probe: Annotated[ProbeSource, *one_of(lambda: PROBES)] | None = None
    arms: tuple[Arm, ...] = Field(min_length=1)
    recipe: Recipe
    measures: tuple[Annotated[Measure, *one_of(lambda: MEASURES)], ...] = ()
    seeds: tuple[int, ...] = Field(default=(0,), min_length=1)
    reference: str
    checkpoints: tuple[Annotated[int, Field(ge=0)], ...] = ()
    teacher_seed: int | None = None
    size: str | None = None

    @model_validator(mode="after")
    def _pairings_fit(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError(f"arms need unique names, got {', '.join(names)}")
        if self.reference not in names:
            raise ValueError(f"reference: expected one of the arms {', '.join(names)}, got {self.reference!r}")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(f"seeds must differ, got {self.seeds}")
        for arm in self.arms:
            if arm.network.num_classes != self.dataset.num_classes:
                raise ValueError(
                    f"arm {arm.name} has {arm.network.num_classes} classes, the data set has {self.dataset.num_classes}"
                )
            for teacher in arm.teachers:
                if teacher not in names:
                    raise ValueError(f"arm {arm.name}: no arm {teacher!r} to teach it; there are {', '.join(names)}")
            if len({(self.arm(name).network.mean, self.arm(name).network.std) for name in arm.teachers}) > 1:
                raise ValueError(f"arm {arm.name}: the members of an ensemble take images normalised alike")
        self.in_order()
        self._check_checkpoints()
        for measure in self.measures:
            if "probe" in measure.needs and self.probe is None:
                raise ValueError(
                    f"{type(measure).__name__} needs a probe, and there is none; give one (on the command line --probe)"
                )
            if "objects" in measure.needs and not self.dataset.has_objects:
                raise ValueError(
                    f"{type(measure).__name__} needs masks of the labelled objects, and {type(self.dataset).__name__} "
                    "has none here; choose a data set with masks, or leave the measure out"
                )
            if "features" in measure.needs and not self.dataset.has_features:
                raise ValueError(
                    f"{type(measure).__name__} needs to know which part tells a class from its like, and "
                    f"{type(self.dataset).__name__} does not; choose a data set such as Cells, or leave the measure out"
                )
            if "nulls" in measure.needs and not self.dataset.has_nulls:
                raise ValueError(
                    f"{type(measure).__name__} needs to know where nothing tells the class, and "
                    f"{type(self.dataset).__name__} does not; choose a data set such as BlockMnist, or leave the "
                    "measure out"
                )
            if "teacher" in measure.needs and not any(self.teacher_of(arm) for arm in self.arms):
                raise ValueError(
                    f"{type(measure).__name__} needs a teacher, and no arm is one; give an arm the role teacher (on the"
                    " command line --teacher and --teacher-weights)"
                )
        return self

    def _check_checkpoints(self) -> None:
        if list(self.checkpoints) != sorted(set(self.checkpoints)):
            raise ValueError(f"checkpoints are rising epochs, got {self.checkpoints}")
        for arm in self.arms:
            last = self.recipe_of(arm).epochs
            if (kept := self.checkpoints_of(arm)) and kept[-1] >= last:
                raise ValueError(
                    f"checkpoints must be before the last epoch, which is measured anyway: arm {arm.name} has {last} "
                    f"epochs, got {kept[-1]}"
                )

    def arm(self, name: str) -> Arm:
        """The arm of that name."""
        return next(arm for arm in self.arms if arm.name == name)

    def in_order(self) -> tuple[Arm, ...]:
        """The arms, each after its teacher.

        Raises:
            ValueError: arms teach each other in a circle.
        """
        ordered: list[Arm] = []
        waiting = {arm.name: arm for arm in self.arms}
        while waiting:
            ready = [arm for arm in waiting.values() if not any(name in waiting for name in arm.teachers)]
            if not ready:
                raise ValueError(f"the arms {', '.join(waiting)} teach each other in a circle")
            ordered += ready
            for arm in ready:
                del waiting[arm.name]
        return tuple(ordered)

    def generation(self, arm: Arm) -> int:
        """How many teachers of its own kind stand behind an arm: 1 for self-distillation, 2 for the next.

        Such a student starts from other weights than its teacher did, though both have the same seed and network.
        """
        kind = arm.network.model_copy(update={"weights": None})
        behind = [self.arm(name) for name in arm.teachers]
        own = [a for a in behind if a.network.model_copy(update={"weights": None}) == kind]
        return 1 + max(self.generation(teacher) for teacher in own) if own else 0

    def teacher_of(self, arm: Arm) -> Arm | None:
        """The arm that an arm is held against: its only teacher, or else the first arm whose role is teacher.

        None for that one itself.
        """
        if len(arm.teachers) == 1:
            return self.arm(arm.teachers[0])
        return next((one for one in self.arms if one.role == "teacher" and one != arm), None)

    def seeds_of(self, arm: Arm) -> tuple[int, ...]:
        """Training seeds of an arm: a teacher, and a network that comes trained, has one."""
        if arm.role == "teacher" or arm.objective is None:
            return (self.seeds[0] if self.teacher_seed is None else self.teacher_seed,)
        return self.seeds

    def checkpoints_of(self, arm: Arm) -> tuple[int, ...]:
        """Epochs of an arm that are measured besides its last: the study's, of students that are trained."""
        return self.checkpoints if arm.role == "student" and arm.objective is not None else ()

    def measure_of(self, arm: Arm, measure: Measure) -> Measure:
        """The measure as it looks at an arm: at the arm's own layer, and the teacher's, where they have one."""
        fields = type(measure).model_fields
        judge = self.teacher_of(arm) if "teacher" in measure.needs else None
        own: dict[str, str] = {}
        if arm.layer is not None and "layer" in fields:
            own["layer"] = arm.layer
        if "teacher_layer" in fields and judge is not None and judge.layer != arm.layer:
            own["teacher_layer"] = judge.layer or str(dict(measure)["layer"])
        return measure.changed(**own) if own else measure

    def recipe_of(self, arm: Arm) -> Recipe:
        """The arm's recipe."""
        return arm.recipe or self.recipe
