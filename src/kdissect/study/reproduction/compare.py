"""One published claim against the scores of one study."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, final

from kdissect.stats import difference, mean_interval
from kdissect.study.reproduction.claim import Along, Claim
from kdissect.study.reproduction.row import Ours, Outcome, Row, Step, overall
from kdissect.verdict import FAMILIES, Call

OTHER_DATA = "Run {size}, on other data than the published: numbers cannot agree, only order and direction count."
Values = tuple[float, ...]


@final
@dataclass(frozen=True)
class Measured:
    """What a study has measured, as far as it is done.

    Attributes:
        study: its name; size: its size; None where it says none.
        reference: the arm that the others are held against.
        places: where each arm stands on the study's axes.
        values: MEASURE.SCORE to arm to its values over seeds, after the last epoch.
        units: unit of each score.
        calls: family to arm to the verdict's call against the reference.
        notes: what could not be used.
    """

    study: str
    size: str | None
    reference: str | None
    places: Mapping[str, Mapping[str, Any]]
    values: Mapping[str, Mapping[str, Values]]
    units: Mapping[str, str]
    calls: Mapping[str, Mapping[str, Call]]
    notes: tuple[str, ...] = ()


def compare(claim: Claim, measured: Measured | None) -> Row:
    """What became of a claim.

    Args:
        claim: what was published.
        measured: a study that may answer; None if none ran.
    """
    chains = claim.orders
    if claim.along is not None:
        chains = _chain(claim.along, measured.places) if measured is not None else ()
    pairs = list(dict.fromkeys(pair for chain in chains for pair in pairwise(chain)))
    values = measured.values.get(claim.score, {}) if measured is not None else {}
    steps = tuple(_step(claim, above, below, values) for above, below in pairs)
    outcome = overall(steps)
    ran = measured is not None and outcome != "not run"
    names = list(dict.fromkeys([*claim.numbers, *(arm for pair in pairs for arm in pair)]))
    # A family's verdict is on all detectors: of those of one category it says nothing.
    kind = claim.score.split(".")[0] if "/" not in claim.score else ""
    family = next((one.name for one in FAMILIES if one.primary.split(".")[0] == kind), None)
    calls = measured.calls.get(family or "", {}) if measured is not None else {}
    return Row(
        id=claim.id,
        place=claim.place,
        what=claim.what,
        source=claim.source,
        sure=claim.sure,
        score=claim.score,
        unit=measured.units.get(claim.score, "") if measured is not None else "",
        study=measured.study if ran and measured is not None else None,
        size=measured.size if ran and measured is not None else None,
        reference=measured.reference if ran and measured is not None else None,
        arms=tuple(_ours(name, claim, values.get(name, ())) for name in names),
        steps=steps,
        outcome=outcome,
        family=family,
        verdicts={name: calls[name] for name in names if name in calls} if ran else {},
        note=claim.note,
        notes=_notes(measured) if ran and measured is not None else (),
    )


def _chain(along: Along, places: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    """The arms along an axis, that with the largest score first; no chain where fewer than two stand there."""
    found = [
        (float(place[along.axis]), name)
        for name, place in places.items()
        if isinstance(place.get(along.axis), int | float) and all(place.get(k) == v for k, v in along.where.items())
    ]
    names = tuple(name for _, name in sorted(found, reverse=along.rises))
    return (names,) if len(names) > 1 else ()


def _ours(name: str, claim: Claim, values: Values) -> Ours:
    published = claim.numbers.get(name)
    if not values:
        return Ours(name, published, None, None, None, 0)
    interval = mean_interval(values)
    return Ours(name, published, interval.mean, interval.low, interval.high, interval.num)


def _step(claim: Claim, above: str, below: str, values: Mapping[str, Values]) -> Step:
    sides = claim.numbers.get(above), claim.numbers.get(below)
    published = sides[0] - sides[1] if sides[0] is not None and sides[1] is not None else None
    a, b = values.get(above, ()), values.get(below, ())
    if not a or not b:
        return Step(above, below, published, None, None, None, "not run")
    found = difference(a, b)
    outcome: Outcome
    why = ""
    if min(len(a), len(b)) == 1:
        outcome = "one seed"
    elif found.low is None or found.high is None:
        outcome, why = "undecided", "no spread between seeds"
    elif found.low > 0:
        outcome = "reproduced"
    elif found.high < 0:
        outcome = "contradicted"
    else:
        outcome = "undecided"
    return Step(above, below, published, found.mean, found.low, found.high, outcome, why)


def _notes(measured: Measured) -> tuple[str, ...]:
    if measured.size == "full":
        return measured.notes
    size = f"at size {measured.size}" if measured.size else "at a size of its own"
    return (OTHER_DATA.format(size=size), *measured.notes)
