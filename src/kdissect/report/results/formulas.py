"""Units explained by more than one concept."""

from kdissect.report.block import Block, Cell, Chart, Datum, Prose, Row, Section, Series, Table
from kdissect.report.dissection import Dissection
from kdissect.report.extras import Fields, finite
from kdissect.report.interval_chart import short
from kdissect.report.results.counts import part
from kdissect.report.wording import counted, signed

MOST_ROWS = 60


def formulas_section(dissection: Dissection) -> Section | None:
    """The best formula of each unit; None if the dissection has none."""
    found = dissection.extras.compositional
    if not found:
        return None
    best = {unit: rows[0] for unit, rows in found.items()}
    facts = part(dissection.header, "compositional")
    lead = "Concepts joined by AND, OR and AND NOT until the region of the unit is matched best."
    if isinstance(facts.get("length"), int):
        lead += f" At most {counted(facts['length'], 'concept')} a formula"
        lead += f", beam search of width {facts['beam']}." if facts.get("beam") else "."
    chart = _chart(best)
    blocks: list[Block] = [Prose(_text(best)), *([chart] if chart else []), _table(dissection, best)]
    return Section("formulas", "More than one concept", lead, tuple(blocks))


def _text(best: dict[int, Fields]) -> str:
    longer = [row for row in best.values() if int(row.get("length") or 1) > 1]
    gains = [float(row["iou"]) - base for row in best.values() if (base := finite(row.get("base_iou"))) is not None]
    text = (
        f"{len(longer):,} of {counted(len(best), 'unit')} are matched better by a formula than by any single concept."
    )
    if gains:
        text += f" The IoU rises by {sum(gains) / len(gains):.3f} on average. A longer formula can only fit better: "
        text += "compare formulas of one length only."
    return text


def _chart(best: dict[int, Fields]) -> Chart | None:
    rows: list[Datum] = []
    for unit, row in best.items():
        base, length = finite(row.get("base_iou")), int(row.get("length") or 1)
        if base is not None:
            rows.append({"series": _length(length), "seed": unit, "x": short(base), "y": short(float(row["iou"]))})
    if not rows:
        return None
    lengths = sorted({str(row["series"]) for row in rows})
    table = Table(
        "Units by length of their best formula",
        (Cell("length"), Cell("units", kind="number")),
        tuple(
            Row((Cell(name), Cell(str(sum(row["series"] == name for row in rows)), kind="number"))) for name in lengths
        ),
        layout="quiet",
    )
    return Chart(
        id="formulas-iou",
        kind="scatter",
        title="IoU of the formula and of the best single concept",
        note="Every mark is a unit.",
        x="IoU of the best single concept",
        y="IoU of the best formula",
        height=280,
        rows=tuple(rows),
        table=table,
        series=tuple(Series(name, number + 1) for number, name in enumerate(lengths)),
        series_title="length",
        seed_title="unit",
    )


def _length(length: int) -> str:
    return counted(length, "concept")


def _table(dissection: Dissection, best: dict[int, Fields]) -> Table:
    units = {unit.number: unit for unit in dissection.units}
    ordered = sorted(best, key=lambda unit: (-float(best[unit]["iou"]), unit))
    rows = []
    for number in ordered[:MOST_ROWS]:
        row, base = best[number], finite(best[number].get("base_iou"))
        single = units[number].concept if number in units else ""
        gain = "–" if base is None else signed(float(row["iou"]) - base, 3)
        rows.append(
            Row(
                (
                    Cell(str(row["formula"]), f"unit {number}"),
                    Cell(f"{float(row['iou']):.3f}", kind="number"),
                    Cell(single or "–", "" if base is None else f"IoU {base:.3f}", concept=single or None),
                    Cell(gain, kind="number"),
                )
            )
        )
    left = len(best) - len(rows)
    return Table(
        f"Best formula of {counted(len(best), 'unit')}",
        (Cell("formula"), Cell("IoU", kind="number"), Cell("best single concept"), Cell("gain", kind="number")),
        tuple(rows),
        f"The {len(rows)} of the highest IoU; the others are in compositional.parquet." if left else "",
        folded=len(rows) > 12,
    )
