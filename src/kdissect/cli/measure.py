"""`kdissect measure`: every measure on one trained network."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from kdissect.data import ProbeSource
    from kdissect.models import Network
    from kdissect.records import Record
    from kdissect.study import Study


def measure(
    *,
    network: Annotated[
        str, Parameter(help="architecture: small/resnet8, torchvision/NAME, timm/NAME, FILE.py:FACTORY")
    ],
    weights: Annotated[str, Parameter(help="its weights: a file, torchvision:TAG, timm:TAG or kdissect:NAME")],
    data: Annotated[
        str, Parameter(help="brodenette, cells, blockmnist, a folder of images, FILE.py:DATASET, or a YAML file")
    ],
    out: Annotated[Path, Parameter(help="folder of results; made if missing")],
    measures: Annotated[str | None, Parameter(help="names with commas; all that the data allow if not given")] = None,
    probe: Annotated[
        str | None, Parameter(help="images with concept labels, for detectors: brodenette or a folder")
    ] = None,
    layer: Annotated[str | None, Parameter(help="the layer to dissect; the last stage if not given")] = None,
    width: Annotated[int | None, Parameter(help="channels of the first stage, of small/resnet*")] = None,
    stem: Annotated[str | None, Parameter(help="of small/resnet*: full, half or quarter")] = None,
    image_size: Annotated[int | None, Parameter(help="side of the pictures")] = None,
    images: Annotated[int | None, Parameter(help="test images to explain (1000 if not given, for bands 500)")] = None,
    teacher: Annotated[str | None, Parameter(help="architecture of a network to hold it against")] = None,
    teacher_weights: Annotated[str | None, Parameter(help="the teacher's weights")] = None,
    teacher_width: Annotated[int | None, Parameter(help="the teacher's width, of small/resnet*")] = None,
    teacher_stem: Annotated[str | None, Parameter(help="the teacher's stem, of small/resnet*")] = None,
    teacher_layer: Annotated[
        str | None, Parameter(help="the teacher's layer to dissect; --layer, or its last stage, if not given")
    ] = None,
    device: Annotated[str, Parameter(help="cpu, cuda, cuda:1, ... or auto")] = "auto",
    on: Annotated[str, Parameter(help="local, processes:N, or auto")] = "auto",
) -> None:
    """Measure one trained network: accuracy, class similarity, localisation, gradients, faithfulness, and so on.

    Results are kept under the digest of all that made them: a second call does only what is missing.
    """
    from kdissect.cli.student import find_dataset
    from kdissect.errors import SpecError
    from kdissect.report import write
    from kdissect.study import measures_for, study_at_hand

    if (teacher is None) != (teacher_weights is None):
        raise SpecError("--teacher and --teacher-weights go together")
    dataset = find_dataset(data, image_size)
    own = build_network(network, weights, dataset.num_classes, width, stem)
    other = None
    if teacher is not None and teacher_weights is not None:
        other = build_network(teacher, teacher_weights, dataset.num_classes, teacher_width, teacher_stem)
    source = find_probe(probe, image_size)
    chosen = measures_for(
        words_of(measures), dataset, source, [own], layer=layer, teacher=other, teacher_layer=teacher_layer,
        images=images,
    )  # fmt: skip
    study = study_at_hand({"network": [own]}, dataset, source, chosen, teacher=other)
    runs = run_at_hand(study, out, device, on)
    show(runs["network-1"][0], weights)
    Console(soft_wrap=True, highlight=False).print(f"report: {write(out)}", markup=False)


def build_network(architecture: str, weights: str, classes: int, width: int | None, stem: str | None) -> "Network":
    """The spec of a trained network in the words of the command line."""
    from kdissect.models import Network

    fields = {"width": width, "stem": stem} if architecture.startswith("small/") else {}
    given = {name: value for name, value in fields.items() if value is not None}
    return Network(architecture=architecture, num_classes=classes, weights=weights, **given)


def find_probe(name: str | None, image_size: int | None) -> "ProbeSource | None":
    """The probe that a word means: brodenette, a Broden folder, or a packed one.

    Raises:
        DataError: there is no such folder, or it is no probe.
    """
    from kdissect.data import BrodenetteProbe, BrodenFolder, PackedFolder
    from kdissect.data.brodenette import World
    from kdissect.errors import DataError

    if name is None:
        return None
    if name == "brodenette":
        return BrodenetteProbe(world=World(size=image_size)) if image_size is not None else BrodenetteProbe()
    folder = Path(name)
    if (folder / "index.csv").is_file():
        return BrodenFolder(path=name)
    if (folder / "header.json").is_file():
        return PackedFolder(path=name)
    raise DataError(f"expected brodenette, or a folder with a probe (index.csv or header.json), got {name}")


def words_of(measures: str | None) -> list[str] | None:
    """The names between the commas; None if none were given."""
    return None if measures is None else [word.strip() for word in measures.split(",") if word.strip()]


def run_at_hand(study: "Study", out: Path, device: str, on: str) -> "dict[str, list[list[Record]]]":
    """Do what is missing of a study of trained networks; its records by arm."""
    from kdissect.cli.device import choose_device
    from kdissect.records import Store
    from kdissect.study import Runner, TerminalWatch, find_places, runs_of

    console = Console(soft_wrap=True, highlight=False)
    where, store = choose_device(device), Store.create(out)
    with TerminalWatch(console) as watch:
        records = Runner(study, store, where, watch, find_places(on, where)).run()
    chance, images = 1 / study.dataset.num_classes, len(study.dataset.split("val"))
    for record in records:
        if record.kind != "train":
            continue
        found = record.score("val_accuracy").value or 0.0
        if found < chance + 4 * (chance * (1 - chance) / images) ** 0.5:
            console.print(
                f"note: {study.arm(record.arm).network.weights} is at chance, {found:.1%} of the val split right; was "
                "that meant? If not, check --width, --stem and the order of the classes",
                markup=False,
            )
    return runs_of(store)


def show(records: "Iterable[Record]", title: str) -> None:
    """Print the scores."""
    console = Console(soft_wrap=True, highlight=False)
    if not console.is_terminal:
        console.width = 120  # names of scores are for copying
    table = Table(box=None, pad_edge=False, title=title, title_justify="left")
    for head in ("measure", "score", "value", "all images", "unit", "better"):
        table.add_column(head, justify="right" if head in ("value", "all images") else "left")
    for record in records:
        of_all = {score.name.removesuffix("/all"): score for score in record.scores if score.name.endswith("/all")}
        for score in record.scores:
            if score.name in of_all or not score.name.endswith("/all"):
                value, every = (
                    "" if one is None else "not defined" if one.value is None else f"{one.value:.4g}"
                    for one in (score, of_all.get(score.name))
                )
                better = "" if score.direction == "neither" else score.direction
                table.add_row(record.kind, score.name, value, every, score.unit, better)
    console.print(table)
    console.print(
        "value: over the test images that it classifies correctly, where a column says all images", markup=False
    )
