import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from unit.report.synthetic_store import ARMS, write_store

from kdissect.errors import RecordError
from kdissect.records import Failure, Store, write_record
from kdissect.report import write
from kdissect.report.detectors import detector_sections
from kdissect.report.evidence import read
from kdissect.report.gallery import hang
from kdissect.report.headline import headline
from kdissect.report.quantity import collect
from kdissect.report.view import view


def edit(path: Path, change) -> None:
    study = json.loads((path / "study.json").read_text())
    change(study)
    (path / "study.json").write_text(json.dumps(study))


def looked_at(path: Path):
    evidence = read(path)
    gallery = hang(evidence.dissections)
    return view(evidence, gallery, "0")


def test_a_complete_store_has_nothing_to_complain_about(store):
    evidence = read(store)
    assert len(evidence.results) == 30  # three students with three seeds and a teacher with one, three cells each
    assert len(evidence.dissections) == 10
    assert evidence.missing == evidence.complaints == ()
    assert looked_at(store).notices == ()


def test_missing_cells_are_counted_and_named(tmp_path):
    left_out = (("Detectors", "KD", 1), ("Detectors", "KD", 2), ("train", "LS", 0))
    found = looked_at(write_store(tmp_path, leave_out=left_out))
    assert found.status[0] == "27 of 30 cells"
    (notice,) = found.notices
    assert notice.startswith(
        "27 of 30 cells are there. Still missing: Detectors of KD (seed 1), Detectors of KD (seed 2) and "
        "Training of LS (seed 0)."
    )
    assert "with 1 and 3 seeds" in found.headline.comparisons[0].sentence


def test_a_study_that_has_only_begun_has_a_page(tmp_path):
    everything = tuple(
        (kind, arm["name"], s) for kind in ("train", "Detectors", "ClassSimilarity") for arm in ARMS for s in range(3)
    )
    found = looked_at(write_store(tmp_path, leave_out=everything))
    assert found.headline.sentence == "No measure has a result yet: 0 of 30 cells are there."
    assert "18 more" in found.notices[0]
    assert write(tmp_path).is_file()


def test_a_study_without_dissections_has_a_page(tmp_path):
    found = looked_at(write_store(tmp_path, dissect=False))
    assert [section.id for section in found.sections] == [
        "arms", "section-measure-classsimilarity", "training", "scores", "provenance",
    ]  # fmt: skip
    assert "entropy" in found.headline.sentence
    assert write(tmp_path).is_file()


def test_no_detector_anywhere(tmp_path):
    found = looked_at(write_store(tmp_path, strength=dict.fromkeys(("teacher", "scratch", "KD", "LS"), 0.0)))
    assert found.headline.sentence == "Against scratch, the number of concept detectors is zero with KD and LS."
    assert write(tmp_path).is_file()


def test_layers_of_other_widths_are_named(tmp_path):
    write_store(tmp_path)
    found = read(tmp_path)
    narrow = tuple(
        dataclasses.replace(d, gates={d.gate: d.units[:5]}) if d.arm == "KD" else d for d in found.dissections
    )
    (section,) = detector_sections(dataclasses.replace(found, dissections=narrow), ())
    assert "48 units (teacher, scratch, LS), 5 units (KD)" in section.lead


def test_records_of_another_study_are_left_out(tmp_path):
    write_store(tmp_path)
    edit(tmp_path, lambda study: study.update(cells=[c for c in study["cells"] if c["arm"] != "LS"]))
    assert {result.arm for result in read(tmp_path).results} == {"teacher", "scratch", "KD"}


def test_a_cell_says_whose_a_record_is(tmp_path):
    # The same work under a new name is not done again: the old record answers for it.
    write_store(tmp_path)

    def rename(study):
        for part in (*study["arms"], *study["cells"]):
            for key in ("name", "arm"):
                if part.get(key) == "KD":
                    part[key] = "distilled"

    edit(tmp_path, rename)
    evidence = read(tmp_path)
    quantities = collect(evidence)
    assert headline(evidence, quantities).comparisons[0].sentence.startswith("distilled students have")
    assert "KD" not in {dissection.arm for dissection in evidence.dissections}


