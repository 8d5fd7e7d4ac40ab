"""The workshop: what any process, anywhere, needs to do cells of a run."""

import pickle
import socket
import time
import traceback
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import final

import torch

from kdissect.errors import KdissectError, RecordError
from kdissect.records import Failure, Progress, Store, cannot_write
from kdissect.study.cell import Cell, plan
from kdissect.study.executor import Outcome
from kdissect.study.job import Doer, Job
from kdissect.study.together import Together
from kdissect.study.watch import Reporter
from kdissect.study.work import Worker


@final
class Workshop:
    """Does cells of one job, one at a time, in this process.

    Args:
        job: the job.
        store: the job's store, if it is open already.
    """

    def __init__(self, job: Job, store: Store | None = None) -> None:
        self.job = job
        self.store = store or Store.open(job.store)

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """All cells, by digest."""
        return {cell.digest: cell for cell in plan(*self.job.studies)}

    @cached_property
    def doer(self) -> Doer:
        """Who does the work."""
        job = self.job
        if job.doer is not None:
            return job.doer(job, self.store)
        cache = Path(job.cache) if job.cache is not None else None
        worker = Worker(self.store, torch.device(job.device), job.keep_every, cache)
        if job.processes == 1:
            return worker
        return Together(job, self.store, worker)

    def do(self, digest: str, reporter: Reporter, over: int = 0) -> Outcome:
        """Do a cell, unless another runner is at work on it or has done it.

        Args:
            digest: of the cell.
            reporter: who is told; an error that it raises ends the cell.
            over: number of a claim whose owner is dead.
        """
        if digest not in self.cells:
            error = RecordError(
                f"cell {digest[:16]} is not in the plan of this process: files of the study, or kdissect itself, "
                "changed while it ran; run the same command again"
            )
            return Outcome("stop", error=error)
        cell, progress = self.cells[digest], Progress()
        try:
            with self.store.claims.take(digest, cell.title, progress, over) as mine:
                if not mine:
                    return Outcome("taken")
                if (record := self.store.find(digest)) is not None:
                    return Outcome("done", record)
                if mine > 1:  # an owner before died; a look at all cells for each of them would be too dear
                    self.store.sweep(digest)
                self.store.forgive(digest)
                try:
                    return Outcome("done", self.doer.do(cell, _Both(progress, reporter, self.store, digest)))
                except Exception as error:
                    if isinstance(error, BrokenPipeError) or cannot_write(error):
                        raise
                    self.store.fail(digest, _failure(cell, error))
                    return Outcome("failed", error=portable(error))
        except BrokenPipeError:  # who told us to work is gone
            raise
        except Exception as error:
            return Outcome("stop", error=portable(error))


@final
@dataclass(frozen=True)
class _Both:
    """Tells the claim's beat and somebody else."""

    progress: Progress
    other: Reporter
    store: Store
    digest: str

    def start(self, total: int | None) -> None:
        """Tell both."""
        self.progress.start(total)
        self.other.start(total)

    def tell(self, images: int) -> None:
        """Tell both."""
        self.progress.tell(images)
        self.store.keep_running(self.digest)
        self.other.tell(images)


def one_message(error: BaseException) -> str:
    """What an error says, with its notes, in one line."""
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()) if "\n" not in note)
    told = " ".join(str(error).split()) or type(error).__name__
    kind = "" if isinstance(error, KdissectError) else f"{type(error).__name__}: "
    return f"{kind}{told}{notes}"


def _failure(cell: Cell, error: Exception) -> Failure:
    trace = "".join(traceback.format_exception(error))
    return Failure(cell.title, type(error).__name__, one_message(error), trace, socket.gethostname(), time.time())


def portable(error: Exception) -> Exception:
    """The error with its notes and its traceback in words, or, if it cannot travel, one that says the same."""
    if not isinstance(error, KdissectError):
        error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        told = RuntimeError(f"{type(error).__name__}: {error}")
        for note in getattr(error, "__notes__", ()):
            told.add_note(note)
        return told
    return error
