"""Sizes of studies: all that differs between a study in seconds, in minutes, and at the paper's scale."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

from kdissect.data import Dataset, ProbeSource
from kdissect.distill import Method
from kdissect.models import Network
from kdissect.study.arm import Arm
from kdissect.training import Recipe

Size = Literal["tiny", "small", "full"]
SIZES: dict[Size, str] = {
    "tiny": "seconds on one core, a test that it runs; its numbers say nothing",
    "small": "minutes on two cores, on drawn pictures; the size where none is named",
    "full": "the paper's scale: ImageNet and Broden, with --data FOLDER --probe FOLDER",
}
"""What each size is, in a few words."""


@final
@dataclass(frozen=True)
class Kind:
    """A student of another architecture.

    Attributes:
        name: of the architecture, for arms and tables.
        network: the student.
        layer: its late layer that is dissected.
        recipe: its own, where it learns less with the others'; the same with and without a teacher.
    """

    name: str
    network: Network
    layer: str
    recipe: Recipe | None = None


@final
@dataclass(frozen=True)
class Scale:
    """One size.

    Attributes:
        size: its name.
        dataset: what is trained and tested on.
        probe: what is dissected on.
        student: the network that is taught.
        teacher: the arm `teacher`: a larger network that learnt with cross-entropy.
        smooth_teacher: the arm `teacher-LS`: the same network, trained with label smoothing.
        vit: the arm `teacher-ViT`: a vision transformer, with the layer of its own that is dissected.
        recipe: of all students.
        methods: objectives by the name that the preset gives them.
        layer: the student's layer that is dissected; the teacher has one of the same name.
        kinds: students of other architectures; the first is the student itself.
        seeds: training seeds.
        figure_seeds: of the paper's central comparison, which may have more.
        feature_seeds: of feature distillation, which may have fewer: SSKD shows every image four times.
        temperatures: at which a teacher with label smoothing teaches.
        grid: temperatures, and weights of the teacher's term (0 to 1), that are crossed.
        generations: how many times a student teaches the next.
        checkpoints: epochs that are measured over training time.
        images: how many test images the measures by image look at.
    """

    size: Size
    dataset: Dataset
    probe: ProbeSource
    student: Network
    teacher: Arm
    smooth_teacher: Arm
    vit: Arm
    recipe: Recipe
    methods: Mapping[str, Method]
    layer: str
    kinds: tuple[Kind, ...]
    seeds: tuple[int, ...]
    figure_seeds: tuple[int, ...]
    feature_seeds: tuple[int, ...]
    temperatures: tuple[float, ...]
    grid: tuple[tuple[float, ...], tuple[float, ...]]
    generations: int
    checkpoints: tuple[int, ...]
    images: int
