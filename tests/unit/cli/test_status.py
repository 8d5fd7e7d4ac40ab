"""`kdissect status` and `kdissect run --dry-run` on a store of a real, tiny study."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kdissect.records import Failure, Store
from kdissect.study import find_studies, plan

FILE = '''"""A study in seconds."""

from kdissect.data import Brodenette
from kdissect.distill import CE, KD, as_objective
from kdissect.measures import Accuracy
from kdissect.models import Network
from kdissect.study import Arm, Study
from kdissect.study.catalogue.tiny import EASY
from kdissect.training import Recipe


def small() -> Study:
    network = Network(architecture="small/resnet8", num_classes=32, width=16, stem="half")
    ce = as_objective(CE())
    return Study(
        name="small",
        title="A study in seconds",
        dataset=Brodenette(world=EASY, train=384, val=128, test=64),
        arms=(
            Arm(name="scratch", network=network, objective=ce),
            Arm(name="KD", network=network, objective=CE() + KD(temperature=4), teacher="scratch"),
        ),
        recipe=Recipe(epochs=4, batch_size=16, learning_rate=0.1),
        measures=(Accuracy(),),
        seeds=(0, 1),
        reference="scratch",
    )
'''


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The study, and a store in which it ran."""
    folder = tmp_path_factory.mktemp("status")
    (folder / "study.py").write_text(FILE)
    study = f"{folder / 'study.py'}:small"
    command = [sys.executable, "-m", "kdissect", "run", study, "--out", str(folder / "store"), "--on", "local"]
    said = subprocess.run([*command, "--device", "cpu"], check=True, capture_output=True, text=True).stdout
    assert "8 cells, 0 already there, 8 to do" in said
    assert "8 cells done in " in said
    assert "cells/h; 0 were there from earlier" in said
    return study, folder / "store"


@pytest.fixture
def store(ran: tuple[str, Path], tmp_path: Path) -> Store:
    """A copy of the store to change."""
    shutil.copytree(ran[1], tmp_path / "store")
    return Store(tmp_path / "store")


Kdissect = Callable[..., int]
Capture = pytest.CaptureFixture[str]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_finished_study_is_one_grid(ran: tuple[str, Path], kdissect: Kdissect, capsys: Capture) -> None:
    before = contents(ran[1])
    assert kdissect("status", str(ran[1])) == 0
    said = capsys.readouterr().out
    assert "small: A study in seconds. 8 of 8 cells done" in said
    assert [line.split() for line in said.split("\n") if line.startswith("KD")] == [["KD", "✓", "1/1", "✓", "1/1"]]
    assert contents(ran[1]) == before


def test_failures_what_they_block_and_tracebacks(
    ran: tuple[str, Path], store: Store, kdissect: Kdissect, capsys: Capture
) -> None:
    cells = {cell.title: cell for cell in plan(*find_studies(ran[0]))}
    for title in ("train scratch, seed 1", "train KD, seed 1", "Accuracy KD, seed 1"):
        shutil.rmtree(store.folder(cells[title].digest))
    failure = Failure("train scratch", "DivergedError", "the loss is not [finite]", "Traceback: here", when=1e9)
    store.fail(cells["train scratch, seed 1"].digest, failure)
    (store.path / "damaged" / "0123-1").mkdir(parents=True)
    assert kdissect("status", str(store.path)) == 0
    said = capsys.readouterr().out
    assert "5 of 8 cells done, 1 failed, 2 blocked" in said
    assert "train scratch, seed 1: the loss is not [finite] (2001-09-" in said
    assert "2 cells by train scratch, seed 1" in said
    assert "1 damaged records were set aside" in said
    assert "Traceback: here" not in said
    assert kdissect("status", str(store.path), "--failed") == 0
    assert "Traceback: here" in capsys.readouterr().out


def test_json_has_every_cell(store: Store, kdissect: Kdissect, capsys: Capture) -> None:
    assert kdissect("status", str(store.path), "--json", "--study", "small") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["counts"]["done"] == 8
    (study,) = found["studies"]
    assert study["counts"] == {"done": 8, "running": 0, "failed": 0, "blocked": 0, "missing": 0}
    assert {cell["state"] for cell in study["cells"]} == {"done"}


def test_verify_names_an_edited_record_and_cut_weights(store: Store, kdissect: Kdissect, capsys: Capture) -> None:
    assert kdissect("status", str(store.path), "--verify") == 0
    assert "all 8 records and their files are as they were written" in capsys.readouterr().out
    weights = next(store.path.glob("cells/*/student.safetensors"))
    weights.write_bytes(weights.read_bytes()[:-1])
    record = next(path for path in store.path.glob("cells/*/record.json") if '"Accuracy"' in path.read_text())
    record.write_text(record.read_text().replace('"Accuracy"', '"accuracy"', 1))
    assert kdissect("status", str(store.path), "--verify") == 1
    said = capsys.readouterr().out
    assert "damaged: 2" in said
    assert f"{weights} is not as it was written" in said
    assert f"{record} is not as it was written" in said


def test_a_folder_that_is_no_store_is_a_mistake(tmp_path: Path, kdissect: Kdissect, capsys: Capture) -> None:
    assert kdissect("status", str(tmp_path)) == 2
    assert "is no store" in capsys.readouterr().err


def test_status_does_not_import_torch(ran: tuple[str, Path]) -> None:
    code = (
        f"import sys; sys.argv = ['kdissect', 'status', {str(ran[1])!r}]\n"
        "from kdissect.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print([m for m in ('torch', 'numba', 'pandas', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")


def test_a_dry_run_writes_nothing_and_counts(
    ran: tuple[str, Path], store: Store, tmp_path: Path, kdissect: Kdissect, capsys: Capture
) -> None:
    words = ("--device", "cpu", "--on", "processes:2", "--dry-run")
    assert kdissect("run", ran[0], "--out", str(tmp_path / "new"), *words) == 0
    said = capsys.readouterr().out
    assert "8 cells: 0 there already, 8 to do" in said
    assert "with 2 cells side by side (--on processes:2)" in said
    assert "8 from 3 trials" in said
    assert not (tmp_path / "new").exists()

    before = contents(store.path)
    weights = next(store.path.glob("cells/*/student.safetensors"))
    assert kdissect("run", ran[0], "--seeds", "3", "--out", str(store.path), *words) == 0
    said = capsys.readouterr().out
    assert "12 cells: 8 there already, 4 to do" in said
    assert "4 from records of their like" in said
    assert contents(store.path) == before
    (weights.parent / "record.json").write_text("{")
    assert kdissect("run", ran[0], "--out", str(store.path), *words) == 0
    assert "8 cells: 7 there already, 1 to do (1 of them damaged)" in capsys.readouterr().out
    assert (weights.parent / "record.json").read_text() == "{"
