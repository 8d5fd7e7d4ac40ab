"""Executors: where cells are done. All of them call the same function, `Workshop.do`."""

from dataclasses import dataclass
from typing import Literal, Protocol, final

from kdissect.records import Record
from kdissect.study.cell import Cell
from kdissect.study.watch import Watch


@final
@dataclass(frozen=True)
class Outcome:
    """How a cell ended.

    Attributes:
        word: `done`; `taken`: another runner is at work on it; `failed`: the work raised an error, which the store
            knows; `stop`: the store cannot be written, nothing can go on; `died`: the process was killed.
        record: of a cell that is done.
        error: what was raised.
        why: of a process that died: what is known of its end.
    """

    word: Literal["done", "taken", "failed", "stop", "died"]
    record: Record | None = None
    error: Exception | None = None
    why: str = ""


class Executor(Protocol):
    """Where cells are done: here, in processes, on a cluster.

    Attributes:
        slots: how many cells may be under way at once.
        far: whether the progress of its cells is read from their claims, since nothing else comes from there.
    """

    slots: int
    far: bool

    def submit(self, cell: Cell, over: int) -> None:
        """Begin a cell whose sources are done.

        Args:
            cell: the cell.
            over: number of a claim on it whose owner is dead, 0 for none.
        """

    def wait(self, seconds: float | None, watch: Watch) -> list[tuple[Cell, Outcome]]:
        """The cells that ended, at the latest after so many seconds (None: once there is one).

        Args:
            seconds: how long to wait.
            watch: who is told of those under way.
        """

    def close(self) -> None:
        """Stop what is under way and let everything go."""
