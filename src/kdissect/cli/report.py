"""`kdissect report`: the page of a store."""

from pathlib import Path

from rich.console import Console


def report(store: Path) -> None:
    """Write STORE/report.html anew from the records that are there.

    Args:
        store: folder of results, as `kdissect run` leaves it.
    """
    from kdissect.report import write

    Console(soft_wrap=True, highlight=False).print(f"report: {write(store)}", markup=False)
