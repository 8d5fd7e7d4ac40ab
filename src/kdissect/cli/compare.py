"""`kdissect compare`: what one network detects and another does not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from kdissect.dissect import Comparison

SHOWN = 8


def compare(
    first: Annotated[Path, Parameter(help="dissection folder to compare with, for example of the teacher")],
    *others: Annotated[Path, Parameter(help="dissection folders of other networks, for example of students")],
    out: Annotated[Path | None, Parameter(help="folder for the comparison; must not exist yet, or hold one")] = None,
    layer: Annotated[str | None, Parameter(help="which layer, where a folder holds several")] = None,
    gate: Annotated[Literal["region", "image", "none"] | None, Parameter(help="the first's own if not given")] = None,
    threshold: Annotated[float | None, Parameter(help="IoU that makes a unit a detector")] = None,
    replicates: Annotated[int, Parameter(help="resamples of the images, for the intervals")] = 200,
    seed: Annotated[int, Parameter(help="of resamples and shuffles")] = 0,
) -> None:
    """Compare dissections with the first: concepts kept, lost and new, and units with a counterpart."""
    from kdissect.dissect import Dissections
    from kdissect.dissect import compare as run_comparison
    from kdissect.errors import SpecError

    if not others:
        raise SpecError("expected at least two dissection folders to compare, got one")
    folders = (first, *others)
    members = []
    for folder in folders:
        found = Dissections.load(folder)
        if layer is None and len(found) > 1:
            layers = ", ".join(dict.fromkeys(one.layer for one in found))
            raise SpecError(f"{folder} holds several dissections; choose one with --layer, of {layers}")
        members.append(found[0] if layer is None else found.of(layer))
    names = [folder.resolve().name.removesuffix(".dissection") for folder in folders]
    comparison = run_comparison(
        *members,
        names=names if len(set(names)) == len(names) else [str(folder) for folder in folders],
        gate=gate,
        threshold=threshold,
        replicates=replicates,
        seed=seed,
    )
    if out is not None:
        comparison.save(out)
    _show(comparison, out)


def _show(comparison: "Comparison", out: Path | None) -> None:
    console = Console(soft_wrap=True, highlight=False)
    facts = comparison.facts
    console.print(
        f"{facts['num_images']} images of {facts['probe']}, gate {facts['gate']}, IoU >= {facts['threshold']:g}; in "
        f"brackets {facts['confidence']:.0%} of {facts['replicates']} resamples of the images",
        markup=False,
    )
    rows = comparison.concepts.to_pylist()
    for pair in facts["pairs"]:
        table = Table(box=None, pad_edge=False, show_header=False, title_justify="left", title_style="bold")
        table.title = f"{pair['b']} against {pair['a']}"
        counts = (
            ("detectors", f"{pair['detectors_b']} of {pair['units_b']}, {pair['detectors_a']} of {pair['units_a']}"),
            *((f"concepts {status}", _interval(pair[status])) for status in ("kept", "lost", "new")),
            ("kept share", "none to keep" if pair["kept_share"] is None else _interval(pair["kept_share"], ".2f")),
        )
        for name, value in counts:
            table.add_row(name, value)
        if "counterparts" in pair:
            limit = pair["null_correlation"]
            table.add_row("counterparts", f"{pair['counterparts']} of {pair['units_a']} units (r > {limit:.2f})")
        own = [row for row in rows if row["b"] == pair["b"]]
        gains = [row for row in own if row["detectors_b"] > row["detectors_a"]]
        losses = [row for row in own if row["detectors_b"] < row["detectors_a"]][::-1]
        for name, most in (("most gained", gains), ("most lost", losses)):
            table.add_row(name, ", ".join(_change(row) for row in most[:SHOWN]) or "none")
        console.print(table)
    if out is not None:
        console.print(f"written: {out}", markup=False)


def _interval(share: dict[str, float], form: str = "g") -> str:
    return f"{share['value']:{form}} ({share['low']:{form}} to {share['high']:{form}})"


def _change(row: dict[str, Any]) -> str:
    status = "" if row["status"] != "undecided" else " ?"
    return f"{row['concept']} {row['detectors_a']} to {row['detectors_b']}{status}"
