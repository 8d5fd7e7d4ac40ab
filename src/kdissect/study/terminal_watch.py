"""Telling people how a study goes: a live view on a terminal, plain lines elsewhere."""

import time
from collections.abc import Collection, Sequence
from types import TracebackType
from typing import Self, final

from rich.console import Console
from rich.live import Live

from kdissect.overview import spoken
from kdissect.records import Owner, Record, Score
from kdissect.study.cell import Cell
from kdissect.study.live_view import REDRAWN_A_SECOND, LiveView
from kdissect.study.under_way import UnderWay

SECONDS_BETWEEN_LINES = 30
"""How often a long cell says where it is when there is no terminal for a live view."""

SHOWN = ("accuracy", "val_accuracy", "detectors", "entropy")
"""Scores that fit the line of a finished cell."""


@final
class TerminalWatch:
    """The grid of arms and seeds, with what is under way and what failed, on a terminal; else plain lines.

    Use it as a context manager.

    Args:
        console: where to write.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self.live = console.is_terminal
        self.view = LiveView()
        self.done = self.cells = self.kept = 0
        self.began = time.perf_counter()
        # What is printed meanwhile stands above; at the end the last view stays.
        self._live = Live(self.view, console=console, refresh_per_second=REDRAWN_A_SECOND)

    def __enter__(self) -> Self:
        if self.live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.view.running.clear()  # nothing is under way any more
        if self.live:
            self._live.stop()

    @property
    def running(self) -> dict[str, UnderWay]:
        """What is under way, by digest."""
        return self.view.running

    def begin(self, cells: Sequence[Cell], kept: Collection[str]) -> None:
        """Say how much there is."""
        self.cells, self.done, self.kept = len({cell.digest for cell in cells}), len(kept), len(kept)
        self.console.print(f"{self.cells} cells, {len(kept)} already there, {self.cells - len(kept)} to do")
        self.view.begin(cells, kept)

    def start(self, cell: Cell, total: int | None) -> None:
        """It is under way."""
        self.running[cell.digest] = UnderWay(cell.title, cell.kind, cell.arm.name, total)
        self.view.move(cell, "running")

    def tell(self, cell: Cell, images: int) -> None:
        """Show how far a cell is, or say it at times."""
        running = self.running.get(cell.digest)
        if running is None:
            return
        running.seen += images
        if self.live:
            self.view.tell(cell)
        elif running.share is not None and time.perf_counter() - running.said > SECONDS_BETWEEN_LINES:
            running.said = time.perf_counter()
            left = f", {running.left:.0f} s left" if running.left is not None else ""
            self.say(f"  {cell.title}: {running.share:.0%}, {running.speed:,.0f} images/s{left}")

    def end(self, cell: Cell, record: Record) -> None:
        """Print the cell's line."""
        self.done += 1
        self._over(cell)
        self.view.pace.tell(cell.kind, cell.arm.name, record.seconds)
        self.view.move(cell, "done")
        by_name = {score.name: score for score in record.scores}
        names = [name for name in SHOWN if name in by_name] or list(by_name)[:1]
        numbers = [f"{name} {_short(by_name[name])}" for name in names]
        self.say(f"[{self.done}/{self.cells}] {cell.title}: {', '.join(numbers)}, {record.seconds:.1f} s")

    def elsewhere(self, cell: Cell, owner: Owner | None) -> None:
        """Say who is at work on it."""
        who = f"process {owner.pid} on {owner.host}" if owner is not None else "another runner"
        self.running[cell.digest] = UnderWay(cell.title, cell.kind, cell.arm.name, owner=f"{who} is at work on it")
        self.view.move(cell, "running")
        self.say(f"  {cell.title}: {who} is at work on it")

    def again(self, cell: Cell, why: str) -> None:
        """Say why."""
        self._over(cell)
        self.view.move(cell, "missing")
        self.say(f"  {cell.title}: {why}; it is done again")

    def fail(self, cell: Cell, error: str) -> None:
        """Say what is wrong."""
        self._over(cell)
        self.view.move(cell, "failed")
        self.view.failed.append(f"{cell.title}: {error}")
        self.say(f"  {cell.title} FAILED: {error}")

    def block(self, cell: Cell, because: Cell) -> None:
        """Say what it lacks."""
        self.view.move(cell, "blocked")
        self.say(f"  {cell.title} cannot be done without {because.title}")

    def say(self, line: str) -> None:
        """Print a line, above the live view if there is one."""
        self.console.print(line, markup=False)

    def sum_up(self) -> str:
        """What was done, in one line, for the end of a run."""
        new, seconds = self.done - self.kept, time.perf_counter() - self.began
        pace = f", {new / seconds * 3600:,.0f} cells/h" if new else ""
        return f"{new} cells done in {spoken(seconds)}{pace}; {self.kept} were there from earlier"

    def _over(self, cell: Cell) -> None:
        """It is not under way any more."""
        self.running.pop(cell.digest, None)


def _short(score: Score) -> str:
    if score.value is None:
        return "undefined"
    return f"{score.value:.1%}" if score.unit == "share" else f"{score.value:.4g}"
