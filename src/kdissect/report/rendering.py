"""Sections of the view as HTML."""

import base64

from kdissect.report.block import (
    Bar,
    BarGroup,
    Bars,
    Block,
    Browser,
    Cell,
    Chart,
    ChipList,
    ConceptIndex,
    PictureGrid,
    PictureRow,
    Prose,
    Section,
    Series,
    Strip,
    Table,
)
from kdissect.report.markup import Markup, join, tag
from kdissect.report.view import View

SHAPES = (
    ("circle", "M6 1a5 5 0 1 0 0 10a5 5 0 1 0 0-10z"),
    ("square", "M1.5 1.5h9v9h-9z"),
    ("triangle-up", "M6 1l5.5 10h-11z"),
    ("diamond", "M6 0l6 6l-6 6l-6-6z"),
    ("triangle-down", "M6 11l5.5-10h-11z"),
    ("cross", "M4 .5h4V4h3.5v4H8v3.5H4V8H.5V4H4z"),
    ("triangle-right", "M11 6l-10 5.5v-11z"),
    ("triangle-left", "M1 6l10 5.5v-11z"),
)
"""Marks of the series: Vega's name for the shape, and its outline in a box of 12 by 12."""


def mark(one: Series) -> Markup:
    """The shape of a series in its color."""
    number = one.mark % len(SHAPES)
    path = tag("path", d=SHAPES[number][1])
    return tag("svg", path, class_=f"mark mark-{number}", viewBox="0 0 12 12", aria_hidden="true")


def render_header(view: View) -> Markup:
    """Title, headline, and what is missing."""
    marks = {one.name: one for one in view.series}
    headline = view.headline
    comparisons = [
        tag("li", mark(marks[comparison.arm]), tag("span", comparison.sentence)) for comparison in headline.comparisons
    ]
    return join(
        tag("p", _brand(view), *(tag("span", part) for part in view.status), class_="status"),
        tag("h1", view.title),
        tag("p", headline.sentence, class_="headline" if len(headline.sentence) < 150 else "headline long"),
        tag("ul", *comparisons, class_="comparisons") if comparisons else None,
        tag("p", headline.note, class_="note") if headline.note else None,
        tag("ul", *(tag("li", notice) for notice in view.notices), class_="notices", aria_label="Notices")
        if view.notices
        else None,
    )


def _brand(view: View) -> Markup:
    """The program's name; on a page of several the way back to the front page."""
    return tag("a" if view.front else "span", "kdissect", class_="brand", href=view.front or None)


def render_links(view: View) -> Markup:
    """Links to the sections."""
    return join(*(tag("a", section.title, href=f"#{section.id}") for section in view.sections))


def render_section(section: Section, series: tuple[Series, ...]) -> Markup:
    """A section; charts that follow each other share a grid, and so do lists of concepts."""
    parts: list[Markup] = []
    group: list[Markup] = []
    kind: type[Block] | None = None
    for block in (*section.blocks, None):
        if group and not isinstance(block, kind or ()):
            parts.append(tag("div", *group, class_="figures" if kind is Chart else "lists"))
            group = []
        if isinstance(block, Chart | ChipList):
            kind = type(block)
            group.append(render_block(block, series))
        elif block is not None:
            parts.append(render_block(block, series))
    heading = tag("h2", section.title, id=f"{section.id}-title")
    lead = tag("p", section.lead, class_="lead") if section.lead else None
    return tag("section", heading, lead, *parts, id=section.id, aria_labelledby=f"{section.id}-title")


def render_block(block: Block, series: tuple[Series, ...]) -> Markup:
    """One block."""
    match block:
        case Table():
            return _table(block, series)
        case Chart():
            return _chart(block, series)
        case ChipList():
            return _chips(block, series)
        case Browser():
            return _browser(block, series)
        case Bars():
            return _bars(block, series)
        case ConceptIndex():
            return _concept_index(block, series)
        case PictureGrid():
            return _picture_grid(block, series)
        case Prose(text, kind, folded):
            drawn = tag("pre", tag("code", text), tabindex="0") if kind == "code" else tag("p", text)
            return tag("details", tag("summary", folded), drawn, class_="folded") if folded else drawn


