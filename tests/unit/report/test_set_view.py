import json
import shutil
from pathlib import Path

import pytest
from unit.report.folders import write_dissection, write_set

from kdissect.report.block import Bars, Browser, Chart, Table
from kdissect.report.gallery import hang
from kdissect.report.page import page_data
from kdissect.report.results.dissection_set import read_set
from kdissect.report.results.set_view import set_view
from kdissect.report.view import View


def looked_at(folder: Path) -> View:
    found = read_set(folder)
    return set_view(found, hang(found.dissections), "0")


def blocks(view: View, kind: type) -> list:
    return [block for section in view.sections for block in section.blocks if isinstance(block, kind)]


def edit(folder: Path, change) -> None:
    header = json.loads((folder / "header.json").read_text())
    change(header)
    (folder / "header.json").write_text(json.dumps(header))


@pytest.fixture
def folder(tmp_path) -> Path:
    return write_set(tmp_path / "set", parts=("winners", "images"))


def test_the_curve_has_every_layer_in_order(folder):
    found = looked_at(folder)
    charts = {chart.id: chart for chart in blocks(found, Chart)}
    assert list(charts) == ["set-detectors", "set-unique-detectors", "set-categories"]
    chart = charts["set-detectors"]
    assert chart.groups == ("layer1", "layer2", "layer3")
    members = read_set(folder).dissections
    assert [row["mean"] for row in chart.rows] == [len(one.detectors) for one in members]
    best = members[-1]
    assert found.headline.sentence.startswith(f"layer3 has {len(best.detectors)} concept detectors among 24 units")
    assert found.status[:2] == ("3 layers", "probe blobs")


def test_one_browser_switches_between_layers(folder):
    found = looked_at(folder)
    (browser,) = blocks(found, Browser)
    layer = next(choice for choice in browser.choices if choice.name == "layer")
    assert (layer.values, layer.first, layer.every) == (("layer1", "layer2", "layer3"), "layer3", "all layers")
    data = page_data(found, hang(read_set(folder).dissections))
    assert [one["places"]["layer"] for one in data["dissections"]] == ["layer1", "layer2", "layer3"]


def test_the_best_layer_has_its_bars_open(folder):
    assert [graph.folded for graph in blocks(looked_at(folder), Bars)] == [True, True, False]


def test_checkpoints_are_the_axis_and_layers_the_lines(tmp_path):
    folder = tmp_path / "set"
    members = []
    for epoch in ("epoch1", "epoch2"):
        for layer in ("layer1", "layer2"):
            name = f"{epoch}-{layer}"
            write_dissection(folder / name, num_units=6, parts=(), layer=layer)
            members.append({"folder": name, "layer": layer, "quantile": 0.005, "checkpoint": epoch})
    (folder / "header.json").write_text(json.dumps({"format": 2, "kind": "set", "members": members}))
    chart = blocks(looked_at(folder), Chart)[0]
    assert (chart.x, chart.groups) == ("checkpoint", ("epoch1", "epoch2"))
    assert [series.name for series in chart.series] == ["layer1", "layer2"]


def test_quantiles_can_be_the_axis(tmp_path):
    folder = tmp_path / "set"
    for quantile in (0.005, 0.01):
        write_dissection(folder / str(quantile), num_units=6, parts=(), quantile=quantile)
    members = [{"folder": str(q), "layer": "layer3", "quantile": q, "checkpoint": None} for q in (0.005, 0.01)]
    (folder / "header.json").write_text(json.dumps({"format": 2, "kind": "set", "members": members}))
    found = looked_at(folder)
    assert blocks(found, Chart)[0].groups == ("0.005", "0.01")
    assert "top 0.5 % of activations" not in found.status


def test_a_missing_member_is_noticed_and_stops_nothing(folder):
    shutil.rmtree(folder / "layer2")
    found = looked_at(folder)
    assert found.notices[0].startswith("layer2: the dissection cannot be read")
    assert blocks(found, Chart)[0].groups == ("layer1", "layer3")


@pytest.mark.parametrize("place", ["../elsewhere", "/etc"])
def test_a_member_cannot_lie_elsewhere(folder, place):
    write_dissection(folder.parent / "elsewhere", num_units=3, parts=())
    edit(folder, lambda header: header["members"].append({"folder": place, "layer": "x"}))
    found = looked_at(folder)
    assert found.notices == (f"{place}: expected a folder within the set, this one lies elsewhere; make the set again",)


def test_a_set_of_one_and_of_none_have_a_page(tmp_path):
    one = looked_at(write_set(tmp_path / "one", ("layer1",), num_units=4, parts=()))
    assert blocks(one, Chart) == []
    assert blocks(one, Table)[0].rows[0].cells[0].text == "layer1"
    none = looked_at(write_set(tmp_path / "none", ()))
    assert none.headline.sentence == "No dissection of this set can be read."
    assert [section.id for section in none.sections] == ["provenance"]


def test_no_detector_in_any_layer(tmp_path):
    folder = tmp_path / "set"
    for name in ("a", "b"):
        write_dissection(folder / name, num_units=4, mean=0.0, parts=(), exemplars=False, layer=name)
    members = [{"folder": name, "layer": name} for name in ("a", "b")]
    (folder / "header.json").write_text(json.dumps({"format": 2, "kind": "set", "members": members}))
    assert looked_at(folder).headline.sentence == "No unit of any of 2 dissections is a concept detector."
