from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import tracking
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from kdissect.data import Dataset
from kdissect.distill import CE, KD, as_objective
from kdissect.errors import SpecError
from kdissect.measures import Accuracy
from kdissect.models import Network
from kdissect.records import Store
from kdissect.study import Arm, NoWatch, Runner, Study, Tracked, check_trackers, plan
from kdissect.study.tracked import config_of
from kdissect.training import Recipe

CPU = torch.device("cpu")


@pytest.fixture
def study(blobs: Dataset, tiny: Network, recipe: Recipe) -> Study:
    ce = as_objective(CE())
    return Study(
        name="blobs",
        title="tracked",
        dataset=blobs,
        arms=(
            Arm(name="teacher", network=tiny, objective=ce, role="teacher"),
            Arm(name="scratch", network=tiny, objective=ce),
            Arm(name="KD", network=tiny, objective=CE() + KD(temperature=4), teacher="teacher"),
        ),
        recipe=recipe,
        measures=(Accuracy(),),
        seeds=(0, 1),
        reference="scratch",
        checkpoints=(0, 1),
    )


def run(folder: Path, *studies: Study, trackers: tuple[str, ...] = ("tensorboard",)) -> list[str]:
    """Run studies with trackers; the lines that were said."""
    store, said = Store.create(folder), list[str]()
    Runner(studies, store, CPU, Tracked(NoWatch(), store, trackers, said.append)).run()
    return said


def events(folder: Path, title: str) -> dict[str, dict[int, float]]:
    """What TensorBoard reads: for each name the values by step."""
    read = EventAccumulator(str(folder / "track" / title), size_guidance={"scalars": 0})
    read.Reload()
    return {tag: {one.step: one.value for one in read.Scalars(tag)} for tag in read.Tags()["scalars"]}


def test_each_arm_and_seed_is_a_run_with_its_curve_and_scores(study: Study, tmp_path: Path) -> None:
    assert run(tmp_path / "out", study) == []
    store = Store.open(tmp_path / "out")
    runs = {
        path.parent.relative_to(store.path / "track").as_posix() for path in store.path.rglob("track/blobs/*/*/ev*")
    }
    assert runs == {
        "blobs/teacher/seed-0",
        *(f"blobs/{arm}/seed-{seed}" for arm in ("scratch", "KD") for seed in (0, 1)),
    }
    for arm, seed in (("KD", 0), ("KD", 1)):
        found = events(store.path, f"blobs/{arm}/seed-{seed}")
        cells = [cell for cell in plan(study) if (cell.arm.name, cell.seed) == (arm, seed)]
        records = {(cell.kind, cell.epoch): store.find(cell.digest) for cell in cells}
        curve = records["train", None].facts["curve"]
        for name in ("loss", "val_accuracy"):
            assert found[name] == pytest.approx({int(point["epoch"]): point[name] for point in curve})
        expected = {3 if at is None else at: records["Accuracy", at].score("accuracy").value for at in (None, 0, 1)}
        assert found["Accuracy.accuracy"] == pytest.approx(expected)
        assert found["train.val_accuracy"] == pytest.approx({3: curve[-1]["val_accuracy"]})


def test_the_configuration_is_the_arm_s_spec(study: Study, tmp_path: Path) -> None:
    cell = next(cell for cell in plan(study) if cell.arm.name == "KD")
    config = config_of(cell)
    assert config["formula"] == study.arm("KD").formula
    assert (config["study"], config["seed"], config["teacher"]) == ("blobs", 0, "teacher")
    assert (config["network.width"], config["recipe.epochs"]) == (4, 3)
    assert 4 in [value for name, value in config.items() if name.endswith(".temperature")]
    assert all(isinstance(value, str | int | float) for value in config.values())
    run(tmp_path / "out", study)
    written = [path.read_text() for path in (tmp_path / "out/track/blobs/KD/seed-0").rglob("hparams.yml")]
    assert len(written) == 1
    assert "network.width: 4" in written[0]


