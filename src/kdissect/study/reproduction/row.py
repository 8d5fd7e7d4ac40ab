"""A row of the reproduction table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, final

from kdissect.verdict import Call

Outcome = Literal["reproduced", "contradicted", "undecided", "one seed", "not run"]


@final
@dataclass(frozen=True)
class Ours:
    """A score of an arm, as published and as it is in the store.

    Attributes:
        arm: its name.
        published: the published value; None where there is none.
        mean, low, high: ours with the 95 % interval over seeds (Student's t); None where there is none.
        seeds: how many we have.
    """

    arm: str
    published: float | None
    mean: float | None
    low: float | None
    high: float | None
    seeds: int


@final
@dataclass(frozen=True)
class Step:
    """Two neighbours in a published order.

    Attributes:
        above, below: the arms; the published score of the first is the larger one.
        published: the published difference, above minus below; None where only the order is known.
        mean, low, high: ours with Welch's 95 % interval.
        outcome: whether ours is on the published side.
        why: why it is undecided, where it is not the interval.
    """

    above: str
    below: str
    published: float | None
    mean: float | None
    low: float | None
    high: float | None
    outcome: Outcome
    why: str = ""


@final
@dataclass(frozen=True)
class Row:
    """A published claim and what became of it.

    Attributes:
        id, place, what, source, sure: of the claim.
        score: MEASURE.SCORE; unit: of ours, empty where nothing ran.
        study, size: where ours come from; None where nothing ran.
        reference: what the study's verdicts are held against.
        arms: every arm that is published or needed.
        steps: the order, neighbour by neighbour.
        outcome: of all steps together.
        family: of the verdict that looks at the row's measure; None where the measure decides none.
        verdicts: its call for each arm but the reference.
        note: what must be known to compare.
        notes: what must be known of our numbers: their size, records that were left out.
    """

    id: str
    place: str
    what: str
    source: str
    sure: str
    score: str
    unit: str
    study: str | None
    size: str | None
    reference: str | None
    arms: tuple[Ours, ...]
    steps: tuple[Step, ...]
    outcome: Outcome
    family: str | None
    verdicts: Mapping[str, Call]
    note: str
    notes: tuple[str, ...]


def overall(steps: tuple[Step, ...]) -> Outcome:
    """The outcome of an order: as bad as its worst step, `reproduced` if every step is.

    A step that contradicts decides. An order of which a step has not run is undecided, unless none has.
    """
    found = {step.outcome for step in steps}
    if not found or found == {"not run"}:
        return "not run"
    if "contradicted" in found:
        return "contradicted"
    if found == {"reproduced"}:
        return "reproduced"
    return "one seed" if found <= {"one seed", "not run"} else "undecided"
