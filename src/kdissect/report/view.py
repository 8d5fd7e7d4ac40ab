"""The report as a value: every text and number of the page, decided from the records."""

from dataclasses import dataclass

from kdissect.report.arms import arms_section
from kdissect.report.axes import axes_section
from kdissect.report.block import Section, Series
from kdissect.report.claims import claims_section
from kdissect.report.concepts import concepts_section
from kdissect.report.detectors import detector_sections
from kdissect.report.epochs import epochs_section
from kdissect.report.evidence import CellCard, Evidence
from kdissect.report.gallery import Gallery
from kdissect.report.headline import Headline, headline
from kdissect.report.looks import looks_section
from kdissect.report.provenance import provenance_section
from kdissect.report.quantity import collect
from kdissect.report.scores import measure_sections, scores_section
from kdissect.report.training import training_section
from kdissect.report.unit_browser import units_section
from kdissect.report.wording import counted, listed, measure_title

MOST_MISSING = 12
"""Missing cells that are named; the others are counted."""


@dataclass(frozen=True)
class View:
    """The page, before it is drawn.

    Attributes:
        title: what the page is about.
        status: the facts of the page's first line.
        headline: what it says.
        notices: what is missing or could not be used.
        series: what the page compares, in the order in which it is shown.
        sections: the parts of the page.
        front: address of the page that lists this one; empty if there is none.
    """

    title: str
    status: tuple[str, ...]
    headline: Headline
    notices: tuple[str, ...]
    series: tuple[Series, ...]
    sections: tuple[Section, ...]
    front: str = ""


def view(evidence: Evidence, gallery: Gallery, version: str, front: str = "") -> View:
    """The report on this evidence.

    Args:
        evidence: study and records.
        gallery: the units to be shown.
        version: of the kdissect that writes the report.
        front: address of the page that lists this one.
    """
    quantities = collect(evidence)
    sections = (
        arms_section(evidence, quantities),
        claims_section(evidence.claims),
        axes_section(evidence, quantities),
        epochs_section(evidence, quantities),
        *detector_sections(evidence, quantities),
        units_section(evidence, gallery),
        concepts_section(evidence),
        looks_section(evidence),
        *measure_sections(evidence, quantities),
        training_section(evidence),
        scores_section(evidence, quantities),
        provenance_section(evidence, version),
    )
    return View(
        title=evidence.study.title or evidence.study.name,
        status=_status(evidence),
        headline=headline(evidence, quantities),
        notices=_notices(evidence, gallery),
        series=_marks(evidence),
        sections=tuple(section for section in sections if section is not None),
        front=front,
    )


def _status(evidence: Evidence) -> tuple[str, ...]:
    there, total = evidence.num_done, len(evidence.study.cells)
    dissections = len(evidence.dissections)
    parts = [
        f"{there} of {total} cells",
        counted(len(evidence.arms), "arm"),
        counted(len({cell.seed for cell in evidence.study.cells}), "seed"),
    ]
    return (*parts, counted(dissections, "dissection")) if dissections else tuple(parts)


def _notices(evidence: Evidence, gallery: Gallery) -> tuple[str, ...]:
    notices: list[str] = []
    if evidence.missing:
        there, total = evidence.num_done, len(evidence.study.cells)
        notices.append(
            f"{there} of {total} cells are there. Still missing: {_named(evidence.missing)}. "
            "The numbers below are made from what is there."
        )
    own = [a.name for a in evidence.arms if a.own_recipe and (a in evidence.compared or a.name == evidence.reference)]
    if own and any(not arm.own_recipe for arm in evidence.arms):
        notices.append(
            f"{listed(own)} {'was' if len(own) == 1 else 'were'} not trained with the study's recipe: comparisons with "
            f"{'it' if len(own) == 1 else 'them'} are not ones of equal budgets."
        )
    return (*notices, *evidence.complaints, *gallery.complaints)


def _named(missing: tuple[CellCard, ...]) -> str:
    """Missing cells by kind, the first of them by name."""
    names = []
    for cell in missing[:MOST_MISSING]:
        after = "" if cell.epoch is None else f", epoch {cell.epoch}"
        names.append(f"{measure_title(cell.kind)} of {cell.arm} (seed {cell.seed}{after})")
    left = len(missing) - len(names)
    return listed([*names, f"{left} more"] if left else names)


def _marks(evidence: Evidence) -> tuple[Series, ...]:
    """The reference has mark 0, the quiet color; then come the compared arms, those with a teacher first."""
    names = [arm.name for arm in evidence.arms]
    compared = [arm.name for arm in sorted(evidence.compared, key=lambda arm: arm.teacher is None)]
    quiet = [evidence.reference] if evidence.reference is not None else []
    ranked = list(dict.fromkeys([*quiet, *compared, *names]))
    return tuple(Series(name, ranked.index(name)) for name in names)
