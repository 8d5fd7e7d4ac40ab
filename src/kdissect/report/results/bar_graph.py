"""Detectors per concept as bars, grouped by category, as Network Dissection draws them."""

from collections import Counter

from kdissect.report.block import Bar, BarGroup, Bars, Cell, Row, Table
from kdissect.report.dissection import Dissection, Unit, distinct, readable_concept
from kdissect.report.results.counts import category_series
from kdissect.report.wording import counted

MOST_ROWS = 400
"""Concepts in the table."""

Concept = tuple[str, str]
"""Name and category."""


def bar_graph(dissection: Dissection, title: str = "Detectors of each concept", folded: bool = False) -> Bars:
    """A bar for every concept that is the best one of a detector."""
    own, wide = by_best_label(dissection), by_any_label(dissection)
    groups = []
    for series in category_series(dissection.categories):
        concepts = [concept for concept in own if concept[1] == series.name]
        if concepts:
            ordered = sorted(concepts, key=lambda concept: (-len(own[concept]), concept))
            bars = tuple(_bar(concept, own[concept], wide[concept]) for concept in ordered)
            units = sum(len(own[concept]) for concept in concepts)
            note = f"{counted(units, 'detector')}, {counted(len(concepts), 'concept')}"
            groups.append(BarGroup(series.name, note, series.mark, bars))
    only = [concept for concept in wide if concept not in own]
    note = "Solid bars: units whose best concept it is, so that each counts once (Network Dissection's bar graphs); "
    note += "the number is theirs."
    if wide:
        note += (
            " Pale bars: units that reach the IoU threshold with it as best concept of its category, so that a unit "
            "may count in several categories (the figures of Bau et al., 2017)."
        )
        note += f" {counted(len(only), 'concept')} found in this second way only: see the numbers." if only else ""
    return Bars(title, note, tuple(groups), _table(own, wide), folded=folded)


def by_best_label(dissection: Dissection) -> dict[Concept, tuple[Unit, ...]]:
    """The detectors of each concept, the best first."""
    found: dict[Concept, list[Unit]] = {}
    for unit in sorted(dissection.detectors, key=lambda unit: (-unit.iou, unit.number)):
        found.setdefault((unit.concept, unit.category), []).append(unit)
    return {concept: tuple(units) for concept, units in found.items()}


def by_any_label(dissection: Dissection, gate: str | None = None) -> Counter[Concept]:
    """For each concept the units for which it is the best of its category and reaches the threshold."""
    gate = gate or dissection.gate
    return Counter(
        (readable_concept(str(row["name"]), str(row["category"])), str(row["category"]))
        for row in dissection.extras.winners
        if row["gate"] == gate and row["label"] and row["iou"] >= dissection.iou
    )


def any_label_of(dissection: Dissection, gate: str) -> dict[str, tuple[int, int]] | None:
    """For each category how many units, and of how many concepts, counted in every category they reach.

    None if the folder does not have the best concept of every category at that gate.
    """
    if not any(row["gate"] == gate for row in dissection.extras.winners):
        return None
    found: dict[str, tuple[int, int]] = {}
    for (_, category), units in by_any_label(dissection, gate).items():
        before = found.get(category, (0, 0))
        found[category] = (before[0] + units, before[1] + 1)
    return found


def _bar(concept: Concept, units: tuple[Unit, ...], wide: int) -> Bar:
    title = f"{concept[0]}: best concept of {counted(len(units), 'unit')}, highest IoU {units[0].iou:.2f}"
    title += f"; {counted(wide, 'unit')} counted in every category" if wide else ""
    return Bar(concept[0], len(units), max(wide, len(units)), str(len(units)), title)


def _table(own: dict[Concept, tuple[Unit, ...]], wide: Counter[Concept]) -> Table:
    concepts = sorted({*own, *wide}, key=lambda concept: (-len(own.get(concept, ())), -wide[concept], concept))
    heads = ("detectors", "best unit", "IoU", *(("counted in every category",) if wide else ()))
    rows = []
    for name, category in concepts[:MOST_ROWS]:
        units = own.get((name, category), ())
        cells = [str(len(units)), str(units[0].number) if units else "–", f"{units[0].iou:.3f}" if units else "–"]
        cells += [str(wide[name, category])] if wide else []
        rows.append(Row((Cell(name, category, concept=name), *(Cell(text, kind="number") for text in cells))))
    left = len(concepts) - len(rows)
    total = distinct(tuple(unit for units in own.values() for unit in units))
    return Table(
        caption=f"{counted(total, 'concept')} with a detector",
        columns=(Cell("concept"), *(Cell(head, kind="number") for head in heads)),
        rows=tuple(rows),
        note=f"{counted(left, 'concept')} with fewer units not shown." if left else "",
        layout="quiet",
    )
