"""What holds for the package as a whole."""

import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import kdissect
from kdissect import errors
from kdissect.attribution import ATTRIBUTIONS, Attribution
from kdissect.data import DATASETS, PROBES, Dataset, ProbeSource
from kdissect.distill import CONTROLS, TERMS, Control, Term
from kdissect.measures import MEASURES, Measure
from kdissect.specs import Plugin

ROOT = Path(__file__).parent.parent
FAMILIES = (
    (Term, TERMS),
    (Control, CONTROLS),
    (Measure, MEASURES),
    (Attribution, ATTRIBUTIONS),
    (Dataset, DATASETS),
    (ProbeSource, PROBES),
)


def modules() -> list[str]:
    found = pkgutil.walk_packages(kdissect.__path__, "kdissect.")
    return [module.name for module in found if not module.name.endswith("__main__")]


def test_every_plugin_of_the_package_is_listed() -> None:
    for name in modules():
        for _, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass):
            if issubclass(kind, Plugin) and kind.__module__.startswith("kdissect.") and not inspect.isabstract(kind):
                if kind is Plugin:
                    continue
                assert any(kind in listed for family, listed in FAMILIES if issubclass(kind, family)), kind


def test_every_plugin_is_documented_with_its_source() -> None:
    for family, listed in FAMILIES:
        for kind in listed:
            doc = kind.__doc__ or ""
            assert len(doc.split("\n")[0]) > 10
            if family in (Term, Measure):
                assert "Source:" in doc, kind


def test_the_command_line_and_the_report_do_not_import_torch() -> None:
    code = (
        "import sys; sys.argv = ['kdissect']; import kdissect.cli, kdissect.report;"
        "print([m for m in ('torch', 'numba', 'timm', 'altair') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_error_page_shows_the_tree_of_the_module() -> None:
    tree = re.search(r"KdissectError\n.*?\n\n", (errors.__doc__ or "").replace("\n    ", "\n"), re.DOTALL)
    assert tree is not None
    assert tree[0].strip() in (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        assert issubclass(kind, errors.KdissectError)
        assert name in tree[0]


def test_no_module_is_a_bag() -> None:
    bags = {"utils", "util", "helpers", "common", "core", "base", "misc"}
    assert not [name for name in modules() if bags & set(name.split("."))]


def test_the_version_stands_in_one_place_and_agrees_with_the_citation() -> None:
    assert f"version: {kdissect.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {kdissect.__version__}" in (ROOT / "CHANGELOG.md").read_text()
