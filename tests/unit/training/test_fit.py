import contextlib
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from kdissect.data import ClassTree, Dataset, Split
from kdissect.data.dataset import SplitName
from kdissect.distill import CE, KD, Term, as_objective
from kdissect.errors import DataError, DivergedError, RecordError, SpecError
from kdissect.models import Network, load_weights
from kdissect.training import Pair, Recipe, Seen, Teacher, accuracy, fit, predict


def weights(module: torch.nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in module.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(torch.equal(one[name], other[name]) for name in one)


def test_a_student_learns(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    fitted = fit(tiny, as_objective(CE()), blobs, recipe.model_copy(update={"epochs": 12}), seed=0)
    test = blobs.split("test")
    assert accuracy(predict(fitted.student, tiny, test), test.labels) > 0.9
    assert fitted.curve[-1]["loss"] < fitted.curve[0]["loss"] / 2
    assert not fitted.student.training


def test_equal_seeds_give_equal_weights_and_others_do_not(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    first, again, other = (fit(tiny, as_objective(CE()), blobs, recipe, seed=seed) for seed in (1, 1, 2))
    assert same(weights(first.student), weights(again.student))
    assert not same(weights(first.student), weights(other.student))


class Stop(Exception):
    pass


def test_a_run_that_was_stopped_continues_to_the_same_weights(
    blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path
) -> None:
    whole = fit(tiny, as_objective(CE()), blobs, recipe, seed=3)
    steps = 0

    def stop(images: int) -> None:
        nonlocal steps
        steps += 1
        if steps == 6:  # the second epoch is half done
            raise Stop

    with pytest.raises(Stop):
        fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path, key={"seed": 3}, progress=stop)
    resumed = fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path, key={"seed": 3})
    assert same(weights(whole.student), weights(resumed.student))
    assert [point["loss"] for point in resumed.curve] == [point["loss"] for point in whole.curve]


def test_a_checkpoint_of_another_run_is_not_used(blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path) -> None:
    fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path, key={"seed": 3})
    other = fit(tiny, as_objective(CE()), blobs, recipe, seed=4, checkpoints=tmp_path, key={"seed": 4})
    assert same(weights(other.student), weights(fit(tiny, as_objective(CE()), blobs, recipe, seed=4).student))


def test_checkpoints_without_a_key_are_refused(blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="a run with checkpoints needs a key"):
        fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path)


def test_weights_of_single_epochs_are_kept_and_change_nothing(
    blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path
) -> None:
    plain = fit(tiny, as_objective(CE()), blobs, recipe, seed=3)
    kept = fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path, key={"seed": 3}, keep_every=2)
    assert same(weights(plain.student), weights(kept.student))
    assert [point["loss"] for point in plain.curve] == [point["loss"] for point in kept.curve]
    assert sorted(path.name for path in tmp_path.glob("epoch-*")) == [
        f"epoch-000{epoch}.safetensors" for epoch in (0, 2, 3)
    ]
    one = fit(tiny, as_objective(CE()), blobs, recipe.model_copy(update={"epochs": 3}), seed=3)
    for epoch, module in ((0, tiny.build(3)), (3, one.student)):
        again = tiny.build(9)
        load_weights(again, tmp_path / f"epoch-000{epoch}.safetensors")
        assert same(weights(module), weights(again))


def test_a_stopped_run_keeps_the_weights_of_a_whole_one(
    blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path
) -> None:
    def stop(images: int) -> None:
        nonlocal steps
        steps += 1
        if steps == 10:  # the third epoch is half done
            raise Stop

    steps, bytes_of = 0, {}
    for name, progress in (("whole", None), ("stopped", stop), ("stopped", None)):
        with contextlib.suppress(Stop):
            fit(
                tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path / name, key={"seed": 3},
                keep_every=1, progress=progress,
            )  # fmt: skip
        bytes_of[name] = {path.name: path.read_bytes() for path in (tmp_path / name).glob("epoch-*")}
    assert bytes_of["whole"] == bytes_of["stopped"]
    assert len(bytes_of["whole"]) == 4


