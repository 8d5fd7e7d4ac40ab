"""`kdissect dissect`: network dissection of one's own network."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from torch import nn

    from kdissect.data import Probe
    from kdissect.dissect import Dissection, Dissections, Rotation
    from kdissect.dissect.dissecting import Options

LAYER_HELP = "names, several with commas; layer* and layer4.** are globs, `all` is all; layer4@pre is before its ReLU"


def dissect(
    *,
    network: Annotated[str, Parameter(help="small/resnet8, torchvision/resnet18, timm/NAME or FILE.py:FACTORY")],
    layer: Annotated[str, Parameter(name=("--layer", "--layers"), help=LAYER_HELP)],
    probe: Annotated[Path, Parameter(help="packed probe, or folder in Broden's directory format")],
    out: Annotated[Path, Parameter(help="folder for the dissection; must not exist yet, or be empty")],
    weights: Annotated[
        str | None, Parameter(help="safetensors or state dict; kdissect:NAME for shipped ones; `random`")
    ] = None,
    classes: Annotated[int, Parameter(help="number of classes of the network")] = 1000,
    width: Annotated[int | None, Parameter(help="channels of the first stage; small ResNets")] = None,
    stem: Annotated[Literal["full", "half", "quarter"] | None, Parameter(help="small ResNets")] = None,
    size: Annotated[int | None, Parameter(help="resize the images to this side in pixels")] = None,
    preset: Annotated[Literal["default", "parity", "cvpr2017"], Parameter(help="a set of choices")] = "default",
    quantile: Annotated[
        str | None, Parameter(help="share of positions above a unit's threshold; several with commas")
    ] = None,
    rule: Annotated[Literal["netdissect", "plain"] | None, Parameter(help="how the quantile is read")] = None,
    gate: Annotated[Literal["region", "image", "none"] | None, Parameter(help="which activations count")] = None,
    threshold: Annotated[float | None, Parameter(help="IoU that makes a unit a detector")] = None,
    normalization: Annotated[
        Literal["network", "netdissect"] | None, Parameter(help="of the images: the network's, or the published code's")
    ] = None,
    exemplars: Annotated[int, Parameter(help="top images kept for each unit")] = 10,
    per_image: Annotated[
        bool, Parameter(negative="--no-per-image", help="keep each image's share, for error bars and comparisons")
    ] = True,
    bootstrap: Annotated[int, Parameter(help="resamples of the images, for error bars; for example 200")] = 0,
    chance: Annotated[int, Parameter(help="permutations of the labels, for p-values; for example 200")] = 0,
    compositional: Annotated[int, Parameter(help="explain units by formulas of so many concepts; for example 3")] = 0,
    rotations: Annotated[int, Parameter(help="random rotations of a layer's units, for the axis alignment test")] = 0,
    checkpoints: Annotated[
        Path | None, Parameter(help="folder of checkpoints of a training run, in place of --weights")
    ] = None,
    mean: Annotated[
        tuple[float, float, float] | None, Parameter(help="of the training images, for pixels of 0 to 1")
    ] = None,
    std: Annotated[tuple[float, float, float] | None, Parameter(help="of the training images")] = None,
    seed: Annotated[int, Parameter(help="of random weights")] = 0,
    work: Annotated[Path | None, Parameter(help="folder for finished shards; OUT.partial if not given")] = None,
    shard_images: Annotated[
        int | None, Parameter(help="images a shard: what a killed run loses at most; at most 4096 if not given")
    ] = None,
    memory: Annotated[float, Parameter(help="gigabytes of feature maps kept in memory; more go to disk")] = 2.0,
    batch_size: int = 64,
    device: str = "auto",
) -> None:
    """Dissect layers of a network: which concept does each unit detect?

    Writes a dissection folder (tables in Parquet, arrays, tally.csv), for several layers or quantiles a folder of
    them, and prints a summary. A run that was stopped goes on from its last finished shard. Under torchrun
    (`torchrun --nproc-per-node 2 -m kdissect dissect ...`) the processes share the images.
    """
    from kdissect.cli.device import choose_device
    from kdissect.cli.steps import Steps
    from kdissect.data import open_probe
    from kdissect.dissect import dissect_layers, together
    from kdissect.dissect.over_training import dissect_checkpoints, remove_results
    from kdissect.dissect.ranks import rank, wait
    from kdissect.dissect.work_folder import remove_work
    from kdissect.errors import RecordError, SpecError
    from kdissect.models import Network, find_checkpoints
    from kdissect.report import write as write_report

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RecordError(f"{out} is not empty; choose another --out (nothing was changed)")
    for flag, value in (("--bootstrap", bootstrap), ("--chance", chance), ("--rotations", rotations)):
        if value < 0:
            raise SpecError(f"{flag} must be 0 or more, got {value}")
    if not 0 <= memory < float("inf"):
        raise SpecError(f"--memory must be gigabytes, 0 or more, got {memory}")
    if (weights is None) == (checkpoints is None):
        raise SpecError("expected either --weights (a file, kdissect:NAME or random) or --checkpoints (a folder)")
    chosen = {"mean": mean, "std": std}
    spec = Network(
        architecture=network,
        num_classes=classes,
        width=width,
        stem=stem,
        weights=None if weights == "random" else weights,
        **{name: value for name, value in chosen.items() if value is not None},
    )
    quantiles = [_number(text, "--quantile") for text in (quantile or "").split(",") if text]
    layers = [name.strip() for name in layer.split(",") if name.strip()]
    with together(), Steps() as steps:
        module = spec.build(seed).to(choose_device(device))
        images = open_probe(probe, size=size)
        place = work or out.with_name(f"{out.name}.partial")
        options: Options = {
            "preset": preset,
            "quantile": quantiles[0] if quantiles else None,
            "quantiles": quantiles[1:],
            "rule": rule,
            "gate": gate,
            "threshold": threshold,
            "normalization": normalization,
            "normalize": spec.statistics(module),
            "num_exemplars": exemplars,
            "per_image": per_image,
            "bootstrap": bootstrap,
            "chance": chance,
            "compositional": compositional,
            "work": place,
            "shard_images": shard_images,
            "memory_budget": int(memory * 2**30),
            "batch_size": batch_size,
            "network_name": spec.architecture,
            "progress": partial(steps.tell, "images") if rank() == 0 else None,
        }
        if checkpoints is None:
            found = dissect_layers(module, layers, images, **options)
        else:
            results = place.with_name(f"{place.name}-checkpoints")
            found = dissect_checkpoints(module, find_checkpoints(checkpoints), layers, images, out=results, **options)
        if rank() == 0:
            (found[0] if len(found) == 1 else found).save(out)
            if len(found) == 1:
                found[0].write_csv(out / "tally.csv")
        turned = _rotated(module, found, images, rotations, options) if rotations else {}
        wait()
        if rank():
            return
        for name, rotation in turned.items():
            rotation.save((out if len(found) == 1 else out / name) / "rotation.parquet")
        remove_work(place)
        if checkpoints is not None:
            remove_results(results)
    _summary(found, out)
    for name, rotation in turned.items():
        _show_rotation(name, rotation)
    Console(soft_wrap=True, highlight=False).print(f"page: {write_report(out)}", markup=False)


def _rotated(
    module: "nn.Module", found: "Dissections", images: "Probe", rotations: int, options: "Options"
) -> dict[str, "Rotation"]:
    """The axis alignment test of each layer, at the main quantile, by the folder that it belongs to."""
    from kdissect.dissect import rotation_test
    from kdissect.dissect.dissections import folder_name

    plain: Options = {**options, "bootstrap": 0, "chance": 0, "compositional": 0, "progress": None}
    firsts = {one.layer: one for one in reversed(found.members)}
    return {
        folder_name(one): rotation_test(module, one.layer, images, rotations=range(rotations), **plain)
        for one in reversed(firsts.values())
    }


def _show_rotation(name: str, rotation: "Rotation") -> None:
    powers = sorted({row["power"] for row in rotation.rows})
    text = ", ".join(f"{power:g}: {rotation.mean(power):.1f}" for power in powers)
    Console(soft_wrap=True, highlight=False).print(
        f"unique concepts of {name} with its units rotated by powers of a random rotation: {text}", markup=False
    )


def _number(text: str, flag: str) -> float:
    from kdissect.errors import SpecError

    try:
        return float(text)
    except ValueError:
        raise SpecError(f"{flag} takes numbers with commas between them, got {text!r}") from None


def _summary(found: "Dissections", out: Path) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for member in found:
        _each(member, console)
    console.print(f"written: {out}", markup=False)


def _each(found: "Dissection", console: Console) -> None:
    choices = found.choices
    console.print(
        f"{found.num_detectors()} of {found.num_units} units of {found.layer} are concept detectors at IoU >= "
        f"{choices.threshold:g}, {found.unique_detectors()} concepts (preset {found.preset}: gate {choices.gate}, "
        f"quantile {choices.quantile:g} by rule {choices.rule}, images normalised for {choices.normalization})",
        markup=False,
    )
    for line in _further(found):
        console.print(line, markup=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("category", "detectors (best label)", "concepts", "units (any label)"):
        table.add_column(column, justify="left" if column == "category" else "right")
    each = found.by_category()
    for category, top in found.by_top_label().items():
        numbers = (top.num_detectors, top.unique_detectors, each[category].num_detectors)
        table.add_row(category, *map(str, numbers))
    console.print(table)


def _further(found: "Dissection") -> list[str]:
    """What error bars, chance and formulas say, a line each."""
    lines = []
    if found.bootstrap is not None:
        spread = found.bootstrap.gates[found.gate]
        each = (("detectors", spread.detectors), ("concepts", spread.unique_detectors))
        text = ", ".join(f"{name} {share.value:g} ({share.low:g} to {share.high:g})" for name, share in each)
        sure, possible = found.bootstrap.certain(found.gate)
        often = f"{found.bootstrap.confidence:.0%} of {found.bootstrap.replicates} resamples of the images"
        lines.append(f"{often}: {text}; {sure} surely, {possible} possibly")
    if found.chance is not None:
        chance = found.chance
        smallest = 1 / (1 + chance.permutations)
        few = " (too few permutations to find any)" if smallest > chance.false_discovery_rate else ""
        lines.append(
            f"by chance {chance.chance_detectors['mean']:.1f} detectors ({chance.chance_detectors['low']:g} to "
            f"{chance.chance_detectors['high']:g}); {int(chance.discovered.sum())} units beyond chance{few} at a false "
            f"discovery rate of {chance.false_discovery_rate:g} "
            f"({chance.permutations} permutations within {chance.within})"
        )
    if found.compositional is not None:
        facts = found.compositional.facts()
        if facts["units"]:
            lines.append(
                f"formulas of up to {facts['length']} concepts: mean IoU {facts['mean_iou']:.3f} against "
                f"{facts['mean_base_iou']:.3f} of single concepts; longer is better for {facts['longer']} units"
            )
    return lines
