"""How long what is left will take, from how long its like took."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import final


@final
class Pace:
    """What cells of each kind took.

    A cell is expected to take what those of the same kind and arm took, at their median; if none is done, what such a
    one that is under way will take; else what all of the same kind took and will take.

    Attributes:
        under_way: what cells that are under way will take, as far as their speed tells, by kind and arm.
    """

    def __init__(self) -> None:
        self._own: dict[tuple[str, str], list[float]] = defaultdict(list)
        self._kind: dict[str, list[float]] = defaultdict(list)
        self.under_way: dict[tuple[str, str], float] = {}

    def tell(self, kind: str, arm: str, seconds: float) -> None:
        """A cell took so many seconds."""
        self._own[kind, arm].append(seconds)
        self._kind[kind].append(seconds)

    def seconds(self, kind: str, arm: str) -> float | None:
        """What such a cell takes; None if no cell of its kind is done."""
        known = self._own.get((kind, arm))
        if not known and (kind, arm) in self.under_way:
            return self.under_way[kind, arm]
        if not known:
            known = [*self._kind.get(kind, ()), *(each for (like, _), each in self.under_way.items() if like == kind)]
        return statistics.median(known) if known else None

    def left(
        self, waiting: Counter[tuple[str, str]], running: Iterable[float | None], workers: int
    ) -> tuple[float | None, int]:
        """Seconds until all is done if as many cells as now run side by side; and how many cells nothing is known of.

        Args:
            waiting: how many cells of each kind and arm nobody has begun.
            running: seconds that each running cell still needs; None if unknown.
            workers: how many cells run side by side.

        Returns:
            Seconds without the cells that nothing is known of; None if nothing runs, or nothing at all is known.
        """
        found, unknown, known = 0.0, 0, 0
        for (kind, arm), number in waiting.items():
            seconds = self.seconds(kind, arm)
            if seconds is None:
                unknown += number
            else:
                found += seconds * number
                known += number
        for each in running:
            if each is None:
                unknown += 1
            else:
                found += each
                known += 1
        if not workers or (not known and unknown):
            return None, unknown
        return found / workers, unknown


def spoken(seconds: float) -> str:
    """Seconds for people: `12 s`, `3.4 min`, `5.2 h`, `3 days`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 100 * 60:
        return f"{seconds / 60:.1f} min" if seconds < 600 else f"{seconds / 60:.0f} min"
    if seconds < 100 * 3600:
        return f"{seconds / 3600:.1f} h"
    return f"{seconds / 86400:.1f} days"
