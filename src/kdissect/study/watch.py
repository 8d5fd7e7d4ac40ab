"""Who is told how a study goes."""

from collections.abc import Collection, Sequence
from typing import Protocol, final

from kdissect.records import Owner, Record
from kdissect.study.cell import Cell


class Reporter(Protocol):
    """Who is told how one cell goes, where it is done."""

    def start(self, total: int | None) -> None:
        """It starts; `total` images, None if unknown."""

    def tell(self, images: int) -> None:
        """So many more images are done."""


@final
class NoReporter:
    """Tells nobody: of a cell on another machine its claim's beat tells."""

    def start(self, total: int | None) -> None:
        """Nothing."""

    def tell(self, images: int) -> None:
        """Nothing."""


class Watch(Protocol):
    """Who is told how a study goes, where it is run from."""

    def begin(self, cells: Sequence[Cell], kept: Collection[str]) -> None:
        """The studies have these cells; of those whose digests are in `kept` there are records already.

        Cells of different studies may be the same work: then each is there, and one of them is told of.
        """

    def start(self, cell: Cell, total: int | None) -> None:
        """A cell starts; `total` images, None if unknown."""

    def tell(self, cell: Cell, images: int) -> None:
        """So many more images of a cell are done."""

    def end(self, cell: Cell, record: Record) -> None:
        """A cell is done, here or by another runner."""

    def elsewhere(self, cell: Cell, owner: Owner | None) -> None:
        """Another runner is at work on a cell; it will be looked at again."""

    def again(self, cell: Cell, why: str) -> None:
        """A cell is tried again: its process died, or its record was damaged."""

    def fail(self, cell: Cell, error: str) -> None:
        """A cell failed; the others go on."""

    def block(self, cell: Cell, because: Cell) -> None:
        """A cell cannot be done, since one that it needs failed."""


@final
class NoWatch:
    """Tells nobody."""

    def begin(self, cells: Sequence[Cell], kept: Collection[str]) -> None:
        """Nothing."""

    def start(self, cell: Cell, total: int | None) -> None:
        """Nothing."""

    def tell(self, cell: Cell, images: int) -> None:
        """Nothing."""

    def end(self, cell: Cell, record: Record) -> None:
        """Nothing."""

    def elsewhere(self, cell: Cell, owner: Owner | None) -> None:
        """Nothing."""

    def again(self, cell: Cell, why: str) -> None:
        """Nothing."""

    def fail(self, cell: Cell, error: str) -> None:
        """Nothing."""

    def block(self, cell: Cell, because: Cell) -> None:
        """Nothing."""
