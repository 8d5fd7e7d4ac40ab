"""Cells side by side, each worker in a process of its own."""

import contextlib
import multiprocessing
import pickle
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import final

import torch

from kdissect.errors import KdissectError, RecordError
from kdissect.records import Score, Store
from kdissect.study.cell import Cell, plan
from kdissect.study.study import Study
from kdissect.study.watch import Watch
from kdissect.study.work import Worker
from kdissect.user_code import LOADED, load_file


def work_in_processes(
    study: Study,
    store: Store,
    device: torch.device,
    watch: Watch,
    cells: list[Cell],
    processes: int,
    keep_every: int | None = None,
    cache: Path | None = None,
) -> None:
    """Do the cells, each once the cell it needs is done.

    A worker is spawned, not forked, and does one cell after another, so that it imports torch and draws its
    data once. When a cell fails, or its process is killed, the others are stopped; records, and the
    checkpoints of the epochs that they have finished, stay.

    Raises:
        KdissectError: what a cell raised.
        RecordError: the process of a cell died; names the cell.
    """
    waiting = list(cells)
    unfinished = {cell.digest for cell in cells}
    workers = [_Hand.spawn(study, store, device, keep_every, cache) for _ in range(min(processes, len(cells)))]
    try:
        while unfinished:
            for hand in workers:
                ready = next((c for c in waiting if all(source.digest not in unfinished for source in c.sources)), None)
                if hand.cell is None and ready is not None:
                    waiting.remove(ready)
                    hand.give(ready)
            busy = {hand.pipe: hand for hand in workers if hand.cell is not None}
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                done = busy[pipe].hear(watch)
                if done is not None:
                    unfinished.remove(done.digest)
    finally:
        for hand in workers:
            hand.process.terminate()
        for hand in workers:
            hand.process.join()


@final
@dataclass
class _Hand:
    """A worker process, and the parent's end of the pipe to it."""

    process: BaseProcess
    pipe: Connection
    cell: Cell | None = None
    tell: Callable[[int], None] | None = None

    @classmethod
    def spawn(
        cls, study: Study, store: Store, device: torch.device, keep_every: int | None, cache: Path | None
    ) -> "_Hand":
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        # A study may hold classes from a user's file: that is loaded before the study is unpickled.
        work = pickle.dumps((study, store, device, keep_every, cache))
        process = context.Process(target=_serve, args=(there, list(LOADED.values()), work), daemon=True)
        process.start()
        there.close()
        return cls(process, here)

    def give(self, cell: Cell) -> None:
        self.cell = cell
        with contextlib.suppress(BrokenPipeError):  # it died while idle: `hear` finds out and says so
            self.pipe.send(cell.digest)

    def hear(self, watch: Watch) -> Cell | None:
        """Take one message; the cell, if it is done."""
        assert self.cell is not None
        try:
            word, *rest = self.pipe.recv()
        except EOFError:
            self.process.join()
            raise RecordError(
                f"the process of cell {self.cell.digest[:16]} ({self.cell.title}) died with exit code "
                f"{self.process.exitcode}; what is done is kept, the same command goes on from there"
            ) from None
        if word == "start":
            self.tell = watch.start(*rest)
        elif word == "tell" and self.tell is not None:
            self.tell(*rest)
        elif word == "end":
            watch.end(*rest)
        elif word == "error":
            raise rest[0]
        elif word == "done":
            done, self.cell = self.cell, None
            return done
        return None


@final
@dataclass(frozen=True)
class _Far:
    """A watch at the other end of a pipe."""

    pipe: Connection

    def begin(self, cells: int, kept: int) -> None:
        """Nothing: the parent has said it."""

    def start(self, title: str, total: int | None) -> Callable[[int], None]:
        """Pass it on."""
        self.pipe.send(("start", title, total))
        return lambda images: self.pipe.send(("tell", images))

    def end(self, title: str, scores: tuple[Score, ...], seconds: float) -> None:
        """Pass it on."""
        self.pipe.send(("end", title, scores, seconds))


def _serve(pipe: Connection, files: list[Path], work: bytes) -> None:
    """What a worker process does: cells, until it is stopped."""
    for file in files:
        load_file(file)
    study, store, device, keep_every, cache = pickle.loads(work)
    cells = {cell.digest: cell for cell in plan(study)}
    worker = Worker(study, store, device, _Far(pipe), keep_every, cache)
    while True:
        try:
            worker.do(cells[pipe.recv()])
        except (EOFError, KeyboardInterrupt):
            return
        except BrokenPipeError:  # the parent is gone
            return
        except Exception as error:
            if not isinstance(error, KdissectError):
                error.add_note(traceback.format_exc())
            pipe.send(("error", _portable(error)))
        else:
            pipe.send(("done",))


def _portable(error: Exception) -> Exception:
    """The error with its notes, or, if it cannot travel, one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        told = RuntimeError(f"{type(error).__name__}: {error}")
        for note in getattr(error, "__notes__", ()):
            told.add_note(note)
        return told
    return error