def test_weights_that_cannot_be_kept_are_refused(blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="needs a folder of checkpoints"):
        fit(tiny, as_objective(CE()), blobs, recipe, seed=3, keep_every=1)
    with pytest.raises(SpecError, match="keep_every must be 1 or more.*got 0"):
        fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path, key={}, keep_every=0)


def test_a_run_without_momentum_resumes(blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path) -> None:
    plain = recipe.changed(momentum=0.0)
    key = {"plain": True}
    first = fit(tiny, as_objective(CE()), blobs, plain, seed=3, checkpoints=tmp_path, key=key)
    again = fit(tiny, as_objective(CE()), blobs, plain, seed=3, checkpoints=tmp_path, key=key)
    assert same(weights(first.student), weights(again.student))


def test_dropout_is_a_function_of_the_seed(blobs: Dataset, recipe: Recipe, tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(
        "from torch import nn\n"
        "def net(num_classes):\n"
        "    layers = (nn.Flatten(), nn.Linear(768, 32), nn.Dropout(0.5), nn.Linear(32, num_classes))\n"
        "    return nn.Sequential(*layers)\n"
    )
    network = Network(architecture=f"{file}:net", num_classes=4)
    torch.manual_seed(1)
    first = fit(network, as_objective(CE()), blobs, recipe, seed=0)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = fit(network, as_objective(CE()), blobs, recipe, seed=0)
    assert same(weights(first.student), weights(second.student))
    assert torch.equal(torch.get_rng_state(), state)


def test_labels_beyond_the_networks_classes_are_refused(blobs: Dataset, recipe: Recipe) -> None:
    three = Network(architecture="small/resnet8", num_classes=3, width=4)
    with pytest.raises(SpecError, match=r"labels of the train split must be 0 to 2.*got 0 to 3"):
        fit(three, as_objective(CE()), blobs, recipe, seed=0)


def test_a_teacher_is_checked_on_images_of_every_class(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    module = fit(tiny, as_objective(CE()), blobs, recipe.changed(epochs=12), seed=0).student
    val = blobs.split("val")
    order = torch.argsort(val.labels, stable=True).repeat_interleave(10)  # class by class, more than are looked at
    labels = val.labels[order].clone()
    labels[labels == 3] = 2  # so the last quarter is wrong, and the first 512 images are right
    assert Teacher(module, tiny).check(Split(val.pictures[order], labels)) == pytest.approx(0.75, abs=0.05)


def test_a_damaged_checkpoint_is_named(blobs: Dataset, tiny: Network, recipe: Recipe, tmp_path: Path) -> None:
    fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path, key={"seed": 3})
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RecordError, match=r"checkpoint\.safetensors is damaged.*delete it"):
        fit(tiny, as_objective(CE()), blobs, recipe, seed=3, checkpoints=tmp_path, key={"seed": 3})


class NoTest(Dataset):
    """A data set whose test split must not be touched."""

    @property
    def class_tree(self) -> ClassTree:
        return ClassTree(groups=(("letters", ("a", "b", "c", "d")),))

    @property
    def title(self) -> str:
        return "no test"

    def split(self, name: SplitName) -> Split:
        assert name != "test"
        generator = torch.Generator().manual_seed(0)
        pictures = torch.randint(0, 256, (32, 3, 16, 16), generator=generator).to(torch.uint8)
        return Split(pictures, torch.arange(32) % 4)


def test_training_never_looks_at_the_test_split(tiny: Network, recipe: Recipe) -> None:
    fit(tiny, as_objective(CE()), NoTest(), recipe, seed=0)


