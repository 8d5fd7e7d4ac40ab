"""`kdissect data`: data sets as packed probes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.console import Console

if TYPE_CHECKING:
    from kdissect.data.probe import Probe

data = App(name="data", help="Pack data sets as probes that are read at the speed of the disk.")

Out = Annotated[Path, Parameter(help="folder of the packed probe; must not exist yet, or be empty")]
Size = Annotated[int, Parameter(help="height and width of the pictures")]
LabelSize = Annotated[int, Parameter(help="height and width of the label maps")]
Frequency = Annotated[int, Parameter(help="leave out names that fewer images have")]


@data.command
def broden(
    *,
    source: Annotated[str, Parameter(name="--from", help="zip archive, folder, or address of a zip archive")],
    out: Out,
    md5: Annotated[str | None, Parameter(help="checksum of the archive; `none` compares none")] = None,
) -> None:
    """Verify and pack Broden (224, 227 or 384), or any folder in its format.

    The authors' server is often unreachable; a copy of the archive, or a mirror's address, works as well. A run that
    was stopped goes on where it was.
    """
    from kdissect.cli.steps import Steps
    from kdissect.data import pack_broden

    with Steps() as steps:
        packed = pack_broden(source, out, md5=md5, progress=steps.tell)
    console = _console()
    for note in packed.notes:
        console.print(note, markup=False)
    _done(packed.path, console)


@data.command
def coco(
    *,
    annotations: Annotated[Path, Parameter(help="JSON file of instances")],
    images: Annotated[Path, Parameter(help="folder of the images")],
    out: Out,
    size: Size = 224,
    label_size: LabelSize = 112,
    min_frequency: Frequency = 1,
) -> None:
    """Pack images with instance masks in COCO's format; every category is an object."""
    from kdissect.data import coco_probe

    options = {"size": size, "label_size": label_size, "min_frequency": min_frequency}
    _pack(coco_probe(annotations, images, **options), out, annotations)


@data.command
def masks(
    *,
    source: Annotated[Path, Parameter(name="--from", help="folder with images/ and masks/CONCEPT/*.png")],
    out: Out,
    size: Size = 224,
    label_size: LabelSize = 112,
    min_frequency: Frequency = 1,
) -> None:
    """Pack images with mask files, one folder a concept, or masks/CATEGORY/CONCEPT."""
    from kdissect.data import mask_probe

    _pack(mask_probe(source, size=size, label_size=label_size, min_frequency=min_frequency), out, source)


@data.command
def ade20k(
    *,
    source: Annotated[Path, Parameter(name="--from", help="folder of ADE20K (release of 2016)")],
    out: Out,
    size: Size = 224,
    label_size: LabelSize = 112,
    min_frequency: Frequency = 1,
) -> None:
    """Pack ADE20K: objects, parts and scenes."""
    from kdissect.data import ade20k_probe

    _pack(ade20k_probe(source, size=size, label_size=label_size, min_frequency=min_frequency), out, source)


@data.command
def pascal_part(
    *,
    annotations: Annotated[Path, Parameter(help="folder Annotations_Part")],
    images: Annotated[Path, Parameter(help="folder JPEGImages")],
    out: Out,
    size: Size = 224,
    label_size: LabelSize = 112,
    min_frequency: Frequency = 1,
) -> None:
    """Pack Pascal-Part: objects and their parts."""
    from kdissect.data import pascal_part_probe

    options = {"size": size, "label_size": label_size, "min_frequency": min_frequency}
    _pack(pascal_part_probe(annotations, images, **options), out, annotations)


@data.command
def check(path: Annotated[Path, Parameter(help="a packed probe")]) -> None:
    """Read all of a packed probe and compare it with its digests."""
    from kdissect.data.packed import verify

    _console().print(f"{verify(path)} files are as they were packed: {path}", markup=False)


def _pack(probe: "Probe", out: Path, source: Path) -> None:
    from kdissect.cli.steps import Steps
    from kdissect.data import pack

    with Steps() as steps:
        path = pack(
            probe,
            out,
            made_from={"source": source.name},
            progress=lambda done, of: steps.tell("packing", done, of),
        )
    _done(path, _console())


def _done(path: Path, console: Console) -> None:
    from kdissect.data import PackedProbe

    probe = PackedProbe(path)
    kinds = ", ".join(probe.categories)
    console.print(f"{len(probe)} images, {len(probe.concepts) - 1} concepts in {kinds}: {path}", markup=False)


def _console() -> Console:
    return Console(soft_wrap=True, highlight=False)
