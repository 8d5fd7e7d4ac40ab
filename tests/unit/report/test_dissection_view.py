import dataclasses
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from unit.report.folders import EVIL_IMAGE, write_dissection
from unit.report.synthetic_store import EVIL

from kdissect.errors import RecordError
from kdissect.report.block import Bars, Chart, ConceptIndex, Table
from kdissect.report.dissection import read_dissection
from kdissect.report.gallery import hang
from kdissect.report.page import page
from kdissect.report.results.bar_graph import bar_graph, by_any_label
from kdissect.report.results.category_table import category_table
from kdissect.report.results.concept_index import concept_index
from kdissect.report.results.dissection_view import dissection_view, read_one
from kdissect.report.results.threshold_curve import threshold_curves
from kdissect.report.unit_facts import UnitFacts, unit_facts
from kdissect.report.view import View


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return write_dissection(tmp_path_factory.mktemp("results") / "one")


def looked_at(folder: Path) -> View:
    dissection = read_one(folder)
    return dissection_view(dissection, hang((dissection,)), "0")


def by_hand(folder: Path, units: list[tuple[str, str, float]], **header) -> Path:
    """A dissection of these units at gate `region`; at `image` their IoU is half of it."""
    write_dissection(folder, num_units=len(units), parts=(), exemplars=False, gates=["region", "image"], **header)
    rows = [
        {
            "gate": gate, "unit": number, "label": 1 if name else 0, "name": name, "category": category,
            "iou": iou * share, "threshold": 1.0, "precision": 0.5, "recall": 0.25,
        }
        for gate, share in (("region", 1.0), ("image", 0.5))
        for number, (name, category, iou) in enumerate(units)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), folder / "units.parquet")
    return folder


THREE = [("cat", "object", 0.2), ("cat", "object", 0.06), ("red-c", "color", 0.04), ("", "", 0.0)]


def test_the_headline_counts_detectors_and_concepts(tmp_path):
    assert looked_at(by_hand(tmp_path, THREE)).headline.sentence == (
        "layer3 of resnet8: 2 of 4 units are concept detectors, of 1 concept."
    )


def test_the_headline_has_the_interval_and_chance(tmp_path):
    facts = {"replicates": 1000, "gates": {"region": {"detectors": {"value": 2, "low": 1, "high": 3}}}}
    chance = {"chance_detectors": {"mean": 0.4, "low": 0, "high": 2}}
    found = looked_at(by_hand(tmp_path, THREE, bootstrap=facts, chance=chance)).headline
    assert found.sentence == (
        "layer3 of resnet8: 2 of 4 units are concept detectors (95 % interval 1 to 3), of 1 concept. By chance, fewer "
        "than one would be."
    )
    assert "1,000 resamples" in found.note


def test_the_status_says_what_was_chosen(folder):
    assert looked_at(folder).status == (
        "probe blobs", "16 images", "64 × 64 pixels", "preset parity", "top 0.5 % of activations",
        "normalisation network", "gate region", "IoU ≥ 0.05",
    )  # fmt: skip


def test_curves_count_units_and_concepts_at_every_gate(tmp_path):
    detectors, concepts = threshold_curves(read_one(by_hand(tmp_path, THREE)))
    at = {(row["series"], row["x"]): row["mean"] for row in detectors.rows}
    assert [at["region", x] for x in (0.03, 0.04, 0.05, 0.06, 0.065, 0.2, 0.205)] == [3, 3, 2, 2, 1, 1, 0]
    assert [at["image", x] for x in (0.03, 0.1, 0.105)] == [2, 1, 0]
    unique = {(row["series"], row["x"]): row["mean"] for row in concepts.rows}
    assert [unique["region", x] for x in (0.03, 0.05, 0.3)] == [2, 1, 0]
    assert detectors.mark == 0.05


def test_an_interval_stands_at_the_threshold_in_use(folder):
    chart = threshold_curves(read_one(folder))[0]
    facts = json.loads((folder / "header.json").read_text())["bootstrap"]["gates"]["image"]["detectors"]
    (point,) = [point for point in chart.points if point["series"] == "image"]
    assert (point["x"], point["mean"], point["low"]) == (0.05, facts["value"], facts["low"])


def test_bars_count_in_both_ways(folder):
    dissection = read_one(folder)
    winners = pq.read_table(folder / "winners.parquet").to_pylist()
    here = [row for row in winners if row["gate"] == "region" and row["iou"] >= 0.05]
    graph = bar_graph(dissection)
    bars = {bar.name: bar for group in graph.groups for bar in group.bars}
    assert sum(bar.value for bar in bars.values()) == len(dissection.detectors)
    for name, bar in bars.items():
        assert bar.value == sum(unit.concept == name for unit in dissection.detectors)
        wide = sum(row["name"].removesuffix("-c").removesuffix("-s") == name for row in here)
        assert bar.outer == max(wide, bar.value)
    assert sum(by_any_label(dissection).values()) == len(here) > len(dissection.detectors)
    for group in graph.groups:
        assert [bar.value for bar in group.bars] == sorted((bar.value for bar in group.bars), reverse=True)


def test_categories_add_up_at_every_gate(folder):
    dissection = read_one(folder)
    table = category_table(dissection, {})
    counts = [[int(cell.text.split(" ")[0]) for cell in row.cells[1:]] for row in table.rows]
    assert [cell.text for cell in table.columns] == ["category", "gate region", "gate image", "gate none"]
    assert np.array(counts)[:-1].sum(0).tolist() == counts[-1]
    assert counts[-1][0] == len(dissection.detectors)


