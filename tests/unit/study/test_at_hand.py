"""Networks at hand, and studies whose measures look at other arms."""

from pathlib import Path

import numpy as np
import pytest
import torch

from kdissect.data import Dataset
from kdissect.data.dataset import SplitName
from kdissect.distill import CE, KD
from kdissect.errors import DataError, SpecError
from kdissect.measures import (
    FILE,
    RIGHT,
    Accuracy,
    Complexity,
    ConceptInheritance,
    Localisation,
    LossGradient,
    NullBlock,
    Transfer,
)
from kdissect.models import Network, save_weights
from kdissect.records import Store
from kdissect.study import Arm, NoWatch, Runner, Study, judge, measures_for, plan, runs_of, study_at_hand
from kdissect.training import Recipe

MEASURES = (Accuracy(), Localisation(images=16), LossGradient(images=16), Transfer(images=16))


@pytest.fixture
def study(blobs: Dataset, tiny: Network, recipe: Recipe) -> Study:
    return Study(
        name="small",
        title="small",
        dataset=blobs,
        arms=(
            Arm(name="teacher", network=tiny.changed(width=8), objective=CE(), role="teacher"),
            Arm(name="scratch", network=tiny, objective=CE()),
            Arm(name="KD", network=tiny, objective=CE() + KD(), teacher="teacher"),
        ),
        recipe=recipe,
        measures=MEASURES,
        seeds=(0, 1),
        reference="scratch",
    )


def test_a_measure_of_agreement_is_planned_for_all_but_the_teacher(study: Study) -> None:
    cells = plan(study)
    titles = [cell.title for cell in cells]
    assert "Transfer teacher, seed 0" not in titles
    assert "Transfer scratch, seed 1" in titles
    done: set[str] = set()
    for cell in cells:
        assert all(source.digest in done for source in cell.sources), cell.title
        done.add(cell.digest)


def test_another_arm_moves_the_measures_of_common_images_only(study: Study) -> None:
    before = {cell.title: cell.digest for cell in plan(study)}
    more = study.changed(arms=(*study.arms, Arm(name="LS", network=study.arms[1].network, objective=CE() * 0.5)))
    after = {cell.title: cell.digest for cell in plan(more)}
    assert before["Accuracy KD, seed 0"] == after["Accuracy KD, seed 0"]
    assert before["train KD, seed 0"] == after["train KD, seed 0"]
    assert before["Localisation KD, seed 0"] != after["Localisation KD, seed 0"]


def test_what_a_measure_needs_is_asked_before_anything_runs(study: Study) -> None:
    with pytest.raises(SpecError, match="Transfer needs a teacher, and no arm is one"):
        study.changed(arms=(study.arms[1],))

    class Plain(type(study.dataset)):  # type: ignore[misc]
        @property
        def has_objects(self) -> bool:
            return False

        @property
        def has_nulls(self) -> bool:
            return False

    with pytest.raises(SpecError, match="Localisation needs masks of the labelled objects, and Plain has none"):
        study.changed(dataset=Plain())
    with pytest.raises(SpecError, match="NullBlock needs to know where nothing tells the class, and Plain does not"):
        study.changed(dataset=Plain(), measures=(NullBlock(),))


