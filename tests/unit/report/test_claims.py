"""The section "Against the paper", from the file that a run leaves."""

import json

import pytest
from several_studies import figure1, write_study

from kdissect.errors import RecordError
from kdissect.records import Store
from kdissect.report import read_reproduction
from kdissect.report.block import Chart, Table
from kdissect.report.claims import claims_section, here_text, published_text, where_text
from kdissect.report.evidence import read
from kdissect.report.reproduction_file import FILE, ClaimRow
from kdissect.study.reproduction import write_reproduction


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = write_study(tmp_path_factory.mktemp("claims") / "s", "figure1", figure1(ls=45))
    write_reproduction(Store(path))
    return path


@pytest.fixture(scope="module")
def rows(store):
    return {row.id: row for row in read_reproduction(store)}


def test_a_claim_is_written_with_its_numbers_in_the_published_order(rows):
    row = rows["figure1-detectors"]
    assert published_text(row) == "KD 312 > scratch 275 > LS 219"
    assert here_text(row) == "KD 50.0 ± 2.3, scratch 40.0 ± 2.3, LS 45.0 ± 2.3"
    assert where_text(row) == "figure1@small, 3 seeds"
    assert published_text(rows["entropy"]) == "KD 2.9041 > scratch 2.8986 > LS 2.6040"
    assert published_text(rows["smoothing-scenes"]) == "LS > scratch"
    assert here_text(rows["smoothing-scenes"]) == "–"
    also = "KD-from-LS-T1 0.7167, KD-from-LS-T2 0.6886, KD-from-LS-T3 0.6775, KD-from-LS-T64 0.6436"
    assert published_text(rows["icml2022-smooth-teacher"]) == also


def test_the_section_has_what_ran_with_its_outcome_and_folds_the_rest(rows):
    section = claims_section(tuple(rows.values()))
    assert section.title == "Against the paper"
    assert section.lead.startswith("Published orders: 1 reproduced, 1 contradicted, 1 undecided and 21 not run.")
    table = section.blocks[0]
    outcomes = {row.cells[0].text.split(":")[1].strip(): row.cells[3] for row in table.rows}
    assert len(table.rows) == 3
    assert outcomes["accuracy of scratch, KD and LS"].tone == "good"
    contradicted = outcomes["concept detectors of scratch, KD and LS"]
    assert (contradicted.text, contradicted.tone) == ("contradicted", "bad")
    assert contradicted.note == "KD over scratch: reproduced; scratch over LS: contradicted"
    assert "numbers cannot agree" in table.note
    folded = [block for block in section.blocks if isinstance(block, Table) and block.folded]
    assert [block.caption for block in folded] == ["Not run: 21", "Every difference"]
    for block in section.blocks:
        one = getattr(block, "table", block)
        assert all(len(row.cells) == len(one.columns) for row in one.rows)


def test_a_chart_has_the_published_difference_beside_ours_in_percent(rows):
    section = claims_section((rows["figure1-detectors"],))
    chart = next(block for block in section.blocks if isinstance(block, Chart))
    found = {(row["group"], row["series"]): row for row in chart.rows}
    assert found["KD\nover scratch", "published"]["mean"] == pytest.approx(100 * 37 / 275, rel=1e-4)
    assert found["KD\nover scratch", "here"]["mean"] == pytest.approx(25)
    assert found["scratch\nover LS", "here"]["mean"] == pytest.approx(-100 * 5 / 45, rel=1e-4)
    assert found["KD\nover scratch", "here"]["low"] < 25 < found["KD\nover scratch", "here"]["high"]
    assert chart.mark == 0
    low, high = chart.domain
    assert low <= -100 * 5 / 45 < 0 < 25 <= high


def test_a_study_shows_its_own_claims_only(store, rows):
    evidence = read(store)
    assert {row.id for row in evidence.claims} == {"figure1-accuracy", "figure1-detectors", "entropy"}
    assert claims_section(()) is None


def test_a_damaged_file_is_named_and_stops_nothing(tmp_path):
    path = write_study(tmp_path / "s", "figure1", figure1())
    (path / FILE).write_text('{"format": 9, "rows": []}')
    with pytest.raises(RecordError, match="no reproduction table of format 1"):
        read_reproduction(path)
    evidence = read(path)
    assert evidence.claims == ()
    assert any("reproduction" in text for text in evidence.complaints)


def test_a_lower_arm_of_zero_has_no_percent():
    row = ClaimRow.model_validate(
        {
            "id": "x",
            "place": "p",
            "what": "w",
            "source": "s",
            "sure": "sure",
            "study": "a",
            "outcome": "undecided",
            "arms": [{"arm": "A", "mean": 1.0, "seeds": 2}, {"arm": "B", "mean": 0.0, "seeds": 2}],
            "steps": [{"above": "A", "below": "B", "mean": 1.0, "low": -1, "high": 3, "outcome": "undecided"}],
        }
    )
    assert not any(isinstance(block, Chart) for block in claims_section((row,)).blocks)
    json.dumps([str(block) for block in claims_section((row,)).blocks])
