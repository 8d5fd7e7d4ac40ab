"""Sphinx configuration; the tables of plug-ins are generated from the code."""

import re
from pathlib import Path

import kdissect
from kdissect.attribution import ATTRIBUTIONS
from kdissect.data import DATASETS, PROBES
from kdissect.distill import CONTROLS, PRESETS, TERMS
from kdissect.measures import MEASURES

project = "kdissect"
author = "The kdissect authors"
copyright = "2026, the kdissect authors"
release = version = kdissect.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "kdissect"
exclude_patterns = ["_build", "_generated"]
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_mock_imports: list[str] = []
napoleon_custom_sections = [("Class attributes", "params_style")]
suppress_warnings = ["ref.python"]


def table(title: str, members: tuple[type, ...]) -> str:
    """A Markdown table of plug-ins: name, what it is, source."""
    rows = [f"## {title}", "", "| name | what it is | source |", "|---|---|---|"]
    for member in members:
        text = member.__doc__ or ""
        source = text.split("Source:")[1].split("Departs:")[0] if "Source:" in text else ""
        first = text.strip().split("\n")[0]
        rows.append(f"| `{member.__name__}` | {first} | {' '.join(source.split())} |")
    return "\n".join([*rows, ""])


generated = Path(__file__).parent / "_generated"
generated.mkdir(exist_ok=True)
(generated / "plugins.md").write_text(
    "\n".join(
        table(title, members)
        for title, members in (
            ("Terms", TERMS),
            ("Controls", CONTROLS),
            ("Measures", MEASURES),
            ("Attributions", ATTRIBUTIONS),
            ("Datasets", DATASETS),
            ("Probes", PROBES),
        )
    ),
    encoding="utf-8",
)


def presets() -> str:
    """A Markdown table for each preset: its methods, their formulas, recipes and teachers."""
    parts = []
    for preset in PRESETS:
        first = (preset.__doc__ or "").strip().split("\n")[0]
        rows = [f"## {preset.__name__}", "", first, "", "| method | objective | teacher | epochs, batch, rate | note |"]
        rows.append("|---|---|---|---|---|")
        for one in preset():
            recipe = f"{one.recipe.epochs}, {one.recipe.batch_size}, {one.recipe.learning_rate:g}"
            formula = one.objective.formula.replace("|", "\\|")
            rows.append(f"| {one.name} | `{formula}` | {one.teacher} | {recipe} | {one.note} |")
        parts.append("\n".join([*rows, ""]))
    return "\n".join(parts)


(generated / "presets.md").write_text(presets(), encoding="utf-8")


def own_sections(_app, _what, _name, _thing, _options, lines: list[str]) -> None:
    """Make paragraphs of our one-line sections, `Source: ...` with indented lines below it."""
    made: list[str] = []
    inside = False
    for line in lines:
        word, colon, rest = line.partition(": ")
        if colon and word in ("Source", "Departs", "Gives"):
            inside = True
            made += ["", f"**{word}:** {rest}"]
        elif inside and line.startswith("    "):
            made.append(line.strip())
        else:
            inside = False
            made.append(line)
    lines[:] = made


def sizes(_app, _what, _name, _thing, _options, lines: list[str]) -> None:
    """|x| is a size in our docstrings, and no substitution of reStructuredText; code between backticks stays."""
    lines[:] = [
        "".join(part if k % 2 else part.replace("|", r"\|") for k, part in enumerate(re.split(r"(`+[^`]*`+)", line)))
        for line in lines
    ]


def setup(app) -> None:
    app.connect("autodoc-process-docstring", own_sections, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", sizes)
