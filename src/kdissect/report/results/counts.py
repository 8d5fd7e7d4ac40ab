"""Counts of detectors, with their intervals where the folder has a bootstrap."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kdissect.report.block import Series
from kdissect.report.dissection import Dissection
from kdissect.report.extras import finite
from kdissect.report.wording import fixed, from_to

GATES = ("region", "image", "none")
"""Gates in the order in which they are shown."""
BRODEN = ("object", "part", "scene", "material", "texture", "color")
"""Categories that have a color of their own."""
NUM_MARKS = 8
"""Colors and shapes that the page has."""


@dataclass(frozen=True)
class Count:
    """A number and the ends of its 95 % interval; None where there is none."""

    value: float
    low: float | None = None
    high: float | None = None

    @property
    def text(self) -> str:
        """The number; the interval in brackets."""
        text = fixed(self.value, 0)
        return text if self.low is None or self.high is None else f"{text} ({from_to(self.low, self.high)})"


def resampled(dissection: Dissection, gate: str, name: str) -> Count | None:
    """A count and its interval as the bootstrap has it; None without a bootstrap."""
    found = part(part(part(part(dissection.header, "bootstrap"), "gates"), gate), name)
    value, low, high = (finite(found.get(key)) for key in ("value", "low", "high"))
    return None if value is None else Count(value, low, high)


def by_chance(dissection: Dissection) -> Count | None:
    """How many detectors there would be by chance; None if it was not measured."""
    found = part(part(dissection.header, "chance"), "chance_detectors")
    mean = finite(found.get("mean"))
    return None if mean is None else Count(mean, finite(found.get("low")), finite(found.get("high")))


def part(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A nested group of facts; empty if there is none."""
    found = facts.get(name)
    return found if isinstance(found, Mapping) else {}


def gates_of(dissection: Dissection) -> tuple[str, ...]:
    """The gates of the folder: those that we know in our order, then others."""
    known = [gate for gate in GATES if gate in dissection.gates]
    return tuple(dict.fromkeys([*known, *dissection.gates]))


def gate_series(dissection: Dissection) -> tuple[Series, ...]:
    """A color for every gate; the one in use is the first."""
    gates = gates_of(dissection)
    ranked = sorted(gates, key=lambda gate: gate != dissection.gate)
    return tuple(Series(gate, ranked.index(gate) + 1) for gate in gates)


def category_series(categories: tuple[str, ...]) -> tuple[Series, ...]:
    """A color for every category; those of Broden have the same on every page."""
    others = [name for name in categories if name not in BRODEN]
    ranked = [*BRODEN, *others]
    return tuple(Series(name, (ranked.index(name) + 1) % NUM_MARKS) for name in categories)
