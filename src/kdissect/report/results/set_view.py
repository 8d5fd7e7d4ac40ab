"""The page of a set of dissections."""

from kdissect.report.block import Block, Section
from kdissect.report.dissection import distinct
from kdissect.report.gallery import Gallery
from kdissect.report.headline import Headline
from kdissect.report.results.axis_alignment import axis_section
from kdissect.report.results.bar_graph import bar_graph
from kdissect.report.results.counts import category_series
from kdissect.report.results.dissection_set import DissectionSet
from kdissect.report.results.dissection_view import browser_section, concepts_lead, graph, index_section
from kdissect.report.results.headline import choices
from kdissect.report.results.provenance import header_section
from kdissect.report.results.set_curves import best, name_of, set_curves
from kdissect.report.view import View
from kdissect.report.wording import counted, listed, share_text

MOST_GRAPHS = 12
"""Members with a bar graph of their own."""


def set_view(found: DissectionSet, gallery: Gallery, version: str) -> View:
    """The report on a set.

    Args:
        found: what was read.
        gallery: the units to be shown.
        version: of the kdissect that writes the report.
    """
    members = found.dissections
    categories = category_series(tuple(dict.fromkeys(name for one in members for name in one.categories)))
    headers = {"the set": found.header, **{one.title: one.header for one in members}}
    sections: tuple[Section | None, ...] = (header_section(headers, version),)
    if members:
        sections = (
            Section("curve", _title(found), _lead(found), set_curves(found, categories)),
            Section(
                "concepts",
                "Concepts",
                concepts_lead(gallery),
                _graphs(found),
            ),
            browser_section(gallery, {way: best(members).places.get(way, "") for way in found.ways}),
            index_section(members) if len({one.probe.get("digest") for one in members}) == 1 else None,
            axis_section(found.rotation),
            *sections,
        )
    notices = [*found.complaints]
    for one in members:
        notices += [f"{one.title}: {complaint}" for complaint in one.extras.complaints]
    return View(
        title=next((one.network for one in members if one.network), found.name),
        status=_status(found),
        headline=_headline(found),
        notices=(*notices, *gallery.complaints),
        series=categories,
        sections=tuple(section for section in sections if section is not None),
    )


def _headline(found: DissectionSet) -> Headline:
    members = found.dissections
    if not members:
        return Headline("No dissection of this set can be read.")
    top = best(members)
    share = len(top.detectors) / len(top.units)
    if not share:
        return Headline(f"No unit of any of {counted(len(members), 'dissection')} is a concept detector.")
    name = name_of(top, found.ways)
    sentence = f"{name} has {len(top.detectors):,} concept detectors among {counted(len(top.units), 'unit')}"
    sentence += f" ({share_text(share)}), of {counted(distinct(top.detectors), 'concept')}"
    if len(members) > 1:
        sentence += f": the largest share of {counted(len(members), 'dissection')}"
    most = max(members, key=lambda one: distinct(one.detectors))
    if most is not top and distinct(most.detectors) > distinct(top.detectors):
        sentence += f". Most concepts, {distinct(most.detectors):,}, are detected in {name_of(most, found.ways)}"
    note = "A unit is a concept detector if the region in which it is most active overlaps one concept's mask with an "
    return Headline(f"{sentence}.", (), f"{note}IoU of at least {top.iou:g} (gate {top.gate}); it counts once.")


def _status(found: DissectionSet) -> tuple[str, ...]:
    if not found.dissections:
        return ("no dissection",)
    first = found.dissections[0]
    numbers = tuple(counted(len({one.places.get(way) for one in found.dissections}), way) for way in found.ways) or (
        counted(len(found.dissections), "dissection"),
    )
    probe = f"probe {first.probe['name']}" if first.probe.get("name") else ""
    images = counted(first.probe["num_images"], "image") if isinstance(first.probe.get("num_images"), int) else ""
    shared = [
        choice for choice in choices(first.header) if all(choice in choices(one.header) for one in found.dissections)
    ]
    parts = (*numbers, probe, images, *shared, f"gate {first.gate}", f"IoU ≥ {first.iou:g}")
    return tuple(part for part in parts if part)


def _title(found: DissectionSet) -> str:
    return f"By {found.ways[0]}" if found.ways else "Detectors"


def _lead(found: DissectionSet) -> str:
    if not found.ways:
        return "The set has one dissection."
    return f"What changes with {listed([f'the {way}' for way in found.ways])}."


def _graphs(found: DissectionSet) -> tuple[Block, ...]:
    """A bar graph for each member, that of the largest share open."""
    members = found.dissections
    if not any(one.detectors for one in members):
        return graph(members[0])
    top = best(members)
    shown = [one for one in members if one.detectors][:MOST_GRAPHS]
    shown = shown if top in shown else [top, *shown[1:]]
    return tuple(
        bar_graph(one, f"{name_of(one, found.ways)}: {counted(len(one.detectors), 'detector')}", folded=one is not top)
        for one in shown
    )