def test_the_index_names_the_images_that_hold_most(folder):
    names = pq.read_table(folder / "images.parquet").column("name").to_pylist()
    concepts = {row["number"]: row for row in pq.read_table(folder / "concepts.parquet").to_pylist()}
    arrays = np.load(folder / "contributions.npz")
    held: dict[str, list[tuple[int, int]]] = {}
    for image in range(len(names)):
        for place in range(arrays["label_starts"][image], arrays["label_starts"][image + 1]):
            concept = concepts[int(arrays["image_labels"][place])]["name"].removesuffix("-c").removesuffix("-s")
            held.setdefault(concept, []).append((-int(arrays["image_pixels"][place]), image))
    index = concept_index((read_one(folder),))
    assert index is not None
    for one in index.concepts:
        own = sorted(held.get(one.name, []))
        assert one.count == len(own)
        assert one.images == tuple(names[image] for _, image in own[:12])
    detected = [one.name in {unit.concept for unit in read_one(folder).detectors} for one in index.concepts]
    assert detected == sorted(detected, reverse=True)


def test_a_unit_has_its_numbers(folder):
    dissection = read_one(folder)
    facts = unit_facts(dissection, dissection.units[0])
    table = pq.read_table(folder / "bootstrap.parquet").to_pylist()
    (row,) = [row for row in table if (row["gate"], row["unit"]) == ("region", 0)]
    assert facts.interval == f"{row['low']:.3f} to {row['high']:.3f}"
    assert [name for name, _ in facts.facts] == ["precision", "recall", "detector in", "p", "q"]
    assert facts.formula == f"({EVIL} OR wheel) AND NOT red (IoU {dissection.units[0].iou + 0.03:.3f})"


def test_format_1_has_a_page_without_what_it_lacks(tmp_path):
    folder = write_dissection(tmp_path, parts=("winners",), file_format=1)
    dissection = read_one(folder)
    assert unit_facts(dissection, dissection.units[0]) == UnitFacts()
    found = looked_at(folder)
    assert found.notices == ()
    assert [section.id for section in found.sections] == ["concepts", "thresholds", "units", "images", "provenance"]
    index = next(block for section in found.sections for block in section.blocks if isinstance(block, ConceptIndex))
    assert {one.count for one in index.concepts} == {None}


def test_no_detector_one_unit_and_one_image(tmp_path):
    found = looked_at(write_dissection(tmp_path, num_units=1, num_images=1, mean=0.0, parts=()))
    assert found.headline.sentence == "layer3 of resnet8: its only unit is no concept detector."
    assert [section.id for section in found.sections] == ["concepts", "thresholds", "provenance"]
    assert not [b for section in found.sections for b in section.blocks if isinstance(b, Chart | Bars)]


def test_units_below_the_threshold_are_said_to_be(tmp_path):
    found = looked_at(by_hand(tmp_path, [("cat", "object", 0.031)]))
    assert found.sections[0].blocks[0].text == (
        "No unit reaches IoU 0.05: there is no detector. The highest IoU of a unit is 0.031."
    )


def test_exemplars_that_are_missing_are_noticed(tmp_path):
    found = looked_at(write_dissection(tmp_path, exemplars=False))
    assert found.notices == ("layer3: it has no exemplars.npz, so no image of its units can be shown; measure again",)
    assert "click" not in found.sections[0].lead


def test_damaged_tables_are_noticed_and_left_out(tmp_path):
    write_dissection(tmp_path)
    (tmp_path / "chance.parquet").write_bytes(b"nonsense")
    (tmp_path / "contributions.npz").write_bytes(b"nonsense")
    pq.write_table(pa.table({"unit": [0]}), tmp_path / "bootstrap.parquet")
    notices = looked_at(tmp_path).notices
    assert len(notices) == 3
    assert "bootstrap.parquet has no column gate, low, high; its numbers are left out." in notices
    assert any(notice.startswith("chance.parquet cannot be read") for notice in notices)


def test_chance_and_resamples_are_put_into_words(folder):
    section = next(section for section in looked_at(folder).sections if section.id == "certainty")
    texts = [block.text for block in section.blocks if hasattr(block, "text")]
    assert "1,000 times" in texts[0]
    assert "exchanged among images of the same source (200 permutations), 2.4 units are detectors (1 to 5" in texts[1]
    assert [block.id for block in section.blocks if isinstance(block, Chart)] == ["forest", "p-values"]
    doubtful = section.blocks[-1]
    ious = [float(row.cells[1].text) for row in doubtful.rows]
    assert doubtful.caption == f"{len(ious)} detector{'' if len(ious) == 1 else 's'} that may be chance"
    assert all(0.05 <= iou < 0.0605 for iou in ious)


def test_tables_are_rectangles_and_the_view_is_json(folder):
    found = looked_at(folder)
    json.dumps(dataclasses.asdict(found), allow_nan=False)
    for section in found.sections:
        for block in section.blocks:
            table = block if isinstance(block, Table) else getattr(block, "table", None)
            assert table is None or {len(row.cells) for row in table.rows} <= {len(table.columns)}


def test_names_never_become_markup(folder):
    dissection = read_one(folder)
    html = page(looked_at(folder), hang((dissection,)))
    for evil in (EVIL, EVIL_IMAGE):
        assert evil not in html
    assert html.count("&lt;img src=x") > 1
    assert html.count("<script") == 4


def test_a_header_of_another_format_is_refused(tmp_path):
    write_dissection(tmp_path, file_format=3)
    with pytest.raises(RecordError, match="expected a dissection of format 1 or 2, got 3"):
        read_one(tmp_path)


def test_gate_and_threshold_can_be_others_than_the_headers(folder):
    strict = read_dissection(folder, gate="none", iou=0.1)
    assert len(strict.detectors) < len(read_dissection(folder).detectors)
    assert strict.units == strict.gates["none"]
