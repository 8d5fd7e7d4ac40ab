"""The whole view of a small store against a recorded one; see tests/golden/README.md."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from unit.report.synthetic_store import ARMS, write_store

from kdissect.report.evidence import read
from kdissect.report.gallery import hang
from kdissect.report.view import View, view

GOLD = Path(__file__).parents[2] / "golden" / "report_view.json"


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> View:
    store = write_store(tmp_path_factory.mktemp("view"), ARMS[:3], (0, 1), num_units=12)
    evidence = read(store)
    return view(evidence, hang(evidence.dissections), "VERSION")


def test_the_view_is_as_recorded(found):
    actual = written(filled(dataclasses.asdict(found))) + "\n"
    if not GOLD.is_file() or actual != GOLD.read_text(encoding="utf-8"):
        path = GOLD.parent / "actual" / GOLD.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8")
        raise AssertionError(f"the view has changed: compare {path} with {GOLD.name}; tests/golden/README.md says how")


def test_the_view_is_json_and_its_tables_are_rectangles(found):
    json.dumps(dataclasses.asdict(found), allow_nan=False)
    for section in found.sections:
        for block in section.blocks:
            table = getattr(block, "table", block)
            for row in getattr(table, "rows", ()):
                assert len(row.cells) == len(table.columns), (section.id, table.caption)


def filled(value: Any) -> Any:
    """The value without fields that are empty."""
    if isinstance(value, dict):
        empty = ("", (), None)
        return {key: filled(inner) for key, inner in value.items() if inner not in empty and inner is not False}
    return [filled(inner) for inner in value] if isinstance(value, tuple) else value


def written(value: Any, indent: str = "") -> str:
    """JSON in which what is short stands on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + len(indent) < 140 or not isinstance(value, dict | list):
        return flat
    deeper = indent + " "
    if isinstance(value, dict):
        lines = [f"{deeper}{json.dumps(key)}: {written(inner, deeper)}" for key, inner in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + written(inner, deeper) for inner in value) + f"\n{indent}]"
