import pytest

from kdissect.measures import ConceptInheritance, Detectors
from kdissect.study import Study, find_study, plan


@pytest.fixture
def study() -> Study:
    study = find_study("architectures@tiny")
    return study.changed(measures=(*study.measures, ConceptInheritance(layer="layer3")))


def test_an_arm_of_another_architecture_is_dissected_at_its_own_layer(study: Study) -> None:
    layers = {cell.arm.name: cell.measure.layer for cell in plan(study) if isinstance(cell.measure, Detectors)}
    assert layers["scratch"] == layers["VGG-KD"] == layers["teacher"] == "layer3"
    assert layers["MobileNet-KD"] == layers["MobileNet-scratch"] == "blocks.1"
    assert layers["ConvNeXt-KD"] == "stages.1"
    assert layers["teacher-ViT"] == "blocks.5"


def test_the_key_names_the_layer_that_was_looked_at(study: Study) -> None:
    for cell in plan(study):
        if cell.kind == "Detectors":
            assert cell.key["measure"]["layer"] == (cell.arm.layer or "layer3")


def test_a_teacher_of_another_architecture_is_looked_at_at_its_own_layer(study: Study) -> None:
    pairs = {
        cell.arm.name: (cell.measure.layer, cell.measure.teacher_layer)
        for cell in plan(study)
        if isinstance(cell.measure, ConceptInheritance)
    }
    assert pairs["KD"] == ("layer3", None)
    assert pairs["MobileNet-KD"] == ("blocks.1", "layer3")
    assert pairs["ResNet-KD-ViT"] == ("layer3", "blocks.5")
    assert pairs["teacher"] == ("layer3", "blocks.5")


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_every_architecture_has_the_layer_that_is_named(size: str) -> None:
    study = find_study(f"architectures@{size}")
    for cell in plan(study):
        if cell.measure is not None:
            cell.measure.check(cell.arm.network.model_copy(update={"weights": None}).build())
