"""The page of a comparison."""

from kdissect.report.block import Block, Cell, Prose, Row, Section, Series, Table
from kdissect.report.headline import Comparison as Line
from kdissect.report.headline import Headline
from kdissect.report.results.comparison import STATUS, Comparison, Pair
from kdissect.report.results.counts import Count
from kdissect.report.results.gains import concept_table, gains_chart
from kdissect.report.results.matching import matching_blocks
from kdissect.report.results.provenance import header_section
from kdissect.report.view import View
from kdissect.report.wording import counted, listed, share_text


def comparison_view(comparison: Comparison, version: str) -> View:
    """The report on a comparison.

    Args:
        comparison: what was read.
        version: of the kdissect that writes the report.
    """
    series = _series(comparison)
    marks = {one.name: one.mark for one in series}
    sections = [
        section
        for number, pair in enumerate(comparison.pairs)
        for section in _sections(pair, number, marks, len(comparison.pairs))
    ]
    if len(comparison.pairs) > 1:
        sections.insert(
            0,
            Section(
                "inherited",
                "Concepts",
                "What became of the concepts, in every comparison.",
                (_counts(comparison, series),),
            ),
        )
    names = [one.name for one in series]
    title = listed(names) if len(names) < 5 else f"{names[0]} and {len(names) - 1} others"
    return View(
        title=title or comparison.name,
        status=tuple(part for part in (counted(len(names), "network"), *_facts(comparison)) if part),
        headline=_headline(comparison),
        notices=comparison.complaints,
        series=series,
        sections=(*sections, header_section({comparison.name: comparison.header}, version)),
    )


def _series(comparison: Comparison) -> tuple[Series, ...]:
    """The networks; the first one has the quiet color."""
    names = dict.fromkeys([*(pair.a for pair in comparison.pairs), *(pair.b for pair in comparison.pairs)])
    return tuple(Series(name, number) for number, name in enumerate(names))


def _facts(comparison: Comparison) -> tuple[str, ...]:
    header = comparison.header
    probe, layer = header.get("probe"), header.get("layer")
    name = probe.get("name") if isinstance(probe, dict) else probe
    return (
        f"layer {layer}" if isinstance(layer, str) else "",
        f"probe {name}" if isinstance(name, str) else "",
        f"gate {header['gate']}" if header.get("gate") else "",
        f"IoU ≥ {header['threshold']:g}" if isinstance(header.get("threshold"), int | float) else "",
    )


def _headline(comparison: Comparison) -> Headline:
    pairs = comparison.pairs
    if not pairs:
        return Headline("Nothing was compared, or no network has a concept detector.")
    intervals = any(pair.count(status).low is not None for pair in pairs for status in STATUS)
    note = "A concept counts as detected if at least one unit is a detector of it."
    note += " In brackets 95 % intervals over resampled images of the probe." if intervals else ""
    if len(pairs) == 1:
        return Headline(_sentence(pairs[0]), (), note)
    of = pairs[0].a if len({pair.a for pair in pairs}) == 1 else ""
    shares = [(pair, _share(pair)) for pair in pairs]
    known = [(pair, share) for pair, share in shares if share is not None]
    sentence = f"{len(pairs)} comparisons"
    if known:
        most = max(known, key=lambda one: one[1])
        whose = f"{of} detects" if of else "of its reference"
        sentence = f"Of the concepts {whose}, {most[0].b} keeps most: {share_text(most[1])}"
    return Headline(f"{sentence}.", tuple(Line(pair.b, "", _sentence(pair)) for pair in pairs), note)


def _sentence(pair: Pair) -> str:
    kept, lost, new = (pair.count(status) for status in STATUS)
    total = int(kept.value + lost.value)
    if not total:
        return f"{pair.a} detects no concept; {pair.b} detects {new.text}."
    text = f"Of {counted(total, 'concept')} that {pair.a} detects, {pair.b} keeps {kept.text} and loses {lost.text}"
    return f"{text}; {new.text} {'is' if new.value == 1 else 'are'} new."


def _share(pair: Pair) -> float | None:
    kept, lost = pair.count("kept").value, pair.count("lost").value
    return kept / (kept + lost) if kept + lost else None


def _counts(comparison: Comparison, series: tuple[Series, ...]) -> Table:
    numbers = {one.name: number for number, one in enumerate(series)}
    rows = []
    for pair in comparison.pairs:
        counts: list[Count] = [pair.count(status) for status in STATUS]
        share = _share(pair)
        texts = (*(count.text for count in counts), "–" if share is None else share_text(share))
        first = (Cell(pair.b, series=numbers[pair.b]), Cell(pair.a, series=numbers[pair.a]))
        rows.append(Row((*first, *(Cell(text, kind="number") for text in texts))))
    heads = (Cell("network"), Cell("against"), *(Cell(name, kind="number") for name in (*STATUS, "share kept")))
    return Table("Concepts kept, lost and new", heads, tuple(rows))


def _sections(pair: Pair, number: int, marks: dict[str, int], num_pairs: int) -> list[Section]:
    suffix = f": {pair.b}" if num_pairs > 1 else ""
    chart = gains_chart(pair, marks[pair.a], marks[pair.b])
    even = Prose(
        "Every concept has as many detectors in both." if pair.concepts else "No unit of either is a detector."
    )
    lines = [_by_status(pair, status) for status in STATUS]
    blocks: list[Block] = [chart if chart is not None else even]
    blocks.append(
        Table(
            "What became of the concepts",
            (
                Cell("status"),
                Cell("concepts", kind="number"),
                Cell("beyond doubt", kind="number"),
                Cell("of them by category"),
            ),
            tuple(lines),
            note="Beyond doubt are those of which enough resamples of the images say the same; the others are "
            "undecided in the table below.",
        )
    )
    blocks += [concept_table(pair)] if pair.concepts else []
    lead = f"What {pair.b} detects, against {pair.a}."
    sections = [Section(f"gains-{number}", f"Gains and losses{suffix}", lead, tuple(blocks))]
    if matched := matching_blocks(pair, number):
        sections.append(
            Section(
                f"units-{number}", f"Matched units{suffix}", f"Which units of {pair.a} live on in {pair.b}.", matched
            )
        )
    return sections


def _by_status(pair: Pair, status: str) -> Row:
    own = [str(row["category"]) for row in pair.of(status)]
    sure = sum(row["status"] == status for row in pair.of(status))
    parts = [
        f"{name} {own.count(name)}" for name in dict.fromkeys(sorted(own, key=lambda name: (-own.count(name), name)))
    ]
    numbers = (Cell(pair.count(status).text, kind="number"), Cell(str(sure), kind="number"))
    return Row((Cell(status), *numbers, Cell(listed(parts) or "–")))
