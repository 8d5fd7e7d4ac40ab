"""The grid of a study: for each arm and seed how its training is, and how many of its measures are done."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import final

from kdissect.records import STATES, CellState, State

TRAIN = "train"
"""The kind of a training cell; all others are measures."""


def none_yet() -> Counter[State]:
    """No cell in any state. All states are there: a drawing thread may count while another one changes a number."""
    return Counter(dict.fromkeys(STATES, 0))


@final
@dataclass
class Square:
    """One arm and seed.

    Attributes:
        training: how the training is; None where there is none.
        share: how much of a running training is done, 0 to 1; None if unknown.
        measures: how many measures are in each state.
    """

    training: State | None = None
    share: float | None = None
    measures: Counter[State] = field(default_factory=none_yet)

    @property
    def total(self) -> int:
        """How many measures there are."""
        return self.measures.total()

    def count(self, state: State) -> int:
        """How many cells are in a state."""
        return self.measures[state] + (self.training == state)

    @property
    def rank(self) -> int:
        """How much it belongs into a short overview: 0 is at work, 1 in trouble, 2 begun, 3 waits, 4 is done."""
        if self.count("running"):
            return 0
        if self.count("failed") or self.count("blocked"):
            return 1
        if self.count("missing"):
            return 2 if self.count("done") else 3
        return 4


@final
class Grid:
    """The squares of a study.

    Args:
        title: of the study.
        arms: names of its arms, in their order.
    """

    def __init__(self, title: str, arms: Iterable[str] = ()) -> None:
        self.title = title
        self.arms: dict[str, dict[int, Square]] = {arm: {} for arm in arms}

    @classmethod
    def of(cls, title: str, arms: Iterable[str], cells: Iterable[CellState]) -> "Grid":
        """The grid of cells whose states are known."""
        grid = cls(title, arms)
        for cell in cells:
            grid.add(cell.arm, cell.seed, cell.kind, cell.state)
            if cell.kind == TRAIN and cell.share is not None:
                grid.arms[cell.arm][cell.seed].share = cell.share
        return grid

    @property
    def seeds(self) -> list[int]:
        """All seeds, rising."""
        return sorted({seed for squares in self.arms.values() for seed in squares})

    def add(self, arm: str, seed: int, kind: str, state: State) -> Square:
        """Add a cell; the square that it is in."""
        square = self.arms.setdefault(arm, {}).setdefault(seed, Square())
        if kind == TRAIN:
            square.training = state
        else:
            square.measures[state] += 1
        return square

    def rank(self, arm: str) -> int:
        """The arm's smallest rank of a square."""
        return min((square.rank for square in self.arms[arm].values()), default=4)


def shown_of(names: list[str], ranks: list[int], room: int) -> list[str]:
    """Those of the smallest rank that there is room for, in their order."""
    chosen = sorted(range(len(names)), key=lambda place: (ranks[place], place))[: max(1, room)]
    return [names[place] for place in sorted(chosen)]
