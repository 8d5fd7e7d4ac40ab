"""`kdissect verdict`: did distillation raise, keep or lower interpretability?"""

from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from kdissect.models import Network
    from kdissect.records import Record, Store
    from kdissect.verdict import Verdict


_Given = TypeVar("_Given", str, int)


class Networks(NamedTuple):
    """What was said of the groups' networks: once for all, or once for each group."""

    kinds: tuple[str, ...]
    widths: tuple[int, ...]
    stems: tuple[str, ...]


class Other(NamedTuple):
    """A network to hold all others against."""

    kind: str
    weights: str
    width: int | None
    stem: str | None


def verdict(
    reference: Annotated[
        str, Parameter(help="a folder of results of kdissect run; or weights to hold the others against")
    ],
    *others: Annotated[str, Parameter(help="weights to judge: NAME=FILE,FILE,... or NAME='FOLDER/*.safetensors'")],
    out: Annotated[Path | None, Parameter(help="folder of results; the study's own if not given")] = None,
    arm: Annotated[str | None, Parameter(help="of a study: what the others are held against")] = None,
    network: Annotated[tuple[str, ...], Parameter(help="architecture; once for all, or once for each group")] = (),
    width: Annotated[tuple[int, ...], Parameter(help="of small/resnet*; once for all, or once for each group")] = (),
    stem: Annotated[tuple[str, ...], Parameter(help="of small/resnet*; once for all, or once for each group")] = (),
    data: Annotated[
        str | None, Parameter(help="brodenette, a folder of images, FILE.py:DATASET, or a YAML file")
    ] = None,
    measures: Annotated[str | None, Parameter(help="names with commas; all that the data allow if not given")] = None,
    probe: Annotated[str | None, Parameter(help="images with concept labels: brodenette or a folder")] = None,
    layer: Annotated[str | None, Parameter(help="the layer to dissect; the last stage if not given")] = None,
    image_size: Annotated[int | None, Parameter(help="side of the pictures")] = None,
    images: Annotated[int | None, Parameter(help="test images that explanations are made for (default 1000)")] = None,
    teacher: Annotated[str | None, Parameter(help="architecture of the network that taught, for weights")] = None,
    teacher_weights: Annotated[str | None, Parameter(help="the teacher's weights")] = None,
    teacher_width: Annotated[int | None, Parameter(help="the teacher's width, of small/resnet*")] = None,
    teacher_stem: Annotated[str | None, Parameter(help="the teacher's stem, of small/resnet*")] = None,
    match_accuracy: Annotated[
        bool, Parameter(negative="", help="of a study with --keep-every: compare once more at equal accuracy")
    ] = False,
    study: Annotated[
        str | None, Parameter(help="the study of the folder, if it has classes of your own: FILE.py:STUDY")
    ] = None,
    margin: Annotated[
        tuple[str, ...], Parameter(help="a margin of one's own: FAMILY=NUMBER, in the score's unit")
    ] = (),
    device: Annotated[str, Parameter(help="cpu, cuda, cuda:1, ... or auto")] = "auto",
    on: Annotated[str, Parameter(help="local, processes:N, or auto")] = "auto",
) -> None:
    """Say whether networks are more, as, or less interpretable than a reference, over training seeds.

    With a folder of results every arm of that study is held against its reference. With weights, each group is one kind
    of network trained with several seeds; the first is the reference.
    """
    from kdissect.errors import SpecError
    from kdissect.records import Store
    from kdissect.report import write
    from kdissect.study import described, judge, levels, runs_of
    from kdissect.verdict import save, sentence

    console = Console(soft_wrap=True, highlight=False)
    margins = dict(_margin(text) for text in margin)
    aside: tuple[str, ...] = ()
    if Path(reference, "store.json").is_file():
        if others:
            raise SpecError("a folder of results stands alone; weights are given as NAME=FILE,FILE,...")
        store = Store(reference)
        found = described(store)
        every = runs_of(store)
        students = {one["name"] for one in found["arms"] if one["role"] != "teacher"}
        held = arm or found["reference"]
        runs = {name: members for name, members in every.items() if name in {*students, held}}
        facts: dict[str, Any] = {
            "study": found["name"],
            "dataset": found["dataset"].get("kind", ""),
            "levels": levels(every),
        }
    else:
        if match_accuracy:
            raise SpecError("--match-accuracy needs a folder of results of kdissect run --keep-every 1")
        if data is None or not others or not network or out is None:
            raise SpecError(
                "expected a folder of results, or two groups of weights with --network, --data and --out, for example "
                "kdissect verdict 'scratch=s-*.safetensors' 'KD=k-*.safetensors' --network small/resnet8 "
                "--data brodenette --out verdict"
            )
        if (teacher is None) != (teacher_weights is None):
            raise SpecError("--teacher and --teacher-weights go together")
        # Without a teacher the first network of the reference stands in, and agreement with it decides nothing.
        aside = ("transfer",) if teacher is None else ()
        runs, facts = _measured(
            (reference, *others),
            out,
            Networks(network, width, stem),
            None
            if teacher is None or teacher_weights is None
            else Other(teacher, teacher_weights, teacher_width, teacher_stem),
            data,
            measures,
            probe,
            layer,
            image_size,
            images,
            device,
            on,
        )
        held, store = arm or next(iter(runs)), Store(out)
        facts["levels"] = levels(runs)
    verdicts = judge(runs, held, store, margins=margins, aside=aside)
    folder = (store.path if out is None else out) / "verdict"
    if match_accuracy:
        facts["matched"] = _at_equal_accuracy(store, study, folder.parent, held, list(verdicts), margins, device, on)
    save(verdicts, held, folder, facts)
    for name, verdict_of in verdicts.items():
        _show(console, name, held, verdict_of)
    for one in facts.get("matched", {}).values():
        console.print(f"at equal accuracy: {one['sentence']}", markup=False)
    console.print(f"report: {write(folder)}", markup=False)
    for name, verdict_of in verdicts.items():
        console.print(sentence(name, held, verdict_of), markup=False, style="bold")