def _table(table: Table, series: tuple[Series, ...]) -> Markup:
    heads = tag("tr", *(_cell("th", cell, series, scope="col") for cell in table.columns))
    body = [
        tag(
            "tr",
            _cell("th", row.cells[0], series, scope="row"),
            *(
                _cell("td", cell, series, data_label=column.text)
                for cell, column in zip(row.cells[1:], table.columns[1:], strict=True)
            ),
            class_=_series_class(row.cells[0], series),
        )
        for row in table.rows
    ]
    drawn = tag(
        "table",
        tag("caption", table.caption),
        tag("thead", heads),
        tag("tbody", *body),
        class_=table.layout,
        style=f"--columns: {len(table.columns) - 1}",
    )
    scrolled = tag("div", drawn, class_="scroll", role="region", aria_label=table.caption)
    note = tag("p", table.note, class_="note") if table.note else None
    if table.folded:
        return tag("details", tag("summary", table.caption), scrolled, note, class_="folded")
    return join(scrolled, note)


def _cell(name: str, cell: Cell, series: tuple[Series, ...], **attributes: str) -> Markup:
    before = mark(series[cell.series]) if cell.series is not None else None
    text: Markup | str = cell.text
    if cell.kind == "code":
        text = tag("code", cell.text)
    if cell.concept is not None:
        text = tag("button", cell.text, type="button", class_="concept", data_concept=cell.concept)
    if cell.link is not None:
        text = tag("a", text, href=cell.link)
    if cell.tone is not None:
        text = tag("span", text, class_=f"outcome {cell.tone}")
    return tag(
        name,
        tag("span", before, text, class_="value"),
        _strip(cell.strip) if cell.strip else None,
        tag("span", cell.note, class_="under") if cell.note else None,
        class_=cell.kind if cell.kind == "number" else None,
        **attributes,
    )


def _series_class(cell: Cell, series: tuple[Series, ...]) -> str | None:
    return None if cell.series is None else f"series-{series[cell.series].mark % len(SHAPES)}"


def _strip(strip: Strip) -> Markup:
    """Dots, mean and interval on a line of 100 by 14."""

    def x(position: float) -> str:
        return f"{4 + 92 * position:.1f}"

    parts = [tag("title", strip.label), tag("line", x1="4", x2="96", y1="7", y2="7", class_="track")]
    if strip.low is not None and strip.high is not None:
        parts.append(tag("line", x1=x(strip.low), x2=x(strip.high), y1="7", y2="7", class_="interval"))
    parts.append(tag("line", x1=x(strip.mean), x2=x(strip.mean), y1="2", y2="12", class_="mean"))
    parts += [tag("circle", cx=x(dot), cy="7", r="2.6", class_="dot") for dot in strip.dots]
    return tag("svg", *parts, class_="strip", viewBox="0 0 100 14", role="img", aria_label=strip.label)


def _chart(chart: Chart, series: tuple[Series, ...]) -> Markup:
    named = {row["series"] for row in chart.rows if "series" in row}
    legend = [tag("span", mark(one), one.name) for one in chart.series or series if one.name in named]
    drawing = tag(
        "div",
        class_="drawing",
        data_chart=chart.id,
        style=f"--height: {chart.height}",
        role="img",
        aria_label=f"Chart: {chart.title}. {chart.note}",
    )
    return tag(
        "figure",
        tag("h3", chart.title),
        tag("div", *legend, class_="legend") if len(chart.series) != 1 else None,
        drawing,
        tag("figcaption", chart.note),
        tag("details", tag("summary", "The numbers"), _table(chart.table, series), open=True),
        class_=chart.kind,
    )