def test_arms_that_only_cells_name_are_shown(tmp_path):
    write_store(tmp_path)
    edit(tmp_path, lambda study: study.update(arms=[a for a in study["arms"] if a["name"] != "teacher"]))
    assert [arm.name for arm in read(tmp_path).arms] == ["scratch", "KD", "LS", "teacher"]


def test_two_measures_of_one_kind_are_told_apart(tmp_path):
    write_store(tmp_path)
    edit(tmp_path, lambda study: study["cells"].extend([c for c in study["cells"] if c["kind"] == "Detectors"]))
    found = looked_at(tmp_path)
    assert [section.title for section in found.sections if section.id.startswith("detectors")] == [
        "Concept detectors", "Concept detectors: Detectors (2)",
    ]  # fmt: skip
    assert write(tmp_path).is_file()


def test_damaged_records_and_dissections_are_named(tmp_path):
    write_store(tmp_path)
    store = Store(tmp_path)
    cells = {(c.kind, c.arm, c.seed): store.folder(c.digest) for c in read(tmp_path).study.cells}
    (cells["train", "KD", 0] / "record.json").write_text("{")
    (cells["Detectors", "KD", 1] / "dissection" / "units.parquet").write_bytes(b"nothing")
    (cells["Detectors", "KD", 2] / "dissection" / "exemplars.npz").write_bytes(b"nothing")
    header = cells["Detectors", "LS", 0] / "dissection" / "header.json"
    header.write_text(header.read_text().replace('"format": 1', '"format": 9'))
    notices = looked_at(tmp_path).notices
    assert "29 of 30 cells are there" in notices[0]
    assert "is not as it was written" in notices[1]
    assert "Detectors of KD, seed 1: the dissection cannot be read (" in notices[2]
    assert "Detectors of LS, seed 0: expected a dissection of format 1 or 2, got 9; measure again" in notices[3]
    assert "Detectors of KD, seed 2: its exemplars cannot be read (" in notices[4]
    assert write(tmp_path).is_file()


def test_a_record_that_disagrees_with_its_dissection_is_named(tmp_path):
    write_store(tmp_path)
    store = Store(tmp_path)
    cell = next(c for c in read(tmp_path).study.cells if (c.kind, c.arm, c.seed) == ("Detectors", "KD", 0))
    path = store.folder(cell.digest) / "record.json"
    record = store.find(cell.digest)
    assert record is not None
    first = record.scores[0].model_copy(update={"value": 47})
    write_record(path.parent, record.model_copy(update={"scores": (first, *record.scores[1:])}))
    (complaint,) = read(tmp_path).complaints
    assert complaint.startswith("Detectors of KD, seed 0: its record counts 47 detectors, its dissection has ")
    assert complaint.endswith(" at IoU 0.05 (gate image)")


def test_an_arm_with_a_recipe_of_its_own_is_named(tmp_path):
    arms = tuple({**arm, "own_recipe": arm["name"] in ("KD", "teacher")} for arm in ARMS)
    (notice,) = looked_at(write_store(tmp_path, arms)).notices
    assert notice == ("KD was not trained with the study's recipe: comparisons with it are not ones of equal budgets.")


def test_what_is_no_store_is_refused(tmp_path):
    with pytest.raises(RecordError, match="it has neither store.json nor header.json"):
        write(tmp_path)


def test_a_store_without_a_study_is_refused(tmp_path):
    Store.create(tmp_path)
    with pytest.raises(RecordError, match=r"expected .*study\.json, as `kdissect run` leaves it"):
        write(tmp_path)
    (tmp_path / "study.json").write_text('{"name": "x", "cells": []}')
    with pytest.raises(RecordError, match=r"is no study: arms: Field required; run the study again"):
        write(tmp_path)


def test_the_page_says_why_a_cell_failed(tmp_path):
    write_store(tmp_path)
    store = Store(tmp_path)
    cell = read(tmp_path).study.cells[0]
    shutil.rmtree(store.folder(cell.digest))
    store.fail(cell.digest, Failure("train teacher, seed 0", "DivergedError", "the loss is inf"))
    found = read(tmp_path)
    assert found.complaints == ("train teacher, seed 0 failed: the loss is inf",)
    assert found.missing == (cell,)
