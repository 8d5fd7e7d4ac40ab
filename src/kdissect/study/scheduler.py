"""The scheduler: which cell is next, what is tried again, and what cannot be done any more."""

import heapq
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import final

from kdissect.errors import RecordError
from kdissect.records import Failure, Store
from kdissect.records.claims import BEAT_SECONDS
from kdissect.study.cell import Cell
from kdissect.study.executor import Executor, Outcome
from kdissect.study.look import look
from kdissect.study.watch import Watch

LIVES = 3
"""How often a cell is begun whose process is killed each time, without an epoch done in between."""
POLL_SECONDS = 0.5
"""How often the store is asked for cells that other runners, or workers on other machines, are at work on."""


@final
class Scheduler:
    """Does cells in the order of the plan, each once what it needs is done.

    A cell that fails stops only what depends on it. What other runners of the same store are at work on is waited for,
    and taken over if they die.

    Args:
        cells: to be done, each once, sources before what needs them; a source that is not among them is done.
        store: where the records go.
        executor: where cells are done.
        watch: who is told.
    """

    def __init__(self, cells: Sequence[Cell], store: Store, executor: Executor, watch: Watch) -> None:
        self.store, self.executor, self.watch = store, executor, watch
        self.cells = list(cells)
        self.place = {cell.digest: place for place, cell in enumerate(self.cells)}
        self.needs = [sum(source.digest in self.place for source in cell.sources) for cell in self.cells]
        self.users: dict[str, list[int]] = defaultdict(list)
        for place, cell in enumerate(self.cells):
            for source in cell.sources:
                if source.digest in self.place:
                    self.users[source.digest].append(place)
        self.ready = [place for place, needs in enumerate(self.needs) if needs == 0]
        heapq.heapify(self.ready)
        self.under_way: dict[int, int] = {}
        """Place of each cell that the executor has, and how many of its images were told of."""
        self.elsewhere: set[int] = set()
        self.deaths: Counter[int] = Counter()
        self.reached: dict[int, int] = {}
        """What the last checkpoint was of each cell when its process died: machines that are lost now and then, as
        spot machines are, take no life of a training that gets on."""
        self.failed: dict[int, Exception] = {}
        self.blocked: set[int] = set()
        self.finished = 0
        self._polled = 0.0

    def run(self) -> None:
        """Do what can be done; `failed` and `blocked` say what could not.

        Raises:
            Exception: the store cannot be written; what was done is kept.
        """
        try:
            while self.finished + len(self.failed) + len(self.blocked) < len(self.cells):
                self._fill()
                if self.under_way:
                    watching = self.elsewhere or self.executor.far
                    for cell, outcome in self.executor.wait(POLL_SECONDS if watching else None, self.watch):
                        self._ended(self.place[cell.digest], outcome)
                elif self.elsewhere:
                    time.sleep(POLL_SECONDS)
                self._poll()
        finally:
            self.executor.close()

    def _fill(self) -> None:
        """Give the executor what it has room for."""
        while self.ready and len(self.under_way) < self.executor.slots:
            place = heapq.heappop(self.ready)
            cell = self.cells[place]
            if self.store.has(cell.digest):  # another runner was quicker
                self._finish(place)
                continue
            claimed = self.store.claims.look(cell.digest)
            if claimed is not None and self.store.claims.alive(cell.digest) is not None:
                self.elsewhere.add(place)
                self.watch.elsewhere(cell, claimed.owner)
                continue
            self.under_way[place] = 0
            self.executor.submit(cell, claimed.number if claimed is not None else 0)

    def _ended(self, place: int, outcome: Outcome) -> None:
        del self.under_way[place]
        cell = self.cells[place]
        if outcome.word == "done":
            self._finish(place, outcome)
        elif outcome.word == "taken":
            self.elsewhere.add(place)
            claimed = self.store.claims.look(cell.digest)
            self.watch.elsewhere(cell, claimed.owner if claimed is not None else None)
        elif outcome.word == "died":
            reached = self.store.reached(cell.digest)
            if reached != self.reached.get(place, reached):
                self.deaths[place] = 0
            self.reached[place] = reached
            self.deaths[place] += 1
            if self.deaths[place] < LIVES:
                self.watch.again(cell, outcome.why)
                heapq.heappush(self.ready, place)
                return
            error = RecordError(
                f"{cell.title} was begun {LIVES} times and each time {outcome.why}; is there enough memory?"
            )
            self.store.fail(cell.digest, Failure(cell.title, "RecordError", str(error), when=time.time()))
            self._fail(place, error)
        elif outcome.word == "failed":
            assert outcome.error is not None
            self._fail(place, outcome.error)
        else:
            assert outcome.error is not None
            raise outcome.error

    def _poll(self) -> None:
        """See how cells are that somebody else is at work on."""
        # Rarer where beats are: in a bucket every look is a handful of paid requests.
        rarer = self.store.claims.slips.beat_seconds / BEAT_SECONDS
        if time.monotonic() - self._polled < POLL_SECONDS * rarer:
            return
        self._polled = time.monotonic()
        for place in sorted(self.elsewhere):
            cell = self.cells[place]
            if self.store.has(cell.digest):
                self.elsewhere.remove(place)
                self._finish(place)
            elif self.store.claims.alive(cell.digest) is None and not self.store.has(cell.digest):
                self.elsewhere.remove(place)
                failure = self.store.failure(cell.digest)
                if failure is not None:
                    self._fail(place, RecordError(f"another runner found: {failure.message}"))
                else:  # its runner was stopped or died
                    heapq.heappush(self.ready, place)
        if self.executor.far:
            numbers = self.store.claims.slips.every()  # one listing, however many are under way
            for place, told in self.under_way.items():
                digest = self.cells[place].digest
                number = numbers.get(digest[:16])
                claimed = self.store.claims.look(digest, number) if number is not None else None
                if claimed is not None and claimed.beat:
                    if not told:
                        self.watch.start(self.cells[place], claimed.total)
                    self.watch.tell(self.cells[place], max(0, claimed.done - max(told, 0)))
                    self.under_way[place] = max(claimed.done, 1)

    def _finish(self, place: int, outcome: Outcome | None = None) -> None:
        cell = self.cells[place]
        record = outcome.record if outcome is not None and outcome.record is not None else self.store.find(cell.digest)
        assert record is not None
        self.finished += 1
        self.watch.end(cell, record)
        for user in self.users[cell.digest]:
            self.needs[user] -= 1
            if self.needs[user] == 0 and user not in self.blocked:
                heapq.heappush(self.ready, user)

    def _fail(self, place: int, error: Exception) -> None:
        cell = self.cells[place]
        self.failed[place] = error
        self.watch.fail(cell, str(error))
        waiting = list(self.users[cell.digest])
        while waiting:
            user = waiting.pop()
            if user not in self.blocked:
                self.blocked.add(user)
                self.watch.block(self.cells[user], cell)
                waiting += self.users[self.cells[user].digest]

    def complain(self) -> None:
        """Raise what went wrong, if something did.

        Raises:
            Exception: the first failed cell's error, with a note on the others.
        """
        if not self.failed:
            return
        error = self.failed[min(self.failed)]
        others = len(self.failed) - 1
        said = []
        if others:
            said.append(f"{others} other cell{'s' * (others > 1)} failed")
        if self.blocked:
            what = f"{len(self.blocked)} that need{'s' * (len(self.blocked) == 1)} {'them' if others else 'it'}"
            said.append(f"{what} could not be done")
        if said:
            error.add_note(f"{' and '.join(said)}; kdissect status {self.store.where} lists them")
        raise error


def missing_of(cells: Sequence[Cell], store: Store, watch: Watch) -> list[Cell]:
    """The cells that have no record, each once, in their order; damaged records are set aside and count as missing."""
    found = look(cells, store)
    different = {cell.digest: cell for cell in cells}
    for digest, cell in different.items():
        if found[digest] == "damaged":
            store.set_aside(digest)
            watch.again(cell, "its record was damaged and is set aside")
    return [cell for digest, cell in different.items() if found[digest] != "there"]
