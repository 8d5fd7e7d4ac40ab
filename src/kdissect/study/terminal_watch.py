"""Telling people how a study goes: bars on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable
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

from kdissect.records import Score

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
        self.running: dict[str, TaskID] = {}
        self.done = self.cells = 0

    def __enter__(self) -> Self:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.progress.stop()

    def begin(self, cells: int, kept: int) -> None:
        """Show the study's bar."""
        self.cells, self.done = cells, kept
        self.console.print(f"{cells} cells, {kept} already there, {cells - kept} to do")
        self.study = self.progress.add_task("study", total=cells, completed=kept, speed="")

    def start(self, title: str, total: int | None) -> Callable[[int], None]:
        """Show a cell's bar."""
        cell = self.running[title] = self.progress.add_task(title, total=total, speed="")
        started = said = time.perf_counter()
        seen = 0

        def tell(images: int) -> None:
            nonlocal seen, said
            seen += images
            now = time.perf_counter()
            speed = seen / max(1e-9, now - started)
            if self.live:
                self.progress.update(cell, advance=images, speed=f"{speed:,.0f} images/s")
            elif total and now - said > SECONDS_BETWEEN_LINES:
                said = now
                left = (total - seen) / speed
                self.console.print(
                    f"  {title}: {seen / total:.0%}, {speed:,.0f} images/s, {left:.0f} s left", markup=False
                )

        return tell

    def end(self, title: str, scores: tuple[Score, ...], seconds: float) -> None:
        """Print the cell's line."""
        self.done += 1
        if title in self.running:
            self.progress.remove_task(self.running.pop(title))
        if self.study is not None:
            self.progress.update(self.study, completed=self.done)
        by_name = {score.name: score for score in scores}
        names = [name for name in SHOWN if name in by_name] or list(by_name)[:1]
        numbers = [f"{name} {_short(by_name[name])}" for name in names]
        self.console.print(f"[{self.done}/{self.cells}] {title}: {', '.join(numbers)}, {seconds:.1f} s", markup=False)


def _short(score: Score) -> str:
    if score.value is None:
        return "undefined"
    return f"{score.value:.1%}" if score.unit == "share" else f"{score.value:.4g}"
