"""Studies of the catalogue from nothing to their report, at the size that takes seconds."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kdissect.records import Store


def test_two_studies_share_a_store_and_what_they_have_in_common(
    tmp_path: Path, kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "runs"
    assert kdissect("run", "figure1@tiny", "--out", str(out), "--device", "cpu", "--on", "local") == 0
    assert "28 cells, 0 already there, 28 to do" in capsys.readouterr().out
    detectors = {(r.arm, r.seed): r.score("detectors").value for r in Store(out).records() if r.kind == "Detectors"}
    assert len(detectors) == 7
    assert (out / "report.html").is_file()

    words = ("--only", "arm=KD", "--only", "seed=1", "--only", "measure=Accuracy,Detectors")
    assert kdissect("run", "training_time@tiny", "--out", str(out), *words, "--device", "cpu", "--on", "local") == 0
    # The teacher with its two measures is there; scratch and KD are trained anew and measured at three more epochs.
    assert "21 cells, 3 already there, 18 to do" in capsys.readouterr().out
    described = json.loads((out / "study.json").read_text())
    assert described["checkpoints"] == [0, 1, 2]
    assert described["size"] == "tiny"
    over_time = {
        record.epoch: record.score("accuracy").value
        for cell in described["cells"]
        if (cell["kind"], cell["arm"]) == ("Accuracy", "KD") and (record := Store(out).find(cell["digest"])) is not None
    }
    assert list(over_time) == [None, 0, 1, 2]
    assert over_time[0] < 0.15 < over_time[None]


def test_a_bad_name_is_one_line(
    kdissect: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert kdissect("run", "figure1@full", "--out", str(tmp_path / "out")) == 2
    assert "give them with --data FOLDER --probe FOLDER" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
