"""Which page a folder gets: that of a study, a dissection, a set of them, a comparison, or a verdict."""

import json
from pathlib import Path

from kdissect import __version__
from kdissect.errors import RecordError
from kdissect.records import write_text
from kdissect.report.evidence import read
from kdissect.report.gallery import Gallery, hang
from kdissect.report.page import page
from kdissect.report.results.comparison import read_comparison
from kdissect.report.results.comparison_view import comparison_view
from kdissect.report.results.dissection_set import read_set
from kdissect.report.results.dissection_view import dissection_view, read_one
from kdissect.report.results.set_view import set_view
from kdissect.report.results.verdict_view import read_verdict, verdict_view
from kdissect.report.view import View, view

PAGE = "report.html"
MOST_UNITS = 600
"""Units on the page of a single dissection, if the budget holds them."""
RESULT_BUDGET = 2_400_000
"""Bytes for images and maps, less than a study's: the pages of results hold names of images and larger charts."""


def write(path: Path | str, out: Path | str | None = None) -> Path:
    """Write the page of a folder: a store, a dissection, a set of dissections, a comparison, or a verdict.

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
    drawn, gallery = _drawn(path)
    target = path / PAGE if out is None else Path(out)
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
