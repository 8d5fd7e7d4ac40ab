import math

import pytest
import torch
from torch import Tensor

from kdissect.data import ClassTree
from kdissect.errors import ShapeError
from kdissect.measures import ClassSimilarity
from kdissect.measures.class_similarity import entropy, match_temperature

TREE = ClassTree(groups=(("a", ("a1", "a2", "a3")), ("b", ("b1", "b2")), ("c", ("c1",))))
LABELS = torch.tensor([0, 1, 2, 0, 3, 4, 5])


def scores(logits: Tensor, labels: Tensor = LABELS, tree: ClassTree = TREE, **fields: float) -> dict[str, float]:
    found = ClassSimilarity(**fields).scores(logits.double(), labels, tree)
    return {score.name: score.value for score in found if score.value is not None}


def noise(seed: int = 0) -> Tensor:
    return torch.randn(7, 6, generator=torch.Generator().manual_seed(seed)).double() * 2


def test_uniform_logits_give_the_logarithm_of_the_group_size() -> None:
    found = scores(torch.zeros(7, 6))
    expected = (math.log(3) + math.log(2)) / 2  # the group of one class does not count
    for name in ("entropy", "entropy/soft", "entropy/class_mean", "entropy/group_mean", "entropy/matched"):
        assert found[name] == pytest.approx(expected)
    assert found["entropy/bits"] == pytest.approx(expected / math.log(2))
    assert found["group_mass"] == pytest.approx((3 / 6 + 2 / 6) / 2)


def test_certain_logits_give_zero() -> None:
    found = scores(torch.nn.functional.one_hot(LABELS, 6) * 200.0)
    assert found["entropy"] == pytest.approx(0, abs=1e-12)
    assert found["group_accuracy"] == 1


def test_it_is_the_mean_over_loops_by_hand() -> None:
    logits = noise()
    per_group: dict[int, list[float]] = {}
    for row, label in zip(logits.tolist(), LABELS.tolist(), strict=True):
        group = [0, 0, 0, 1, 1, 2][label]
        members = [[0, 1, 2], [3, 4], [5]][group]
        weights = [math.exp(row[k]) for k in members]
        q = [w / sum(weights) for w in weights]
        per_group.setdefault(group, []).append(-sum(x * math.log(x) for x in q))
    means = [sum(values) / len(values) for group, values in per_group.items() if group < 2]
    assert scores(logits)["entropy"] == pytest.approx(sum(means) / 2, abs=1e-12)


def test_the_two_class_closed_form() -> None:
    tree = ClassTree(groups=(("a", ("x", "y")),))
    p = 1 / (1 + math.exp(-1.3))
    expected = -p * math.log(p) - (1 - p) * math.log(1 - p)
    assert scores(torch.tensor([[1.3, 0.0]]), torch.tensor([0]), tree)["entropy"] == pytest.approx(expected)


def test_adding_a_constant_changes_nothing_and_other_groups_have_no_influence() -> None:
    logits = noise()
    found = scores(logits)
    shifted = scores(logits + 11.0)
    assert shifted == pytest.approx(found)
    outside = logits.clone()
    outside[:4, 3:] += 5.0
    assert scores(outside)["entropy"] == pytest.approx(found["entropy"])
    assert scores(outside)["entropy/partial"] != pytest.approx(found["entropy/partial"])


def test_permuting_classes_inside_a_group_changes_nothing() -> None:
    logits = noise()
    order = [2, 0, 1, 4, 3, 5]
    place = torch.tensor([order.index(k) for k in range(6)])
    assert scores(logits[:, order], place[LABELS]) == pytest.approx(scores(logits))


def test_one_group_of_all_classes_is_the_ordinary_entropy() -> None:
    tree = ClassTree(groups=(("all", tuple("abcdef")),))
    logits = noise()
    ordinary = entropy(torch.softmax(logits, 1)).mean().item()
    found = scores(logits, tree=tree)
    assert found["entropy"] == pytest.approx(ordinary)
    assert found["entropy/partial"] == pytest.approx(ordinary)
    assert found["group_mass"] == pytest.approx(1)


def test_high_temperature_tends_to_the_logarithm_of_the_group_size() -> None:
    expected = (math.log(3) + math.log(2)) / 2
    assert scores(noise(), temperature=1e6)["entropy/soft"] == pytest.approx(expected, abs=1e-6)


def test_the_matched_variant_cannot_tell_networks_that_differ_in_confidence_alone() -> None:
    logits = noise()
    calm, sure = scores(logits), scores(logits * 3)
    assert sure["entropy"] < calm["entropy"] - 0.05
    assert sure["entropy/matched"] == pytest.approx(calm["entropy/matched"], abs=1e-6)


def test_the_matched_temperature_gives_the_entropy_asked_for() -> None:
    temperature = match_temperature(noise(), 0.8)
    assert entropy(torch.softmax(noise() / temperature, 1)).mean().item() == pytest.approx(0.8, abs=1e-8)


def test_correct_images_alone_are_counted_where_said() -> None:
    logits = noise()
    logits[0, 0] += 50.0  # certain and right: entropy 0
    logits[1:4, 3] += 50.0  # wrong, in another group
    logits[4, 3] += 50.0
    logits[5, 0] += 50.0
    assert scores(logits)["entropy/correct"] == pytest.approx(0, abs=1e-9)


def test_without_a_group_of_two_it_is_undefined() -> None:
    tree = ClassTree(groups=tuple((name, (name,)) for name in "abcdef"))
    found = ClassSimilarity().scores(noise(), LABELS, tree)
    assert {score.name for score in found if score.value is None} >= {"entropy", "entropy/bits", "group_accuracy"}


def test_logits_of_other_classes_are_refused() -> None:
    with pytest.raises(ShapeError, match=r"logits must be \(b 6\) for this class tree, got \(7, 5\)"):
        scores(noise()[:, :5])
    with pytest.raises(ShapeError, match="labels must be"):
        scores(noise(), LABELS[:3])
