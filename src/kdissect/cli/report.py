"""`kdissect report`: the page of a store, a dissection, a set of dissections, or a comparison."""

from pathlib import Path

from rich.console import Console


def report(path: str, *, out: Path | None = None) -> None:
    """Write PATH/report.html anew from the files that are there.

    Args:
        path: a folder of results, as `kdissect run`, `kdissect dissect` or `kdissect compare` leaves it, or the
            URL of a store.
        out: where to write; report.html in the folder if it is not given.
    """
    from kdissect.records import Store, is_url
    from kdissect.report import write

    store = Store.open(path) if is_url(path) else None
    if store is not None:
        store.fetch()
    page = write(store.path if store is not None else path, out)
    Console(soft_wrap=True, highlight=False).print(f"report: {page}", markup=False)
    if store is not None:
        store.publish()
        Console(soft_wrap=True, highlight=False).print(f"and at {store.where}/report.html", markup=False)
