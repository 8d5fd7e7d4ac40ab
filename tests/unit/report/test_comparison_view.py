import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from unit.report.folders import write_comparison
from unit.report.synthetic_store import EVIL

from kdissect.report.block import Bars, Chart, Prose, Table
from kdissect.report.gallery import Gallery
from kdissect.report.page import page
from kdissect.report.results.comparison import read_comparison
from kdissect.report.results.comparison_view import comparison_view
from kdissect.report.results.gains import MOST_BARS
from kdissect.report.view import View


def looked_at(folder: Path) -> View:
    return comparison_view(read_comparison(folder), "0")


def by_hand(folder: Path, rows: list[tuple[str, int, int]], **facts) -> Path:
    """Concepts with their detectors in a and b."""
    folder.mkdir(exist_ok=True)
    table = [
        {
            "a": "A", "b": "B", "concept": name, "category": "object", "detectors_a": a, "detectors_b": b,
            "status": "kept" if a and b else "lost" if a else "new",
        }
        for name, a, b in rows
    ]  # fmt: skip
    columns = {
        key: [row[key] for row in table]
        for key in ("a", "b", "concept", "category", "detectors_a", "detectors_b", "status")
    }
    pq.write_table(pa.table(columns), folder / "concepts.parquet")
    header = {"format": 2, "kind": "comparison", "pairs": [{"a": "A", "b": "B", **facts}]}
    (folder / "header.json").write_text(json.dumps(header))
    return folder


FOUR = [("cat", 3, 1), ("dog", 2, 0), ("bus", 0, 1), ("tree", 2, 2)]


def test_the_headline_counts_kept_lost_and_new(tmp_path):
    assert looked_at(by_hand(tmp_path, FOUR)).headline.sentence == (
        "Of 3 concepts that A detects, B keeps 2 and loses 1; 1 is new."
    )


def test_the_headline_has_the_intervals_of_the_header(tmp_path):
    folder = by_hand(tmp_path, FOUR, kept={"value": 2, "low": 1, "high": 3})
    found = looked_at(folder).headline
    assert "B keeps 2 (1 to 3) and loses 1" in found.sentence
    assert "95 % intervals" in found.note


def test_gains_and_losses_are_differences_of_detectors(tmp_path):
    found = looked_at(by_hand(tmp_path, FOUR))
    (bars,) = [block for section in found.sections for block in section.blocks if isinstance(block, Bars)]
    assert [(bar.name, bar.value) for group in bars.groups for bar in group.bars] == [
        ("cat", -2),
        ("dog", -2),
        ("bus", 1),
    ]
    assert bars.groups[1].bars[0].text == "+1"


def test_only_the_largest_changes_have_bars_the_others_a_row(tmp_path):
    rows = [(f"concept{number}", 0, 1 + number) for number in range(MOST_BARS + 5)]
    found = looked_at(by_hand(tmp_path, rows))
    (bars,) = [block for section in found.sections for block in section.blocks if isinstance(block, Bars)]
    assert len(bars.groups[1].bars) == MOST_BARS
    assert bars.groups[1].bars[0].name == f"concept{MOST_BARS + 4}"
    assert "5 concepts with smaller changes" in bars.note
    table = next(
        b for section in found.sections for b in section.blocks if isinstance(b, Table) and "of A or B" in b.caption
    )
    assert len(table.rows) == MOST_BARS + 5


def test_correlations_are_counted_once_and_chance_is_marked(tmp_path):
    folder = write_comparison(tmp_path, num_units=50)
    found = looked_at(folder)
    (chart,) = [block for section in found.sections for block in section.blocks if isinstance(block, Chart)]
    rows = pq.read_table(folder / "matches.parquet").to_pylist()
    assert sum(row["y"] for row in chart.rows) == 50
    same = sum(row["y"] for row in chart.rows if row["series"] == "same concept")
    assert same == sum(row["same_concept"] for row in rows)
    assert chart.mark == 0.31
    above = sum(row["correlation"] > 0.31 for row in rows)
    section = next(section for section in found.sections if section.id == "units-0")
    assert isinstance(section.blocks[0], Prose)
    assert f"{above} of them exceed 0.31" in section.blocks[0].text


def test_units_that_were_not_assigned_are_left_out(tmp_path):
    folder = write_comparison(tmp_path, num_units=10)
    rows = pq.read_table(folder / "matches.parquet").to_pylist()
    rows[0]["assigned"] = False
    pq.write_table(pa.Table.from_pylist(rows), folder / "matches.parquet")
    (chart,) = [block for section in looked_at(folder).sections for block in section.blocks if isinstance(block, Chart)]
    assert sum(row["y"] for row in chart.rows) == 9


def test_several_networks_are_compared_with_one(tmp_path):
    found = looked_at(write_comparison(tmp_path, ("KD", "LS")))
    assert [comparison.arm for comparison in found.headline.comparisons] == ["KD", "LS"]
    assert [section.id for section in found.sections] == [
        "inherited", "gains-0", "units-0", "gains-1", "units-1", "provenance",
    ]  # fmt: skip
    assert [(one.name, one.mark) for one in found.series] == [("teacher", 0), ("KD", 1), ("LS", 2)]


@pytest.mark.parametrize("rows", [[], [("cat", 0, 2)], [("cat", 2, 2)]])
def test_nothing_to_compare_has_a_page(tmp_path, rows):
    found = looked_at(by_hand(tmp_path, rows))
    sentences = {0: "A detects no concept; B detects 0.", 1: "A detects no concept; B detects 1."}
    if not rows or rows[0][1] == 0:
        assert found.headline.sentence == sentences[len(rows)]
    assert page(found, Gallery())


def test_matches_may_be_missing(tmp_path):
    found = looked_at(write_comparison(tmp_path, matches=False))
    assert [section.id for section in found.sections] == ["gains-0", "provenance"]


def test_names_never_become_markup(tmp_path):
    html = page(looked_at(write_comparison(tmp_path, (EVIL,))), Gallery())
    assert EVIL not in html
