"""The section of the unit browser: what it shows, what it leaves out, and its units as a table."""

from kdissect.report.block import Browser, Cell, Row, Section, Table
from kdissect.report.evidence import Evidence
from kdissect.report.gallery import IMAGES, MOST_UNITS, Gallery
from kdissect.report.wording import counted

TABLE_UNITS = 10
"""Units of each network in the table for readers without JavaScript."""


def units_section(evidence: Evidence, gallery: Gallery) -> Section | None:
    """The section; None if no dissection has exemplars."""
    if not gallery.shown:
        return None
    lead = (
        "The best units of every network with the images that excite them most. What lies outside the region where the "
        "unit is active (activation above its threshold, enlarged as in the dissection) is darkened; pointing at an "
        "image shows all of it."
    )
    dissected = [one.dissection.arm for one in gallery.shown]
    compared = sorted(evidence.compared, key=lambda arm: arm.teacher is None)
    first = next((arm.name for arm in compared if arm.name in dissected), dissected[0])
    return Section("units", "Units", lead, (Browser(first, left_out(gallery), _table(evidence, gallery)),))


def left_out(gallery: Gallery) -> str:
    """What of the dissections is not on the page."""
    shown = max(len(one.units) for one in gallery.shown)
    total = sum(len(one.dissection.units) for one in gallery.shown)
    here = sum(len(one.units) for one in gallery.shown)
    text = (
        f"On this page: {here:,} of {counted(total, 'unit')} of {counted(len(gallery.shown), 'dissection')}, "
        f"with up to {counted(IMAGES, 'image')} each"
    )
    if here == total:
        return f"{text}."
    why = "" if shown >= MOST_UNITS else ", so that the page stays near 5 MB"
    return (
        f"{text}: of every network the best unit of each concept, then the others by IoU, {counted(shown, 'unit')} at "
        f"most{why}. Units without any overlap are left out. All units are in the store."
    )


def _table(evidence: Evidence, gallery: Gallery) -> Table:
    numbers = {arm.name: number for number, arm in enumerate(evidence.arms)}
    rows = tuple(
        Row(
            (
                Cell(one.dissection.arm, arm=numbers.get(one.dissection.arm)),
                Cell(str(one.dissection.seed), kind="number"),
                Cell(str(shown.unit.number), kind="number"),
                Cell(shown.unit.concept, shown.unit.category),
                Cell(f"{shown.unit.iou:.3f}", kind="number"),
            )
        )
        for one in gallery.shown
        for shown in one.units[:TABLE_UNITS]
    )
    return Table(
        caption=f"The {TABLE_UNITS} best units of each network",
        columns=(
            Cell("arm"),
            Cell("seed", kind="number"),
            Cell("unit", kind="number"),
            Cell("concept"),
            Cell("IoU", kind="number"),
        ),
        rows=rows,
        layout="quiet",
        folded=True,
    )
