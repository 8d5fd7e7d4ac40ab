"""Every score of every measure with what it means; and a chart for measures without a view of their own."""

import re

from kdissect.report.arms import difference_text
from kdissect.report.block import Cell, Row, Section, Table
from kdissect.report.evidence import Evidence
from kdissect.report.interval_chart import intervals_chart
from kdissect.report.quantity import Quantity
from kdissect.report.wording import decimals_for, listed, measure_title, readable, sentence, with_margin

MOST_GROUPS = 8
"""Scores in one chart; the table has them all."""


def measure_sections(evidence: Evidence, quantities: tuple[Quantity, ...]) -> tuple[Section, ...]:
    """A section with a chart for each measure that did not dissect; none for a network that stands alone."""
    if all(sum(map(len, quantity.values.values())) == 1 for quantity in quantities):
        return ()
    shown = {"train", *(dissection.measure for dissection in evidence.dissections)}
    measures = [m for m in dict.fromkeys(quantity.measure for quantity in quantities) if m not in shown]
    return tuple(_measure_section(measure, evidence, quantities) for measure in measures)


def _measure_section(measure: str, evidence: Evidence, quantities: tuple[Quantity, ...]) -> Section:
    own = [quantity for quantity in quantities if quantity.measure == measure]
    # What is said of all images is in the table: its mark would stand on that of the images that all get right.
    drawn = [q for q in own if q.unit == own[0].unit and not q.name.endswith("/all")][:MOST_GROUPS]
    better = {"higher": "Higher counts as better. ", "lower": "Lower counts as better. "}
    families = list(dict.fromkeys(readable(quantity.name.split("/")[0]) for quantity in drawn))
    chart = intervals_chart(
        f"measure-{re.sub('[^a-z0-9]+', '-', measure.lower()).strip('-')}",
        sentence(listed(families)).removesuffix("."),
        f"{better[own[0].direction] if len({q.direction for q in drawn}) == 1 and own[0].direction in better else ''}"
        "Large marks are means over seeds with their 95 % interval (cut at the edge of the plot), small ones single "
        "seeds; the axis does not start at zero.",
        f"{families[0]} ({own[0].unit})" if len(families) == 1 else own[0].unit,
        {readable(quantity.name): quantity for quantity in drawn},
        evidence,
        decimals=decimals_for([value for q in drawn for seeds in q.values.values() for value in seeds.values()]),
        from_zero=False,
    )
    return Section(f"section-{chart.id}", measure_title(measure), sentence(own[0].definition), (chart,))


def scores_section(evidence: Evidence, quantities: tuple[Quantity, ...]) -> Section | None:
    """One table a measure: every score, its definition, and its mean for every arm."""
    measures = dict.fromkeys(quantity.measure for quantity in quantities)
    tables = tuple(
        _table(measure, [quantity for quantity in quantities if quantity.measure == measure], evidence)
        for measure in measures
    )
    if not tables:
        return None
    lead = "All numbers there are, what they mean, and which way is better."
    if evidence.reference is not None:
        lead += f" Second lines: the difference to {evidence.reference} and its 95 % interval."
    return Section("scores", "Every score", lead, tables)


def _table(measure: str, quantities: list[Quantity], evidence: Evidence) -> Table:
    families = list(dict.fromkeys(quantity.name.split("/")[0] for quantity in quantities if not quantity.is_primary))
    by_family = sorted(quantities, key=lambda q: -1 if q.is_primary else families.index(q.name.split("/")[0]))
    heads = tuple(Cell(arm.name, series=number, kind="number") for number, arm in enumerate(evidence.arms))
    return Table(
        caption=measure_title(measure),
        columns=(Cell("score"), *heads),
        rows=tuple(
            _row(quantity, before, evidence) for before, quantity in zip((None, *by_family), by_family, strict=False)
        ),
        layout="even",
    )


def _row(quantity: Quantity, before: Quantity | None, evidence: Evidence) -> Row:
    """Means of all arms; a meaning that the row above has already given is not given again."""
    meaning = _meaning(quantity)
    repeated = before is not None and not before.is_primary and _meaning(before) == meaning
    name = Cell(readable(quantity.name), "" if repeated else meaning)
    return Row((name, *(_value(quantity, arm.name, evidence) for arm in evidence.arms)))


def _value(quantity: Quantity, arm: str, evidence: Evidence) -> Cell:
    interval = quantity.interval(arm)
    if interval is None:
        return Cell("–", kind="number")
    return Cell(with_margin(interval, quantity.decimals), difference_text(quantity, arm, evidence), kind="number")


def _meaning(quantity: Quantity) -> str:
    """Definition, unit, bounds and direction of a score, in words."""
    low, high = quantity.bounds
    parts = [quantity.definition, quantity.unit]
    if low is not None and high is not None:
        parts.append(f"{low:g} to {high:g}")
    elif low is not None:
        parts.append(f"at least {low:g}")
    elif high is not None:
        parts.append(f"at most {high:g}")
    parts.append(
        {"higher": "higher is better", "lower": "lower is better"}.get(quantity.direction, "neither way is better")
    )
    return " · ".join(part for part in parts if part)
