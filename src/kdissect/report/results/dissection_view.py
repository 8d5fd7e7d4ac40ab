"""The page of one dissection."""

from pathlib import Path

from kdissect.errors import DataError, RecordError
from kdissect.report.block import Block, Browser, Prose, Section
from kdissect.report.dissection import Dissection, read_dissection
from kdissect.report.gallery import Gallery
from kdissect.report.results.axis_alignment import axis_section
from kdissect.report.results.bar_graph import bar_graph
from kdissect.report.results.category_table import category_table
from kdissect.report.results.certainty import certainty_section
from kdissect.report.results.concept_index import concept_index
from kdissect.report.results.counts import category_series
from kdissect.report.results.formulas import formulas_section
from kdissect.report.results.headline import dissection_headline, dissection_status
from kdissect.report.results.provenance import header_section
from kdissect.report.results.threshold_curve import threshold_curves
from kdissect.report.unit_browser import choices_of, left_out, units_table
from kdissect.report.view import View


def read_one(path: Path) -> Dissection:
    """The dissection in a folder.

    Raises:
        RecordError: it cannot be read.
    """
    try:
        return read_dissection(path)
    except DataError as error:
        raise RecordError(f"{path}: {error}") from None


def dissection_view(dissection: Dissection, gallery: Gallery, version: str) -> View:
    """The report on a dissection.

    Args:
        dissection: what was read.
        gallery: its units to be shown.
        version: of the kdissect that writes the report.
    """
    series = category_series(dissection.categories)
    numbers = {one.name: number for number, one in enumerate(series)}
    sections = (
        Section("concepts", "Concepts", concepts_lead(gallery), graph(dissection)),
        Section(
            "thresholds",
            "Thresholds and gates",
            "The same units under other conventions, to see how much a count depends on them.",
            (*threshold_curves(dissection), category_table(dissection, numbers)),
        ),
        browser_section(gallery, {}),
        index_section((dissection,)),
        certainty_section(dissection),
        formulas_section(dissection),
        axis_section(dissection.extras.rotation),
        header_section({dissection.title: dissection.header}, version),
    )
    return View(
        title=" · ".join(part for part in (dissection.network, dissection.layer) if part) or "Dissection",
        status=dissection_status(dissection),
        headline=dissection_headline(dissection),
        notices=(*dissection.extras.complaints, *gallery.complaints),
        series=series,
        sections=tuple(section for section in sections if section is not None),
    )


def concepts_lead(gallery: Gallery) -> str:
    """What the bar graphs show, and what a click on a name does."""
    click = " A click on a concept shows its units." if any(shown.units for shown in gallery.shown) else ""
    return f"What the detectors stand for.{click}"


def graph(dissection: Dissection) -> tuple[Block, ...]:
    """The bar graph, or that there is no detector to be drawn."""
    if dissection.detectors:
        return (bar_graph(dissection),)
    best = max((unit.iou for unit in dissection.units if unit.concept), default=0.0)
    text = f"No unit reaches IoU {dissection.iou:g}: there is no detector."
    return (
        Prose(f"{text} The highest IoU of a unit is {best:.3f}." if best else f"{text} No unit overlaps any concept."),
    )


def browser_section(gallery: Gallery, first: dict[str, str]) -> Section | None:
    """The unit browser; None if there are no images to be shown."""
    if not any(shown.units for shown in gallery.shown):
        return None
    lead = (
        "The best units with the images that excite them most. What lies outside the region where the unit is active "
        "is darkened; pointing at an image shows all of it."
    )
    browser = Browser(choices_of(gallery, first), left_out(gallery, "the folder"), units_table(gallery))
    return Section("units", "Units", lead, (browser,))


def index_section(dissections: tuple[Dissection, ...]) -> Section | None:
    """From a concept to its units and images; None if nothing is known of concepts."""
    index = concept_index(dissections)
    if index is None:
        return None
    lead = (
        "Choose a concept: the units that detect it, the images in which they are most active, the images that hold it."
    )
    return Section("images", "From concept to images", lead, (index,))
