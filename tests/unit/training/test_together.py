"""Several students on one stream of images, and what a teacher said kept on disk."""

import json
import warnings
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from torch import Tensor

from kdissect.data import Dataset
from kdissect.distill import (
    AT,
    CE,
    CRD,
    E2KD,
    FT,
    KD,
    LS,
    MLKD,
    OFAKD,
    SS,
    TF,
    Objective,
    Permuted,
    SimKD,
    as_objective,
)
from kdissect.errors import DataError, RecordError, SpecError
from kdissect.models import Network, load_weights, save_weights
from kdissect.training import Recipe, Task, Teacher, TeacherCache, fit, fit_together


def weights(module: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


@pytest.fixture
def teacher(tiny: Network) -> Teacher:
    return Teacher(tiny.changed(width=6).build(9), tiny.changed(width=6))


OBJECTIVES = [
    as_objective(CE()),
    as_objective(LS()),
    CE() + KD(),
    CE() + KD(control=Permuted()),
    CE() + 100 * AT(),
    CE() + CRD(negatives=20, width=4),
    CE() + E2KD(),
]


def test_students_that_are_trained_together_are_those_that_are_trained_alone(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher
) -> None:
    together = fit_together([Task(tiny, o) for o in OBJECTIVES], blobs, recipe, seed=2, teacher=teacher)
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in teacher.module.modules())
    for objective, one in zip(OBJECTIVES, together, strict=True):
        alone = fit(tiny, objective, blobs, recipe, seed=2, teacher=teacher)
        assert same(weights(alone.student), weights(one.student)), objective.formula
        assert [p["loss"] for p in alone.curve] == [p["loss"] for p in one.curve]


class Stop(Exception):
    pass


STAGED: list[Objective] = [
    CE() + 10 * FT(stage_epochs=2),
    CE() + 10 * SS(stage_epochs=2, width=4) + 2.7 * TF(),
    CE() + CRD(negatives=20, width=4),
    as_objective(SimKD()),
]


@pytest.mark.parametrize("objective", STAGED, ids=lambda o: o.formula[:12])
@pytest.mark.parametrize("saves", [1, 2, 3])
def test_every_part_of_a_run_resumes_to_the_same_weights(
    objective: Objective, saves: int, blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Stopped right after each of the first checkpoints, those of the teacher's stages too."""
    from kdissect.training import trainee

    whole = fit(tiny, objective, blobs, recipe, seed=3, teacher=teacher)
    save, count = trainee.save_checkpoint, 0

    def stop(*args: object, **kwargs: object) -> None:
        nonlocal count
        save(*args, **kwargs)  # type: ignore[arg-type]
        count += 1
        if count == saves:
            raise Stop

    monkeypatch.setattr(trainee, "save_checkpoint", stop)
    with pytest.raises(Stop):
        fit(tiny, objective, blobs, recipe, seed=3, teacher=teacher, checkpoints=tmp_path, key={"seed": 3})
    monkeypatch.setattr(trainee, "save_checkpoint", save)
    resumed = fit(tiny, objective, blobs, recipe, seed=3, teacher=teacher, checkpoints=tmp_path, key={"seed": 3})
    assert same(weights(whole.student), weights(resumed.student))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_a_cache_gives_the_student_that_the_teacher_gives_up_to_rounding(
    dtype: Literal["float32", "float16"],
    blobs: Dataset,
    tiny: Network,
    recipe: Recipe,
    teacher: Teacher,
    tmp_path: Path,
) -> None:
    objective = CE() + KD() + 100 * AT() + E2KD() + MLKD() + CRD(negatives=20, width=4) + TF()
    plain, filling, reading = (
        fit(tiny, objective, blobs, recipe, seed=2, teacher=teacher, cache=cache)
        for cache in (None, TeacherCache(tmp_path, dtype=dtype), TeacherCache(tmp_path, dtype=dtype))
    )
    assert same(weights(plain.student), weights(filling.student))
    assert filling.teacher_share == 1
    assert reading.teacher_share == 0
    if dtype == "float32":  # nothing is rounded
        assert same(weights(plain.student), weights(reading.student))
    else:  # later epochs of so small a network drift apart from the last bit
        assert reading.curve[0]["loss"] == pytest.approx(plain.curve[0]["loss"], rel=1e-2)


def test_controls_and_temperatures_share_what_the_teacher_said(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path
) -> None:
    fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=teacher, cache=tmp_path)
    other = fit(
        tiny, CE() + KD(temperature=1, control=Permuted()), blobs, recipe, seed=2, teacher=teacher, cache=tmp_path
    )
    assert other.teacher_share == 0
    assert fit(tiny, CE() + KD(), blobs, recipe, seed=3, teacher=teacher, cache=tmp_path).teacher_share == 1


def test_another_teacher_never_reads_the_cache_of_the_first(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path
) -> None:
    fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=teacher, cache=tmp_path)
    other = Teacher(tiny.build(4), tiny)
    assert fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=other, cache=tmp_path).teacher_share == 1


def test_a_paraphraser_of_other_weights_is_another_cache(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path
) -> None:
    """Without a stage it keeps the weights that it was made with, which depend on the parts made before it."""
    first, other = (CE() + one + FT(stage_epochs=0) for one in (KD(), OFAKD()))
    shares = [
        fit(tiny, objective, blobs, recipe, seed=2, teacher=teacher, cache=tmp_path).teacher_share
        for objective in (first, other, first)
    ]
    assert shares == [1, 1, 0]


