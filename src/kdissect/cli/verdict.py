"""`kdissect verdict`: did distillation raise, keep or lower interpretability?"""

from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from kdissect.models import Network
    from kdissect.records import Record
    from kdissect.verdict import Verdict


_Given = TypeVar("_Given", str, int)


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
        str | None, Parameter(help="brodenette, blockmnist, a folder of images, FILE.py:DATASET, or a YAML file")
    ] = None,
    measures: Annotated[str | None, Parameter(help="names with commas; all that the data allow if not given")] = None,
    probe: Annotated[str | None, Parameter(help="images with concept labels: brodenette or a folder")] = None,
    layer: Annotated[str | None, Parameter(help="the layer to dissect; the last stage if not given")] = None,
    image_size: Annotated[int | None, Parameter(help="side of the pictures")] = None,
    images: Annotated[int | None, Parameter(help="test images that explanations are made for (default 1000)")] = None,
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
    from kdissect.study import described, judge, runs_of
    from kdissect.verdict import save, sentence

    console = Console(soft_wrap=True, highlight=False)
    margins = dict(_margin(text) for text in margin)
    if Path(reference, "store.json").is_file():
        if others:
            raise SpecError("a folder of results stands alone; weights are given as NAME=FILE,FILE,...")
        store = Store(reference)
        study = described(store)
        students = {one["name"] for one in study["arms"] if one["role"] != "teacher"}
        runs = {
            name: members for name, members in runs_of(store).items() if name in {*students, arm or study["reference"]}
        }
        held = arm or study["reference"]
        facts: dict[str, Any] = {"study": study["name"], "dataset": study["dataset"].get("kind", "")}
    else:
        if data is None or not others or not network or out is None:
            raise SpecError(
                "expected a folder of results, or two groups of weights with --network, --data and --out, for example "
                "kdissect verdict 'scratch=s-*.safetensors' 'KD=k-*.safetensors' --network small/resnet8 "
                "--data brodenette --out verdict"
            )
        runs, facts = _measured(
            (reference, *others),
            out,
            network,
            width,
            stem,
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
    verdicts = judge(runs, held, store, margins=margins)
    folder = (store.path if out is None else out) / "verdict"
    save(verdicts, held, folder, facts)
    for name, found in verdicts.items():
        _show(console, name, held, found)
    console.print(f"report: {write(folder)}", markup=False)
    for name, found in verdicts.items():
        console.print(sentence(name, held, found), markup=False, style="bold")


def _measured(
    groups: tuple[str, ...],
    out: Path,
    network: tuple[str, ...],
    width: tuple[int, ...],
    stem: tuple[str, ...],
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
    for name, networks in found.items():
        if len(networks) < 2:
            raise SpecError(
                f"expected two training seeds or more of {name}, got one: one run cannot tell what distillation did "
                "from chance; train it with other seeds"
            )
    source = find_probe(probe, image_size)
    every = [one for networks in found.values() for one in networks]
    chosen = measures_for(words_of(measures), dataset, source, every, layer=layer, teacher=True, images=images)
    runs = run_at_hand(study_at_hand(found, dataset, source, chosen), out, device, on)
    by_group = {
        name: [runs[member(name, number)][0] for number in range(1, len(networks) + 1)]
        for name, networks in found.items()
    }
    return by_group, {"dataset": dataset.title, "weights": files_of}


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
