"""Which concepts each arm detects, and what it gained and lost against the reference."""

from collections.abc import Mapping
from dataclasses import dataclass

from kdissect.report.block import Block, Cell, Chip, ChipList, Prose, Row, Section, Table
from kdissect.report.dissection import Dissection
from kdissect.report.evidence import Evidence
from kdissect.report.wording import counted

MOST_ROWS = 400
"""Concepts in the table; the rest is counted under it."""


@dataclass(frozen=True)
class Detected:
    """A concept in one arm.

    Attributes:
        seeds: how many of the arm's networks have a detector for it.
        of: how many networks were dissected.
        units: its detectors, all networks together.
        iou: the best of them, 0 to 1.
    """

    seeds: int
    of: int
    units: int
    iou: float

    @property
    def mostly(self) -> bool:
        """Whether more than half of the networks detect the concept."""
        return 2 * self.seeds > self.of


Concept = tuple[str, str]
"""Name and category."""


def concepts_section(evidence: Evidence) -> Section | None:
    """Gains, losses and the table of concepts, for the first measure that dissects; None without detectors."""
    if not evidence.dissections:
        return None
    measure = evidence.dissections[0].measure
    dissections = tuple(d for d in evidence.dissections if d.measure == measure)
    found = {arm.name: detected(dissections, arm.name) for arm in evidence.arms}
    names = _ordered(found)
    if not names:
        return None
    lists = shifts(evidence, found, dissections)
    rule = (
        f"Gained: more than half of an arm's seeds detect the concept, and at most half of those of "
        f"{evidence.reference}. Lost: the other way round. With few seeds a concept can change sides by chance."
    )
    blocks: list[Block] = [Prose(rule), *lists] if lists else []
    blocks.append(_table(evidence, found, names))
    return Section(
        "concepts", "Concepts", "What the detectors stand for. A click on a concept shows its units.", tuple(blocks)
    )


def detected(dissections: tuple[Dissection, ...], arm: str) -> dict[Concept, Detected]:
    """The concepts that detectors of the arm stand for."""
    own = [dissection for dissection in dissections if dissection.arm == arm]
    units: dict[Concept, list[tuple[int, float]]] = {}
    for number, dissection in enumerate(own):
        for unit in dissection.detectors:
            units.setdefault((unit.concept, unit.category), []).append((number, unit.iou))
    return {
        concept: Detected(len({n for n, _ in hits}), len(own), len(hits), max(iou for _, iou in hits))
        for concept, hits in units.items()
    }


def shifts(
    evidence: Evidence, found: Mapping[str, Mapping[Concept, Detected]], dissections: tuple[Dissection, ...]
) -> tuple[ChipList, ...]:
    """For every compared arm the concepts gained and lost; none where one side was not dissected."""
    dissected = {dissection.arm for dissection in dissections}
    reference = evidence.reference
    if reference is None or reference not in dissected:
        return ()
    lists: list[ChipList] = []
    for number, arm in enumerate(evidence.arms):
        if arm not in evidence.compared or arm.name not in dissected:
            continue
        ours, theirs = found[arm.name], found[reference]
        for title, there, missing in (("gained", ours, theirs), ("lost", theirs, ours)):
            names = [c for c in there if there[c].mostly and not (c in missing and missing[c].mostly)]
            chips = tuple(
                Chip(name, f"{category} · {counted(_seeds(ours, c), 'seed')}, {reference} {_seeds(theirs, c)}")
                for c in sorted(names, key=lambda c: (-there[c].seeds, -there[c].iou, c))
                for name, category in (c,)
            )
            lists.append(ChipList(f"{arm.name} {title} {counted(len(chips), 'concept')}", chips, "none", number))
    return tuple(lists)


def _seeds(found: Mapping[Concept, Detected], concept: Concept) -> int:
    return found[concept].seeds if concept in found else 0


def _ordered(found: Mapping[str, Mapping[Concept, Detected]]) -> list[Concept]:
    """All detected concepts, those of most networks first."""
    networks: dict[Concept, int] = {}
    best: dict[Concept, float] = {}
    for concepts in found.values():
        for concept, detected in concepts.items():
            networks[concept] = networks.get(concept, 0) + detected.seeds
            best[concept] = max(best.get(concept, 0.0), detected.iou)
    return sorted(networks, key=lambda concept: (-networks[concept], -best[concept], concept))


def _table(evidence: Evidence, found: Mapping[str, Mapping[Concept, Detected]], names: list[Concept]) -> Table:
    rows = tuple(
        Row(
            (
                Cell(name, category, concept=name),
                *(_cell(found[arm.name].get((name, category))) for arm in evidence.arms),
            )
        )
        for name, category in names[:MOST_ROWS]
    )
    left_out = len(names) - len(rows)
    note = "In each column: networks (seeds) with at least one detector of the concept, of all that were dissected; "
    note += "under it how many units, and the best IoU."
    note += f" {counted(left_out, 'more concept')}, of the fewest networks, not shown." if left_out else ""
    return Table(
        caption=f"{counted(len(names), 'concept')} with a detector",
        columns=(Cell("concept"), *(Cell(arm.name, series=n, kind="number") for n, arm in enumerate(evidence.arms))),
        rows=rows,
        note=note,
        layout="even",
        folded=len(rows) > 30,
    )


def _cell(detected: Detected | None) -> Cell:
    if detected is None:
        return Cell("–", kind="number")
    return Cell(
        f"{detected.seeds} of {detected.of}",
        f"{counted(detected.units, 'unit')}, IoU {detected.iou:.2f}",
        kind="number",
    )
