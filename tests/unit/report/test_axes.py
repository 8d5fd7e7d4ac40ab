"""Charts over the axes of a study, and over training time."""

import pytest
from several_studies import Values, figure1, write_study

from kdissect.report.axes import axes_of, axes_section
from kdissect.report.drawing import specification
from kdissect.report.epochs import epochs_section
from kdissect.report.evidence import read
from kdissect.report.gallery import Gallery
from kdissect.report.quantity import collect
from kdissect.report.view import view

GRID = {f"T{t}-w{w}": {"temperature": t, "weight": w} for t in (1, 4) for w in (0.1, 0.9)}
LINES = {f"{kind}-T{t}": {"temperature": t, "teacher": kind} for kind in ("normal", "LS") for t in (1, 2, 10)}


def values(places) -> Values:
    return {
        "Accuracy.accuracy": {
            "scratch": [0.6, 0.62],
            **{name: [0.7 + 0.01 * n, 0.72 + 0.01 * n] for n, name in enumerate(places)},
        }
    }


def drawn(path):
    evidence = read(path)
    return axes_section(evidence, collect(evidence))


def test_one_axis_of_numbers_is_a_line_for_each_series(tmp_path):
    section = drawn(write_study(tmp_path / "s", "lines", values(LINES), places=LINES))
    assert section.title == "Over temperature"
    (chart,) = section.blocks
    assert chart.kind == "places"
    assert chart.groups == ("1", "2", "10")  # as numbers, not as words
    assert [one.name for one in chart.series] == ["teacher normal", "teacher LS"]
    means = {(row["series"], row["x"]): row["mean"] for row in chart.rows}
    assert means["teacher LS", "1"] == pytest.approx(0.74)
    assert chart.level == pytest.approx(0.61)
    assert len(chart.points) == 12
    assert "scratch" in chart.note
    layers = specification(chart, ("teacher normal", "teacher LS"))["layer"]
    assert len(layers) == 5


def test_two_axes_of_numbers_are_colored_fields(tmp_path):
    (chart,) = drawn(write_study(tmp_path / "s", "grid", values(GRID), places=GRID)).blocks
    assert chart.kind == "heat"
    assert (chart.across, chart.groups) == (("1", "4"), ("0.9", "0.1"))
    cells = {(row["x"], row["group"]): row["text"] for row in chart.rows}
    assert cells == {("1", "0.1"): "0.710", ("1", "0.9"): "0.720", ("4", "0.1"): "0.730", ("4", "0.9"): "0.740"}
    assert "scratch has 0.610" in chart.note
    assert [row.cells[0].text for row in chart.table.rows] == ["weight 0.1", "weight 0.9"]
    assert [layer["mark"]["type"] for layer in specification(chart, ("x",))["layer"]] == ["rect", "text"]


def test_a_missing_arm_leaves_its_place_empty(tmp_path):
    left = tuple(("Accuracy", "T4-w0.9", seed) for seed in (0, 1))
    (chart,) = drawn(write_study(tmp_path / "s", "grid", values(GRID), places=GRID, leave_out=left)).blocks
    assert len(chart.rows) == 3
    assert chart.table.rows[1].cells[2].text == "–"


@pytest.mark.parametrize(
    "places",
    [
        {},
        {"A": {"control": "none"}, "B": {"control": "hard"}},
        {"A": {"temperature": 4}, "B": {"temperature": 4}},
    ],
)
def test_without_an_axis_of_numbers_that_differ_there_is_no_section(tmp_path, places):
    path = write_study(tmp_path / "s", "plain", values(("A", "B")), places=places)
    assert axes_of(read(path)) is None
    assert drawn(path) is None


def test_three_axes_are_left_to_the_tables(tmp_path):
    places = {"A": {"x": 1, "y": 1, "z": 1}, "B": {"x": 2, "y": 2, "z": 2}}
    assert drawn(write_study(tmp_path / "s", "many", values(places), places=places)) is None


def test_earlier_weights_are_curves_and_never_in_the_tables(tmp_path):
    epochs = {0: figure1(kd=1, ls=1), 2: figure1(kd=20, ls=10)}
    path = write_study(tmp_path / "s", "time", figure1(), epochs=epochs)
    evidence = read(path)
    quantities = collect(evidence)
    detectors = next(q for q in quantities if q.name == "detectors")
    assert detectors.of("KD") == pytest.approx((49, 50.2, 50.8))
    assert len(evidence.results) + len(evidence.earlier) == evidence.num_done == len(evidence.study.cells)
    section = epochs_section(evidence, quantities)
    chart = next(chart for chart in section.blocks if chart.title == "Detectors")
    means = [row["mean"] for row in chart.rows if row["series"] == "KD"]
    assert [row["x"] for row in chart.rows if row["series"] == "KD"] == [0, 2, 4]  # four epochs in the curve
    assert means == pytest.approx([1, 20, 50])
    assert len([point for point in chart.points if point["series"] == "KD"]) == 9
    assert [row.cells[0].text for row in chart.table.rows] == ["0", "2", "4"]


def test_a_study_without_earlier_weights_has_no_curves(tmp_path):
    evidence = read(write_study(tmp_path / "s", "figure1", figure1()))
    assert epochs_section(evidence, collect(evidence)) is None


def test_a_missing_cell_says_after_which_epoch(tmp_path):
    epochs = {2: {"Accuracy.accuracy": {"KD": [0.5]}}}
    path = write_study(tmp_path / "s", "time", figure1(), epochs=epochs, leave_out=(("Accuracy", "KD", 0),))
    found = view(read(path), Gallery(), "0")
    assert "Accuracy of KD (seed 0, epoch 2)" in found.notices[0]
