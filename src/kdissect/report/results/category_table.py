"""Detectors of each category, in both conventions of counting, for every gate."""

from kdissect.report.block import Cell, Row, Table
from kdissect.report.dissection import Dissection, Unit, detecting, distinct
from kdissect.report.results.bar_graph import any_label_of
from kdissect.report.results.counts import gates_of
from kdissect.report.wording import counted

NOTE = (
    "In each column: units whose best concept is of the category (each unit counts once) and their different concepts; "
    "under it the units that reach the threshold with any concept of the category (a unit may count in several) and "
    "their different concepts."
)


def category_table(dissection: Dissection, series: dict[str, int]) -> Table:
    """One row a category and one for all of them, one column a gate.

    Args:
        dissection: whose units.
        series: category to its number on the page, for the mark.
    """
    gates = gates_of(dissection)
    found = [detecting(dissection.gates[gate], dissection.iou) for gate in gates]
    wide = [any_label_of(dissection, gate) for gate in gates]
    rows = []
    for category in (*dissection.categories, None):
        first = Cell("all") if category is None else Cell(category, series=series.get(category))
        rows.append(Row((first, *(_cell(own, any_, category) for own, any_ in zip(found, wide, strict=True)))))
    return Table(
        caption="Detectors by category",
        columns=(Cell("category"), *(_head(dissection, gate) for gate in gates)),
        rows=tuple(rows),
        note=NOTE,
        layout="cards",
    )


def _head(dissection: Dissection, gate: str) -> Cell:
    return Cell(f"gate {gate}", "the one in use" if gate == dissection.gate else "", kind="number")


def _cell(detectors: tuple[Unit, ...], wide: dict[str, tuple[int, int]] | None, category: str | None) -> Cell:
    own = tuple(unit for unit in detectors if category in (None, unit.category))
    text = f"{len(own):,} · {counted(distinct(own), 'concept')}"
    if wide is None:
        return Cell(text, kind="number")
    counts = [pair for name, pair in wide.items() if category in (None, name)]
    units, concepts = (sum(values) for values in zip(*counts, strict=True)) if counts else (0, 0)
    return Cell(text, f"any label: {units:,} · {counted(concepts, 'concept')}", kind="number")
