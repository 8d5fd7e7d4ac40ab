"""Texts and numbers of the view on data that can be worked out by hand."""

import pytest
from unit.report.by_hand import dissection, evidence

from kdissect.report.arms import arms_section
from kdissect.report.block import ChipList, Table
from kdissect.report.concepts import concepts_section, detected
from kdissect.report.detectors import detector_sections
from kdissect.report.dissection import _unit
from kdissect.report.evidence import ArmCard
from kdissect.report.interval_chart import domain
from kdissect.report.iou_curve import CURVE, curve_chart
from kdissect.report.quantity import collect
from kdissect.report.scores import measure_sections, scores_section

RED, CAR, SKY = ("red", "color"), ("car", "object"), ("sky", "scene")


def table_of(section) -> Table:
    return next(block for block in section.blocks if isinstance(block, Table))


def test_arms_have_mean_interval_dots_and_difference():
    found = evidence({"scratch": [10, 11, 12], "KD": [20, 21, 22]}, dissections=[dissection("KD", 0, [(*RED, 0.1)])])
    table = table_of(arms_section(found, collect(found)))
    assert [row.cells[0].text for row in table.rows] == ["scratch", "KD"]
    scratch, distilled = (row.cells[1] for row in table.rows)
    assert (scratch.text, scratch.note) == ("11.0 ± 2.5", "")
    assert (distilled.text, distilled.note) == ("21.0 ± 2.5", "+10.0 (7.7 to 12.3)")
    # All values lie between 10 and 22; the scale has 0.3 of that on both sides: 6.4 to 25.6.
    assert distilled.strip.dots == pytest.approx([(v - 6.4) / 19.2 for v in (20, 21, 22)], abs=1e-4)
    assert scratch.strip.low == pytest.approx((11 - 4.302653 / 3**0.5 - 6.4) / 19.2, abs=1e-4)
    assert distilled.strip.label == "seed 0: 20, seed 1: 21, seed 2: 22"


def test_an_arm_without_a_result_says_so():
    found = evidence({"scratch": [10.0]}, arms=[ArmCard(name="scratch"), ArmCard(name="KD")], kind="Other")
    assert table_of(arms_section(found, collect(found))).rows[1].cells[1].note == "no result"


def test_a_score_is_shown_with_unit_bounds_and_direction():
    found = evidence(
        {"scratch": [0.25, 0.75]}, kind="Sparseness", score={"name": "gini", "unit": "share", "bounds": (0, 1)}
    )
    table = table_of(scores_section(found, collect(found)))
    assert table.caption == "Sparseness"
    assert table.rows[0].cells[0].note == "share · 0 to 1 · higher is better"
    assert table.rows[0].cells[1].text == "0.500 ± 3.177"


def test_a_measure_nobody_knows_has_a_chart():
    found = evidence(
        {"scratch": [0.25, 0.75]}, kind="NewMeasure", score={"name": "gini", "unit": "share", "bounds": (0, 1)}
    )
    (section,) = measure_sections(found, collect(found))
    assert section.title == "New measure"
    (chart,) = section.blocks
    # the interval is cut where a share ends
    assert chart.rows == ({"group": "gini", "series": "scratch", "mean": 0.5, "low": 0.0, "high": 1.0},)
    assert [point["value"] for point in chart.points] == [0.25, 0.75]
    # room for half the spread of the seeds on both sides: the interval, from -2.7 to 3.7, would flatten them
    assert chart.domain == (0.0, 1.0)


def test_an_axis_holds_all_seeds_and_not_every_interval():
    rows = [{"low": -40.0, "high": 60.0}]
    points = [{"value": 8.0}, {"value": 12.0}]
    assert domain(rows, points, from_zero=False) == (6.0, 14.0)
    assert domain(rows, points, from_zero=True) == (0.0, 18.0)
    narrow = [{"low": 9.0, "high": 11.0}]
    assert domain(narrow, points, from_zero=False) == (7.8, 12.2)
    assert domain(narrow, [{"value": 3.0}], from_zero=False) == (2.95, 3.5)


def test_the_curve_counts_units_at_every_threshold():
    units = [(*RED, 0.02), (*CAR, 0.05), (*SKY, 0.3), ("", "", 0.0)]
    dissections = (dissection("KD", 0, units), dissection("KD", 1, units[:2]))
    chart = curve_chart("curve", dissections, evidence({}, arms=[ArmCard(name="KD")]))
    assert [row["x"] for row in chart.rows] == list(CURVE)
    means = {row["x"]: row["mean"] for row in chart.rows}
    assert means[0.01] == means[0.02] == pytest.approx((3 / 4 + 1) / 2)
    assert means[0.03] == means[0.05] == pytest.approx((2 / 4 + 1 / 2) / 2)
    assert means[0.06] == means[0.3] == pytest.approx((1 / 4 + 0) / 2)
    assert chart.mark == 0.05


def test_detectors_by_category_leave_out_what_was_not_scored():
    found = evidence(
        {"scratch": [4]}, score={"name": "detectors/object"}, dissections=[dissection("scratch", 0, [(*CAR, 0.1)])]
    )
    (section,) = detector_sections(found, collect(found))
    chart = section.blocks[0]
    assert chart.groups == ("object",)
    assert chart.rows == ({"group": "object", "series": "scratch", "mean": 4.0, "low": None, "high": None},)


def test_a_layer_without_detectors_is_said_in_words():
    found = evidence({"scratch": [0]}, dissections=[dissection("scratch", 0, [(*CAR, 0.01)])])
    (section,) = detector_sections(found, collect(found))
    assert section.blocks[0].text == "No unit of any network reaches IoU 0.05: there is no detector."
    assert concepts_section(found) is None


@pytest.mark.parametrize(
    ("name", "category", "shown"),
    [("night-s", "scene", "night"), ("red-c", "color", "red"), ("grand-s", "object", "grand-s"), ("", "scene", "")],
)
def test_suffixes_of_broden_are_not_shown(name, category, shown):
    unit = _unit({"unit": 3, "name": name, "category": category, "iou": 0.5, "threshold": 1.0})
    assert unit.concept == shown


def test_concepts_count_networks_and_units():
    dissections = (
        dissection("KD", 0, [(*RED, 0.1), (*RED, 0.2), (*CAR, 0.04)]),
        dissection("KD", 1, [(*RED, 0.05), (*SKY, 0.06)]),
    )
    found = detected(dissections, "KD")
    assert set(found) == {RED, SKY}
    assert (found[RED].seeds, found[RED].of, found[RED].units, found[RED].iou) == (2, 2, 3, 0.2)
    assert not found[SKY].mostly, "one of two seeds is not more than half"


def test_gained_and_lost_concepts():
    def of(arm, *seeds):
        return [dissection(arm, seed, [(*concept, 0.1) for concept in concepts]) for seed, concepts in enumerate(seeds)]

    found = evidence(
        {},
        arms=[ArmCard(name="teacher", role="teacher"), ArmCard(name="scratch"), ArmCard(name="KD")],
        dissections=[
            *of("teacher", [RED]),
            *of("scratch", [RED, CAR], [CAR], [CAR]),
            *of("KD", [RED], [RED], [SKY, RED]),
        ],
    )
    gained, lost = (block for block in concepts_section(found).blocks if isinstance(block, ChipList))
    assert gained.title == "KD gained 1 concept"
    assert [(chip.text, chip.note) for chip in gained.chips] == [("red", "color · 3 seeds, scratch 1")]
    assert [(chip.text, chip.note) for chip in lost.chips] == [("car", "object · 0 seeds, scratch 3")]