def test_a_cache_that_does_not_hold_what_the_teacher_says_is_refused(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path
) -> None:
    fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=teacher, cache=tmp_path)
    (file,) = tmp_path.glob("*/epoch-0001.bin")
    values = np.fromfile(file, dtype=np.float16)
    (values + np.float16(0.5)).tofile(file)
    with pytest.raises(RecordError, match=r"does not hold what this teacher says: logits of epoch 2 differs by 0\.5"):
        fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=teacher, cache=tmp_path)


def test_a_cache_with_the_header_of_another_run_is_refused(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path
) -> None:
    fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=teacher, cache=tmp_path)
    (header,) = tmp_path.glob("*/header.json")
    changed = json.loads(header.read_text())
    changed["key"]["seed"] = 5
    header.write_text(json.dumps(changed))
    with pytest.raises(RecordError, match="was made with seed 5, this run has 2; delete it"):
        fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=teacher, cache=tmp_path)


def test_a_full_cache_says_so_and_keeps_nothing_more(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path
) -> None:
    with pytest.warns(UserWarning, match=r"cache .* is full"):
        fit(tiny, CE() + KD(), blobs, recipe, seed=2, teacher=teacher, cache=TeacherCache(tmp_path, max_bytes=1000))
    assert sum(path.stat().st_size for path in tmp_path.rglob("epoch-*.bin")) <= 1000


def test_the_largest_logits_are_kept_and_the_rest_has_the_right_mass(tmp_path: Path) -> None:
    cache = TeacherCache(tmp_path, top_k=3, tail_temperature=4.0, dtype="float32")
    kept = cache.open({"teacher": "x"}, 10)
    logits = torch.randn(10, 20, generator=torch.Generator().manual_seed(1)) * 4
    kept.write(0, np.arange(10), {"logits": logits})
    kept.finish(0)
    read = cache.open({"teacher": "x"}, 10).read(0, np.arange(10), torch.device("cpu"))
    assert read is not None
    top = logits.topk(3, 1)
    torch.testing.assert_close(read["logits"].gather(1, top.indices), top.values)
    soft, again = (torch.softmax(z / 4, 1).gather(1, top.indices) for z in (logits, read["logits"]))
    torch.testing.assert_close(again, soft)


def test_a_value_that_half_precision_cannot_hold_is_refused(tmp_path: Path) -> None:
    kept = TeacherCache(tmp_path).open({"teacher": "x"}, 2)
    with pytest.raises(DataError, match=r"logits of the teacher has values that float16 cannot hold"):
        kept.write(0, np.arange(2), {"logits": torch.full((2, 3), 1e6)})


def test_an_unfinished_epoch_is_not_read(tmp_path: Path) -> None:
    cache = TeacherCache(tmp_path)
    kept = cache.open({"teacher": "x"}, 4)
    kept.write(0, np.array([0, 1]), {"logits": torch.zeros(2, 3)})
    assert cache.open({"teacher": "x"}, 4).read(0, np.array([0]), torch.device("cpu")) is None
    kept.finish(0)
    again = cache.open({"teacher": "x"}, 4)
    assert again.read(0, np.array([0, 1]), torch.device("cpu")) is not None
    assert again.read(0, np.array([1, 2]), torch.device("cpu")) is None


def test_two_students_need_a_folder_each(blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path) -> None:
    tasks = [Task(tiny, as_objective(CE()), tmp_path, {"a": 1}), Task(tiny, as_objective(LS()), tmp_path, {"a": 2})]
    with pytest.raises(SpecError, match="a folder of checkpoints each"):
        fit_together(tasks, blobs, recipe, seed=0)


def test_an_objective_that_leaves_the_classifier_alone_warns(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher
) -> None:
    with pytest.warns(UserWarning, match=r"gives the classifier 'fc' a gradient: its accuracy means nothing"):
        fitted = fit(tiny, as_objective(1000 * AT()), blobs, recipe, seed=0, teacher=teacher)
    assert not fitted.classifier_trained
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fit(tiny, as_objective(SimKD()), blobs, recipe, seed=0, teacher=teacher).classifier_trained


def test_a_student_with_the_teachers_classifier_is_saved_and_loaded(
    blobs: Dataset, tiny: Network, recipe: Recipe, teacher: Teacher, tmp_path: Path
) -> None:
    student = fit(tiny, as_objective(SimKD()), blobs, recipe, seed=0, teacher=teacher).student
    assert torch.equal(student.fc.weight, teacher.module.fc.weight)  # type: ignore[union-attr, arg-type]
    save_weights(student, tmp_path / "student.safetensors")
    again = tiny.build(8)
    load_weights(again, tmp_path / "student.safetensors")
    images = torch.rand(2, 3, 16, 16)
    torch.testing.assert_close(again.eval()(images), student(images))


def test_the_best_and_the_last_weights_are_kept(blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path) -> None:
    long = recipe.changed(epochs=6)
    fitted = fit(tiny, as_objective(CE()), blobs, long, seed=0, checkpoints=tmp_path, key={"a": 1})
    looked = [(p["val_accuracy"], -p["epoch"]) for p in fitted.curve]
    assert (fitted.best_accuracy, -fitted.best_epoch) == max(looked)
    best, last = tiny.build(7), tiny.build(7)
    load_weights(last, tmp_path / "checkpoint.safetensors")
    load_weights(best, tmp_path / "best.safetensors")
    assert same(weights(last), weights(fitted.student))
    assert same(weights(best), weights(last)) == (fitted.best_epoch == 6)
