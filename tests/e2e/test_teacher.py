"""The weights that come with kdissect are what their header says."""

import pytest
from safetensors import safe_open

from kdissect.models import Network, find_weights
from kdissect.study import change_study, find_study, plan
from kdissect.training import Teacher, accuracy, predict


def test_the_shipped_teacher_reaches_its_stated_accuracy() -> None:
    study = find_study("quick")
    arm = study.arm("teacher")
    path = find_weights(arm.network.weights or "")
    assert path.stat().st_size < 3_000_000
    with safe_open(path, framework="pt") as file:
        facts = file.metadata()
    network = Network.from_json(facts["network"])
    assert network == arm.network.model_copy(update={"weights": None})
    test = study.dataset.split("test")
    found = accuracy(predict(arm.network.build(), arm.network, test), test.labels)
    assert found == pytest.approx(float(facts["accuracy"]), abs=0.005)
    assert arm.stated_accuracy == pytest.approx(float(facts["val_accuracy"]), abs=0.005)
    assert Teacher(arm.network.build(), arm.network).check(study.dataset.split("val"), stated=arm.stated_accuracy) > 0.9


def test_the_shipped_teacher_was_made_by_the_recipe_that_is_stated() -> None:
    study = change_study(find_study("quick"), seeds=1, train_teacher=True)
    with safe_open(find_weights("kdissect:quick_teacher"), framework="pt") as file:
        facts = file.metadata()
    (training,) = (cell for cell in plan(study) if cell.kind == "train" and cell.arm.name == "teacher")
    assert training.digest == facts["digest"]
