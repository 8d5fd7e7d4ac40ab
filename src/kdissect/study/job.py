"""A job: a run as a value that can travel, and who does its cells."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, final

from kdissect.records import Record, Store
from kdissect.study.cell import Cell
from kdissect.study.study import Study
from kdissect.study.watch import Reporter
from kdissect.user_code import LOADED, load_file


@final
@dataclass(frozen=True)
class Job:
    """A run as a value that can travel: what to do, and where the results go.

    Attributes:
        studies: whose cells are done.
        store: folder or URL of the store.
        device: where to train and measure, as torch names it.
        keep_every: keep the weights of every so many epochs; None keeps none.
        cache: folder for what teachers say; None for none.
        processes: how many processes train each network together (torchrun within the cell).
        doer: makes who does the work, from the job and its store; None for a `Worker`. It travels by its name.
    """

    studies: tuple[Study, ...]
    store: str
    device: str = "cpu"
    keep_every: int | None = None
    cache: str | None = None
    processes: int = 1
    doer: "Callable[[Job, Store], Doer] | None" = None

    def pack(self) -> bytes:
        """The job in bytes that `unpack` reads in another process, with the users' own files that it needs."""
        return pickle.dumps((list(LOADED.values()), pickle.dumps(self)))

    @staticmethod
    def unpack(packed: bytes) -> "Job":
        """The job.

        Raises:
            DataError: a user's own file is not where it was.
        """
        files, job = pickle.loads(packed)
        for file in files:  # the studies may hold classes from them
            load_file(file)
        found = pickle.loads(job)
        assert isinstance(found, Job)
        return found


class Doer(Protocol):
    """Who does the work of a cell; the engine itself does not know what a cell is about."""

    def do(self, cell: Cell, reporter: Reporter) -> Record | None:
        """The cell's record, written to the store."""
