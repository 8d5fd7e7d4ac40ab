"""What a terminal shows while a study runs: the grid of arms and seeds, what is under way, and what failed."""

import time
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from typing import final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from kdissect.overview import Grid, Pace, Square, draw_grid, spoken
from kdissect.overview.drawing import ASCII, UNICODE
from kdissect.overview.grid import none_yet
from kdissect.records import State
from kdissect.study.cell import Cell
from kdissect.study.under_way import UnderWay

RUNNING_LINES = 6
FAILED_LINES = 3
REDRAWN_A_SECOND = 4


@final
class LiveView:
    """How a run is, kept up to date cell by cell, so that drawing it does not depend on the number of cells.

    rich draws it again some times a second, in another thread; nothing here waits.
    """

    def __init__(self) -> None:
        self.grids: dict[str, Grid] = {}
        self.running: dict[str, UnderWay] = {}
        self.failed: deque[str] = deque(maxlen=FAILED_LINES)
        self.counts = none_yet()
        self.waiting: Counter[tuple[str, str]] = Counter()
        self.pace = Pace()
        self.states: dict[str, State] = {}
        self.began = time.perf_counter()
        self._squares: dict[str, list[Square]] = {}
        self._studies: dict[str, list[str]] = {}
        self._unfinished: Counter[str] = Counter()
        self._at_work: Counter[str] = Counter()

    def begin(self, cells: Sequence[Cell], kept: Collection[str]) -> None:
        """The run has these cells; those in `kept` are done."""
        grids: dict[str, Grid] = {}
        for cell in cells:
            study = cell.study
            if study.name not in grids:
                grids[study.name] = Grid(study.title, [arm.name for arm in study.in_order()])
            state: State = "done" if cell.digest in kept else "missing"
            square = grids[study.name].add(cell.arm.name, cell.seed, cell.kind, state)
            self._squares.setdefault(cell.digest, []).append(square)
            self._studies.setdefault(cell.digest, []).append(study.name)
            if state == "missing":
                self._unfinished[study.name] += 1
            if cell.digest in self.states:
                continue
            self.states[cell.digest] = state
            self.counts[state] += 1
            if state == "missing":
                self.waiting[cell.kind, cell.arm.name] += 1
        self.grids = grids  # whole: another thread draws them

    def move(self, cell: Cell, state: State) -> None:
        """A cell is in another state now."""
        old = self.states.get(cell.digest)
        if old is None or old == state:
            return
        self.states[cell.digest] = state
        self.counts[old] -= 1
        self.counts[state] += 1
        self.waiting[cell.kind, cell.arm.name] += (state == "missing") - (old == "missing")
        for square in self._squares[cell.digest]:
            if cell.measure is None:
                square.training, square.share = state, None
            else:
                square.measures[old] -= 1
                square.measures[state] += 1
        for name in self._studies[cell.digest]:
            self._at_work[name] += (state == "running") - (old == "running")
            self._unfinished[name] += (state in ("missing", "running")) - (old in ("missing", "running"))

    def tell(self, cell: Cell) -> None:
        """A running cell is further."""
        running = self.running.get(cell.digest)
        if cell.measure is None and running is not None:
            for square in self._squares.get(cell.digest, ()):
                square.share = running.share

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Draw what fits."""
        width, height = options.max_width, options.height or console.height
        signs = ASCII if options.ascii_only else UNICODE
        running, failed = list(self.running.values())[:RUNNING_LINES], list(self.failed)
        more = max(0, len(self.running) - len(running))
        room = height - 3 - len(running) - (more > 0) - len(failed)
        if (name := self._study()) is not None and room >= 3:
            yield self._head(name)
            yield draw_grid(self.grids[name], width, room, signs=signs, bars=True)
        for one in running:
            yield _line(one)
        if more:
            yield Text(f"and {more} more under way", "dim")
        for line in failed:
            yield Text(f"{signs.of['failed']} {line}", "red", no_wrap=True, overflow="ellipsis")
        yield self._overall(width)

    def _study(self) -> str | None:
        """The study that is shown: the one with most at work, else the first that is not finished, else the last."""
        if not self.grids:
            return None
        names = list(self.grids)
        most = max(names, key=lambda name: (self._at_work[name], self._unfinished[name] > 0, -names.index(name)))
        return most if self._unfinished[most] else names[-1]

    def _head(self, name: str) -> Text:
        head = Text.assemble((name, "bold"), f": {self.grids[name].title}", no_wrap=True, overflow="ellipsis")
        if len(self.grids) > 1:
            finished = sum(self._unfinished[other] == 0 for other in self.grids)
            head.append(f" ({finished} of {len(self.grids)} studies finished)", "dim")
        return head

    def _overall(self, width: int) -> Table:
        """The bar of the whole run: cells done, speed, time."""
        total, done = self.counts.total(), self.counts["done"]
        said = [f"{done}/{total} cells"]
        said += [f"{self.counts[state]} {state}" for state in ("failed", "blocked") if self.counts[state]]
        if (left := self._left()) is not None:
            said.append(left)
        if speed := sum(one.speed for one in list(self.running.values())):
            said.append(f"{speed:,.0f} images/s")
        said.append(f"{spoken(time.perf_counter() - self.began)} so far")
        row = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=max(1, total), completed=done, width=max(8, min(30, width // 5)))
        row.add_row(bar, Text(", ".join(said), no_wrap=True, overflow="ellipsis"))
        return row

    def _left(self) -> str | None:
        own = [one for one in list(self.running.values()) if not one.owner]
        rest = [one.left if one.left is not None else self.pace.seconds(one.kind, one.arm) for one in own]
        self.pace.under_way = {
            (one.kind, one.arm): one.total / one.speed for one in own if one.total is not None and one.seen
        }
        seconds, unknown = self.pace.left(Counter(self.waiting), rest, len(own))
        if seconds is None:
            return None
        return f"{'more than' if unknown else 'about'} {spoken(seconds)} left"


def _line(one: UnderWay) -> Text:
    """The line of a cell that is under way."""
    said = [f"{one.title}:"]
    if one.owner:
        said.append(one.owner)
    else:
        if one.share is not None:
            said.append(f"{one.share:.0%},")
        if one.seen:
            said.append(f"{one.speed:,.0f} images/s,")
        said.append(spoken(one.elapsed))
    return Text(" ".join(said), "cyan", no_wrap=True, overflow="ellipsis")
