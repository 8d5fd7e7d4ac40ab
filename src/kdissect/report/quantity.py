"""One score of one measure, over all arms and seeds."""

from collections.abc import Mapping
from dataclasses import dataclass

from kdissect.records import Direction
from kdissect.report.definitions import definition
from kdissect.report.evidence import Evidence
from kdissect.report.wording import decimals_for
from kdissect.stats import Difference, Interval, difference, mean_interval


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
    for result in evidence.results:
        record = result.record
        for score in record.scores:
            if score.value is None:
                continue
            key = (result.measure, score.name)
            values.setdefault(key, {}).setdefault(result.arm, {})[result.seed] = score.value
            if key not in first:
                first[key] = Quantity(
                    result.measure,
                    score.name,
                    score.unit,
                    score.direction,
                    score.bounds,
                    definition(record, score.name),
                    values[key],
                )
    measures = sorted(dict.fromkeys(measure for measure, _ in first), key=lambda measure: measure != "train")
    return tuple(quantity for measure in measures for key, quantity in first.items() if key[0] == measure)


def find(quantities: tuple[Quantity, ...], name: str, measure: str | None = None) -> Quantity | None:
    """The first quantity of that name (and measure)."""
    for quantity in quantities:
        if quantity.name == name and measure in (None, quantity.measure):
            return quantity
    return None


def accuracy_of(quantities: tuple[Quantity, ...]) -> Quantity | None:
    """The measured accuracy, else that of the validation split."""
    return find(quantities, "accuracy") or find(quantities, "val_accuracy")
