"""Which concepts gained and lost detectors between two networks."""

from kdissect.report.block import Bar, BarGroup, Bars, Cell, Row, Table
from kdissect.report.extras import Fields, finite
from kdissect.report.results.comparison import STATUS, Pair
from kdissect.report.wording import counted, share_text, signed

MOST_BARS = 40
"""Concepts on each side of the chart."""
MOST_ROWS = 600


def gains_chart(pair: Pair, mark_a: int, mark_b: int) -> Bars | None:
    """Detectors that concepts lost, and that they gained; None if every concept has as many as before."""
    fewer = sorted((row for row in pair.concepts if change(row) < 0), key=lambda row: (change(row), row["concept"]))
    more = sorted((row for row in pair.concepts if change(row) > 0), key=lambda row: (-change(row), row["concept"]))
    if not fewer and not more:
        return None
    groups = (
        _group(f"More detectors in {pair.a}", fewer, mark_a),
        _group(f"More detectors in {pair.b}", more, mark_b),
    )
    left = max(0, len(fewer) - MOST_BARS) + max(0, len(more) - MOST_BARS)
    note = f"Change in the number of detectors from {pair.a} to {pair.b}; the largest changes first."
    note += f" {counted(left, 'concept')} with smaller changes in the table below." if left else ""
    return Bars(f"Detectors of each concept, {pair.b} against {pair.a}", note, groups, layout="across")


def change(row: Fields) -> int:
    """Detectors in b minus detectors in a."""
    return int(row["detectors_b"]) - int(row["detectors_a"])


def concept_table(pair: Pair) -> Table:
    """Every concept that one of the two detects, with what became of it."""
    sure = any(row.get("probability_a") is not None for row in pair.concepts)
    ordered = sorted(pair.concepts, key=lambda row: (_rank(row), -abs(change(row)), row["category"], row["concept"]))
    rows = []
    for row in ordered[:MOST_ROWS]:
        cells = [
            Cell(str(row["concept"]), str(row["category"])),
            Cell(str(row["status"])),
            *(_side(row, side, sure) for side in ("a", "b")),
            Cell(signed(change(row), 0), kind="number"),
        ]
        rows.append(Row(tuple(cells)))
    left = len(ordered) - len(rows)
    note = "In each column: detectors; under it the best IoU"
    note += " and in how many resamples of the images the concept is detected." if sure else "."
    note += f" {counted(left, 'concept')} more in concepts.parquet." if left else ""
    heads = (Cell(pair.a, kind="number"), Cell(pair.b, kind="number"), Cell("change", kind="number"))
    return Table(
        f"{counted(len(ordered), 'concept')} of {pair.a} or {pair.b}",
        (Cell("concept"), Cell("status"), *heads),
        tuple(rows),
        note,
        folded=len(rows) > 30,
    )


def _rank(row: Fields) -> int:
    return {"lost": 0, "new": 1, "kept": 2}.get(str(row["status"]), len(STATUS))


def _side(row: Fields, side: str, sure: bool) -> Cell:
    iou, probability = finite(row.get(f"best_iou_{side}")), finite(row.get(f"probability_{side}"))
    notes = [
        "" if iou is None else f"IoU {iou:.3f}",
        f"in {share_text(probability)}" if sure and probability is not None else "",
    ]
    return Cell(str(row[f"detectors_{side}"]), " · ".join(note for note in notes if note), kind="number")


def _group(title: str, rows: list[Fields], mark: int) -> BarGroup:
    bars = tuple(
        Bar(
            str(row["concept"]),
            change(row),
            0,
            signed(change(row), 0),
            f"{row['concept']} ({row['category']}): {row['detectors_a']} and {row['detectors_b']}; {row['status']}",
        )
        for row in rows[:MOST_BARS]
    )
    return BarGroup(title, counted(len(rows), "concept"), mark, bars)
