"""One score of one measure, over all arms and seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from kdissect.records import Direction
from kdissect.report.evidence import Evidence
from kdissect.report.wording import decimals_for
from kdissect.stats import Difference, Interval, difference, mean_interval

DISSECTED = {
    "detectors": "units whose best concept reaches the IoU threshold",
    "unique_detectors": "different concepts among the detectors",
    "detector_share": "detectors divided by all units of the layer",
    "detectors/": "detectors whose best concept is of this category",
    "unique/": "different concepts of this category among the detectors",
    "any_category/": "units that reach the IoU threshold for some concept of this category, "
    "whether or not it is their best; a unit may count in several categories",
}
"""Definitions for a record that has a dissection and no definitions of its own."""


@dataclass(frozen=True)
class Quantity:
    """The values of one score.

    Attributes:
        measure: the measure as the page names it; `train` for training.
        name: the score's name.
        unit, direction, bounds: what the number means, from the score.
        definition: one sentence; empty if the record has none.
        values: arm to seed to value; arms without a value are left out.
    """

    measure: str
    name: str
    unit: str
    direction: Direction
    bounds: tuple[float | None, float | None]
    definition: str
    values: Mapping[str, Mapping[int, float]]

    def of(self, arm: str) -> tuple[float, ...]:
        """The arm's values by seed; empty if there is none."""
        seeds = self.values.get(arm, {})
        return tuple(seeds[seed] for seed in sorted(seeds))

    def interval(self, arm: str) -> Interval | None:
        """Mean over the arm's seeds with its 95 % interval, None without a value."""
        return mean_interval(self.of(arm)) if self.of(arm) else None

    def against(self, arm: str, reference: str) -> Difference | None:
        """The arm's mean minus the reference's, None if one of them has no value."""
        if not self.of(arm) or not self.of(reference):
            return None
        return difference(self.of(arm), self.of(reference))

    @property
    def decimals(self) -> int:
        """Decimals for every text about this quantity."""
        return decimals_for([value for seeds in self.values.values() for value in seeds.values()])

    @property
    def is_primary(self) -> bool:
        """Whether it is a number of its own and no part of one, as `detectors/object` is."""
        return "/" not in self.name


def collect(evidence: Evidence) -> tuple[Quantity, ...]:
    """Every score that has a value, measure by measure as they come in the study, training first."""
    first: dict[tuple[str, str], Quantity] = {}
    values: dict[tuple[str, str], dict[str, dict[int, float]]] = {}
    dissected = {dissection.measure for dissection in evidence.dissections}
    for result in evidence.results:
        record = result.record
        for score in record.scores:
            if score.value is None:
                continue
            key = (result.measure, score.name)
            values.setdefault(key, {}).setdefault(record.arm, {})[record.seed] = score.value
            if key not in first:
                definition = _definition(score.name, record.facts.get("definitions"), result.measure in dissected)
                first[key] = Quantity(
                    result.measure, score.name, score.unit, score.direction, score.bounds, definition, values[key]
                )
    measures = sorted(dict.fromkeys(measure for measure, _ in first), key=lambda measure: measure != "train")
    return tuple(quantity for measure in measures for key, quantity in first.items() if key[0] == measure)


def find(quantities: tuple[Quantity, ...], name: str, measure: str | None = None) -> Quantity | None:
    """The first quantity of that name (and measure)."""
    for quantity in quantities:
        if quantity.name == name and measure in (None, quantity.measure):
            return quantity
    return None


def _definition(name: str, own: object, dissected: bool) -> str:
    known = own if isinstance(own, dict) else (DISSECTED if dissected else {})
    family = f"{name.split('/')[0]}/" if "/" in name else name
    return str(known.get(name) or known.get(family) or "")
