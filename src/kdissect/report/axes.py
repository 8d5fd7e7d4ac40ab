"""Arms along the axes of their study: lines over one axis of numbers, colored fields over two."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kdissect.report.arms import main_quantities
from kdissect.report.block import Cell, Chart, Datum, Row, Section, Series, Table
from kdissect.report.evidence import Evidence
from kdissect.report.interval_chart import domain, interval_fields, mean_cell, short, within
from kdissect.report.quantity import Quantity
from kdissect.report.wording import fixed, listed, measure_title, readable, sentence

HEIGHT = 240
ROW = 44
"""Height of a row of colored fields."""
SEEDS = "Large marks are means over seeds with their 95 % interval (cut at the edge of the plot), small ones seeds."


@dataclass(frozen=True)
class Axes:
    """Where the arms of a study stand.

    Attributes:
        numbers: axes of numbers that differ between arms, in the order in which arms name them.
        words: axes of words that differ.
        places: arm to its place; arms that lack a number are left out.
    """

    numbers: tuple[str, ...]
    words: tuple[str, ...]
    places: Mapping[str, Mapping[str, Any]]

    def values(self, axis: str) -> list[float]:
        """Values of an axis of numbers, rising."""
        return sorted({place[axis] for place in self.places.values()})

    def series(self, arm: str) -> str:
        """What an arm's words say of it; empty where there are none."""
        return ", ".join(f"{name} {self.places[arm][name]}" for name in self.words)


def axes_of(evidence: Evidence) -> Axes | None:
    """The axes of a study; None unless one or two axes of numbers differ between its arms."""
    placed = {arm.name: arm.place for arm in evidence.arms if arm.place}
    keys = list(dict.fromkeys(key for place in placed.values() for key in place))
    numbers = [key for key in keys if all(isinstance(place.get(key, 0), int | float) for place in placed.values())]
    # An arm without a number has no place on the axis: scratch has no temperature.
    placed = {name: place for name, place in placed.items() if all(key in place for key in numbers)}
    differing = [key for key in keys if len({str(place.get(key)) for place in placed.values()}) > 1]
    numbers = [key for key in numbers if key in differing]
    words = [key for key in differing if key not in numbers and all(key in place for place in placed.values())]
    return Axes(tuple(numbers), tuple(words), placed) if 1 <= len(numbers) <= 2 else None


def axes_section(evidence: Evidence, quantities: tuple[Quantity, ...]) -> Section | None:
    """A chart for each main score over the study's axes; None without such axes, or without a value."""
    axes = axes_of(evidence)
    if axes is None:
        return None
    shown = [q for q in main_quantities(evidence, quantities) if any(q.of(arm) for arm in axes.places)]
    draw = _fields if len(axes.numbers) == 2 else _lines
    charts = tuple(draw(number, quantity, axes, evidence) for number, quantity in enumerate(shown))
    if not charts:
        return None
    title = sentence(f"over {listed([readable(axis) for axis in axes.numbers])}").removesuffix(".")
    lead = "The same numbers by where the arms stand in the study."
    return Section("axes", title, lead, tuple(chart for several in charts for chart in several))


def _lines(number: int, quantity: Quantity, axes: Axes, evidence: Evidence) -> tuple[Chart, ...]:
    """Means over the axis, a line for each series."""
    (axis,) = axes.numbers
    names = list(dict.fromkeys(axes.series(arm) or "students" for arm in axes.places))
    rows: list[Datum] = []
    points: list[Datum] = []
    for arm, place in sorted(axes.places.items(), key=lambda item: item[1][axis]):
        if (interval := quantity.interval(arm)) is None:
            continue
        at = {"series": axes.series(arm) or "students", "x": f"{place[axis]:g}"}
        rows.append({**at, **interval_fields(within(interval, quantity.bounds))})
        points += [{**at, "seed": seed, "value": short(value)} for seed, value in quantity.values[arm].items()]
    reference = _reference(quantity, axes, evidence)
    level = [{"value": reference}] if reference is not None else []
    dashes = f" The dashed line is the mean of {evidence.reference}." if reference is not None else ""
    chart = Chart(
        id=f"axes-{number}",
        kind="places",
        title=_title(quantity),
        note=f"{SEEDS}{dashes} The axis does not start at zero.",
        x=readable(axis),
        y=quantity.unit,
        height=HEIGHT,
        rows=tuple(rows),
        points=tuple(points),
        groups=tuple(f"{value:g}" for value in axes.values(axis)),
        domain=domain(rows, [*points, *level], from_zero=False),
        level=reference,
        series=tuple(Series(name, rank + 1) for rank, name in enumerate(names)),
        series_title=listed([readable(word) for word in axes.words]) or "arms",
        table=_table(quantity, axes, axis, None),
    )
    return (chart,)


