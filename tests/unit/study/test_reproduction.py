"""The reproduction table: each outcome from planted scores, and published data that fit the catalogue."""

import json

import pytest
from several_studies import figure1, write_study

from kdissect import measures
from kdissect.records import Store
from kdissect.study.catalogue import STUDIES
from kdissect.study.judged import samples
from kdissect.study.reproduction import PUBLISHED, Claim, reproduce, write_reproduction
from kdissect.verdict import compare

SMALL = {study.__name__: study("small") for study in STUDIES}


def row_of(store, identity):
    return next(row for row in reproduce(Store(store)) if row.id == identity)


def test_an_order_that_is_there_is_reproduced(tmp_path):
    row = row_of(write_study(tmp_path / "s", "figure1", figure1()), "figure1-detectors")
    assert (row.outcome, row.study, row.size, row.reference) == ("reproduced", "figure1", "small", "scratch")
    assert [(step.above, step.below, step.published) for step in row.steps] == [
        ("KD", "scratch", 37),
        ("scratch", "LS", 56),
    ]
    step = row.steps[0]
    assert step.mean == pytest.approx(10)
    assert 0 < step.low < 10 < step.high
    ours = {one.arm: one for one in row.arms}
    assert (ours["KD"].published, ours["KD"].seeds) == (312, 3)
    assert ours["KD"].mean == pytest.approx(50)
    assert ours["KD"].low < 50 < ours["KD"].high


def test_an_order_the_other_way_is_contradicted(tmp_path):
    row = row_of(write_study(tmp_path / "s", "figure1", figure1(kd=30)), "figure1-detectors")
    assert row.outcome == "contradicted"
    assert [step.outcome for step in row.steps] == ["contradicted", "reproduced"]


def test_an_interval_that_holds_zero_is_undecided(tmp_path):
    row = row_of(write_study(tmp_path / "s", "figure1", figure1()), "entropy")
    assert row.outcome == "undecided"
    assert row.steps[0].low < 0 < row.steps[0].high


def test_one_seed_says_so(tmp_path):
    values = {score: {arm: seeds[:1] for arm, seeds in arms.items()} for score, arms in figure1().items()}
    row = row_of(write_study(tmp_path / "s", "figure1", values), "figure1-detectors")
    assert row.outcome == "one seed"
    assert row.verdicts == {}


def test_seeds_that_are_all_the_same_decide_nothing(tmp_path):
    values = {"Detectors.detectors": {"KD": [50, 50], "scratch": [40, 40], "LS": [30, 30]}}
    row = row_of(write_study(tmp_path / "s", "figure1", values), "figure1-detectors")
    assert row.outcome == "undecided"
    assert {step.why for step in row.steps} == {"no spread between seeds"}


def test_what_did_not_run_is_not_run_and_half_an_order_is_undecided(tmp_path):
    values = {score: {arm: arms[arm] for arm in ("scratch", "KD")} for score, arms in figure1().items()}
    store = write_study(tmp_path / "s", "figure1", values)
    row = row_of(store, "figure1-detectors")
    assert row.outcome == "undecided"
    assert [step.outcome for step in row.steps] == ["reproduced", "not run"]
    other = row_of(store, "self-detectors")
    assert (other.outcome, other.study, other.notes) == ("not run", None, ())


def test_another_study_answers_where_the_first_has_not_run(tmp_path):
    store = write_study(tmp_path / "s", "quick", figure1(kd=60))
    assert row_of(store, "figure1-detectors").study == "quick"
    write_study(store, "figure1", figure1(kd=50))
    assert row_of(store, "figure1-detectors").study == "figure1"


def test_only_the_last_weights_count(tmp_path):
    store = write_study(
        tmp_path / "s", "training_time", figure1(), epochs={1: {"Detectors.detectors": {"KD": [1] * 4}}}
    )
    ours = {one.arm: one for one in row_of(store, "figure1-detectors").arms}
    assert (ours["KD"].mean, ours["KD"].seeds) == (pytest.approx(50), 3)


