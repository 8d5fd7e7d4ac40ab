"""A cell that is under way, as who runs the study sees it."""

import time
from dataclasses import dataclass, field
from typing import final


@final
@dataclass
class UnderWay:
    """How far a cell is.

    Attributes:
        title: of the cell.
        kind, arm: of the cell.
        total: images; None if unknown.
        seen: images so far.
        started: monotonic seconds when it started.
        said: when a line last told of it.
        owner: another runner that is at work on it; empty if it is this one.
    """

    title: str
    kind: str
    arm: str
    total: int | None = None
    seen: int = 0
    started: float = field(default_factory=time.perf_counter)
    said: float = field(default_factory=time.perf_counter)
    owner: str = ""

    @property
    def speed(self) -> float:
        """Images a second, since it started."""
        return self.seen / max(1e-9, time.perf_counter() - self.started)

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None if unknown."""
        return min(1.0, self.seen / self.total) if self.total else None

    @property
    def left(self) -> float | None:
        """Seconds that it still needs; None if unknown."""
        return (self.total - self.seen) / self.speed if self.total and self.seen else None

    @property
    def elapsed(self) -> float:
        """Seconds since it started."""
        return time.perf_counter() - self.started
