"""Who is told how a study goes."""

from collections.abc import Callable
from typing import Protocol, final

from kdissect.records import Score


class Watch(Protocol):
    """Who is told how a study goes."""

    def begin(self, cells: int, kept: int) -> None:
        """The study has so many cells, of which `kept` are there already."""

    def start(self, title: str, total: int | None) -> Callable[[int], None]:
        """A cell starts; returns what is called with the number of images done. `total` images, None if unknown."""

    def end(self, title: str, scores: tuple[Score, ...], seconds: float) -> None:
        """The cell is done."""


@final
class NoWatch:
    """Tells nobody."""

    def begin(self, cells: int, kept: int) -> None:
        """Nothing."""

    def start(self, title: str, total: int | None) -> Callable[[int], None]:
        """Nothing."""
        del title, total
        return lambda _images: None

    def end(self, title: str, scores: tuple[Score, ...], seconds: float) -> None:
        """Nothing."""
