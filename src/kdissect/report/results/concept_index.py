"""Which images of the probe hold a concept, and which units detect it."""

from dataclasses import dataclass

import numpy as np

from kdissect.report.block import Cell, ConceptIndex, Indexed, Row, Table
from kdissect.report.dissection import Dissection, readable_concept
from kdissect.report.results.bar_graph import Concept, by_best_label
from kdissect.report.wording import counted, listed

MOST_IMAGES = 12
"""Names of images of a concept."""
MOST_LETTERS = 250_000
"""Names of images on the page, all concepts together."""
MOST_ROWS = 400
"""Concepts in the table."""
UNITS_IN_TABLE = 8


def concept_index(dissections: tuple[Dissection, ...]) -> ConceptIndex | None:
    """The concepts of the probe, those with detectors first; None if nothing is known of images.

    Args:
        dissections: of one probe.
    """
    detected: dict[Concept, list[str]] = {}
    for dissection in dissections:
        for concept, units in by_best_label(dissection).items():
            where = f" ({dissection.layer})" if len(dissections) > 1 else ""
            detected.setdefault(concept, []).extend(f"{unit.number}{where}" for unit in units)
    held = images_of(dissections[0])
    names = sorted({*detected, *held}, key=lambda concept: (concept not in detected, concept[1], concept[0].lower()))
    if not names:
        return None
    per_concept = _affordable(held, names)
    concepts = tuple(_indexed(held, concept, per_concept) for concept in names)
    return ConceptIndex(concepts, _note(bool(held), bool(dissections[0].extras.images)), _table(concepts, detected))


@dataclass(frozen=True)
class Held:
    """The images that hold a concept.

    Attributes:
        count: how many.
        images: names of those with most of its pixels, the most first, at most `MOST_IMAGES`.
    """

    count: int
    images: tuple[str, ...]


def images_of(dissection: Dissection) -> dict[Concept, Held]:
    """The images that hold each concept of the probe; empty if that is not known."""
    extras = dissection.extras
    if extras.image_labels is None or not extras.concepts:
        return {}
    starts, labels, pixels = extras.image_labels.starts, extras.image_labels.labels, extras.image_labels.pixels
    images = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    there = np.flatnonzero(pixels > 0)
    # by label, then the most pixels first, then by image
    order = there[np.lexsort((images[there], -pixels[there], labels[there]))]
    numbers = [int(row["number"]) for row in extras.concepts]
    firsts, ends = (np.searchsorted(labels[order], numbers, side) for side in ("left", "right"))
    held: dict[Concept, Held] = {}
    for row, first, end in zip(extras.concepts, firsts, ends, strict=True):
        if not row["number"] or not row["name"]:
            continue
        category, most = str(row["category"]), images[order[first : min(end, first + MOST_IMAGES)]]
        names = tuple(_name(extras.images, int(image)) for image in most)
        held[readable_concept(str(row["name"]), category), category] = Held(int(end - first), names)
    return held


def _name(names: tuple[str, ...], image: int) -> str:
    return names[image] if image < len(names) else f"image {image}"


def _indexed(held: dict[Concept, Held], concept: Concept, most: int) -> Indexed:
    if not held:
        return Indexed(*concept, None, ())
    own = held.get(concept, Held(0, ()))
    return Indexed(*concept, own.count, own.images[:most])


def _affordable(held: dict[Concept, Held], names: list[Concept]) -> int:
    """Names a concept, so that all of them stay within the budget."""
    for most in range(MOST_IMAGES, 1, -1):
        own = (held[concept].images[:most] for concept in names if concept in held)
        if sum(len(name) + 3 for images in own for name in images) <= MOST_LETTERS:
            return most
    return 1


def _note(counted_images: bool, named: bool) -> str:
    note = (
        "Images are those in which a detector of the concept exceeds its activation threshold most, each with the "
        "region of that unit."
    )
    if counted_images:
        note += " The list names the images whose label maps have most pixels of the concept."
    if not named:
        note += " The dissection does not name its images, so they stand by their number in the probe."
    return note


def _table(concepts: tuple[Indexed, ...], detected: dict[Concept, list[str]]) -> Table:
    rows = []
    for one in concepts[:MOST_ROWS]:
        units = detected.get((one.name, one.category), [])
        shown = units[:UNITS_IN_TABLE] + (
            [f"{len(units) - UNITS_IN_TABLE} more"] if len(units) > UNITS_IN_TABLE else []
        )
        count = "–" if one.count is None else f"{one.count:,}"
        cells = (Cell(listed(shown) or "none"), Cell(count, kind="number"), Cell(", ".join(one.images[:3]) or "–"))
        rows.append(Row((Cell(one.name, one.category, concept=one.name if units else None), *cells)))
    left = len(concepts) - len(rows)
    return Table(
        caption=f"{counted(len(concepts), 'concept')} with their units and images",
        columns=(
            Cell("concept"),
            Cell("units that detect it"),
            Cell("images that hold it", kind="number"),
            Cell("such as"),
        ),
        rows=tuple(rows),
        note=f"{counted(left, 'concept')} more can be chosen above." if left else "",
        folded=True,
    )
