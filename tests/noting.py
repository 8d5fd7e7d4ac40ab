"""A watch that notes what happened."""

from collections.abc import Callable, Collection, Sequence

from kdissect.records import Owner, Record
from kdissect.study import Cell


class Noting:
    """Notes what was done, and may act when a cell starts."""

    def __init__(self, act: Callable[[Cell], None] | None = None) -> None:
        self.act = act
        self.cells: list[str] = []
        self.kept = 0
        self.started: list[str] = []
        self.ended: list[str] = []
        self.failed: dict[str, str] = {}
        self.blocked: list[str] = []
        self.again_: list[str] = []
        self.others: list[str] = []
        self.images = 0

    def begin(self, cells: Sequence[Cell], kept: Collection[str]) -> None:
        self.cells, self.kept = [cell.title for cell in cells], len(kept)

    def start(self, cell: Cell, total: int | None) -> None:
        self.started.append(cell.title)
        if self.act is not None:
            self.act(cell)

    def tell(self, cell: Cell, images: int) -> None:
        self.images += images

    def end(self, cell: Cell, record: Record) -> None:
        self.ended.append(cell.title)

    def elsewhere(self, cell: Cell, owner: Owner | None) -> None:
        self.others.append(cell.title)

    def again(self, cell: Cell, why: str) -> None:
        self.again_.append(f"{cell.title}: {why}")

    def fail(self, cell: Cell, error: str) -> None:
        self.failed[cell.title] = error

    def block(self, cell: Cell, because: Cell) -> None:
        self.blocked.append(f"{cell.title} for {because.title}")
