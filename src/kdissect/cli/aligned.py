"""Tables of text: as wide as they are where no terminal is, so that other programs can read them."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

GAP = "  "


def show(console: Console, heads: Sequence[str], rows: Iterable[Sequence[Any]], title: str | None = None) -> None:
    """Print a table: drawn to the terminal's width, or else aligned plain text at full width.

    Args:
        console: where to.
        heads: names of the columns.
        rows: numbers, texts, or None where there is nothing.
        title: a line above it.
    """
    rows = [tuple(row) for row in rows]
    right = [all(_is_number(row[k]) or _is_missing(row[k]) for row in rows) for k in range(len(heads))]
    texts = [tuple(_text(value) for value in row) for row in rows]
    if console.is_terminal:
        table = Table(box=None, pad_edge=False, header_style="bold", title=title, title_justify="left")
        for head, number in zip(heads, right, strict=True):
            table.add_column(head, justify="right" if number else "left", overflow="fold")
        for row in texts:
            table.add_row(*row)
        console.print(table)
        return
    if title:
        console.print(title, markup=False)
    widths = [max(map(len, column)) for column in zip(heads, *texts, strict=True)]
    for row in (tuple(heads), *texts):
        cells = [
            text.rjust(width) if number else text.ljust(width)
            for text, width, number in zip(row, widths, right, strict=True)
        ]
        console.print(GAP.join(cells).rstrip(), markup=False, soft_wrap=True)


def _text(value: Any) -> str:
    """A value as text in one line."""
    if _is_missing(value):
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return " ".join(str(value).split())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_missing(value: Any) -> bool:
    # pandas' own sign for a missing number is of a class without a name; its text is all that is known of it here.
    return value is None or str(value) in ("<NA>", "NaT") or (isinstance(value, float) and math.isnan(value))
