"""`kdissect run --dry-run`: what a run would do, and what it would cost."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from kdissect.overview import spoken

if TYPE_CHECKING:
    import torch

    from kdissect.study import Estimate, Places, Study


def dry_run(
    studies: "tuple[Study, ...]",
    out: Path,
    device: "torch.device",
    places: "Places",
    on: str,
    keep_every: int | None = None,
) -> None:
    """Print the cells, what is there, and the estimate. Nothing is written, and no folder made."""
    from kdissect.records import Store
    from kdissect.study import estimate

    console = Console(soft_wrap=True, highlight=False)
    progress = Console(stderr=True, highlight=False)
    store = Store.open(out) if (out / "store.json").is_file() else None
    slots = int(getattr(places, "slots", 1))
    with progress.status("planning") as told:
        found = estimate(
            studies, store, device, slots, keep_every=keep_every, progress=lambda title: told.update(f"trying {title}")
        )
    _show(console, found, len(studies) > 1)
    _sum_up(console, found, on, device)


def _show(console: Console, found: "Estimate", several: bool) -> None:
    if not console.is_terminal:
        console.width = 120
    table = Table(box=None, pad_edge=False, header_style="bold")
    for head in (*(["study"] * several), "arm", "cells of"):
        table.add_column(head, no_wrap=True)
    for head in ("all", "there", "to do", "damaged", "compute", "disk"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("told by", no_wrap=True)
    for work in found.works:
        counts = (work.found.total(), work.found["there"], work.to_do, work.found["damaged"])
        cost = (spoken(work.seconds), size(work.bytes)) if work.to_do else ("", "")
        basis = ", ".join(name for name in ("records", "trial") if work.basis[name])
        names = (*([work.study] * several), work.arm, work.kind)
        table.add_row(*names, *map(str, counts), *cost, basis)
    console.print(table)


def _sum_up(console: Console, found: "Estimate", on: str, device: "torch.device") -> None:
    total, to_do = found.found.total(), found.found["missing"] + found.found["damaged"]
    damaged = f" ({found.found['damaged']} of them damaged)" if found.found["damaged"] else ""
    console.print(f"{total} cells: {found.found['there']} there already, {to_do} to do{damaged}")
    if not to_do:
        return
    console.print(
        f"estimate: {found.seconds / 3600:.2g} h of compute on {device}, {spoken(found.wall_seconds)} with "
        f"{found.slots} cells side by side (--on {on}), {size(found.bytes)} on the disk",
        markup=False, style="bold",
    )  # fmt: skip
    told = [f"{found.basis['records']} from records of their like"] * bool(found.basis["records"])
    told += [f"{found.basis['trial']} from {found.trials} trials of a few steps or passes"] * bool(found.basis["trial"])
    console.print(
        f"It is an estimate: {' and '.join(told)}, made on this machine as it was just now. Times may be off by a "
        "factor of three for single measures. Nothing was written.",
        markup=False,
    )  # fmt: skip


def size(number: float) -> str:
    """Bytes for people."""
    for unit in ("B", "KB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
