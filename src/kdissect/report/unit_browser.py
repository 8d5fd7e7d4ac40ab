"""The section of the unit browser: what it shows, what it leaves out, and its units as a table."""

from collections.abc import Mapping, Sequence

from kdissect.report.block import Browser, Cell, Choice, Row, Section, Table
from kdissect.report.evidence import Evidence
from kdissect.report.gallery import IMAGES, MOST_UNITS, Gallery
from kdissect.report.wording import counted

TABLE_UNITS = 10
"""Units of each network in the table for readers without JavaScript."""
TABLE_UNITS_ALONE = 50
"""The same for the page of one dissection."""
LEAD = (
    "The best units of every network with the images that excite them most. What lies outside the region where the "
    "unit is active (activation above its threshold, enlarged as in the dissection) is darkened; pointing at an "
    "image shows all of it."
)


def units_section(evidence: Evidence, gallery: Gallery) -> Section | None:
    """The section; None if no dissection has exemplars."""
    if not gallery.shown:
        return None
    dissected = [one.dissection.arm for one in gallery.shown]
    compared = sorted(evidence.compared, key=lambda arm: arm.teacher is None)
    first = next((arm.name for arm in compared if arm.name in dissected), dissected[0])
    choices = choices_of(gallery, {"arm": first, "seed": str(gallery.shown[0].dissection.seed)}, one=("measure",))
    browser = Browser(choices, left_out(gallery), _table(evidence, gallery))
    return Section("units", "Units", LEAD, (browser,))


def choices_of(gallery: Gallery, first: Mapping[str, str], one: Sequence[str] = ()) -> tuple[Choice, ...]:
    """The ways in which the dissections differ.

    Args:
        gallery: the dissections.
        first: what is shown first, of each way; all of it where nothing is said.
        one: ways of which one must be chosen.
    """
    values: dict[str, dict[str, None]] = {}
    for shown in gallery.shown:
        for name, value in shown.dissection.places.items():
            values.setdefault(name, {})[value] = None
    choices = []
    for name, own in values.items():
        start = next(iter(own)) if name in one else first.get(name, "")
        choices.append(Choice(name, tuple(own), start if start in own else "", "" if name in one else f"all {name}s"))
    return tuple(choices)


def left_out(gallery: Gallery, place: str = "the store") -> str:
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
    every = max(sum(bool(unit.concept) for unit in one.dissection.units) for one in gallery.shown)
    why = "" if shown in (MOST_UNITS, every) else ", so that the page stays near 5 MB"
    return (
        f"{text}: of each the best unit of each concept, then the others by IoU, {counted(shown, 'unit')} at "
        f"most{why}. Units without any overlap are left out. All units are in {place}."
    )


def _table(evidence: Evidence, gallery: Gallery) -> Table:
    numbers = {arm.name: number for number, arm in enumerate(evidence.arms)}
    firsts = [
        (
            Cell(one.dissection.arm, series=numbers.get(one.dissection.arm)),
            Cell(str(one.dissection.seed), kind="number"),
        )
        for one in gallery.shown
    ]
    return _best_units(
        gallery, (Cell("arm"), Cell("seed", kind="number")), firsts, f"The {TABLE_UNITS} best units of each network"
    )


def units_table(gallery: Gallery) -> Table:
    """The best units of every dissection outside of a study."""
    if len(gallery.shown) == 1:
        most = min(TABLE_UNITS_ALONE, len(gallery.shown[0].units))
        return _best_units(gallery, (), [()], f"The {most} best units", TABLE_UNITS_ALONE)
    names = tuple(gallery.shown[0].dissection.places)
    firsts = [tuple(Cell(one.dissection.places.get(name, "–")) for name in names) for one in gallery.shown]
    heads = tuple(Cell(name) for name in names)
    return _best_units(gallery, heads, firsts, f"The {TABLE_UNITS} best units of each dissection")


def _best_units(
    gallery: Gallery, heads: tuple[Cell, ...], firsts: Sequence[tuple[Cell, ...]], caption: str, most: int = TABLE_UNITS
) -> Table:
    """Units with their concept and IoU; `heads` and `firsts` say of which dissection each is."""
    rows = tuple(
        Row(
            (
                *first,
                Cell(str(shown.unit.number), kind="number"),
                Cell(shown.unit.concept, shown.unit.category),
                Cell(f"{shown.unit.iou:.3f}", kind="number"),
            )
        )
        for one, first in zip(gallery.shown, firsts, strict=True)
        for shown in one.units[:most]
    )
    columns = (*heads, Cell("unit", kind="number"), Cell("concept"), Cell("IoU", kind="number"))
    return Table(caption, columns, rows, layout="quiet", folded=True)
