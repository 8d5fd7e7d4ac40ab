import json
from pathlib import Path
from typing import Any

import pytest
import torch

from kdissect.data import Dataset
from kdissect.distill import CE, KD, as_objective
from kdissect.errors import SpecError
from kdissect.measures import Accuracy, LossGradient, Measure, Measured, Subject, Transfer
from kdissect.models import Network
from kdissect.records import Record, Score, Store
from kdissect.study import Arm, NoWatch, Runner, Study, plan
from kdissect.study.judged import runs_of
from kdissect.training import Recipe

CPU = torch.device("cpu")


@pytest.fixture
def study(blobs: Dataset, tiny: Network, recipe: Recipe) -> Study:
    ce = as_objective(CE())
    return Study(
        name="time",
        title="over training time",
        dataset=blobs,
        arms=(
            Arm(name="teacher", network=tiny, objective=ce, role="teacher", recipe=recipe.changed(epochs=6)),
            Arm(name="scratch", network=tiny, objective=ce),
            Arm(name="KD", network=tiny, objective=CE() + KD(temperature=4), teacher="teacher"),
        ),
        recipe=recipe.changed(epochs=5),
        measures=(Accuracy(),),
        seeds=(0, 1),
        reference="scratch",
        checkpoints=(0, 2, 4),
    )


def run(study: Study, folder: Path, **options: Any) -> list[Record]:
    return Runner(study, Store.create(folder), CPU, NoWatch(), **options).run()


def test_students_are_measured_after_each_checkpoint_and_teachers_as_they_end(study: Study) -> None:
    cells = plan(study)
    epochs = {
        (cell.arm.name, cell.seed): [one.epoch for one in cells if one.arm == cell.arm and one.seed == cell.seed][1:]
        for cell in cells
    }
    assert epochs.pop(("teacher", 0)) == [None]
    assert all(found == [None, 0, 2, 4] for found in epochs.values())
    assert len(epochs) == 4
    assert "Accuracy KD, seed 1, epoch 2" in [cell.title for cell in cells]
    assert len({cell.digest for cell in cells}) == len(cells)


def test_without_checkpoints_no_key_speaks_of_them(study: Study) -> None:
    plain = study.changed(checkpoints=())
    assert not any({"checkpoints", "epoch"} & set(cell.key) for cell in plan(plain))
    teachers = [{cell.digest for cell in plan(one) if cell.arm.name == "teacher"} for one in (study, plain)]
    assert teachers[0] == teachers[1]
    kept = next(cell for cell in plan(study) if cell.title == "train KD, seed 0")
    assert kept.key["checkpoints"] == [0, 2, 4]


@pytest.mark.parametrize("keep_every", [None, 3])
def test_exactly_the_named_epochs_are_kept_and_each_is_measured(
    study: Study, tmp_path: Path, keep_every: int | None
) -> None:
    records = run(study.changed(seeds=(0,)), tmp_path / "out", keep_every=keep_every)
    for record in records:
        if record.kind == "train":
            names = [name for name in record.files if name.startswith("checkpoints/")]
            epochs = [int(name.removeprefix("checkpoints/epoch-").removesuffix(".safetensors")) for name in names]
            own = [0, 2, 4] if record.arm != "teacher" else []
            last = 6 if record.arm == "teacher" else 5
            also = (
                [epoch for epoch in range(last + 1) if epoch % keep_every == 0 or epoch == last] if keep_every else []
            )
            assert epochs == sorted({*own, *also})
    by_epoch = {record.epoch: record for record in records if record.kind == "Accuracy" and record.arm == "scratch"}
    assert list(by_epoch) == [None, 0, 2, 4]
    # Measured on the test split, which holds other images than val: near, not equal.
    trained = next(record for record in records if record.kind == "train" and record.arm == "scratch")
    curve = {int(point["epoch"]): point["val_accuracy"] for point in trained.facts["curve"]}
    for epoch in (2, 4):
        assert by_epoch[epoch].score("accuracy").value == pytest.approx(curve[epoch], abs=0.2)
    assert by_epoch[0].score("accuracy").value == pytest.approx(0.25, abs=0.2)
    assert by_epoch[None].score("accuracy").value != by_epoch[0].score("accuracy").value


def test_the_weights_measured_at_an_epoch_are_those_of_a_run_that_ended_there(study: Study, tmp_path: Path) -> None:
    # A constant rate makes the first epochs of a long run those of a short one.
    constant = study.recipe.changed(schedule="steps", milestones=(), warmup_share=0.0)
    alone = study.changed(arms=(study.arm("scratch"),), seeds=(0,), recipe=constant, measures=(Logits(),))
    long = run(alone.changed(checkpoints=(2,)), tmp_path / "long")
    short = run(alone.changed(checkpoints=(), recipe=constant.changed(epochs=2)), tmp_path / "short")
    assert long[2].epoch == 2
    assert long[2].scores == short[1].scores
    assert long[1].scores != short[1].scores


def test_a_measure_of_images_that_all_get_right_looks_at_all_arms_after_the_same_epoch(
    study: Study, tmp_path: Path
) -> None:
    records = run(study.changed(seeds=(0,), measures=(RightOfAll(), Transfer(images=8)), checkpoints=(0, 4)), tmp_path)
    found = {
        (record.arm, record.epoch): record.score("right").value for record in records if record.kind == "RightOfAll"
    }
    assert found["scratch", 0] == found["KD", 0]
    assert found["scratch", 0] < found["scratch", 4] == found["KD", 4]
    assert {record.epoch for record in records if record.kind == "Transfer" and record.arm == "KD"} == {None, 0, 4}


def test_study_json_says_which_cells_are_of_an_epoch_and_a_verdict_leaves_them_out(
    study: Study, tmp_path: Path
) -> None:
    run(study.changed(measures=(Accuracy(), LossGradient(images=8))), tmp_path)
    described = json.loads((tmp_path / "study.json").read_text())
    assert described["checkpoints"] == [0, 2, 4]
    assert {cell["epoch"] for cell in described["cells"]} == {None, 0, 2, 4}
    for members in runs_of(Store(tmp_path)).values():
        assert all([record.kind for record in records] == ["Accuracy", "LossGradient"] for records in members)
        assert all(record.epoch is None for records in members for record in records)


@pytest.mark.parametrize(
    ("checkpoints", "message"),
    [
        ((2, 5), "before the last epoch, which is measured anyway: arm scratch has 5 epochs, got 5"),
        ((2, 1), r"rising epochs, got \(2, 1\)"),
        ((1, 1), "rising epochs"),
        ((-1,), "greater than or equal to 0"),
    ],
)
def test_epochs_that_are_not_there_are_refused_early(study: Study, checkpoints: tuple[int, ...], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        study.changed(checkpoints=checkpoints)


class Logits(Measure):
    """The sum of absolute logits: changes with every weight."""

    needs = frozenset({"dataset"})

    def run(self, subject: Subject, folder: Path) -> Measured:
        return Measured((Score(name="sum", value=float(subject.logits("test").abs().sum()), unit="logits"),))


class RightOfAll(Measure):
    """How many images every arm gets right."""

    needs = frozenset({"dataset", "arms"})

    def run(self, subject: Subject, folder: Path) -> Measured:
        return Measured((Score(name="right", value=float(subject.right(64).sum()), unit="images"),))
