"""The page: one HTML file that holds all it needs and asks for nothing."""

import base64
import hashlib
import json
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from kdissect import __version__
from kdissect.records import write_text
from kdissect.report.block import Chart
from kdissect.report.evidence import read
from kdissect.report.gallery import Gallery, ShownDissection, hang
from kdissect.report.markup import join
from kdissect.report.rendering import SHAPES, render_header, render_links, render_section
from kdissect.report.view import View, view

START = 'document.documentElement.classList.add("js")'
"""Tells the style sheet, before anything is shown, that scripts run."""


def write(store: Path) -> Path:
    """Write `report.html` into a store, from the records that are in it.

    The same records always give the same file. Cells that are missing are named on the page.

    Args:
        store: the folder that `kdissect run` wrote.

    Returns:
        Where the page is.

    Raises:
        RecordError: the folder is no store, or no study has run in it.
    """
    evidence = read(store)
    gallery = hang(evidence.dissections)
    path = store / "report.html"
    write_text(path, page(view(evidence, gallery, __version__), gallery))
    return path


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
        sections=join(*(render_section(section, view.arms) for section in view.sections)),
        data=_json(page_data(view, gallery)),
        app=app,
        charts=charts,
    )


def page_data(view: View, gallery: Gallery) -> dict[str, Any]:
    """What `app.js` draws: charts, images and maps."""
    from kdissect.report.drawing import specification

    names = tuple(arm.name for arm in view.arms)
    charts = [block for section in view.sections for block in section.blocks if isinstance(block, Chart)]
    return {
        "arms": [{"name": arm.name, "mark": arm.mark % len(SHAPES)} for arm in view.arms],
        "shapes": [name for name, _ in SHAPES],
        "charts": {chart.id: specification(chart, names) for chart in charts},
        "pictures": [[picture.width, picture.height, _base64(picture.webp)] for picture in gallery.pictures],
        "dissections": [_dissection_data(shown) for shown in gallery.shown],
    }


def _dissection_data(shown: ShownDissection) -> dict[str, Any]:
    dissection = shown.dissection
    return {
        "measure": dissection.measure,
        "arm": dissection.arm,
        "seed": dissection.seed,
        "map": shown.map_shape,
        "units": [
            {
                "unit": one.unit.number,
                "concept": one.unit.concept,
                "category": one.unit.category,
                "iou": one.unit.iou,
                "iouText": f"{one.unit.iou:.3f}",
                "detector": one.is_detector,
                "threshold": one.unit.threshold,
                "images": one.images,
                "pictures": one.pictures,
                "peaks": one.peaks,
                "maps": _base64(one.maps),
            }
            for one in shown.units
        ],
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
