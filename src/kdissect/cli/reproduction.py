"""The reproduction table of a store on the terminal: what was published, what is here, whether the order holds."""

from collections.abc import Collection
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

STYLES = {"reproduced": "green", "contradicted": "red", "undecided": "yellow"}


def show_reproduction(store: Path, console: Console, studies: Collection[str] | None = None) -> None:
    """Print the table in STORE/reproduction.json, if there is one; a line for each claim where there is no terminal.

    Claims that no study in the store answers are counted only.

    Args:
        store: the store's folder.
        console: where to print.
        studies: print only what these have answered; None for all.

    Raises:
        RecordError: the file cannot be read.
    """
    from kdissect.report import read_reproduction
    from kdissect.report.claims import here_text, published_text, tallied, verdict_text, where_text

    rows = read_reproduction(store)
    ran = [row for row in rows if row.outcome != "not run" and (studies is None or row.study in studies)]
    if not ran:
        return
    if console.is_terminal:
        table = Table(title="Against the paper", title_justify="left", show_lines=True)
        for heading in ("claim", "published", "here", "order", "verdict"):
            table.add_column(heading, overflow="fold")
        for row in ran:
            table.add_row(
                Text(f"{row.place}: {row.what}\n{row.source}"),
                Text(published_text(row)),
                Text(f"{here_text(row)}\n{where_text(row)}"),
                Text(row.outcome, STYLES.get(row.outcome, "")),
                Text(verdict_text(row)),
            )
        console.print(table)
    else:
        for row in ran:
            parts = [
                f"{row.outcome}: {row.place}: {row.what} ({row.source})",
                f"published {published_text(row)}",
                f"here {here_text(row)} ({where_text(row)})",
                f"verdict {verdict_text(row)}",
            ]
            console.print("; ".join(parts), markup=False, soft_wrap=True)
    for line in (tallied(rows), *dict.fromkeys(note for row in ran for note in row.notes)):
        console.print(line, markup=False, soft_wrap=True)
