"""`kdissect dissect`: network dissection of one's own network."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table


def dissect(
    *,
    network: Annotated[str, Parameter(help="small/resnet8, torchvision/resnet18, timm/NAME or FILE.py:FACTORY")],
    weights: Annotated[str, Parameter(help="safetensors or state dict; kdissect:NAME for shipped ones; `random`")],
    layer: Annotated[str, Parameter(help="dotted name of the layer, for example layer4")],
    probe: Annotated[Path, Parameter(help="folder in Broden's directory format")],
    out: Annotated[Path, Parameter(help="folder for the dissection; must not exist yet, or be empty")],
    classes: Annotated[int, Parameter(help="number of classes of the network")] = 1000,
    width: Annotated[int | None, Parameter(help="channels of the first stage; small ResNets")] = None,
    stem: Annotated[Literal["full", "half", "quarter"] | None, Parameter(help="small ResNets")] = None,
    size: Annotated[int | None, Parameter(help="resize the images to this side in pixels")] = None,
    quantile: Annotated[float, Parameter(help="share of positions above a unit's threshold")] = 0.005,
    rule: Annotated[Literal["netdissect", "plain"], Parameter(help="how the quantile is read")] = "netdissect",
    gate: Annotated[Literal["region", "image", "none"], Parameter(help="which activations count")] = "region",
    threshold: Annotated[float, Parameter(help="IoU that makes a unit a detector")] = 0.05,
    batch_size: int = 64,
    device: str = "auto",
) -> None:
    """Dissect a layer of a network: which concept does each unit detect?

    Writes a dissection folder (tables in Parquet, arrays, tally.csv) and prints a summary.
    """
    from kdissect.cli.device import choose_device
    from kdissect.data import Broden
    from kdissect.dissect import dissect as run_dissection
    from kdissect.errors import RecordError
    from kdissect.models import Network

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RecordError(f"{out} is not empty; choose another --out (nothing was changed)")
    spec = Network(
        architecture=network,
        num_classes=classes,
        width=width,
        stem=stem,
        weights=None if weights == "random" else weights,
    )
    module = spec.build().to(choose_device(device))
    images = Broden(probe, size=size)
    console = Console(soft_wrap=True, highlight=False)
    found = run_dissection(
        module,
        layer,
        images,
        quantile=quantile,
        rule=rule,
        gate=gate,
        threshold=threshold,
        batch_size=batch_size,
        normalize=(spec.mean, spec.std),
        network_name=spec.architecture,
    )
    found.save(out)
    found.write_csv(out / "tally.csv")
    console.print(
        f"{found.num_detectors()} of {found.num_units} units of {layer} are concept detectors at IoU >= {threshold:g} "
        f"({gate} gate), {found.unique_detectors()} concepts: {out}",
        markup=False,
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("category", "detectors (best label)", "concepts", "units (any label)"):
        table.add_column(column, justify="left" if column == "category" else "right")
    each = found.by_category()
    for category, top in found.by_top_label().items():
        numbers = (top.num_detectors, top.unique_detectors, each[category].num_detectors)
        table.add_row(category, *map(str, numbers))
    console.print(table)