class Bad(Term):
    """A user's own term, which gives NaN at its seventh step."""

    @property
    def formula(self) -> str:
        return "Bad"

    def part(self, pair: Pair) -> nn.Module:
        counter = nn.Module()
        counter.register_buffer("steps", torch.zeros(()))
        return counter

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        assert part is not None
        assert isinstance(part.steps, Tensor)
        part.steps += 1
        return CE().loss(seen) * (math.nan if part.steps == 7 else 0.0)


def test_a_loss_that_is_not_finite_names_the_step_and_the_term(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    with pytest.raises(DivergedError, match="the term Bad is nan at step 3 of epoch 2"):
        fit(tiny, CE() + Bad(), blobs, recipe, seed=0)


def test_a_missing_teacher_is_refused_before_training(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    with pytest.raises(SpecError, match="needs a teacher, and none was given"):
        fit(tiny, CE() + KD(), blobs, recipe, seed=0)


def test_a_batch_larger_than_the_split_is_refused(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    with pytest.raises(SpecError, match="a batch of at most 64"):
        fit(tiny, as_objective(CE()), blobs, recipe.model_copy(update={"batch_size": 65}), seed=0)


def test_a_teacher_does_not_change_and_a_student_comes_to_agree_with_it(
    blobs: Dataset, tiny: Network, recipe: Recipe
) -> None:
    long = recipe.model_copy(update={"epochs": 12})
    module = fit(tiny, as_objective(CE()), blobs, long, seed=0).student
    before = weights(module)
    teacher = Teacher(module, tiny)
    assert teacher.check(blobs.split("val")) > 0.9
    student = fit(tiny, as_objective(KD(temperature=2)), blobs, long, seed=9, teacher=teacher).student
    assert same(before, weights(module))
    assert not module.training
    test = blobs.split("test")
    agree = predict(student, tiny, test).argmax(1) == predict(module, tiny, test).argmax(1)
    assert agree.float().mean() > 0.85


def test_a_teacher_at_chance_is_refused(blobs: Dataset, tiny: Network) -> None:
    with pytest.raises(DataError, match="the teacher is at chance"):
        Teacher(tiny.build(0), tiny).check(Split(blobs.split("val").pictures.flip(0) * 0, blobs.split("val").labels))


def test_a_teacher_below_its_stated_accuracy_is_refused(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    module = fit(tiny, as_objective(CE()), blobs, recipe.model_copy(update={"epochs": 12}), seed=0).student
    val = blobs.split("val")
    half_wrong = Split(val.pictures, torch.where(torch.arange(64) < 26, (val.labels + 1) % 4, val.labels))
    with pytest.raises(DataError, match="is said to have 99.0% accuracy and has"):
        Teacher(module, tiny).check(half_wrong, stated=0.99)


def test_predictions_do_not_depend_on_the_batch_and_leave_the_mode(blobs: Dataset, tiny: Network) -> None:
    module = tiny.build(0).train()
    split = blobs.split("val")
    one, other = (predict(module, tiny, split, batch_size=size) for size in (64, 7))
    torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    assert module.training


def test_a_network_that_gives_nan_names_the_image(blobs: Dataset, tiny: Network) -> None:
    module = tiny.build(0)
    with torch.no_grad():
        next(module.parameters())[0, 0, 0, 0] = math.nan
    with pytest.raises(DivergedError, match="output for image 0 is not finite"):
        predict(module, tiny, blobs.split("val"))


@pytest.mark.parametrize("schedule", ["cosine", "linear", "steps"])
def test_the_rate_warms_up_and_then_falls(schedule: str) -> None:
    recipe = Recipe(epochs=1, learning_rate=0.4, schedule=schedule, warmup_share=0.1)
    rates = np.array([recipe.rate(step, 1000) for step in range(1000)])
    assert rates[0] < 0.01
    assert rates.argmax() in range(95, 105)
    assert rates.max() == pytest.approx(0.4, rel=0.02)
    assert (np.diff(rates[105:]) <= 1e-12).all()
    assert rates[-1] < 0.4 * 0.002
