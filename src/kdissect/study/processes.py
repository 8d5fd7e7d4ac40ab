"""Cells side by side, each worker in a process of its own."""

import contextlib
import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import final

from kdissect.study.cell import Cell
from kdissect.study.executor import Outcome
from kdissect.study.job import Job
from kdissect.study.watch import Watch
from kdissect.study.workshop import Workshop

SECONDS_BETWEEN_WORDS = 0.1
"""How often a worker says how far it is."""


@final
class WorkerProcesses:
    """Does cells in processes of this machine.

    A worker is spawned, not forked, and does one cell after another, so that it imports torch and draws its
    data once. One that is killed is replaced.

    Args:
        job: what the workers do.
        slots: how many of them.
    """

    far = False

    def __init__(self, job: Job, slots: int) -> None:
        self.slots = slots
        self._packed = job.pack()
        self._hands: list[_Hand] = []

    def submit(self, cell: Cell, over: int) -> None:
        """Give the cell to a worker that has none, or to a new one."""
        hand = next((one for one in self._hands if one.cell is None), None)
        if hand is None:
            hand = _Hand.spawn(self._packed)
            self._hands.append(hand)
        hand.give(cell, over)

    def wait(self, seconds: float | None, watch: Watch) -> list[tuple[Cell, Outcome]]:
        """What the workers say next."""
        busy = {hand.pipe: hand for hand in self._hands if hand.cell is not None}
        ended = []
        for pipe in wait(list(busy), seconds):
            assert isinstance(pipe, Connection)
            hand = busy[pipe]
            cell = hand.cell
            assert cell is not None
            outcome = hand.hear(watch)
            if outcome is None:
                continue
            if outcome.word == "died":
                self._hands.remove(hand)
            ended.append((cell, outcome))
        return ended

    def close(self) -> None:
        """Stop the workers; checkpoints of the epochs that they have finished stay."""
        for hand in self._hands:
            hand.process.terminate()
        for hand in self._hands:
            hand.process.join()


@final
@dataclass
class _Hand:
    """A worker process, and the parent's end of the pipe to it."""

    process: BaseProcess
    pipe: Connection
    cell: Cell | None = None

    @classmethod
    def spawn(cls, packed: bytes) -> "_Hand":
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=_serve, args=(there, packed), daemon=True)
        with _ignoring_interrupts():  # Ctrl-C is the parent's, who stops the workers
            process.start()
        there.close()
        return cls(process, here)

    def give(self, cell: Cell, over: int) -> None:
        self.cell = cell
        with contextlib.suppress(BrokenPipeError):  # it died while idle: `hear` finds out and says so
            self.pipe.send((cell.digest, over))

    def hear(self, watch: Watch) -> Outcome | None:
        """Take one message; the outcome, if the cell ended."""
        assert self.cell is not None
        try:
            word, what = self.pipe.recv()
        except (EOFError, OSError):  # an OSError: it died in the middle of a message
            self.process.join()
            self.cell = None
            return Outcome("died", why=f"its process died with exit code {self.process.exitcode}")
        if word == "start":
            watch.start(self.cell, what)
        elif word == "tell":
            watch.tell(self.cell, what)
        else:
            self.cell = None
            assert isinstance(what, Outcome)
            return what
        return None


@contextlib.contextmanager
def _ignoring_interrupts() -> Iterator[None]:
    """For the length of the block, and for processes that are started in it, Ctrl-C means nothing."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@final
@dataclass
class _Far:
    """A reporter at the other end of a pipe. If nobody listens any more it raises, which ends the cell."""

    pipe: Connection
    untold: int = 0
    said: float = field(default_factory=time.monotonic)

    def start(self, total: int | None) -> None:
        """Pass it on."""
        self.untold = 0
        self.pipe.send(("start", total))

    def tell(self, images: int) -> None:
        """Pass it on, not too often."""
        self.untold += images
        if time.monotonic() - self.said > SECONDS_BETWEEN_WORDS:
            self.flush()

    def flush(self) -> None:
        """Pass on what was kept back."""
        if self.untold:
            self.pipe.send(("tell", self.untold))
        self.untold, self.said = 0, time.monotonic()


def _serve(pipe: Connection, packed: bytes) -> None:
    """What a worker process does: cells, until it is stopped."""
    workshop: Workshop | None = None
    while True:
        try:
            digest, over = pipe.recv()
            try:
                workshop = workshop or Workshop(Job.unpack(packed))
            except Exception as error:  # it cannot begin: no other worker can
                pipe.send(("ended", Outcome("stop", error=error)))
                continue
            reporter = _Far(pipe)
            outcome = workshop.do(digest, reporter, over)
            reporter.flush()
            pipe.send(("ended", outcome))
        except (EOFError, KeyboardInterrupt, BrokenPipeError, ConnectionResetError):  # the parent is gone
            return
