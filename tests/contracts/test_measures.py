"""Every measure that is listed keeps the promises of a measure."""

from pathlib import Path

import pytest
import torch

from kdissect.data import Dataset
from kdissect.measures import MEASURES, ConceptInheritance, Detectors, DiffRoar, Measure, RandomLabels, Subject
from kdissect.models import Network
from kdissect.training import Recipe

SHORT = Recipe(epochs=1, batch_size=16)
SMALL: dict[type[Measure], Measure] = {
    Detectors: Detectors(layer="layer3"),
    ConceptInheritance: ConceptInheritance(layer="layer3"),
    DiffRoar: DiffRoar(levels=(0.5,), width=4, recipe=SHORT, images=16),
    RandomLabels: RandomLabels(recipe=SHORT, images=16),
}
EXAMPLES: dict[type[Measure], Measure] = {kind: SMALL.get(kind) or kind() for kind in MEASURES}


@pytest.fixture(params=MEASURES, ids=lambda kind: kind.__name__)
def measure(request: pytest.FixtureRequest) -> Measure:
    return EXAMPLES[request.param]


@pytest.fixture
def subject(blobs: Dataset, tiny: Network, small_probe: object) -> Subject:
    return Subject(tiny.build(3), tiny, blobs, small_probe, teacher=Subject(tiny.build(5), tiny, blobs))


def test_scores_carry_their_meaning_and_lie_in_their_bounds(measure: Measure, subject: Subject, tmp_path: Path) -> None:
    scores = measure.run(subject, tmp_path).scores
    assert len({score.name for score in scores}) == len(scores)
    for score in scores:
        low, high = score.bounds
        assert score.unit
        assert score.name in measure.definitions or f"{score.name.split('/')[0]}/" in measure.definitions
        if score.value is not None:
            assert low is None or score.value >= low - 1e-9
            assert high is None or score.value <= high + 1e-9


def test_a_measure_leaves_the_network_as_found(measure: Measure, subject: Subject, tmp_path: Path) -> None:
    subject.module.train()
    before = {name: value.clone() for name, value in subject.module.state_dict().items()}
    measure.run(subject, tmp_path)
    assert subject.module.training
    assert all(torch.equal(before[name], value) for name, value in subject.module.state_dict().items())
    assert not any(module._forward_hooks for module in subject.module.modules())


def test_a_measure_gives_the_same_twice(measure: Measure, subject: Subject, tmp_path: Path) -> None:
    again = Subject(subject.module, subject.network, subject.dataset, subject.probe, teacher=subject.teacher)
    first = measure.run(subject, tmp_path / "a" if (tmp_path / "a").mkdir() is None else tmp_path)
    second = measure.run(again, tmp_path / "b" if (tmp_path / "b").mkdir() is None else tmp_path)
    assert first.scores == second.scores


def test_a_measure_does_not_depend_on_the_order_of_the_units(
    measure: Measure, subject: Subject, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    before = measure.run(subject, tmp_path / "a").scores
    order = torch.randperm(16, generator=torch.Generator().manual_seed(0))
    block = subject.module.layer3[0]
    with torch.no_grad():
        for norm in (block.bn2, block.downsample[1]):
            for value in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                value.copy_(value[order])
        block.conv2.weight.copy_(block.conv2.weight[order])
        block.downsample[0].weight.copy_(block.downsample[0].weight[order])
        subject.module.fc.weight.copy_(subject.module.fc.weight[:, order])
    shuffled = Subject(subject.module, subject.network, subject.dataset, subject.probe, teacher=subject.teacher)
    after = measure.run(shuffled, tmp_path / "b").scores
    for one, other in zip(before, after, strict=True):
        assert one.name == other.name
        if one.value is None:
            assert other.value is None
        else:
            assert other.value == pytest.approx(one.value, rel=1e-4, abs=1e-6)


def test_a_measure_makes_the_round_trip_through_json(measure: Measure) -> None:

    fields = measure.model_dump(mode="json")
    assert fields.pop("kind") == type(measure).__name__
    assert fields.pop("version") == measure.version
    assert type(measure).from_mapping(fields) == measure


def test_a_measure_without_its_data_is_refused_in_one_line(measure: Measure, subject: Subject, tmp_path: Path) -> None:
    bare = Subject(subject.module, subject.network)
    with pytest.raises(ValueError, match="this measure needs a (data set|probe|teacher)"):
        measure.run(bare, tmp_path)
