"""`kdissect report`: the page of a store, a dissection, a set of dissections, or a comparison."""

from pathlib import Path

from rich.console import Console


def report(path: Path, *, out: Path | None = None) -> None:
    """Write PATH/report.html anew from the files that are there.

    Args:
        path: a folder of results, as `kdissect run`, `kdissect dissect` or `kdissect compare` leaves it.
        out: where to write; report.html in the folder if it is not given.
    """
    from kdissect.report import write

    Console(soft_wrap=True, highlight=False).print(f"report: {write(path, out)}", markup=False)
