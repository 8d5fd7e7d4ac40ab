"""Every method, through the command that a user types, on Brodenette."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from kdissect.data import Brodenette
from kdissect.data.brodenette import World
from kdissect.distill import CE, CONTROLS, FT, KD, SS, TERMS, Objective, Permuted, SimKD, as_objective, sskd
from kdissect.models import Network, load_weights
from kdissect.records import Store
from kdissect.training import Recipe, Task, Teacher, accuracy, fit_together, predict
from kdissect.user_code import find_in_file

DATA = f"{Path(__file__).with_name('easy_data.py')}:colours"


def test_every_method_trains_on_brodenette() -> None:
    """A short run of each, all together on one stream: losses are finite and the last is below the first."""
    dataset = Brodenette(world=World(size=32), train=256, val=64, test=8)
    network = Network(architecture="small/resnet8", num_classes=32, width=4, stem="half")
    teacher = Teacher(network.changed(width=8).build(1), network.changed(width=8))
    methods: dict[str, Objective] = {}
    for kind in TERMS:
        fields = {"stage_epochs": 1} if kind in (FT, SS) else {}
        term = kind(**fields)
        methods[kind.__name__] = as_objective(term) if kind is SimKD else CE() + 0.5 * term
    methods |= {kind.__name__: CE() + KD(control=kind()) for kind in CONTROLS}
    methods |= {f"Permuted {c}": CE() + KD(control=Permuted.from_mapping({"classes": c})) for c in ("within", "across")}
    recipe = Recipe(epochs=3, batch_size=64, learning_rate=0.02)
    fits = fit_together([Task(network, one) for one in methods.values()], dataset, recipe, seed=0, teacher=teacher)
    for name, fitted in zip(methods, fits, strict=True):
        losses = [point["loss"] for point in fitted.curve]
        assert losses[-1] < losses[0], name
        assert 0 <= fitted.best_accuracy <= 1


@pytest.mark.parametrize(
    "words",
    [
        ("--objective", "CE + KD(T=4) + 100*AT", "--teacher", "small/resnet8", "--teacher-width", "6"),
        ("--objective", "CE + KD(T=2)", "--teacher", "self", "--generations", "2"),
        ("--preset", "brodenette:KD-from-LS-T2", "--teacher", "small/resnet8", "--teacher-width", "6"),
        (
            "--objective", "CE + KD", "--teacher", "small/resnet8", "--teacher", "small/resnet8",
            "--teacher-width", "5", "--teacher-width", "6",
        ),
    ],
    ids=["feature", "born again", "smoothed teacher", "ensemble"],
)  # fmt: skip
def test_the_command_trains_teachers_and_student(
    words: tuple[str, ...], kdissect: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    own: tuple[str, ...],
) -> None:  # fmt: skip
    out = tmp_path / "out"
    assert kdissect("train", *own, *words, "--batch-size", "32", "--epochs", "5", "--out", str(out)) == 0
    said = capsys.readouterr().out
    assert "val accuracy" in said
    assert "chosen on the val split" in said
    assert {"student.safetensors", "best.safetensors", "report.html", "study.json"} <= {p.name for p in out.iterdir()}
    with safe_open(out / "student.safetensors", framework="pt") as file:
        assert file.metadata()["which"] == "last"
    assert kdissect("train", *own, *words, "--batch-size", "32", "--epochs", "5", "--out", str(out)) == 0
    assert "0 to do" in capsys.readouterr().out
    assert kdissect("train", *own, *words, "--batch-size", "32", "--epochs", "6", "--out", str(out)) == 2
    assert "holds another run: its recipe differ" in capsys.readouterr().err


@pytest.fixture
def own() -> tuple[str, ...]:
    """A data set from a user's file, and a small student."""
    return ("--data", DATA, "--network", "small/resnet8", "--width", "4")


