"""The page: one HTML file that holds all it needs and asks for nothing."""

import base64
import hashlib
import json
from importlib.resources import files
from string import Template
from typing import Any

from kdissect.report.block import Browser, Chart, ConceptIndex, Series
from kdissect.report.dissection import Dissection
from kdissect.report.gallery import Gallery, ShownDissection, ShownUnit
from kdissect.report.markup import join
from kdissect.report.rendering import SHAPES, render_header, render_links, render_section
from kdissect.report.unit_facts import unit_facts
from kdissect.report.view import View

START = 'document.documentElement.classList.add("js")'
"""Tells the style sheet, before anything is shown, that scripts run."""


def page(view: View, gallery: Gallery) -> str:
    """The whole HTML document."""
    from kdissect.report.drawing import library

    start, app, charts = START, _script(_asset("app.js")), _script(library())
    template = Template(_asset("template.html"))
    return template.substitute(
        policy=_policy(start, app, charts),
        start=start,
        title=join(f"{view.title} · kdissect"),
        style=_asset("style.css"),
        header=render_header(view),
        links=render_links(view),
        sections=join(*(render_section(section, view.series) for section in view.sections)),
        data=_json(page_data(view, gallery)),
        app=app,
        charts=charts,
    )


def page_data(view: View, gallery: Gallery) -> dict[str, Any]:
    """What `app.js` draws: charts, images and maps."""
    blocks = [block for section in view.sections for block in section.blocks]
    browser = next((block for block in blocks if isinstance(block, Browser)), None)
    index = next((block for block in blocks if isinstance(block, ConceptIndex)), None)
    return {
        "shapes": SHAPES,
        "charts": {chart.id: _chart_data(chart, view.series) for chart in blocks if isinstance(chart, Chart)},
        "choices": [vars(choice) for choice in browser.choices] if browser is not None else [],
        "concepts": [list(vars(concept).values()) for concept in index.concepts] if index is not None else [],
        "pictures": [[picture.width, picture.height, _base64(picture.webp)] for picture in gallery.pictures],
        "dissections": [_dissection_data(shown, view.series) for shown in gallery.shown],
    }


def _chart_data(chart: Chart, series: tuple[Series, ...]) -> dict[str, Any]:
    from kdissect.report.drawing import specification

    own = chart.series or series
    return {
        "marks": [one.mark % len(SHAPES) for one in own],
        "spec": specification(chart, tuple(one.name for one in own)),
    }


def _dissection_data(shown: ShownDissection, series: tuple[Series, ...]) -> dict[str, Any]:
    """A dissection as `app.js` shows it; its mark is that of the arm, or else of each unit's category."""
    dissection = shown.dissection
    marks = {one.name: one.mark % len(SHAPES) for one in series}
    return {
        "places": dissection.places,
        "map": shown.map_shape,
        "units": [
            _unit_data(one, dissection, marks.get(dissection.arm, marks.get(one.unit.category, 0)))
            for one in shown.units
        ],
    }


def _unit_data(one: ShownUnit, dissection: Dissection, mark: int) -> dict[str, Any]:
    unit, facts, names = one.unit, unit_facts(dissection, one.unit), dissection.extras.images
    return {
        "unit": unit.number,
        "mark": mark,
        "concept": unit.concept,
        "category": unit.category,
        "iou": unit.iou,
        "iouText": f"{unit.iou:.3f}",
        "interval": facts.interval,
        "facts": facts.facts,
        "formula": facts.formula,
        "p": facts.p,
        "detector": one.is_detector,
        "threshold": unit.threshold,
        "images": one.images,
        "names": [names[index] if index < len(names) else "" for index in one.images] if names else [],
        "pictures": one.pictures,
        "peaks": one.peaks,
        "maps": _base64(one.maps),
    }


def _policy(*scripts: str) -> str:
    """The content security policy: nothing from outside, and no script but ours.

    Vega compiles its expressions, hence `unsafe-eval`.
    """
    hashes = " ".join(f"'sha256-{_base64(hashlib.sha256(script.encode()).digest())}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes} 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


def _script(text: str) -> str:
    """A script that cannot end its element early, with the newlines a browser will see."""
    return text.replace("\r\n", "\n").replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _json(data: object) -> str:
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", r"\u003c")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _asset(name: str) -> str:
    return files("kdissect.report").joinpath(name).read_text(encoding="utf-8")