def test_a_study_ends_in_a_verdict(study: Study, tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    records = Runner(study, store, torch.device("cpu"), NoWatch()).run()
    of_first = [record for record in records if record.kind == "Localisation" and record.seed == 0]
    rights = [np.load(store.folder(record.digest) / FILE)[RIGHT] for record in of_first]
    assert len(rights) == 3
    assert all((right == rights[0]).all() for right in rights)
    runs = runs_of(store)
    assert set(runs) == {"teacher", "scratch", "KD"}
    found = judge({name: runs[name] for name in ("scratch", "KD")}, "scratch", store)
    assert {one.family for one in found["KD"].families} == {"localisation", "loss gradients", "transfer"}
    assert next(one.score for one in found["KD"].confounders) == "Accuracy.accuracy"
    with pytest.raises(SpecError, match="expected two training seeds or more of teacher, got one"):
        judge(runs, "teacher", store)
    with pytest.raises(SpecError, match="no arm 'SCRATCH' to hold the others against; there are teacher, scratch, KD"):
        judge(runs, "SCRATCH", store)


def test_networks_at_hand_are_arms_that_come_trained(blobs: Dataset, tiny: Network, tmp_path: Path) -> None:
    groups = {}
    for group, width in (("big", 8), ("small", 4)):
        networks = []
        for seed in range(2):
            path = tmp_path / f"{group}-{seed}.safetensors"
            save_weights(tiny.changed(width=width).build(seed), path)
            networks.append(tiny.changed(width=width, weights=str(path)))
        groups[group] = networks
    measures = measures_for(None, blobs, None, [*groups["big"], *groups["small"]], teacher=groups["big"][0], images=8)
    assert "Detectors" not in {type(measure).__name__ for measure in measures}
    found = study_at_hand(groups, blobs, None, measures)
    assert [arm.name for arm in found.arms] == ["big-1", "big-2", "small-1", "small-2"]
    assert found.teacher_of(found.arm("small-2")) == found.arm("big-1")
    cells = {cell.title: cell for cell in plan(found)}
    assert {cell.arm.name for cell in cells["Complexity small-2, seed 0"].among} == {"big-2", "small-2"}
    assert measures_for(["detectors"], blobs, None, groups["big"])[0].layer == "layer3"
    with pytest.raises(SpecError, match="no measure 'colour'; there are accuracy, "):
        measures_for(["colour"], blobs, None, groups["big"])


def test_networks_beyond_the_shorter_group_have_fellows_too(blobs: Dataset, tiny: Network, tmp_path: Path) -> None:
    def saved(name: str) -> Network:
        path = tmp_path / f"{name}.safetensors"
        save_weights(tiny.build(len(name)), path)
        return tiny.changed(weights=str(path))

    groups = {"a": [saved("a1"), saved("a22")], "b": [saved(f"b{'x' * k}") for k in range(4)]}
    cells = {cell.title: cell for cell in plan(study_at_hand(groups, blobs, None, (Complexity(images=8),)))}
    fellows = {name: {c.arm.name for c in cells[f"Complexity {name}, seed 0"].among} for name in ("a-1", "b-1", "b-3")}
    assert fellows["a-1"] == fellows["b-1"] == fellows["b-3"] == {"a-1", "b-1", "b-3"}


def test_missing_masks_are_found_before_anything_is_trained(study: Study, tmp_path: Path) -> None:
    class Unreadable(type(study.dataset)):  # type: ignore[misc]
        def objects(self, name: SplitName) -> torch.Tensor:
            raise DataError("expected a mask for a.png, there is no b.png")

    store = Store.create(tmp_path / "store")
    with pytest.raises(DataError, match="expected a mask for a.png"):
        Runner(study.changed(dataset=Unreadable()), store, torch.device("cpu"), NoWatch()).run()
    assert not list((tmp_path / "store" / "cells").glob("*"))


def test_a_teacher_is_dissected_at_its_own_last_stage(blobs: Dataset, tiny: Network) -> None:
    other = Network(architecture="torchvision/resnet18", num_classes=4)
    (found,) = measures_for(["inheritance"], blobs, None, [tiny], teacher=other)
    assert isinstance(found, ConceptInheritance)
    # Pictures of 16 px leave maps of a single pixel after its layer2.
    assert (found.layer, found.teacher_layer) == ("layer3", "layer2")
    (found,) = measures_for(["inheritance"], blobs, None, [tiny], layer="layer2", teacher=other)
    assert (found.layer, found.teacher_layer) == ("layer2", "layer2")
    (found,) = measures_for(["inheritance"], blobs, None, [tiny], teacher=other, teacher_layer="layer1")
    assert found.teacher_layer == "layer1"
