"""A real study from nothing to its report, by the command that a user types."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kdissect.records import Store

STUDY = f"{Path(__file__).parent / 'tiny_study.py'}:tiny"


def test_a_study_runs_from_nothing_to_its_report(
    tmp_path: Path, kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    assert kdissect("run", STUDY, "--out", str(out), "--device", "cpu") == 0
    printed = capsys.readouterr().out
    assert "28 cells, 0 already there, 28 to do" in printed
    assert "Detectors KD, seed 1: detectors" in printed
    records = Store(out).records()
    assert len(records) == 28
    detectors = {(r.arm, r.seed): r.score("detectors").value for r in records if r.kind == "Detectors"}
    assert set(detectors) == {("teacher", 0), *((arm, seed) for arm in ("scratch", "LS", "KD") for seed in (0, 1))}
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "A study in seconds" in page
    assert json.loads((out / "study.json").read_text())["spec"]["name"] == "tiny"

    assert kdissect("run", STUDY, "--out", str(out), "--device", "cpu") == 0
    assert "28 cells, 28 already there, 0 to do" in capsys.readouterr().out
    assert Store(out).records() == records

    saved = str(out / "study.json")
    assert kdissect("run", saved, "--out", str(out), "--seeds", "3", "--device", "cpu") == 0
    assert "40 cells, 28 already there, 12 to do" in capsys.readouterr().out
    assert kdissect("report", str(out)) == 0
