"""What a run will cost, before it: hours, bytes, and how many cells of each kind are there already."""

import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, final

import torch

from kdissect.records import Store
from kdissect.study.cell import Cell, plan
from kdissect.study.likes import Cost, Key, Likes, epochs_of, kind_of_work
from kdissect.study.look import Found, look
from kdissect.study.study import Study
from kdissect.study.trial import Trials, weights_bytes

WORKER_SECONDS = 4.0
"""What a worker process takes to start: Python, torch, the data."""
Basis = Literal["records", "trial"]


@final
@dataclass
class Work:
    """The cells of one study, arm and kind.

    Attributes:
        study: name of the study.
        arm: the arm's name.
        kind: `train`, or the measure's name.
        found: how many are there, missing and damaged.
        seconds: of one process, for all that are to be done.
        bytes: that they leave behind.
        basis: what tells it: `records` of their like in the store, or a `trial` now.
    """

    study: str
    arm: str
    kind: str
    found: Counter[Found] = field(default_factory=Counter)
    seconds: float = 0.0
    bytes: float = 0.0
    basis: Counter[Basis] = field(default_factory=Counter)

    @property
    def to_do(self) -> int:
        """How many are to be done."""
        return self.found["missing"] + self.found["damaged"]


@final
@dataclass(frozen=True)
class Estimate:
    """What a run will cost, about.

    Attributes:
        works: the cells by study, arm and kind; those that studies share stand with the first that has them.
        slots: how many cells run side by side.
        wall_seconds: of the run, if nothing else uses the machine.
        trials: how many trials were made for it.
    """

    works: tuple[Work, ...]
    slots: int
    wall_seconds: float
    trials: int

    @property
    def found(self) -> Counter[Found]:
        """How many cells are there, missing and damaged."""
        return sum((work.found for work in self.works), Counter[Found]())

    @property
    def basis(self) -> Counter[Basis]:
        """How many costs were told by what."""
        return sum((work.basis for work in self.works), Counter[Basis]())

    @property
    def seconds(self) -> float:
        """Of all processes together."""
        return sum(work.seconds for work in self.works)

    @property
    def bytes(self) -> float:
        """That the run leaves on the disk."""
        return sum(work.bytes for work in self.works)


def estimate(
    studies: Sequence[Study],
    store: Store | None,
    device: torch.device,
    slots: int,
    *,
    keep_every: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Estimate:
    """What a run of the studies will cost. Writes nothing.

    A cell whose like is in the store (another seed or number of epochs, the same otherwise) will take what that took.
    Of others, a training is tried for a few steps, and a measure is taken for so many forward passes
    (`Measure.passes`).

    Args:
        studies: to run.
        store: where the records will go; None if it is not there yet.
        device: where the cells will run.
        slots: how many side by side.
        keep_every: weights of every so many epochs will be kept.
        progress: told what is tried, before it is.
    """
    cells = plan(*studies)
    found = look(cells, store)
    different = {cell.digest: cell for cell in cells}
    likes, trials = Likes(store), Trials(device)
    costs: dict[str, Cost] = {}
    tried: dict[tuple[str, int], Cost] = {}
    works: dict[tuple[str, str, str], Work] = {}

    def key_of(digest: str) -> Key | None:
        return different[digest].key if digest in different else None

    first: dict[str, Cell] = {}
    for cell in cells:
        first.setdefault(cell.digest, cell)
    for digest, cell in first.items():
        name = cell.study.name, cell.arm.name, cell.kind
        work = works.setdefault(name, Work(*name))
        work.found[found[digest]] += 1
        if found[digest] == "there":
            continue
        cost = likes.cost(cell.key, key_of)
        work.basis["trial" if cost is None else "records"] += 1
        if cost is None:
            like = kind_of_work(cell.key, key_of), epochs_of(cell.key)
            if like not in tried:
                if progress is not None:
                    progress(cell.title)
                tried[like] = trials.cost(cell, like[0])
            cost = tried[like]
        if keep_every is not None and cell.measure is None and cell.arm.objective is not None:
            kept = epochs_of(cell.key) // keep_every + 1
            cost = Cost(cost.seconds, cost.bytes + kept * weights_bytes(cell.arm.network))
        costs[digest] = cost
        work.seconds += cost.seconds
        work.bytes += cost.bytes
    wall = _wall([cell for digest, cell in first.items() if digest in costs], costs, slots)
    return Estimate(tuple(works.values()), slots, wall, trials.number)


def _wall(cells: list[Cell], costs: dict[str, Cost], slots: int) -> float:
    """Seconds until all cells are done, in the order of the scheduler: the first that is ready is the next."""
    if not cells:
        return 0.0
    place = {cell.digest: number for number, cell in enumerate(cells)}
    needs = [sum(source.digest in place for source in cell.sources) for cell in cells]
    users: list[list[int]] = [[] for _ in cells]
    for number, cell in enumerate(cells):
        for source in cell.sources:
            if source.digest in place:
                users[place[source.digest]].append(number)
    ready = [number for number, needed in enumerate(needs) if needed == 0]
    heapq.heapify(ready)
    running: list[tuple[float, int]] = []
    now = WORKER_SECONDS if slots > 1 else 0.0
    while ready or running:
        while ready and len(running) < slots:
            number = heapq.heappop(ready)
            heapq.heappush(running, (now + costs[cells[number].digest].seconds, number))
        now, number = heapq.heappop(running)
        for user in users[number]:
            needs[user] -= 1
            if needs[user] == 0:
                heapq.heappush(ready, user)
    return now
