"""The page of a set of dissections."""

from kdissect.report.block import Block, Cell, Chart, Datum, Row, Section, Series, Table
from kdissect.report.dissection import Dissection, distinct
from kdissect.report.gallery import Gallery
from kdissect.report.headline import Headline
from kdissect.report.results.axis_alignment import axis_section
from kdissect.report.results.bar_graph import bar_graph
from kdissect.report.results.counts import Count, by_chance, category_series, resampled
from kdissect.report.results.dissection_set import DissectionSet
from kdissect.report.results.dissection_view import browser_section, concepts_lead, graph, index_section
from kdissect.report.results.headline import choices
from kdissect.report.results.provenance import header_section
from kdissect.report.view import View
from kdissect.report.wording import counted, listed, share_text

MOST_GRAPHS = 12
"""Members with a bar graph of their own."""
HEIGHT = 300
COUNTS = (
    ("detectors", "Detectors", "detectors (units)", "Units whose best concept reaches the IoU threshold."),
    ("unique_detectors", "Concepts", "unique detectors (concepts)", "Different concepts among the detectors."),
)


def set_view(found: DissectionSet, gallery: Gallery, version: str) -> View:
    """The report on a set.

    Args:
        found: what was read.
        gallery: the units to be shown.
        version: of the kdissect that writes the report.
    """
    members = found.dissections
    categories = category_series(tuple(dict.fromkeys(name for one in members for name in one.categories)))
    headers = {"the set": found.header, **{one.title: one.header for one in members}}
    sections: tuple[Section | None, ...] = (header_section(headers, version),)
    if members:
        sections = (
            Section("curve", _title(found), _lead(found), _curves(found, categories)),
            Section(
                "concepts",
                "Concepts",
                concepts_lead(gallery),
                _graphs(found),
            ),
            browser_section(gallery, {way: best(members).places.get(way, "") for way in found.ways}),
            index_section(members) if len({one.probe.get("digest") for one in members}) == 1 else None,
            axis_section(found.rotation),
            *sections,
        )
    notices = [*found.complaints]
    for one in members:
        notices += [f"{one.title}: {complaint}" for complaint in one.extras.complaints]
    return View(
        title=next((one.network for one in members if one.network), found.name),
        status=_status(found),
        headline=_headline(found),
        notices=(*notices, *gallery.complaints),
        series=categories,
        sections=tuple(section for section in sections if section is not None),
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


def _headline(found: DissectionSet) -> Headline:
    members = found.dissections
    if not members:
        return Headline("No dissection of this set can be read.")
    top = best(members)
    share = len(top.detectors) / len(top.units)
    if not share:
        return Headline(f"No unit of any of {counted(len(members), 'dissection')} is a concept detector.")
    name = name_of(top, found.ways)
    sentence = f"{name} has {len(top.detectors):,} concept detectors among {counted(len(top.units), 'unit')}"
    sentence += f" ({share_text(share)}), of {counted(distinct(top.detectors), 'concept')}"
    if len(members) > 1:
        sentence += f": the largest share of {counted(len(members), 'dissection')}"
    most = max(members, key=lambda one: distinct(one.detectors))
    if most is not top and distinct(most.detectors) > distinct(top.detectors):
        sentence += f". Most concepts, {distinct(most.detectors):,}, are detected in {name_of(most, found.ways)}"
    note = "A unit is a concept detector if the region in which it is most active overlaps one concept's mask with an "
    return Headline(f"{sentence}.", (), f"{note}IoU of at least {top.iou:g} (gate {top.gate}); it counts once.")


def _status(found: DissectionSet) -> tuple[str, ...]:
    if not found.dissections:
        return ("no dissection",)
    first = found.dissections[0]
    numbers = tuple(counted(len({one.places.get(way) for one in found.dissections}), way) for way in found.ways) or (
        counted(len(found.dissections), "dissection"),
    )
    probe = f"probe {first.probe['name']}" if first.probe.get("name") else ""
    images = counted(first.probe["num_images"], "image") if isinstance(first.probe.get("num_images"), int) else ""
    shared = [
        choice for choice in choices(first.header) if all(choice in choices(one.header) for one in found.dissections)
    ]
    parts = (*numbers, probe, images, *shared, f"gate {first.gate}", f"IoU ≥ {first.iou:g}")
    return tuple(part for part in parts if part)


def _title(found: DissectionSet) -> str:
    return f"By {found.ways[0]}" if found.ways else "Detectors"


def _lead(found: DissectionSet) -> str:
    if not found.ways:
        return "The set has one dissection."
    return f"What changes with {listed([f'the {way}' for way in found.ways])}."


def _curves(found: DissectionSet, categories: tuple[Series, ...]) -> tuple[Block, ...]:
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


def _graphs(found: DissectionSet) -> tuple[Block, ...]:
    """A bar graph for each member, that of the largest share open."""
    members = found.dissections
    if not any(one.detectors for one in members):
        return graph(members[0])
    top = best(members)
    shown = [one for one in members if one.detectors][:MOST_GRAPHS]
    shown = shown if top in shown else [top, *shown[1:]]
    return tuple(
        bar_graph(one, f"{name_of(one, found.ways)}: {counted(len(one.detectors), 'detector')}", folded=one is not top)
        for one in shown
    )