def test_two_processes_train_by_the_same_command(own: tuple[str, ...], tmp_path: Path) -> None:
    words = [
        "train",
        *own,
        "--objective",
        "CE + KD",
        "--teacher",
        "self",
        "--batch-size",
        "32",
        "--epochs",
        "5",
        "--devices",
        "2",
    ]
    command = [sys.executable, "-m", "kdissect", *words, "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.count("val accuracy") == 1
    assert "2 processes" in done.stdout
    records = Store(tmp_path / "out").records()
    assert sorted((r.kind, r.arm) for r in records) == [
        ("Accuracy", "generation-0"), ("Accuracy", "student"), ("train", "generation-0"), ("train", "student"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--objective", "CE + KF"), "no term 'KF'"),
        ((), "give --objective"),
        (("--objective", "CE", "--preset", "cifar:KD"), "one of them"),
        (("--objective", "CE + KD"), "needs a teacher; name the arm"),
        (("--objective", "CE + AT(layers=('layer9',))", "--teacher", "self"), "no layer 'layer9'"),
        (("--preset", "cifar:XY"), "has no method 'XY'; it has scratch, KD"),
        (("--preset", "other:KD"), "no preset 'other'"),
        (("--preset", "brodenette:KD"), "has a normal teacher; name its network"),
        (
            ("--objective", "CE + KD", "--teacher", "small/resnet8", "--teacher-weights", "nothing.pt"),
            "there is no nothing.pt",
        ),
        (("--objective", "CE + KD", "--teacher", "self", "--teacher", "small/resnet8"), "stands alone"),
        (("--objective", "CE", "--epochs", "0"), "greater than or equal to 1"),
        (("--objective", "CE", "--batch-size", "5000"), "a batch of at most 192"),
        (("--objective", "CE", "--recipe", "nothing.yaml"), "there is no nothing.yaml"),
        (("--objective", "CE", "--precision", "fp8"), "precision"),
    ],
)
def test_a_mistake_is_one_line(
    words: tuple[str, ...], message: str, own: tuple[str, ...], kdissect: Callable[..., int], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert kdissect("train", *own, *words, "--out", str(tmp_path / "out")) == 2
    said = capsys.readouterr().err
    assert message in " ".join(said.split())
    assert said.count("\n") == 1


def test_a_recipe_comes_from_a_file_and_the_study_can_be_shown(
    own: tuple[str, ...], kdissect: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("optimizer: adamw\nlearning_rate: 0.002\naugment: {crop: resized}\n")
    words = (
        "--objective",
        "SSKD(kd_weight=0)",
        "--teacher",
        "self",
        "--recipe",
        str(recipe),
        "--learning-rate",
        "0.001",
    )
    assert kdissect("train", *own, *words, "--show", "--out", str(tmp_path / "out")) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["recipe"]["optimizer"] == "adamw"
    assert shown["recipe"]["learning_rate"] == 0.001
    assert shown["recipe"]["augment"]["crop"] == "resized"
    assert Objective.from_mapping(shown["arms"][1]["objective"]) == sskd(kd_weight=0)
    assert not (tmp_path / "out").exists()


def test_a_student_with_its_teachers_classifier_is_measured_and_loaded(
    own: tuple[str, ...], kdissect: Callable[..., int], tmp_path: Path
) -> None:
    words = (
        "--objective",
        "SimKD",
        "--teacher",
        "small/resnet8",
        "--teacher-width",
        "6",
        "--batch-size",
        "32",
        "--epochs",
        "5",
    )
    assert kdissect("train", *own, *words, "--out", str(tmp_path / "out")) == 0
    network = Network(architecture="small/resnet8", num_classes=4, width=4)
    module = network.build()
    load_weights(module, tmp_path / "out" / "student.safetensors")
    dataset = find_in_file(DATA)()  # type: ignore[operator]
    test = dataset.split("test")
    record = next(r for r in Store(tmp_path / "out").records() if (r.kind, r.arm) == ("Accuracy", "student"))
    assert accuracy(predict(module, network, test), test.labels) == record.score("accuracy").value


def test_a_command_that_was_killed_goes_on_to_the_same_bytes(own: tuple[str, ...], tmp_path: Path) -> None:
    """SIGKILL at several moments: in the teacher's training, in the paraphraser's stage, in the student's epochs."""
    words = ["--objective", "CE + 100*FT(stage_epochs=3)", "--teacher", "self", "--batch-size", "32", "--epochs", "8"]

    def command(out: str) -> list[str]:
        return [sys.executable, "-m", "kdissect", "train", *own, *words, "--out", str(tmp_path / out)]

    subprocess.run(command("whole"), check=True, capture_output=True, timeout=300)
    seen = ("running/*/checkpoint.safetensors", "running/*/stage-0.safetensors", "running/*/best.safetensors")
    for kill, pattern in enumerate(seen):
        running = subprocess.Popen(command("killed"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while not list((tmp_path / "killed").glob(pattern)) and running.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        running.kill()
        running.wait()
        for folder in (tmp_path / "killed").glob("running/*"):  # what a kill in the middle of a write leaves
            (folder / ".checkpoint.safetensors.1").write_bytes(b"half")
        assert kill > 1 or not (tmp_path / "killed" / "student.safetensors").exists()
    subprocess.run(command("killed"), check=True, capture_output=True, timeout=300)
    whole, killed = (load_file(tmp_path / name / "student.safetensors") for name in ("whole", "killed"))
    assert whole.keys() == killed.keys()
    assert all(torch.equal(value, killed[key]) for key, value in whole.items())


def test_runs_share_what_the_teacher_said(own: tuple[str, ...], kdissect: Callable[..., int], tmp_path: Path) -> None:
    teacher = tmp_path / "teacher"
    more = ("--batch-size", "32", "--epochs", "5")
    assert kdissect("train", *own, "--objective", "CE", *more, "--out", str(teacher)) == 0
    words = ("--teacher", "small/resnet8", "--teacher-width", "4", "--cache", str(tmp_path / "cache"), *more)
    weights = ("--teacher-weights", str(teacher / "student.safetensors"), "--seed", "1")
    shares = []
    for name, objective in (("a", "CE + KD(T=4)"), ("b", "CE + KD(T=2, control=Permuted)"), ("c", "CE + AT")):
        out = tmp_path / name
        assert kdissect("train", *own, "--objective", objective, *words, *weights, "--out", str(out)) == 0
        record = next(r for r in Store(out).records() if (r.kind, r.arm) == ("train", "student"))
        shares.append(record.timing["teacher_share"])
    assert shares == [1, 0, 1]  # the control needs nothing new, attention maps are other targets
