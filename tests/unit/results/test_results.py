import json
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
from unit.results.two_studies import FAILED, MISSING, SEEDS, value, write_studies

import kdissect.study
from kdissect.errors import RecordError, SpecError
from kdissect.records import RECORD, RUN, Store
from kdissect.results import results


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return write_studies(tmp_path / "store")


def test_every_score_is_a_row_with_all_that_is_known_of_it(store: Store) -> None:
    found = results(store)
    heat = found[found["study"] == "heat"]
    expected = {}
    for arm, seeds in SEEDS.items():
        for seed in seeds:
            for measure, epoch, nth in (
                ("train", None, 0), ("Accuracy", None, 0), ("Accuracy", 2, 0), ("Detectors", None, 0),
                ("Detectors(2)", None, 1),
            ):  # fmt: skip
                kind = measure.removesuffix("(2)")
                if (kind, arm, seed, epoch) != MISSING and not ((kind, arm, seed, epoch) == FAILED and nth):
                    expected[arm, seed, epoch or 0, measure] = value(kind, arm, seed, epoch, nth)
    known = heat[heat["score"] != "none"]
    keys = zip(known["arm"], known["seed"], known["epoch"].fillna(0), known["measure"], strict=True)
    assert dict(zip(keys, known["value"], strict=True)) == expected
    assert len(known) == len(expected) == len(heat) / 2
    row = known[(known["arm"] == "KD-4") & (known["epoch"] == 2)].iloc[0]
    digest = row.pop("digest")
    assert row.pop("record") == f"cells/{digest[:16]}/record.json"
    assert json.loads((store.path / "cells" / digest[:16] / RECORD).read_text())["digest"] == digest
    assert json.loads(row.pop("place")) == {"temperature": 4}
    assert row.to_dict() == {
        "study": "heat", "size": "small", "arm": "KD-4", "role": "student", "seed": 0, "epoch": 2,
        "measure": "Accuracy", "score": "accuracy", "value": value("Accuracy", "KD-4", 0, 2), "unit": "share",
        "direction": "higher", "low": 0.0, "high": 1.0, "formula": "CE + T²·KL", "network": "small/resnet8",
        "teacher": "teacher", "seconds": 7.5, "kdissect": "1.2", "torch": "2.9", "python": "3.11", "device": "cpu",
    }  # fmt: skip


def test_what_is_missing_is_missing_and_whole_numbers_are_whole(store: Store) -> None:
    found = results(store)
    assert found[found["score"] == "none"]["value"].isna().all()
    assert found[found["measure"] == "Detectors"]["high"].isna().all()
    assert pd.api.types.is_integer_dtype(found["epoch"])
    assert pd.api.types.is_integer_dtype(found["seed"])
    assert set(found["epoch"].dropna()) == {2}
    assert found[found["arm"] == "teacher"]["teacher"].isna().all()


def test_a_record_answers_for_the_arm_whose_cell_names_it(store: Store) -> None:
    twin = results(store, study="twin")
    assert list(twin["arm"]) == ["student", "student"]
    assert twin["value"].iloc[0] == value("Accuracy", "KD-4", 0, None)
    assert (twin["formula"] == "KL").all()
    assert twin["size"].isna().all()


def test_cells_say_what_is_done(store: Store) -> None:
    found = results(store, "SELECT kind, arm, seed, epoch, state FROM cells WHERE study = 'heat' AND state <> 'done'")
    assert sorted(found.fillna(-1).itertuples(index=False, name=None)) == [
        (*MISSING, "missing"),
        (*FAILED[:3], -1, "failed"),
    ]
    assert results(store, "SELECT count(*) FROM cells").iloc[0, 0] == 16


def test_curves_are_those_of_the_trainings(store: Store) -> None:
    found = results(store, "SELECT * FROM curves WHERE arm = 'KD-4' AND seed = 1")
    assert list(found.itertuples(index=False, name=None)) == [
        ("heat", "KD-4", 1, 1, "loss", 0.5),
        ("heat", "KD-4", 1, 1, "val_accuracy", 0.25),
        ("heat", "KD-4", 1, 2, "loss", 0.25),
        ("heat", "KD-4", 1, 2, "val_accuracy", value("train", "KD-4", 1, None)),
    ]


def test_sql_joins_groups_and_reads_the_place(store: Store) -> None:
    found = results(
        store,
        "SELECT CAST(place->>'temperature' AS INT) AS t, avg(value) AS mean FROM results"
        " WHERE score = 'detectors' AND measure = 'Detectors' AND role = 'student' GROUP BY t",
    )
    assert list(found["t"]) == [4]
    assert found["mean"][0] == pytest.approx(sum(value("Detectors", "KD-4", seed, None) for seed in (0, 1)) / 2)


def test_an_old_store_has_its_last_study(store: Store) -> None:
    shutil.rmtree(store.path / "studies")
    assert set(results(store.path)["study"]) == {"twin"}
    (store.path / "study.json").unlink()
    with pytest.raises(RecordError, match="has no study yet; kdissect run STUDY"):
        results(str(store.path))


def test_damaged_records_are_left_out_with_one_line(store: Store) -> None:
    whole = results(store)
    digests = list(dict.fromkeys(whole[whole["study"] == "heat"]["digest"]))
    edited, moved, other = digests[1], digests[2], digests[3]
    path = store.folder(edited) / RECORD
    path.write_text(path.read_text().replace("accuracy", "ACCURACY"))
    shutil.copy(store.folder(other) / RECORD, store.folder(moved) / RECORD)
    with pytest.warns(UserWarning, match=f"^2 records of .* damaged .*{edited[:16]}.*{moved[:16]}.*again") as caught:
        found = results(store)
    assert len(caught) == 1
    assert "\n" not in str(caught[0].message)
    assert set(found["digest"]) == set(whole["digest"]) - {edited, moved}
    with pytest.warns(UserWarning, match="2 records"):
        cells = results(store, "SELECT digest, state FROM cells").set_index("digest")["state"]
    assert cells[edited] == cells[moved] == "missing"


def test_no_result_depends_on_what_lies_beside_the_record(store: Store) -> None:
    for path in store.path.glob(f"cells/*/{RUN}"):
        path.write_text("{")
    with warnings.catch_warnings(action="error"):
        found = results(store)
    assert len(found) == 28
    assert found["seconds"].isna().all()


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT detectors FROM results", "detectors"),
        ("SELECT * FROM scores", "scores"),
        ("SELECT * FROM tables", "tables"),  # a variable of the code that asks
        ("SELECT CAST(arm AS INT) FROM results", "Could not convert"),
        ("", "empty"),
    ],
)
def test_a_wrong_query_says_why_and_which_columns_there_are(store: Store, sql: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        results(store, sql)
    said = str(caught.value)
    assert message in said
    assert "\n" not in said
    assert "cells(study, arm, seed, epoch, kind, digest, state); curves(study" in said


def test_an_unknown_study_lists_those_there_are(store: Store) -> None:
    with pytest.raises(SpecError, match="no study 'cold' in .*; there are heat, twin"):
        results(store, study="cold")


def test_reading_needs_no_torch_and_the_study_package_has_it_too(store: Store) -> None:
    code = (
        f"import sys; from kdissect.results import results; results({str(store.path)!r}); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert kdissect.study.results is results
