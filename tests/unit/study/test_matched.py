"""Comparing arms at equal accuracy, and against levels of agreement."""

from pathlib import Path

import pytest
import torch

from kdissect.data import Dataset
from kdissect.distill import CE, KD
from kdissect.errors import SpecError
from kdissect.measures import Accuracy, Complexity, Transfer
from kdissect.models import Network
from kdissect.records import Record, Store
from kdissect.study import Arm, NoWatch, Runner, Study, judge, levels, match_accuracy, member, runs_of
from kdissect.training import Recipe

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Store]:
    """A study in which `short` ends less accurate than `long`, with the weights of every epoch."""
    from conftest import Blobs

    tiny = Network(architecture="small/resnet8", num_classes=4, width=4)
    recipe = Recipe(epochs=4, batch_size=16, learning_rate=0.05)
    study = Study(
        name="small",
        title="small",
        dataset=Blobs(noise=60.0, per_split=128),
        arms=(
            Arm(name="teacher", network=tiny, objective=CE(), role="teacher"),
            Arm(name="other-teacher", network=tiny.changed(width=6), objective=CE(), role="teacher"),
            Arm(name="short", network=tiny, objective=CE(), recipe=recipe.changed(epochs=1, learning_rate=0.05)),
            Arm(name="long", network=tiny, objective=CE() + KD(), teacher="teacher"),
        ),
        recipe=recipe,
        measures=(Accuracy(), Complexity(images=64), Transfer(images=64)),
        seeds=(0, 1),
        reference="short",
    )
    store = Store.create(tmp_path_factory.mktemp("store") / "store")
    Runner(study, store, CPU, NoWatch(), keep_every=1).run()
    return study, store


def curve(store: Store, study: Study, arm: str, seed: int) -> dict[int, float]:
    from kdissect.study import plan

    cell = next(c for c in plan(study) if (c.arm.name, c.seed, c.kind) == (arm, seed, "train"))
    record = store.find(cell.digest)
    assert record is not None
    return {int(point["epoch"]): point["val_accuracy"] for point in record.facts["curve"]}


def test_the_more_accurate_arm_is_taken_where_it_was_as_accurate_as_the_other(done: tuple[Study, Store]) -> None:
    study, store = done
    ends = {arm: [curve(store, study, arm, seed)[n] for seed in (0, 1)] for arm, n in (("short", 1), ("long", 4))}
    assert sum(ends["long"]) > sum(ends["short"])
    matched = match_accuracy(study, store, "long", "short")
    assert matched.earlier == "long"
    assert matched.target == pytest.approx(sum(ends["short"]) / 2)
    for seed, epoch, accuracy in zip((0, 1), matched.epochs, matched.accuracies, strict=True):
        own = curve(store, study, "long", seed)
        assert accuracy == own[epoch]
        assert abs(accuracy - matched.target) == min(abs(value - matched.target) for value in own.values())
        weights = matched.networks["long"][seed].weights
        assert weights is not None
        assert weights.endswith(f"epoch-{epoch:04d}.safetensors")
    assert list(matched.networks) == ["short", "long"]
    assert matched.teacher is not None
    assert match_accuracy(study, store, "short", "long").earlier == "long"


def test_what_was_matched_is_measured_and_judged(done: tuple[Study, Store], tmp_path: Path) -> None:
    study, store = done
    matched = match_accuracy(study, store, "long", "short")
    again = Store.create(tmp_path / "matched")
    own = matched.study(study)
    Runner(own, again, CPU, NoWatch()).run()
    runs = runs_of(again)
    groups = {name: [runs[member(name, k)][0] for k in (1, 2)] for name in matched.networks}
    verdict = judge(groups, "short", again)["long"]
    assert {one.family for one in verdict.families} == {"complexity", "transfer"}
    before = judge({name: runs_of(store)[name] for name in ("short", "long")}, "short", store)["long"]
    gaps = [abs(one.confounders[0].difference.mean) for one in (verdict, before)]
    assert gaps[0] < gaps[1]  # in accuracy on the test split, on which nothing was chosen


def test_without_checkpoints_it_is_refused(done: tuple[Study, Store], tmp_path: Path) -> None:
    study, _ = done
    few = study.changed(measures=(Accuracy(),), seeds=(0,))
    store = Store.create(tmp_path / "s")
    with pytest.raises(SpecError, match="train long, seed 0 is not done"):
        match_accuracy(few, store, "long", "short")
    Runner(few, store, CPU, NoWatch()).run()
    with pytest.raises(SpecError, match="expected checkpoints of single epochs of long, seed 0"):
        match_accuracy(few, store, "long", "short")


def test_levels_of_agreement_are_means_of_every_network_that_was_held_against_a_teacher(
    done: tuple[Study, Store],
) -> None:
    _, store = done
    runs = runs_of(store)
    found = levels(runs)
    assert set(found) == {"teacher", "other-teacher", "short", "long"}  # two teachers are held against each other
    both = [found[name]["Transfer.agreement"] for name in ("teacher", "other-teacher")]
    assert both[0] == pytest.approx(both[1], abs=0.2)
    own = [r.score("agreement").value or 0.0 for run in runs["long"] for r in run if r.kind == "Transfer"]
    assert found["long"]["Transfer.agreement"] == pytest.approx(sum(own) / 2)
    assert "Transfer.agreement/all" not in found["long"]


def test_groups_of_other_data_are_refused(done: tuple[Study, Store], blobs: Dataset) -> None:
    _, store = done
    runs = runs_of(store)
    changed: list[list[Record]] = [
        [r.model_copy(update={"key": {**r.key, "dataset": blobs.identity()}}) for r in run] for run in runs["long"]
    ]
    with pytest.raises(SpecError, match="Accuracy of short and of long are of another dataset; measure all"):
        judge({"short": runs["short"], "long": changed}, "short", store)


def test_a_family_that_stands_aside_decides_nothing(done: tuple[Study, Store]) -> None:
    _, store = done
    groups = {name: runs_of(store)[name] for name in ("short", "long")}
    verdict = judge(groups, "short", store, aside=("transfer",))["long"]
    assert [one.family for one in verdict.families] == ["complexity"]
    assert "Transfer.agreement" in {one.score for one in verdict.others}
