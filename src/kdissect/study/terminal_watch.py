"""Telling people how a study goes: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from kdissect.records import Owner, Record, Score
from kdissect.study.cell import Cell

SECONDS_BETWEEN_LINES = 30
"""How often a long cell says where it is when there is no terminal for a bar."""

SHOWN = ("accuracy", "val_accuracy", "detectors", "entropy")
"""Scores that fit the line of a finished cell."""


@final
class TerminalWatch:
    """A bar for the study's cells and one for the images of each running cell, with time left; else plain lines.

    Use it as a context manager.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.live = console.is_terminal
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not self.live,
            transient=True,
        )
        self.study: TaskID | None = None
        self.running: dict[str, _Running] = {}
        self.done = self.cells = 0

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def begin(self, cells: Sequence[Cell], kept: Collection[str]) -> None:
        """Show the study's bar."""
        self.cells, self.done = len(cells), len(kept)
        self.console.print(f"{len(cells)} cells, {len(kept)} already there, {len(cells) - len(kept)} to do")
        self.study = self.progress.add_task("study", total=len(cells), completed=len(kept), speed="")

    def start(self, cell: Cell, total: int | None) -> None:
        """Show a cell's bar."""
        self.end_bar(cell)
        task = self.progress.add_task(cell.title, total=total, speed="")
        now = time.perf_counter()
        self.running[cell.digest] = _Running(task, total, now, now)

    def tell(self, cell: Cell, images: int) -> None:
        """Move a cell's bar, or say at times how far it is."""
        running = self.running.get(cell.digest)
        if running is None:
            return
        running.seen += images
        now = time.perf_counter()
        speed = running.seen / max(1e-9, now - running.started)
        if self.live:
            self.progress.update(running.task, advance=images, speed=f"{speed:,.0f} images/s")
        elif running.total and now - running.said > SECONDS_BETWEEN_LINES:
            running.said = now
            left = (running.total - running.seen) / max(1e-9, speed)
            share = running.seen / running.total
            self.say(f"  {cell.title}: {share:.0%}, {speed:,.0f} images/s, {left:.0f} s left")

    def end(self, cell: Cell, record: Record) -> None:
        """Print the cell's line."""
        self.done += 1
        self.end_bar(cell)
        if self.study is not None:
            self.progress.update(self.study, completed=self.done)
        by_name = {score.name: score for score in record.scores}
        names = [name for name in SHOWN if name in by_name] or list(by_name)[:1]
        numbers = [f"{name} {_short(by_name[name])}" for name in names]
        self.say(f"[{self.done}/{self.cells}] {cell.title}: {', '.join(numbers)}, {record.seconds:.1f} s")

    def elsewhere(self, cell: Cell, owner: Owner | None) -> None:
        """Say who is at work on it."""
        who = f"process {owner.pid} on {owner.host}" if owner is not None else "another runner"
        self.say(f"  {cell.title}: {who} is at work on it")

    def again(self, cell: Cell, why: str) -> None:
        """Say why."""
        self.end_bar(cell)
        self.say(f"  {cell.title}: {why}; it is done again")

    def fail(self, cell: Cell, error: str) -> None:
        """Say what is wrong."""
        self.end_bar(cell)
        self.say(f"  {cell.title} FAILED: {error}")

    def block(self, cell: Cell, because: Cell) -> None:
        """Say what it lacks."""
        self.say(f"  {cell.title} cannot be done without {because.title}")

    def say(self, line: str) -> None:
        """Print a line above the bars."""
        self.console.print(line, markup=False)

    def end_bar(self, cell: Cell) -> None:
        """Remove a cell's bar."""
        if (running := self.running.pop(cell.digest, None)) is not None:
            self.progress.remove_task(running.task)


@dataclass
class _Running:
    task: TaskID
    total: int | None
    started: float
    said: float
    seen: int = 0


def _short(score: Score) -> str:
    if score.value is None:
        return "undefined"
    return f"{score.value:.1%}" if score.unit == "share" else f"{score.value:.4g}"
