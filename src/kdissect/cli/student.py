"""The words of `kdissect train` as a study."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from kdissect.errors import DataError, SpecError

if TYPE_CHECKING:
    from kdissect.data import Dataset
    from kdissect.distill import Method
    from kdissect.models import Network
    from kdissect.study import Study


def student_study(
    *,
    data: str,
    network: str,
    objective: str | None,
    preset: str | None,
    width: int | None,
    stem: str | None,
    weights: str | None,
    teachers: tuple[str, ...],
    teacher_widths: tuple[int, ...],
    teacher_weights: tuple[str, ...],
    teacher_objective: str | None,
    teacher_accuracy: float | None,
    generations: int,
    image_size: int | None,
    recipe: Path | None,
    seed: int,
    changes: dict[str, Any],
) -> "Study":
    """The study that the words of `kdissect train` describe.

    Raises:
        SpecError: a word has no meaning, or two contradict each other.
        DataError: a file is missing.
    """
    from kdissect.distill import CE, as_objective, parse_objective
    from kdissect.study import Teaching, one_student, teaching_of
    from kdissect.training import Recipe

    dataset = find_dataset(data, image_size)
    classes = dataset.num_classes

    def build(architecture: str, wide: int | None, loaded: str | None) -> "Network":
        from kdissect.models import Network

        small = architecture.startswith("small/")
        fields = {"width": wide, "stem": stem} if small else {}
        fields = {name: value for name, value in fields.items() if value is not None}
        return Network(architecture=architecture, num_classes=classes, weights=loaded, **fields)

    if (objective is None) == (preset is None):
        raise SpecError('give --objective "CE + KD(T=4)" or --preset NAME:METHOD, one of them')
    student = build(network, width, weights)
    names = [name for name in teachers if name != "self"]
    if len(names) < len(teachers) and (names or len(teachers) > 1):
        raise SpecError("--teacher self stands alone: a student learns from itself or from others")
    for what, given in (("--teacher-width", teacher_widths), ("--teacher-weights", teacher_weights)):
        if given and len(given) != len(names):
            raise SpecError(f"{what} is given once for each --teacher, got {len(given)} for {len(names)}")
    if generations < 1 or (generations > 1 and teachers != ("self",)):
        raise SpecError(f"--generations is 1 or more, and goes with --teacher self, got {generations}")
    others = tuple(
        build(name, teacher_widths[k] if teacher_widths else None, teacher_weights[k] if teacher_weights else None)
        for k, name in enumerate(names)
    )
    method = find_method(preset) if preset is not None else None
    if method is not None:
        teaching = teaching_of(method, others, teacher_accuracy)
        wanted, base = method.objective, method.recipe
    else:
        assert objective is not None
        first = parse_objective(teacher_objective) if teacher_objective is not None else as_objective(CE())
        own = generations if teachers == ("self",) else 0
        teaching = Teaching(others, first, teacher_accuracy, own)
        wanted, base = parse_objective(objective), Recipe(epochs=30)
    if recipe is not None:
        base = Recipe.from_mapping({**base.model_dump(mode="json"), **_mapping(recipe)})
    base = base.changed(**{name: value for name, value in changes.items() if value is not None})
    return one_student(dataset, student, wanted, base, teaching, seeds=(seed,))


def find_dataset(name: str, image_size: int | None) -> "Dataset":
    """The data set that a word means.

    Raises:
        SpecError: it is none.
        DataError: there is no such folder or file.
    """
    from kdissect.data import DATASETS, BlockMnist, Brodenette, Cells, Dataset, ImageFolder
    from kdissect.data.brodenette import World
    from kdissect.specs import member_of
    from kdissect.user_code import find_in_file

    if name == "brodenette":
        return Brodenette(world=World(size=image_size)) if image_size is not None else Brodenette()
    if name == "cells":
        return Cells(size=image_size) if image_size is not None else Cells()
    if name == "blockmnist":
        if image_size is not None:
            raise SpecError(f"blockmnist has pictures of 56 x 28 px, got --image-size {image_size}; leave it out")
        return BlockMnist()
    if ".py:" in name:
        found = find_in_file(name)
        found = found() if callable(found) else found
        if not isinstance(found, Dataset):
            raise SpecError(f"{name} must be a data set, or a function that returns one, got {type(found).__name__}")
        return found
    path = Path(name)
    if path.is_dir():
        return ImageFolder(path=name, size=image_size) if image_size is not None else ImageFolder(path=name)
    if path.suffix in (".yaml", ".yml", ".json"):
        fields = _mapping(path)
        try:
            read = member_of(fields, DATASETS)
        except ValueError as error:
            raise SpecError(f"{path}: {error}") from None
        assert isinstance(read, Dataset)
        return read
    raise DataError(
        f"expected brodenette, cells, blockmnist, a folder of images, FILE.py:DATASET or a YAML, there is no {name}"
    )


def find_method(name: str) -> "Method":
    """The method of `PRESET:METHOD`.

    Raises:
        SpecError: there is none; lists those there are.
    """
    from kdissect.distill import PRESETS

    preset, _, method = name.partition(":")
    by_name = {one.__name__: one for one in PRESETS}
    if preset not in by_name:
        raise SpecError(f"no preset {preset!r}; there are {', '.join(by_name)}")
    methods = {one.name: one for one in by_name[preset]()}
    if method not in methods:
        raise SpecError(f"the preset {preset} has no method {method!r}; it has {', '.join(methods)}")
    return methods[method]


def _mapping(path: Path) -> dict[str, Any]:
    import yaml

    if not path.is_file():
        raise DataError(f"expected a YAML or JSON file, there is no {path}")
    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SpecError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(fields, dict):
        raise SpecError(f"{path} must hold names and values, got {type(fields).__name__}")
    return fields
