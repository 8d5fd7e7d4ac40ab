"""What a dissection says, in one sentence and a line of facts."""

from typing import Any

from kdissect.report.dissection import Dissection, distinct
from kdissect.report.headline import Comparison, Headline
from kdissect.report.results.counts import by_chance, part, resampled
from kdissect.report.wording import counted, fixed, from_to, share_text


def dissection_headline(dissection: Dissection) -> Headline:
    """How many units are detectors, of how many concepts, and how many would be by chance."""
    detectors, total = len(dissection.detectors), len(dissection.units)
    subject = f"{dissection.layer} of {dissection.network}" if dissection.network else dissection.layer or "This layer"
    if not detectors:
        which = "its only unit is no" if total == 1 else f"none of its {counted(total, 'unit')} is a"
        sentence = f"{subject}: {which} concept detector"
    else:
        noun = "is a concept detector" if detectors == 1 else "are concept detectors"
        sentence = f"{subject}: {detectors:,} of {counted(total, 'unit')} {noun}"
    found = resampled(dissection, dissection.gate, "detectors")
    ends = found is not None and found.low is not None and found.high is not None
    if found is not None and found.low is not None and found.high is not None:
        sentence += f" (95 % interval {from_to(found.low, found.high)})"
    if detectors:
        sentence += f", of {counted(distinct(dissection.detectors), 'concept')}"
    chance = by_chance(dissection)
    if chance is not None:
        sentence += f". By chance, {_about(chance.value)} would be"
    return Headline(f"{sentence}.", _comparisons(dissection), _note(dissection, ends))


def dissection_status(dissection: Dissection) -> tuple[str, ...]:
    """Probe, images, and the choices that were made."""
    header, probe = dissection.header, dissection.probe
    size = header.get("input_size")
    parts = [
        f"probe {probe['name']}" if probe.get("name") else "",
        counted(int(probe["num_images"]), "image") if isinstance(probe.get("num_images"), int) else "",
        f"{size[0]} × {size[1]} pixels" if isinstance(size, list) and len(size) == 2 else "",
        *choices(header),
        f"gate {dissection.gate}",
        f"IoU ≥ {dissection.iou:g}",
    ]
    return tuple(one for one in parts if one)


def choices(header: dict[str, Any]) -> tuple[str, ...]:
    """Preset, quantile, normalisation and checkpoint, as far as the header has them."""
    quantile = header.get("quantile")
    normalization = part(header, "normalization").get("name")
    return tuple(
        one
        for one in (
            f"preset {header['preset']}" if header.get("preset") else "",
            f"top {100 * min(quantile, 1 - quantile):g} % of activations" if isinstance(quantile, int | float) else "",
            f"normalisation {normalization}" if normalization else "",
            f"checkpoint {header['checkpoint']}" if header.get("checkpoint") else "",
        )
        if one
    )


def _about(mean: float) -> str:
    return "none" if mean == 0 else "fewer than one" if mean < 0.95 else f"about {fixed(mean, 0)}"


def _comparisons(dissection: Dissection) -> tuple[Comparison, ...]:
    """For every category with detectors a line, those with most first."""
    lines = []
    for category in dissection.categories:
        own = tuple(unit for unit in dissection.detectors if unit.category == category)
        if own:
            share = share_text(len(own) / len(dissection.units))
            text = f"{category}: {counted(len(own), 'detector')} of {counted(distinct(own), 'concept')}"
            text += f", {share} of the units"
            lines.append((len(own), Comparison(category, "", text)))
    return tuple(line for _, line in sorted(lines, key=lambda pair: -pair[0]))


def _note(dissection: Dissection, ends: bool) -> str:
    text = (
        f"A unit is a concept detector if the region in which it is most active overlaps the best matching concept's "
        f"mask with an IoU of at least {dissection.iou:g}; it counts once, for that concept."
    )
    if ends:
        replicates = part(dissection.header, "bootstrap").get("replicates")
        of = f" of {replicates:,} resamples" if isinstance(replicates, int) else ""
        text += f" The interval is that{of} of the probe's images."
    if by_chance(dissection) is not None:
        text += " Chance: the label maps exchanged between the images, the activations left as they are."
    return text
