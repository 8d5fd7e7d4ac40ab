import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from kdissect.data.brodenette import World, write_probe
from kdissect.models import Network, save_weights


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A probe, and weights of a small network."""
    folder = tmp_path_factory.mktemp("cli")
    write_probe(World(size=32), folder / "probe", 12)
    network = Network(architecture="small/resnet8", num_classes=4, width=4)
    save_weights(network.build(), folder / "weights.safetensors")
    (folder / "evil.pth").write_bytes(b"\x80\x04cos\nsystem\n.")
    return folder


def dissect(folder: Path, **changes: str) -> list[str]:
    options = {
        "network": "small/resnet8",
        "width": "4",
        "classes": "4",
        "weights": str(folder / "weights.safetensors"),
        "layer": "layer3",
        "probe": str(folder / "probe"),
        "out": str(folder / "out"),
        **changes,
    }
    return ["dissect", *(word for name, value in options.items() for word in (f"--{name}", value))]


def test_help_and_list_answer(kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert kdissect("--help") == 0
    assert "run" in capsys.readouterr().out
    assert kdissect("list") == 0
    listed = capsys.readouterr().out
    for name in ("quick", "KD", "ClassSimilarity", "Brodenette", "torchvision/NAME"):
        assert name in listed


def test_a_network_is_dissected(
    folder: Path, tmp_path: Path, kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert kdissect(*dissect(folder, out=str(tmp_path / "out"))) == 0
    assert "of 16 units of layer3 are concept detectors" in capsys.readouterr().out
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written >= {"header.json", "units.parquet", "winners.parquet", "tally.npz", "tally.csv"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer": "layre3"}, "layer3"),
        ({"layer": "layer3@0"}, "after @ comes pre, post"),
        ({"weights": "gone.safetensors"}, "there is no gone.safetensors"),
        ({"weights": "{folder}/evil.pth"}, "without running code"),
        ({"width": "8"}, "does not fit small/resnet8"),
        ({"network": "resnet81"}, "did you mean"),
        ({"probe": "{folder}/gone"}, "gone"),
        ({"quantile": "1.5"}, "quantile"),
        ({"gate": "regional"}, "regional"),
        ({"device": "abacus"}, "expected a device that is here"),
    ],
)
def test_a_mistake_gives_one_line_and_exit_code_2(
    folder: Path,
    tmp_path: Path,
    kdissect: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    message: str,
) -> None:
    changes = {name: value.format(folder=folder) for name, value in changes.items()}
    if changes.get("network"):
        changes |= {"width": "4"}
    assert kdissect(*dissect(folder, out=str(tmp_path / "out"), **changes)) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("kdissect: ")
    assert printed.count("\n") == 1
    assert message in printed
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_is_left_alone(
    folder: Path, tmp_path: Path, kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    for words in (
        dissect(folder, out=str(tmp_path)),
        ["run", "quick", "--out", str(tmp_path)],
        ["draw", str(tmp_path)],
    ):
        assert kdissect(*words) == 2
        assert "nothing was changed" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_wrong_words_give_one_line(kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["run", "quik", "--out", "x"],
        ["run", "quick", "--out", "x", "--epoch", "3"],
        ["runn"],
        ["report", "x"],
    ):
        assert kdissect(*words) == 2
        assert capsys.readouterr().err.count("\n") == 1
    assert not Path("x").exists()


def test_show_prints_a_study_that_can_be_run_again(
    tmp_path: Path, kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert kdissect("run", "quick", "--out", str(tmp_path / "o"), "--seeds", "5", "--show") == 0
    file = tmp_path / "study.json"
    file.write_text(capsys.readouterr().out)
    assert kdissect("run", str(file), "--out", str(tmp_path / "o"), "--show") == 0
    assert capsys.readouterr().out == file.read_text()
    assert not (tmp_path / "o").exists()


def test_the_command_is_installed() -> None:
    done = subprocess.run([sys.executable, "-m", "kdissect", "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert torch.__version__ not in done.stdout


def test_dissections_are_compared(
    folder: Path, tmp_path: Path, kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("teacher", "student"):
        assert kdissect(*dissect(folder, out=str(tmp_path / name))) == 0
    capsys.readouterr()
    words = ["compare", str(tmp_path / "teacher"), str(tmp_path / "student"), "--replicates", "10"]
    assert kdissect(*words, "--out", str(tmp_path / "out")) == 0
    printed = capsys.readouterr().out
    for part in ("student against teacher", "concepts kept", "kept share", "counterparts", "most lost"):
        assert part in printed
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {
        "header.json", "concepts.parquet", "matches.parquet"
    }  # fmt: skip
    for wrong, message in (
        (words[:2], "at least two dissection folders"),
        ([*words, "--threshold", "2"], "threshold"),
        ([*words[:2], str(folder / "probe")], "is no dissection"),
        ([*words, "--out", str(folder / "probe")], "holds something else"),
    ):
        assert kdissect(*wrong) == 2
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
