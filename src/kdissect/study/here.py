"""Cells in this very process, one after another."""

import collections
from dataclasses import dataclass
from typing import final

from kdissect.study.cell import Cell
from kdissect.study.executor import Outcome
from kdissect.study.watch import Watch
from kdissect.study.workshop import Workshop


@final
class Here:
    """Does cells in this process.

    Args:
        workshop: what it needs.
    """

    slots = 1
    far = False

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self._given: collections.deque[tuple[Cell, int]] = collections.deque()

    def submit(self, cell: Cell, over: int) -> None:
        """Remember the cell; `wait` does it."""
        self._given.append((cell, over))

    def wait(self, seconds: float | None, watch: Watch) -> list[tuple[Cell, Outcome]]:
        """Do a cell, however long it takes."""
        del seconds
        cell, over = self._given.popleft()
        return [(cell, self.workshop.do(cell.digest, Told(watch, cell), over))]

    def close(self) -> None:
        """Nothing is under way outside `wait`."""


@final
@dataclass(frozen=True)
class Told:
    """A reporter that tells a watch of one cell."""

    watch: Watch
    cell: Cell

    def start(self, total: int | None) -> None:
        """Tell it."""
        self.watch.start(self.cell, total)

    def tell(self, images: int) -> None:
        """Tell it."""
        self.watch.tell(self.cell, images)