def _chips(chips: ChipList, series: tuple[Series, ...]) -> Markup:
    before = mark(series[chips.series]) if chips.series is not None else None
    drawn = [
        tag(
            "li",
            tag("button", chip.text, type="button", class_="concept", data_concept=chip.text),
            tag("small", chip.note),
        )
        for chip in chips.chips
    ]
    inside = tag("ul", *drawn) if drawn else tag("p", chips.empty, class_="note")
    return tag("div", tag("h3", before, chips.title), inside, class_="chips")


def _browser(browser: Browser, series: tuple[Series, ...]) -> Markup:
    return join(
        tag("div", class_="browser", hidden=True),
        tag(
            "p", "Images and regions are drawn by a script; without one, here are the best units.", class_="scriptless"
        ),
        tag("p", browser.note, class_="note"),
        _table(browser.table, series),
    )


def _concept_index(index: ConceptIndex, series: tuple[Series, ...]) -> Markup:
    return join(
        tag("div", class_="concept-index", hidden=True),
        tag("p", index.note, class_="note") if index.note else None,
        _table(index.table, series),
    )


def _picture_grid(grid: PictureGrid, series: tuple[Series, ...]) -> Markup:
    rows = tag(
        "div",
        *(_picture_row(row, series) for row in grid.rows),
        class_="pictures",
        role="table",
        style=f"--columns: {max(len(row.shots) for row in grid.rows)}",
    )
    scrolled = tag("div", rows, class_="scroll", role="region", aria_label=grid.title, tabindex="0")
    return tag("figure", tag("h3", grid.title), scrolled, tag("figcaption", grid.note), class_="picture-grid")


def _picture_row(row: PictureRow, series: tuple[Series, ...]) -> Markup:
    before = mark(series[row.series]) if row.series is not None else None
    shots = (
        tag(
            "img",
            src=f"data:image/webp;base64,{base64.b64encode(shot.webp).decode('ascii')}",
            width=str(shot.width),
            height=str(shot.height),
            alt=shot.text,
            title=shot.text,
            role="cell",
        )
        for shot in row.shots
    )
    name = tag("span", before, row.name, class_="value", role="rowheader")
    return tag("div", name, *shots, class_="picture-row", role="row")


def _bars(bars: Bars, series: tuple[Series, ...]) -> Markup:
    most = max((max(abs(bar.value), abs(bar.outer)) for group in bars.groups for bar in group.bars), default=0) or 1
    figure = tag(
        "figure",
        None if bars.folded else tag("h3", bars.title),
        tag("div", *(_bar_group(group, most) for group in bars.groups), class_=f"bars {bars.layout}"),
        tag("figcaption", bars.note),
        tag("details", tag("summary", "The numbers"), _table(bars.table, series), open=True) if bars.table else None,
        class_="bar-graph",
    )
    return tag("details", tag("summary", bars.title), figure, class_="folded") if bars.folded else figure


def _bar_group(group: BarGroup, most: float) -> Markup:
    heading = tag("h4", group.name, tag("small", group.note) if group.note else None)
    lengths = [max(abs(bar.value), abs(bar.outer)) / most for bar in group.bars]
    # what a line of bars must be high enough for, wherever the line ends
    rooms = [max(lengths[place:]) for place in range(len(lengths))]
    bars = tag("ul", *(_bar(bar, most, room) for bar, room in zip(group.bars, rooms, strict=True)))
    return tag("div", heading, bars, class_=f"bar-group series-{group.mark % len(SHAPES)}")


def _bar(bar: Bar, most: float, room: float) -> Markup:
    """A name and two lengths; the style sheet makes a bar of them."""
    button = tag("button", bar.name, type="button", class_="concept", data_concept=bar.name)
    outer = max(abs(bar.outer), abs(bar.value)) / most
    drawn = tag(
        "span",
        tag("i", class_="outer"),
        tag("i", class_="inner"),
        tag("b", bar.text),
        class_="length",
        style=f"--value: {abs(bar.value) / most:.4g}; --outer: {outer:.4g}; --room: {room:.4g}",
    )
    way = "fewer" if bar.value < 0 or bar.outer < 0 else "further"
    return tag("li", drawn, tag("span", button, class_="bar-name"), class_=way, title=bar.title)
