"""`kdissect measure` and `kdissect verdict`, as a user types them, on weights that lie in files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kdissect.distill import CE
from kdissect.models import Network, save_weights
from kdissect.records import Store
from kdissect.training import Recipe, fit
from kdissect.user_code import find_in_file

DATA = f"{Path(__file__).with_name('easy_data.py')}:colours"
WORDS = ("--network", "small/resnet8", "--data", DATA, "--images", "16", "--device", "cpu", "--on", "local")


def kdissect(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "kdissect", *words], capture_output=True, text=True, check=False)


def taught_by(weights: Path) -> tuple[str, ...]:
    file = str(weights / "long-0.safetensors")
    return ("--teacher", "small/resnet8", "--teacher-width", "4", "--teacher-weights", file)


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    network = Network(architecture="small/resnet8", num_classes=4, width=4)
    dataset = find_in_file(DATA)()
    for name, epochs in (("short", 2), ("long", 4)):
        for seed in range(3):
            recipe = Recipe(epochs=epochs, batch_size=32, learning_rate=0.05)
            fitted = fit(network, CE(), dataset, recipe, seed=seed)
            save_weights(fitted.student, folder / f"{name}-{seed}.safetensors")
    return folder


def test_one_network_is_measured(weights: Path, tmp_path: Path) -> None:
    teacher = taught_by(weights)
    one = (
        "measure",
        *WORDS,
        "--width",
        "4",
        "--weights",
        str(weights / "short-0.safetensors"),
        "--out",
        str(tmp_path / "m"),
    )
    done = kdissect(*one, *teacher)
    assert done.returncode == 0, done.stderr
    for score in ("accuracy", "entropy/matched", "alignment", "road", "max_sensitivity", "gini", "agreement"):
        assert score in done.stdout
    assert "mask_energy" not in done.stdout  # the data set has no masks
    refused = kdissect(*one, "--measures", "localisation")
    assert refused.returncode == 2
    assert "Localisation needs masks of the labelled objects, and Colours has none here" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_weights_are_judged(weights: Path, tmp_path: Path) -> None:
    groups = (f"short={weights}/short-*.safetensors", f"long={weights}/long-*.safetensors")
    words = ("--width", "4", "--measures", "accuracy,similarity,complexity", "--out", str(tmp_path / "v"))
    done = kdissect("verdict", *groups, *WORDS, *words)
    assert done.returncode == 0, done.stderr
    last = " ".join(done.stdout.split("report.html")[1].split())
    assert "interpretable" in last
    assert "short" in last
    page = (tmp_path / "v" / "verdict" / "report.html").read_text()
    assert "The verdict by family" in page
    assert "No sanity check of the explanations was made." in page
    found = header(tmp_path / "v")
    assert found["command"].startswith("kdissect verdict ")
    assert found["networks"]["short"]["architecture"] == "small/resnet8"
    (complexity,) = [one for one in found["arms"]["long"]["families"] if one["family"] == "complexity"]
    assert len(complexity["arm"]["num_images"]) == 3
    assert "levels" not in found  # no teacher was named
    again = kdissect("verdict", str(tmp_path / "v"))
    assert again.returncode == 2  # every arm of that store is a single run
    assert "expected two training seeds or more" in again.stderr


def test_a_teacher_makes_agreement_decide(weights: Path, tmp_path: Path) -> None:
    groups = (f"short={weights}/short-[12].safetensors", f"long={weights}/long-[12].safetensors")
    words = ("--width", "4", "--measures", "complexity,transfer", "--out", str(tmp_path / "v"))
    without = kdissect("verdict", *groups, *WORDS, *words)
    assert without.returncode == 0, without.stderr
    found = header(tmp_path / "v")["arms"]["long"]
    assert [one["family"] for one in found["families"]] == ["complexity"]
    refused = kdissect("verdict", *groups, *WORDS, *words, "--teacher", "small/resnet8")
    assert "--teacher and --teacher-weights go together" in refused.stderr
    done = kdissect("verdict", *groups, *WORDS, *words, *taught_by(weights))
    assert done.returncode == 0, done.stderr
    found = header(tmp_path / "v")
    assert [one["family"] for one in found["arms"]["long"]["families"]] == ["complexity", "transfer"]
    assert set(found["levels"]) == {"short", "long"}
    page = (tmp_path / "v" / "verdict" / "report.html").read_text()
    assert "Agreement with the teacher" in page


def test_a_study_is_judged_once_more_at_equal_accuracy(tmp_path: Path) -> None:
    own = f"{Path(__file__).with_name('two_budgets.py')}:two_budgets"
    run = ("run", own, "--out", str(tmp_path / "s"), "--on", "local", "--device", "cpu")
    done = kdissect(*run, "--keep-every", "1")
    assert done.returncode == 0, done.stderr
    judged = ("verdict", str(tmp_path / "s"), "--match-accuracy", "--study", own, "--on", "local", "--device", "cpu")
    done = kdissect(*judged)
    assert done.returncode == 0, done.stderr
    assert "at equal accuracy: " in done.stdout
    matched = header(tmp_path / "s")["matched"]["long"]
    assert matched["earlier"] == "long"
    assert len(matched["epochs"]) == 2
    assert [one["family"] for one in matched["families"]] == ["complexity"]
    page = (tmp_path / "s" / "verdict" / "report.html").read_text()
    assert "At equal accuracy" in page
    assert "long against short at equal accuracy" in page
    weights = kdissect("verdict", "a=x", "b=y", *WORDS, "--out", str(tmp_path / "v"), "--match-accuracy")
    assert weights.returncode == 2
    assert "--match-accuracy needs a folder of results" in weights.stderr


def test_words_that_would_change_nothing_are_refused(weights: Path, tmp_path: Path) -> None:
    """Before anything is measured."""
    groups = (f"short={weights}/short-*.safetensors", f"long={weights}/long-*.safetensors")
    out = ("--width", "4", "--out", str(tmp_path / "v"))
    twice = f"long={weights}/long-0.safetensors,{weights}/short-1.safetensors"
    for words, told in (
        (
            (*groups, *WORDS, *out, "--margin", "concept=0.1"),
            "no family 'concept' to have a margin; there are",
        ),
        ((*groups, *WORDS, *out, "--margin", "complexity=-1"), "expected a margin above 0 for complexity, got -1"),
        (
            (*groups, *WORDS, *out, "--arm", "long2"),
            "no group 'long2' to hold the others against",
        ),
        ((groups[0], twice, *WORDS, *out), "hold the same weights: expected each training run once"),
        ((*groups, *WORDS, *out, "--study", "a.py:b"), "--study names a study of a folder of results"),
    ):
        done = kdissect("verdict", *words)
        assert done.returncode == 2, told
        assert told in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "v" / "cells").exists()
    Store.create(tmp_path / "s")
    done = kdissect("verdict", str(tmp_path / "s"), "--measures", "accuracy", "--images", "3")
    assert "a folder of results was measured already: --measures, --images would change nothing" in done.stderr


def header(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "verdict" / "header.json").read_text()))


def test_one_seed_is_refused_before_anything_runs(weights: Path, tmp_path: Path) -> None:
    groups = (f"short={weights}/short-*.safetensors", f"long={weights}/long-0.safetensors")
    done = kdissect("verdict", *groups, *WORDS, "--width", "4", "--out", str(tmp_path / "v"))
    assert done.returncode == 2
    assert "expected two training seeds or more of long, got one" in done.stderr
    assert not (tmp_path / "v").exists()
    done = kdissect("verdict", f"short={weights}/none.safetensors", groups[1], *WORDS, "--out", str(tmp_path / "v"))
    assert done.returncode == 2
    assert "there is no" in done.stderr