def _fields(number: int, quantity: Quantity, axes: Axes, evidence: Evidence) -> tuple[Chart, ...]:
    """A field of colors for each series."""
    across, down = axes.numbers
    charts = []
    for rank, series in enumerate(dict.fromkeys(axes.series(arm) for arm in axes.places)):
        rows: list[Datum] = []
        for arm, place in axes.places.items():
            interval = quantity.interval(arm)
            if axes.series(arm) != series or interval is None:
                continue
            at = {"x": f"{place[across]:g}", "group": f"{place[down]:g}", "arm": arm}
            text = fixed(interval.mean, quantity.decimals)
            rows.append({**at, **interval_fields(within(interval, quantity.bounds)), "text": text})
        if not rows:
            continue
        reference = _reference(quantity, axes, evidence)
        beside = f"; {evidence.reference} has {fixed(reference, quantity.decimals)}" if reference is not None else ""
        charts.append(
            Chart(
                id=f"axes-{number}-{rank}",
                kind="heat",
                title=_title(quantity) + (f": {series}" if series else ""),
                note=f"The stronger the color, the larger the mean over seeds{beside}.",
                x=readable(across),
                y=readable(down),
                height=ROW * len(axes.values(down)),
                rows=tuple(rows),
                groups=tuple(f"{value:g}" for value in reversed(axes.values(down))),
                across=tuple(f"{value:g}" for value in axes.values(across)),
                series=(Series(series or "students", 1),),
                table=_table(quantity, axes, across, down, series),
            )
        )
    return tuple(charts)


def _title(quantity: Quantity) -> str:
    name = readable(quantity.name)
    title = f"{name[0].upper()}{name[1:]}"
    dissected = quantity.name in ("accuracy", "val_accuracy", "detectors", "unique_detectors")
    return title if dissected else f"{measure_title(quantity.measure)}: {name}"


def _reference(quantity: Quantity, axes: Axes, evidence: Evidence) -> float | None:
    """Mean of the reference, where it stands on no axis itself."""
    if evidence.reference is None or evidence.reference in axes.places:
        return None
    interval = quantity.interval(evidence.reference)
    return None if interval is None else short(interval.mean)


def _table(quantity: Quantity, axes: Axes, across: str, down: str | None, series: str | None = None) -> Table:
    """The means: the first axis in columns; series, or the second axis, in rows."""
    columns = axes.values(across)
    found: dict[str, dict[float, Cell]] = {}
    for arm, place in axes.places.items():
        if series is not None and axes.series(arm) != series:
            continue
        row = f"{readable(down)} {place[down]:g}" if down is not None else axes.series(arm) or "students"
        found.setdefault(row, {})[place[across]] = mean_cell(quantity.interval(arm), quantity.decimals)
    return Table(
        caption=f"{readable(quantity.name)} by {readable(across)}",
        columns=(Cell(""), *(Cell(f"{readable(across)} {value:g}", kind="number") for value in columns)),
        rows=tuple(
            Row((Cell(name), *(cells.get(value, Cell("–", kind="number")) for value in columns)))
            for name, cells in found.items()
        ),
        layout="quiet",
    )
