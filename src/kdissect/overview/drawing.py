"""Drawing the grid of a study, on a terminal or as plain text."""

from collections import Counter
from dataclasses import dataclass
from typing import final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kdissect.overview.grid import Grid, Square, shown_of
from kdissect.records import State

BAR = 8
"""Letters of the bar of a running training."""
NARROW = 17
"""Letters of a column of the grid with the space beside it."""
STYLES: dict[State, str] = {"done": "green", "running": "cyan", "failed": "bold red", "blocked": "yellow"}
_SIGNS: dict[State, str] = {"done": "✓", "running": "▶", "failed": "✗", "blocked": "⊘", "missing": "·"}
_LETTERS: dict[State, str] = {"done": "ok", "running": ">", "failed": "FAILED", "blocked": "blocked", "missing": "."}


@final
@dataclass(frozen=True)
class Signs:
    """How states are written.

    Attributes:
        of: the sign of each state.
        bar: what a bar is made of: the part that is done, and the rest.
    """

    of: dict[State, str]
    bar: tuple[str, str]


UNICODE = Signs(_SIGNS, ("━", "─"))
ASCII = Signs(_LETTERS, ("#", "-"))


def mark(square: Square, signs: Signs = UNICODE, *, bars: bool = False) -> Text:
    """A square in few letters: how the training is, then the measures that are done, of how many.

    Args:
        square: of an arm and seed.
        signs: how states are written.
        bars: draw a bar for a running training.
    """
    training = square.training or "done"
    text = Text(signs.of[training], style=STYLES.get(training, "dim"), no_wrap=True)
    if training == "running":
        if square.share is not None:
            if bars:
                done = round(square.share * BAR)
                text.append(" " + signs.bar[0] * done, STYLES["running"])
                text.append(signs.bar[1] * (BAR - done), "dim")
            text.append(f" {square.share:.0%}")
        return text
    if square.total and training == "done":
        done = square.measures["done"]
        text.append(f" {done}/{square.total}", STYLES["done"] if done == square.total else "")
    for state in ("running", "failed", "blocked"):
        if square.measures[state] and (state != "blocked" or training == "done"):
            text.append(f" {signs.of[state]}{square.measures[state]}", STYLES[state])
    return text


def draw_grid(
    grid: Grid, width: int, height: int | None = None, *, signs: Signs = UNICODE, bars: bool = False
) -> RenderableType:
    """The grid, arms down and seeds across; where there is no room for all, those at work and in trouble.

    Args:
        grid: the grid.
        width: letters that there is room for.
        height: lines that there is room for; None for any number.
        signs: how states are written.
        bars: draw bars for running trainings.
    """
    arms, seeds = list(grid.arms), grid.seeds
    names = min(24, max((len(arm) for arm in arms), default=3))
    across = max(1, (width - names - 8) // NARROW)
    if len(seeds) > across:
        columns = [[squares[seed] for squares in grid.arms.values() if seed in squares] for seed in seeds]
        ranks = [min(square.rank for square in column) for column in columns]
        seeds = [int(seed) for seed in shown_of([str(seed) for seed in seeds], ranks, across)]
    hidden = len(grid.seeds) - len(seeds)
    shown = arms
    if height is not None and len(arms) > height - 1:
        shown = shown_of(arms, [grid.rank(arm) for arm in arms], height - 2)
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("arm", no_wrap=True, max_width=24)
    for seed in seeds:
        table.add_column(f"seed {seed}", no_wrap=True)
    if hidden:
        table.add_column(f"and {hidden} more", no_wrap=True)
    for arm in shown:
        squares = grid.arms[arm]
        row = [mark(squares[seed], signs, bars=bars) if seed in squares else Text("") for seed in seeds]
        if hidden:
            rest = [square for seed, square in squares.items() if seed not in seeds]
            row.append(Text(_sum(rest), style="dim"))
        table.add_row(Text(arm), *row)
    left_out = Counter("done" if grid.rank(arm) == 4 else "to do" for arm in set(arms) - set(shown))
    if not left_out:
        return table
    said = ", ".join(f"{number} {word}" for word, number in sorted(left_out.items()))
    return Group(table, Text(f"and {left_out.total()} more arms: {said}", style="dim"))


def _sum(squares: list[Square]) -> str:
    total = sum(square.total + (square.training is not None) for square in squares)
    return f"{sum(square.count('done') for square in squares)}/{total}" if total else ""


def plain(text: str) -> Text:
    """Text without markup."""
    return Text(text, no_wrap=True, overflow="ellipsis")