def test_a_chain_along_an_axis_is_that_of_the_arms_that_are_there(tmp_path):
    detectors = {"KD-from-LS-T1": [20.0, 21], "KD-from-LS-T2": [30.0, 31], "KD-from-LS-T8": [40.0, 41]}
    places = {name: {"temperature": float(name[-1]), "teacher": "LS"} for name in detectors}
    places["KD-T1"] = {"temperature": 1.0, "teacher": "normal"}
    values = {"Detectors.detectors": {"scratch": [25.0, 26], "KD-T1": [90.0, 91], **detectors}}
    row = row_of(write_study(tmp_path / "s", "smooth_teacher", values, places=places), "smooth-teacher-detectors")
    assert [(step.above, step.below) for step in row.steps] == [
        ("KD-from-LS-T8", "KD-from-LS-T2"),
        ("KD-from-LS-T2", "KD-from-LS-T1"),
    ]
    assert row.outcome == "reproduced"


def test_the_verdict_is_that_of_the_verdict(tmp_path):
    store = write_study(tmp_path / "s", "figure1", figure1())
    row = row_of(store, "figure1-detectors")
    records = Store(store).records()

    def arm(name):
        runs = [[one for one in records if (one.arm, one.seed) == (name, seed)] for seed in range(3)]
        return samples(runs, Store(store))

    expected = {name: compare(arm(name), arm("scratch"), resamples=50) for name in ("KD", "LS")}
    assert row.family == "concepts"
    assert row.verdicts == {
        name: next(one.call for one in verdict.families if one.family == "concepts")
        for name, verdict in expected.items()
    }
    assert row.verdicts == {"KD": "raised", "LS": "lowered"}
    assert row_of(store, "figure1-accuracy").verdicts == {}


def test_sizes_other_than_full_are_said_to_be_on_other_data(tmp_path):
    store = write_study(tmp_path / "s", "figure1", figure1())
    assert any("numbers cannot agree" in note for note in row_of(store, "figure1-accuracy").notes)
    full = write_study(tmp_path / "full", "figure1", figure1(), size="full")
    assert row_of(full, "figure1-accuracy").notes == ()


def test_damaged_records_and_descriptions_are_left_out(tmp_path):
    store = write_study(tmp_path / "s", "figure1", figure1())
    cell = next(c for c in json.loads((store / "study.json").read_text())["cells"] if c["kind"] == "Detectors")
    (Store(store).folder(cell["digest"]) / "record.json").write_text("{")
    (store / "studies" / "broken.json").write_text("[")
    row = row_of(store, "figure1-detectors")
    assert any("1 damaged record" in note for note in row.notes)
    assert {one.seeds for one in row.arms} == {2, 3}


def test_the_file_holds_the_rows_and_is_not_made_without_a_study_of_the_catalogue(tmp_path):
    store = write_study(tmp_path / "s", "figure1", figure1())
    rows = write_reproduction(Store(store))
    written = json.loads((store / "reproduction.json").read_text())
    assert [row["id"] for row in written["rows"]] == [row.id for row in rows] == [claim.id for claim in PUBLISHED]
    own = write_study(tmp_path / "own", "my_study", figure1())
    assert write_reproduction(Store(own)) == ()
    assert not (own / "reproduction.json").exists()


def test_a_store_that_has_only_study_json_is_read(tmp_path):
    store = write_study(tmp_path / "s", "figure1", figure1())
    (store / "studies" / "figure1.json").unlink()
    assert row_of(store, "figure1-detectors").outcome == "reproduced"


@pytest.mark.parametrize("claim", PUBLISHED, ids=lambda claim: claim.id)
def test_a_claim_fits_the_catalogue(claim: Claim):
    assert claim.source
    assert claim.sure
    assert not claim.id.endswith("accuracy") or all(0 < value < 1 for value in claim.numbers.values())
    if not claim.studies:
        return
    measure = claim.score.split(".")[0]
    assert hasattr(measures, measure)
    for name in claim.studies:
        study = SMALL.get(name)
        if study is None or measure == "DiffRoar":
            continue
        arms = {arm.name for arm in study.arms}
        assert {arm for chain in claim.orders for arm in chain} <= arms
        assert measure in {type(one).__name__ for one in study.measures}
        if claim.along is not None:
            at = [dict(arm.place) for arm in study.arms if claim.along.where.items() <= dict(arm.place).items()]
            assert len({place[claim.along.axis] for place in at}) > 1


@pytest.mark.parametrize("claim", [claim for claim in PUBLISHED if claim.numbers], ids=lambda claim: claim.id)
def test_published_numbers_have_the_published_order(claim: Claim):
    for chain in claim.orders:
        known = [claim.numbers[arm] for arm in chain if arm in claim.numbers]
        assert known == sorted(known, reverse=True)
    if claim.along is not None:
        known = list(claim.numbers.values())
        assert known == sorted(known, reverse=not claim.along.rises)
