"""`kdissect verdict`: did distillation raise, keep or lower interpretability?"""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

from kdissect import __version__

if TYPE_CHECKING:
    from kdissect.records import Record, Store
    from kdissect.verdict import Verdict


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
        str | None, Parameter(help="brodenette, cells, blockmnist, a folder of images, FILE.py:DATASET, or a YAML file")
    ] = None,
    measures: Annotated[str | None, Parameter(help="names with commas; all that the data allow if not given")] = None,
    probe: Annotated[str | None, Parameter(help="images with concept labels: brodenette or a folder")] = None,
    layer: Annotated[str | None, Parameter(help="the layer to dissect; the last stage if not given")] = None,
    image_size: Annotated[int | None, Parameter(help="side of the pictures")] = None,
    images: Annotated[int | None, Parameter(help="test images to explain (1000 if not given, for bands 500)")] = None,
    teacher: Annotated[str | None, Parameter(help="architecture of the network that taught, for weights")] = None,
    teacher_weights: Annotated[str | None, Parameter(help="the teacher's weights")] = None,
    teacher_width: Annotated[int | None, Parameter(help="the teacher's width, of small/resnet*")] = None,
    teacher_stem: Annotated[str | None, Parameter(help="the teacher's stem, of small/resnet*")] = None,
    teacher_layer: Annotated[
        str | None, Parameter(help="the teacher's layer to dissect; --layer, or its last stage, if not given")
    ] = None,
    match_accuracy: Annotated[
        bool, Parameter(negative="", help="of a study with --keep-every: compare once more at equal accuracy")
    ] = False,
    study: Annotated[
        str | None,
        Parameter(
            help="the name of a study of the folder, the one that ran last if not given; with --match-accuracy also "
            "FILE.py:STUDY, if it has classes of your own"
        ),
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
    from kdissect.cli.equal_accuracy import at_equal_accuracy
    from kdissect.cli.weight_groups import Asked, measure_groups, other
    from kdissect.errors import SpecError
    from kdissect.records import Store, is_url
    from kdissect.report import write
    from kdissect.study import judge
    from kdissect.verdict import checked_margins, save, sentence

    console = Console(soft_wrap=True, highlight=False)
    margins = checked_margins(dict(_margin(text) for text in margin))
    of_weights = {
        "--network": network, "--width": width, "--stem": stem, "--data": data, "--measures": measures,
        "--probe": probe, "--layer": layer, "--image-size": image_size, "--images": images, "--teacher": teacher,
        "--teacher-weights": teacher_weights, "--teacher-width": teacher_width, "--teacher-stem": teacher_stem,
        "--teacher-layer": teacher_layer,
    }  # fmt: skip
    aside: tuple[str, ...] = ()
    if is_url(reference) or Path(reference, "store.json").is_file():
        if others:
            raise SpecError("a folder of results stands alone; weights are given as NAME=FILE,FILE,...")
        if given := [word for word, value in of_weights.items() if value]:
            raise SpecError(f"a folder of results was measured already: {', '.join(given)} would change nothing")
        store = Store.open(reference)
        store.fetch()
        named = study if study is not None and (study in store.studies() or not match_accuracy) else None
        runs, held, facts = _of_study(store, arm, named, console)
        if named is not None:
            study = str(store.studies()[named])
    else:
        if study is not None:
            raise SpecError("--study names a study of a folder of results; these are weights")
        if match_accuracy:
            raise SpecError("--match-accuracy needs a folder of results of kdissect run --keep-every 1")
        if data is None or not others or not network or out is None:
            raise SpecError(
                "expected a folder of results, or two groups of weights with --network, --data and --out, for example "
                "kdissect verdict 'scratch=s-*.safetensors' 'KD=k-*.safetensors' --network small/resnet8 "
                "--data brodenette --out verdict"
            )
        taught_by = other(teacher, teacher_weights, teacher_width, teacher_stem, teacher_layer)
        groups = (reference, *others)
        asked = Asked(groups, network, width, stem, taught_by, data, measures, probe, layer, image_size, images)
        if arm is not None and arm not in (names := [text.partition("=")[0] for text in groups]):
            raise SpecError(f"no group {arm!r} to hold the others against; there are {', '.join(names)}")
        runs, facts = measure_groups(asked, out, device, on)
        # Without a teacher the first network of the reference stands in, and agreement with it decides nothing.
        aside = () if taught_by is not None else ("transfer",)
        held, store = arm or next(iter(runs)), Store(out)
    verdicts = judge(runs, held, store, margins=margins, aside=aside)
    folder = (store.path if out is None else out) / "verdict"
    if match_accuracy:
        facts["matched"] = at_equal_accuracy(store, study, folder.parent, held, list(verdicts), margins, device, on)
    facts |= {"command": shlex.join(["kdissect", *sys.argv[1:]]), "kdissect": __version__, "margins": margins}
    save(verdicts, held, folder, facts)
    for name, verdict_of in verdicts.items():
        _show(console, name, held, verdict_of)
    for one in facts.get("matched", {}).values():
        console.print(f"at equal accuracy: {one['sentence']}", markup=False)
    console.print(f"report: {write(folder)}", markup=False)
    if out is None:
        store.publish()
    for name, verdict_of in verdicts.items():
        console.print(sentence(name, held, verdict_of), markup=False, style="bold")


def _of_study(
    store: "Store", arm: str | None, study: str | None, console: Console
) -> "tuple[Mapping[str, list[list[Record]]], str, dict[str, Any]]":
    """The runs of a finished study's students, what they are held against, and facts for the page."""
    from kdissect.errors import RecordError
    from kdissect.records import described
    from kdissect.study import levels, runs_of, unfinished

    found = described(store, study)
    held, left_out = arm or str(found.get("reference")), unfinished(store, study)
    names = [one["name"] for one in found["arms"]]
    if held in left_out or len(left_out) == len(names):
        first = left_out.get(held) or next(iter(left_out.values()))
        raise RecordError(f"{first} is not done; finish the study, then ask again (kdissect status {store.where})")
    for name, title in left_out.items():
        console.print(f"without {name}: {title} is not done", markup=False)
    if len(others := store.studies()) > 1:
        told = ", ".join(name for name in others if name != found["name"])
        console.print(f"the study {found['name']}; --study names another: {told}", markup=False)
    every = runs_of(store, study, left_out)
    students = {one["name"] for one in found["arms"] if one["role"] != "teacher"}
    runs = {name: members for name, members in every.items() if name in {*students, held}}
    return runs, held, {"study": found["name"], "dataset": found["dataset"].get("kind", ""), "levels": levels(every)}


def _margin(text: str) -> tuple[str, float]:
    from kdissect.errors import SpecError

    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise SpecError(f"expected FAMILY=NUMBER for --margin, got {text!r}") from None


def _show(console: Console, name: str, reference: str, found: "Verdict") -> None:
    if not console.is_terminal:
        console.width = 120
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