def test_what_was_done_before_counts_and_a_run_is_written_once(study: Study, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(out, study, trackers=())
    assert not (out / "track").exists()
    run(out, study)
    files = sorted((out / "track/blobs").rglob("events*"))
    assert events(out, "blobs/scratch/seed-1")["Accuracy.accuracy"].keys() == {0, 1, 3}
    run(out, study)
    assert sorted((out / "track/blobs").rglob("events*")) == files
    # With other records the run's old numbers go.
    run(out, study.changed(checkpoints=(2,)))
    assert events(out, "blobs/scratch/seed-1")["Accuracy.accuracy"].keys() == {2, 3}
    assert events(out, "blobs/teacher/seed-0")["Accuracy.accuracy"].keys() == {3}


def test_a_cell_that_two_studies_share_completes_a_run_of_each(study: Study, tmp_path: Path) -> None:
    other = study.changed(name="again")
    assert {cell.digest for cell in plan(study)} == {cell.digest for cell in plan(other)}
    run(tmp_path / "out", study, other)
    for name in ("blobs", "again"):
        assert events(tmp_path / "out", f"{name}/KD/seed-1")["Accuracy.accuracy"].keys() == {0, 1, 3}


def test_an_arm_that_is_not_finished_has_no_run(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = Accuracy.run, list[None]()

    def third_fails(self: Accuracy, subject: Any, folder: Path) -> Any:
        calls.append(None)
        if len(calls) == 3:
            raise ValueError("no")
        return whole(self, subject, folder)

    monkeypatch.setattr(Accuracy, "run", third_fails)
    with pytest.raises(ValueError, match="no"):
        run(tmp_path / "out", study)
    runs = {path.relative_to(tmp_path / "out/track/blobs").as_posix() for path in tmp_path.glob("out/track/blobs/*/*")}
    assert runs == {"teacher/seed-0", "scratch/seed-1", "KD/seed-0", "KD/seed-1"}


def test_a_tracker_that_fails_stops_no_study(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(tracking.TensorBoardTracker):
        def start(self) -> None:
            raise ConnectionError("the server is gone")

    monkeypatch.setitem(tracking.LOGGER_TYPE_TO_CLASS, "tensorboard", Broken)
    said = run(tmp_path / "out", study)
    assert len(said) == 1
    assert "--track tensorboard gave up at blobs/teacher/seed-0: ConnectionError: the server is gone" in said[0]
    store = Store.open(tmp_path / "out")
    assert all(store.has(cell.digest) for cell in plan(study))


def test_unknown_and_missing_trackers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_trackers(["tensorboard", "tensorboard"]) == ("tensorboard",)
    with pytest.raises(SpecError, match="no tracker 'tensorbord' for --track; there are aim, .*tensorboard.*wandb"):
        check_trackers(["tensorbord"])
    monkeypatch.setattr(tracking, "get_available_trackers", list)
    with pytest.raises(SpecError, match="^--track tensorboard needs the package tensorboard: pip install tensorboard$"):
        check_trackers(["tensorboard"])


def test_the_command_line_says_so_before_anything_is_made(
    tmp_path: Path, kdissect: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert kdissect("run", "quick@tiny", "--out", str(tmp_path / "out"), "--track", "nothing") == 2
    assert "no tracker 'nothing' for --track; there are aim" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("wandb", {"name": "a/b/seed-3", "group": "b"}),
        ("trackio", {"name": "a/b/seed-3"}),
        ("swanlab", {"experiment_name": "a/b/seed-3"}),
    ],
)
def test_trackers_with_projects_have_one_a_study(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    from kdissect.study.trackers import Trackers

    tracker = Trackers([name], tmp_path)._open(name, "a", "b", 3)
    assert tracker.run_name == "a"
    assert options.items() <= tracker.init_kwargs.items()
