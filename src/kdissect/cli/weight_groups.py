"""Groups of weights in the words of the command line, measured."""

from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kdissect.cli.measure import build_network, find_probe, run_at_hand, words_of
from kdissect.cli.student import find_dataset
from kdissect.errors import DataError, SpecError
from kdissect.models import Network
from kdissect.records import Record
from kdissect.study import levels, measures_for, member, study_at_hand

_Given = TypeVar("_Given", str, int)


class Other(NamedTuple):
    """A network to hold all others against."""

    kind: str
    weights: str
    width: int | None
    stem: str | None
    layer: str | None = None


@dataclass(frozen=True)
class Asked:
    """What was asked for, as it was typed.

    Attributes:
        groups: NAME=FILE,FILE or NAME=GLOB, the reference first.
        network, width, stem: of the networks; once for all, or once for each group.
        teacher: what all are held against; None if nothing was named.
        data, measures, probe, layer, image_size, images: as for `kdissect measure`.
    """

    groups: tuple[str, ...]
    network: tuple[str, ...]
    width: tuple[int, ...]
    stem: tuple[str, ...]
    teacher: Other | None
    data: str
    measures: str | None
    probe: str | None
    layer: str | None
    image_size: int | None
    images: int | None


def other(
    kind: str | None, weights: str | None, width: int | None, stem: str | None, layer: str | None = None
) -> Other | None:
    """The network to hold all others against; None if none was named.

    Raises:
        SpecError: only one of kind and weights is given.
    """
    if (kind is None) != (weights is None):
        raise SpecError("--teacher and --teacher-weights go together")
    return None if kind is None or weights is None else Other(kind, weights, width, stem, layer)


def measure_groups(
    asked: Asked, out: Path, device: str, on: str
) -> tuple[dict[str, list[list[Record]]], dict[str, Any]]:
    """Measure groups of weights; the runs by group, and what was measured on.

    Raises:
        SpecError: a group has one training seed, or the words contradict each other.
        DataError: a file is missing.
    """
    dataset = find_dataset(asked.data, asked.image_size)
    found: dict[str, list[Network]] = {}
    files_of: dict[str, list[str]] = {}
    for number, text in enumerate(asked.groups):
        name, files = _group(text)
        if name in found:
            raise SpecError(f"groups need names of their own, {name!r} stands twice")
        files_of[name] = files
        kind = _of_group("--network", asked.network, number, len(asked.groups))
        assert kind is not None  # the caller saw that one is given
        wide, start = (
            _of_group("--width", asked.width, number, len(asked.groups)),
            _of_group("--stem", asked.stem, number, len(asked.groups)),
        )
        found[name] = [build_network(kind, file, dataset.num_classes, wide, start) for file in files_of[name]]
    for name, members in found.items():
        if len(members) < 2:
            raise SpecError(
                f"expected two training seeds or more of {name}, got one: one run cannot tell what distillation did "
                "from chance; train it with other seeds"
            )
    _refuse_twice(found)
    source = find_probe(asked.probe, asked.image_size)
    every = [one for members in found.values() for one in members]
    taught_by = None
    if (one := asked.teacher) is not None:
        taught_by = build_network(one.kind, one.weights, dataset.num_classes, one.width, one.stem)
    chosen = measures_for(
        words_of(asked.measures), dataset, source, every, layer=asked.layer, teacher=taught_by or every[0],
        teacher_layer=one.layer if one is not None else None, images=asked.images,
    )  # fmt: skip
    study = study_at_hand(found, dataset, source, chosen, teacher=taught_by)
    runs = run_at_hand(study, out, device, on)
    by_group = {
        name: [runs[member(name, number)][0] for number in range(1, len(members) + 1)]
        for name, members in found.items()
    }
    facts: dict[str, Any] = {
        "dataset": dataset.title,
        "weights": files_of,
        "networks": {name: members[0].model_dump(mode="json") for name, members in found.items()},
        "teacher": None if taught_by is None else taught_by.model_dump(mode="json"),
        "measures": [one.model_dump(mode="json") for one in chosen],
        "study": str(out / "study.json"),
    }
    # Without a teacher these would be levels of agreement with a network that taught nobody.
    return by_group, facts | ({"levels": levels(by_group)} if taught_by is not None else {})


def _refuse_twice(groups: dict[str, list[Network]]) -> None:
    """Refuse the same weights under two names: one training run is one seed.

    Raises:
        SpecError: names the files.
    """
    seen: dict[str | None, str | None] = {}
    for network in (network for members in groups.values() for network in members):
        digest = network.weights_digest()
        if digest in seen:
            raise SpecError(
                f"{seen[digest]} and {network.weights} hold the same weights: expected each training run once, "
                "for one run given twice says nothing about chance"
            )
        seen[digest] = network.weights


def _group(text: str) -> tuple[str, list[str]]:
    """Name and files of NAME=FILE,FILE or NAME=GLOB."""
    name, separator, rest = text.partition("=")
    if not separator or not name.replace("-", "").replace("_", "").isalnum():
        raise SpecError(f"expected a folder of results or NAME=FILE,FILE,..., got {text!r}")
    files = [file for part in rest.split(",") for file in (sorted(glob(part)) if glob(part) else [part])]  # noqa: PTH207
    for file in files:
        if not Path(file).is_file():
            raise DataError(f"{name}: there is no {file}")
    return name, files


def _of_group(word: str, values: tuple[_Given, ...], number: int, groups: int) -> _Given | None:
    """What was given for a group; None if nothing was."""
    if len(values) not in (0, 1, groups):
        raise SpecError(f"{word} is given once, or once for each of the {groups} groups, got {len(values)}")
    return None if not values else values[number if len(values) > 1 else 0]
