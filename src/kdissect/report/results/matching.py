"""Which units of two networks go together."""

import numpy as np

from kdissect.report.block import Block, Cell, Chart, Datum, Prose, Row, Series, Table
from kdissect.report.extras import Fields, finite
from kdissect.report.interval_chart import short
from kdissect.report.results.comparison import Pair
from kdissect.report.wording import counted

BIN = 0.05
MOST_ROWS = 60
SAME, OTHER = "same concept", "another concept"


def matching_blocks(pair: Pair, number: int) -> tuple[Block, ...]:
    """How well units match, and whether matched units have the same concept; empty without matches."""
    rows = [row for row in pair.matches if row.get("assigned", True) and finite(row["correlation"]) is not None]
    if not rows:
        return ()
    return (Prose(_text(pair, rows)), _histogram(pair, rows, number), _table(pair, rows))


def threshold_of(pair: Pair) -> float | None:
    """Correlation that chance reaches, as the header has it."""
    return finite(pair.facts.get("null_correlation"))


def _text(pair: Pair, rows: list[Fields]) -> str:
    null = threshold_of(pair)
    text = f"{counted(len(rows), 'unit')} of {pair.a} matched one to one with units of {pair.b} by the correlation of "
    text += (
        f"their activations over the probe; median {float(np.median([float(row['correlation']) for row in rows])):.2f}."
    )
    matched = rows
    if null is not None:
        matched = [row for row in rows if float(row["correlation"]) > null]
        text += f" {len(matched):,} of them exceed {null:.2f}, which units reach by chance."
    both = [row for row in matched if row.get("concept_a") and row.get("concept_b")]
    if both:
        same = sum(bool(row.get("same_concept")) for row in both)
        text += f" Of {counted(len(both), 'pair')} of detectors among these, {same:,} have the same concept."
    return text


def _histogram(pair: Pair, rows: list[Fields], number: int) -> Chart:
    values = {
        name: [float(row["correlation"]) for row in rows if bool(row.get("same_concept")) == (name == SAME)]
        for name in (SAME, OTHER)
    }
    lowest = min(0.0, np.floor(min(float(row["correlation"]) for row in rows) / BIN) * BIN)
    edges = np.round(np.arange(lowest, 1 + BIN / 2, BIN), 2)
    data: list[Datum] = []
    for name, own in values.items():
        counts, _ = np.histogram(np.clip(own, edges[0], edges[-1]), bins=edges)
        data += [
            {"series": name, "x": short(float(low)), "x2": short(float(high)), "y": int(count)}
            for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        ]
    steps = (0.9, 0.8, 0.6, 0.4, 0.2)
    table = Table(
        "Units by correlation",
        (Cell("correlation at least"), *(Cell(name, kind="number") for name in values)),
        tuple(
            Row(
                (Cell(f"{step:g}"), *(Cell(str(sum(v >= step for v in own)), kind="number") for own in values.values()))
            )
            for step in steps
        ),
        layout="quiet",
    )
    null = threshold_of(pair)
    note = (
        "Every unit once, by its correlation with the unit that it is matched with; colored by whether both have the "
    )
    note += "same best concept."
    return Chart(
        id=f"matches-{number}",
        kind="histogram",
        title=f"Correlation of matched units, {pair.a} and {pair.b}",
        note=note + (f" The dashed line, {null:.2f}, is what chance reaches." if null is not None else ""),
        x="correlation",
        y="units",
        height=260,
        rows=tuple(data),
        table=table,
        mark=null,
        series=(Series(SAME, 1), Series(OTHER, 0)),
        series_title="concepts",
    )


def _table(pair: Pair, rows: list[Fields]) -> Table:
    ordered = sorted(rows, key=lambda row: -float(row["correlation"]))[:MOST_ROWS]
    cells = tuple(
        Row(
            (
                Cell(f"unit {row['unit_a']}", str(row.get("concept_a") or "no detector")),
                Cell(f"unit {row['unit_b']}", str(row.get("concept_b") or "no detector")),
                Cell(f"{float(row['correlation']):.3f}", kind="number"),
                Cell("yes" if row.get("same_concept") else "no"),
            )
        )
        for row in ordered
    )
    left = len(rows) - len(ordered)
    return Table(
        f"Matched units of {pair.a} and {pair.b}",
        (Cell(pair.a), Cell(pair.b), Cell("correlation", kind="number"), Cell("same concept")),
        cells,
        f"The {len(ordered)} that go together best; {left:,} more in matches.parquet." if left else "",
        folded=True,
    )