def _measured(
    groups: tuple[str, ...],
    out: Path,
    networks: Networks,
    teacher: Other | None,
    data: str,
    measures: str | None,
    probe: str | None,
    layer: str | None,
    image_size: int | None,
    images: int | None,
    device: str,
    on: str,
) -> "tuple[dict[str, list[list[Record]]], dict[str, Any]]":
    """Measure groups of weights; the runs by group, and what was measured on."""
    from kdissect.cli.measure import build_network, find_probe, run_at_hand, words_of
    from kdissect.cli.student import find_dataset
    from kdissect.errors import SpecError
    from kdissect.study import measures_for, member, study_at_hand

    dataset = find_dataset(data, image_size)
    network, width, stem = networks
    found: dict[str, list[Network]] = {}
    files_of: dict[str, list[str]] = {}
    for number, text in enumerate(groups):
        name, files = _group(text)
        if name in found:
            raise SpecError(f"groups need names of their own, {name!r} stands twice")
        files_of[name] = files
        kind = _of_group("--network", network, number, len(groups))
        assert kind is not None  # the caller saw that one is given
        wide, start = (_of_group("--width", width, number, len(groups)), _of_group("--stem", stem, number, len(groups)))
        found[name] = [build_network(kind, file, dataset.num_classes, wide, start) for file in files_of[name]]
    for name, members in found.items():
        if len(members) < 2:
            raise SpecError(
                f"expected two training seeds or more of {name}, got one: one run cannot tell what distillation did "
                "from chance; train it with other seeds"
            )
    source = find_probe(probe, image_size)
    every = [one for members in found.values() for one in members]
    taught_by = None
    if teacher is not None:
        taught_by = build_network(teacher.kind, teacher.weights, dataset.num_classes, teacher.width, teacher.stem)
    chosen = measures_for(words_of(measures), dataset, source, every, layer=layer, teacher=True, images=images)
    runs = run_at_hand(study_at_hand(found, dataset, source, chosen, teacher=taught_by), out, device, on)
    by_group = {
        name: [runs[member(name, number)][0] for number in range(1, len(members) + 1)]
        for name, members in found.items()
    }
    return by_group, {"dataset": dataset.title, "weights": files_of}


def _at_equal_accuracy(
    store: "Store",
    name: str | None,
    out: Path,
    held: str,
    arms: list[str],
    margins: dict[str, float],
    device: str,
    on: str,
) -> dict[str, Any]:
    """For each arm what the verdict would be at equal accuracy, as JSON."""
    from dataclasses import asdict

    from kdissect.cli.measure import run_at_hand
    from kdissect.records import Store
    from kdissect.study import find_study, judge, match_accuracy, member
    from kdissect.verdict import sentence, without_images

    study = find_study(name or str(store.path / "study.json"))
    pairs = {arm: match_accuracy(study, store, arm, held) for arm in arms}
    found: dict[str, Any] = {}
    for arm, matched in pairs.items():
        folder = out / "matched" / arm
        runs = run_at_hand(matched.study(study), folder, device, on)
        by_group = {
            group: [runs[member(group, number)][0] for number in range(1, len(networks) + 1)]
            for group, networks in matched.networks.items()
        }
        verdict = judge(by_group, held, Store(folder), margins=margins)[arm]
        found[arm] = {
            "sentence": sentence(arm, held, verdict),
            "earlier": matched.earlier,
            "target": matched.target,
            "epochs": matched.epochs,
            "accuracies": matched.accuracies,
            **without_images(asdict(verdict)),
        }
    return found


def _group(text: str) -> tuple[str, list[str]]:
    """Name and files of NAME=FILE,FILE or NAME=GLOB."""
    from kdissect.errors import DataError, SpecError

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
    from kdissect.errors import SpecError

    if len(values) not in (0, 1, groups):
        raise SpecError(f"{word} is given once, or once for each of the {groups} groups, got {len(values)}")
    return None if not values else values[number if len(values) > 1 else 0]


def _margin(text: str) -> tuple[str, float]:
    from kdissect.errors import SpecError

    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise SpecError(f"expected FAMILY=NUMBER for --margin, got {text!r}") from None


def _show(console: Console, name: str, reference: str, found: "Verdict") -> None:
    table = Table(box=None, pad_edge=False, title=f"{name} against {reference}", title_justify="left")
    for head in ("", "verdict", name, reference, "difference (95 %)", "p (Holm)"):
        table.add_column(head, justify="left" if head in ("", "verdict") else "right", no_wrap=True)
    for one in (*found.families, *found.confounders):
        means = [sum(side.values) / len(side.values) for side in (one.arm, one.reference)]
        low, high = one.difference.low, one.difference.high
        between = "" if low is None or high is None else f" ({low:+.2g} to {high:+.2g})"
        table.add_row(
            one.family or one.score.partition(".")[2],
            one.call or "",
            *(f"{mean:.3g}" for mean in means),
            f"{one.difference.mean:+.2g}{between}",
            "" if one.adjusted_p is None else f"{one.adjusted_p:.3g}",
        )
    console.print(table)
