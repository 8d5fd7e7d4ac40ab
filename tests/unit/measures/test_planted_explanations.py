"""Networks whose explanations are known: what faithfulness, stability, complexity, sanity and transfer must say."""

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from kdissect.attribution import Attribution, InputGradient
from kdissect.data import Dataset
from kdissect.measures import Complexity, Faithfulness, Measured, Sanity, Stability, Subject, Transfer
from kdissect.measures.loss_gradient import sobel
from kdissect.models import Network

SIDE, CLASSES = 16, 4


class Linear(nn.Module):
    """Logits that are sums of pixels with weights `(4 3 16 16)`."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.layer = nn.Linear(3 * SIDE * SIDE, CLASSES, bias=False)
        self.layer.weight.data = weights.flatten(1)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.layer(images.flatten(1))
        return logits


class Kinks(nn.Module):
    """Logits whose slope turns with every small step of a pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.anything = nn.Parameter(torch.zeros(1))  # its device is where the images go

    def forward(self, images: Tensor) -> Tensor:
        waves = torch.sin(200 * images.flatten(1))
        return torch.stack([waves[:, k::CLASSES].sum(1) for k in range(CLASSES)], 1)


class Edges(Attribution):
    """Shows the image's edges, whatever the network."""

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        return sobel(images)


class Against(Attribution):
    """Input times gradient with its sign turned: it names first what speaks against the class."""

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        return -InputGradient().maps(network, images, classes)


def weights(seed: int = 0) -> Tensor:
    return 0.05 * torch.randn(CLASSES, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


def values(measured: Measured) -> dict[str, float | None]:
    return {score.name: score.value for score in measured.scores}


@pytest.fixture
def linear(blobs: Dataset, tiny: Network) -> Subject:
    return Subject(Linear(weights()), tiny, blobs)


def test_a_straight_network_is_stable_and_one_of_kinks_is_not(linear: Subject, blobs: Dataset, tmp_path: Path) -> None:
    assert values(Stability(images=16).run(linear, tmp_path))["max_sensitivity/all"] == pytest.approx(0, abs=1e-6)
    kinked = Subject(Kinks(), linear.network, blobs)
    found = values(Stability(images=16).run(kinked, tmp_path))["max_sensitivity/all"]
    assert found is not None
    assert found > 0.3


def test_a_network_of_one_pixel_is_simple_and_one_of_all_is_not(linear: Subject, tmp_path: Path) -> None:
    pixels = SIDE * SIDE
    one = torch.zeros(CLASSES, 3, SIDE, SIDE)
    one[:, :, 3, 5] = 1
    found = values(Complexity(images=8).run(Subject(Linear(one), linear.network, linear.dataset), tmp_path))
    assert found["gini/all"] == pytest.approx(1 - 1 / pixels)
    assert found["map_entropy/all"] == pytest.approx(0)
    every = torch.ones(CLASSES, 3, SIDE, SIDE)
    found = values(Complexity(images=8).run(Subject(Linear(every), linear.network, linear.dataset), tmp_path))
    assert found["gini/all"] == pytest.approx(0, abs=1e-6)


def test_an_edge_detector_does_not_pass_the_sanity_check(linear: Subject, tmp_path: Path) -> None:
    measured = Sanity(attribution=Edges(), images=16).run(linear, tmp_path)
    found = values(measured)
    assert found["untrained_similarity/all"] == pytest.approx(1)
    assert found["class_similarity/all"] == pytest.approx(1)
    assert found["complexity_rise/all"] == pytest.approx(0)
    assert measured.facts["passed"] is False
    honest = Sanity(images=16).run(linear, tmp_path)
    found = values(honest)
    assert abs(found["untrained_similarity/all"] or 0) < 0.2
    assert abs(found["class_similarity/all"] or 0) < 0.2
    assert honest.facts["passed"] is True


def test_what_decides_a_straight_network_is_named_and_its_opposite_is_told(linear: Subject, tmp_path: Path) -> None:
    own = values(Faithfulness(images=32).run(linear, tmp_path))
    assert own["explained/all"] == pytest.approx(1)
    assert own["infidelity/all"] == pytest.approx(0, abs=1e-6)
    turned = values(Faithfulness(attribution=Against(), images=32).run(linear, tmp_path))
    for score in ("road/all", "gap/all"):
        a, b = own[score], turned[score]
        assert a is not None
        assert b is not None
        assert a > 0.1
        assert b < -0.1


def test_a_network_agrees_with_itself_and_less_with_a_stranger(blobs: Dataset, tiny: Network, tmp_path: Path) -> None:
    itself = Subject(tiny.build(3), tiny, blobs, teacher=Subject(tiny.build(3), tiny, blobs))
    found = values(Transfer(images=64).run(itself, tmp_path))
    for score in ("agreement/all", "rank_agreement/all", "top_agreement/all", "top1_agreement/all"):
        assert found[score] == pytest.approx(1)
    assert [value for name, value in found.items() if name.startswith("cka/")] == pytest.approx([1] * 4)
    assert found["similarity_rsa"] == pytest.approx(1)
    stranger = Subject(tiny.build(3), tiny, blobs, teacher=Subject(tiny.build(8), tiny, blobs))
    other = values(Transfer(images=64).run(stranger, tmp_path))
    for score in ("agreement/all", "rank_agreement/all", "top_agreement/all", "cka/embedding"):
        value = other[score]
        assert value is not None
        assert value < 0.9
