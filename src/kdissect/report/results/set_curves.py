"""Counts of a set's members, along that in which they differ."""

from kdissect.report.block import Block, Cell, Chart, Datum, Row, Series, Table
from kdissect.report.dissection import Dissection, distinct
from kdissect.report.results.counts import Count, by_chance, resampled
from kdissect.report.results.dissection_set import DissectionSet
from kdissect.report.wording import share_text

HEIGHT = 300
COUNTS = (
    ("detectors", "Detectors", "detectors (units)", "Units whose best concept reaches the IoU threshold."),
    ("unique_detectors", "Concepts", "unique detectors (concepts)", "Different concepts among the detectors."),
)


def set_curves(found: DissectionSet, categories: tuple[Series, ...]) -> tuple[Block, ...]:
    """Detectors and concepts of every member as charts, and all of its counts as a table."""
    blocks: list[Block] = []
    if found.ways:
        blocks += [_count_chart(found, *words) for words in COUNTS]
        if len(found.ways) == 1:
            blocks.append(_category_chart(found, categories))
    return (*blocks, _table(found, categories))


def _count_chart(found: DissectionSet, name: str, title: str, y: str, note: str) -> Chart:
    axis, *others = found.ways
    rows: list[Datum] = []
    for one in found.dissections:
        here, line = _count(one, name), name_of(one, tuple(others)) if others else y
        rows.append(
            {"series": line, "x": one.places.get(axis, "–"), "mean": here.value, "low": here.low, "high": here.high}
        )
    lines = tuple(dict.fromkeys(str(row["series"]) for row in rows))
    note += " Upright lines are 95 % intervals over images." if any(row["low"] is not None for row in rows) else ""
    return _steps(
        f"set-{name.replace('_', '-')}", title, note, found, y, rows, tuple(map(_line, enumerate(lines, 1))), "line"
    )


def _category_chart(found: DissectionSet, categories: tuple[Series, ...]) -> Chart:
    rows: list[Datum] = [
        {
            "series": series.name,
            "x": one.places.get(found.ways[0], "–"),
            "mean": round(sum(unit.category == series.name for unit in one.detectors) / len(one.units), 4),
            "low": None,
            "high": None,
        }
        for series in categories
        for one in found.dissections
    ]
    note = "Share of the units whose best concept is of the category and reaches the IoU threshold."
    return _steps(
        "set-categories", "Detectors by category", note, found, "share of units", rows, categories, "category"
    )


def _line(numbered: tuple[int, str]) -> Series:
    return Series(numbered[1], numbered[0])


def _steps(
    identity: str,
    title: str,
    note: str,
    found: DissectionSet,
    y: str,
    rows: list[Datum],
    series: tuple[Series, ...],
    what: str,
) -> Chart:
    axis = found.ways[0]
    places = tuple(dict.fromkeys(one.places.get(axis, "–") for one in found.dissections))
    values = {(row["series"], row["x"]): row for row in rows}
    table = Table(
        title,
        (Cell(what), *(Cell(place, kind="number") for place in places)),
        tuple(Row((Cell(one.name), *(_value(values.get((one.name, place))) for place in places))) for one in series),
        layout="quiet",
    )
    return Chart(
        id=identity,
        kind="steps",
        title=title,
        note=note,
        x=axis,
        y=y,
        height=HEIGHT,
        rows=tuple(rows),
        table=table,
        groups=places,
        series=series,
        series_title=what,
    )


def _value(row: Datum | None) -> Cell:
    mean = None if row is None else row["mean"]
    return Cell("–" if mean is None else f"{float(mean):,.4g}", kind="number")


def _count(one: Dissection, name: str) -> Count:
    here = len(one.detectors) if name == "detectors" else distinct(one.detectors)
    return resampled(one, one.gate, name) or Count(here)


def _table(found: DissectionSet, categories: tuple[Series, ...]) -> Table:
    chance = any(by_chance(one) is not None for one in found.dissections)
    heads = ["units", "detectors", "share", "concepts", *(["by chance"] if chance else [])]
    rows = []
    for one in found.dissections:
        expected = by_chance(one)
        texts = [f"{len(one.units):,}", _count(one, "detectors").text, share_text(len(one.detectors) / len(one.units))]
        texts.append(_count(one, "unique_detectors").text)
        texts += ([expected.text if expected is not None else "–"]) if chance else []
        own = [sum(unit.category == series.name for unit in one.detectors) for series in categories]
        cells = (Cell(text, kind="number") for text in (*texts, *map(str, own)))
        rows.append(Row((Cell(name_of(one, found.ways)), *cells)))
    return Table(
        "All members",
        (
            Cell(" · ".join(found.ways) or "dissection"),
            *(Cell(head, kind="number") for head in heads),
            *(Cell(series.name, series=number, kind="number") for number, series in enumerate(categories)),
        ),
        tuple(rows),
        "Categories: units whose best concept is of it." + (" In brackets 95 % intervals." if chance else ""),
    )


def best(members: tuple[Dissection, ...]) -> Dissection:
    """The member of which most units are detectors, as a share."""
    return max(members, key=lambda one: len(one.detectors) / len(one.units))


def name_of(dissection: Dissection, ways: tuple[str, ...]) -> str:
    """A member by that in which it differs from the others."""
    parts = [dissection.places.get(way, "–") for way in ways] or [dissection.title]
    return " · ".join(
        f"quantile {part}" if way == "quantile" else part for way, part in zip(ways or ("",), parts, strict=True)
    )
