"""Which page a folder gets: that of a study or several, a dissection, a set of them, a comparison, or a verdict."""

import json
import os
from pathlib import Path
from urllib.parse import quote

from kdissect import __version__
from kdissect.errors import RecordError
from kdissect.records import Store, write_text
from kdissect.report.evidence import read
from kdissect.report.front import Entry, front_view
from kdissect.report.gallery import Gallery, hang
from kdissect.report.page import page
from kdissect.report.reproduction_file import ClaimRow, read_reproduction
from kdissect.report.results.comparison import read_comparison
from kdissect.report.results.comparison_view import comparison_view
from kdissect.report.results.dissection_set import read_set
from kdissect.report.results.dissection_view import dissection_view, read_one
from kdissect.report.results.set_view import set_view
from kdissect.report.results.verdict_view import read_verdict, verdict_view
from kdissect.report.view import View, view

PAGE = "report.html"
PAGES = "reports"
"""Where the pages of a store's studies are, if it has several."""
MOST_UNITS = 600
"""Units on the page of a single dissection, if the budget holds them."""
RESULT_BUDGET = 2_400_000
"""Bytes for images and maps, less than a study's: the pages of results hold names of images and larger charts."""


def write(path: Path | str, out: Path | str | None = None) -> Path:
    """Write the page of a folder: a store, a dissection, a set of dissections, a comparison, or a verdict.

    A store with several studies gets a page for each, `reports/NAME.html`, and a front page that lists them.
    The same files always give the same page. What is missing is said on the page.

    Args:
        path: the folder. `store.json` makes it the store of a study; else `kind` in its `header.json` decides.
        out: where to write; `report.html` in the folder if None.

    Returns:
        Where the page is.

    Raises:
        RecordError: the folder is none of these, or cannot be read.
    """
    path = Path(path)
    target = path / PAGE if out is None else Path(out)
    several = kind_of(path) == "store" and len(Store(path).studies()) > 1
    drawn, gallery = (_front(path, target), Gallery()) if several else _drawn(path)
    write_text(target, page(drawn, gallery))
    return target


def kind_of(path: Path) -> str:
    """`store`, `dissection`, `set`, `comparison` or `verdict`.

    Raises:
        RecordError: the folder is none of these.
    """
    if (path / "store.json").is_file():
        return "store"
    header = path / "header.json"
    expected = f"expected {path} to be a store, a dissection, a set of dissections, a comparison or a verdict"
    if not header.is_file():
        raise RecordError(
            f"{expected}, it has neither store.json nor header.json; see kdissect run and kdissect dissect"
        )
    try:
        found = json.loads(header.read_text(encoding="utf-8"))
        kind = str(found.get("kind", "dissection"))
    except (OSError, ValueError, AttributeError) as error:
        raise RecordError(f"{header} cannot be read ({type(error).__name__}: {error}); make the folder again") from None
    if kind not in ("dissection", "set", "comparison", "verdict"):
        raise RecordError(f"{expected}, its header says kind {kind!r}; make it with this version of kdissect")
    return kind


def _front(path: Path, target: Path) -> View:
    """Write a page for each study of a store; the front page that links to them."""
    store = Store(path)
    (path / PAGES).mkdir(exist_ok=True)
    entries = [_entry(store, name, target) for name in store.studies()]
    complaints: list[str] = []
    claims: tuple[ClaimRow, ...] = ()
    try:
        claims = read_reproduction(path)
    except RecordError as error:
        complaints.append(str(error))
    title = path.resolve().name
    return front_view(title, entries, claims, complaints, store)


def _entry(store: Store, name: str, target: Path) -> Entry:
    """The page of a study, and what the front page says of it; one that cannot be read stops nothing."""
    written = store.path / PAGES / f"{name}.html"
    try:
        evidence = read(store.path, name)
    except RecordError as error:
        return Entry(name, "", None, str(error))
    gallery = hang(evidence.dissections)
    write_text(written, page(view(evidence, gallery, __version__, _address(target, written)), gallery))
    return Entry(name, _address(written, target), evidence)


def _address(page: Path, seen_from: Path) -> str:
    """A page's address relative to another."""
    return quote(Path(os.path.relpath(page, seen_from.parent)).as_posix())


def _drawn(path: Path) -> tuple[View, Gallery]:
    kind = kind_of(path)
    if kind == "comparison":
        return comparison_view(read_comparison(path), __version__), Gallery()
    if kind == "verdict":
        return verdict_view(read_verdict(path), __version__), Gallery()
    if kind == "set":
        members = read_set(path)
        gallery = hang(members.dissections, RESULT_BUDGET)
        return set_view(members, gallery, __version__), gallery
    if kind == "dissection":
        dissection = read_one(path)
        gallery = hang((dissection,), RESULT_BUDGET, MOST_UNITS)
        return dissection_view(dissection, gallery, __version__), gallery
    evidence = read(path)
    gallery = hang(evidence.dissections)
    return view(evidence, gallery, __version__), gallery
