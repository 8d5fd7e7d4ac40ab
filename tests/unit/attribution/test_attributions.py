"""Every attribution method that is listed keeps the promises of one."""

import pytest
import torch
from captum.attr import LayerAttribution, LayerGradCam
from torch import Tensor, nn

from kdissect.attribution import (
    ATTRIBUTIONS,
    Attribution,
    GradCam,
    Gradient,
    InputGradient,
    IntegratedGradients,
    Occlusion,
)
from kdissect.errors import DivergedError, ShapeError
from kdissect.models import Network


@pytest.fixture(params=ATTRIBUTIONS, ids=lambda kind: kind.__name__)
def method(request: pytest.FixtureRequest) -> Attribution:
    return request.param()


@pytest.fixture
def network(tiny: Network) -> nn.Module:
    return tiny.build(3)


@pytest.fixture
def images() -> Tensor:
    return torch.randn(6, 3, 16, 16, generator=torch.Generator().manual_seed(0))


CLASSES = torch.tensor([0, 1, 2, 3, 0, 1])


class Linear(nn.Module):
    """Logits that are linear in the pixels: every attribution is known in closed form."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(1)))

    def forward(self, images: Tensor) -> Tensor:
        return torch.einsum("bchw,kchw->bk", images, self.weight)


def test_a_map_does_not_depend_on_its_batch(method: Attribution, network: nn.Module, images: Tensor) -> None:
    together = method.explain(network, images, CLASSES)
    alone = torch.cat([method.explain(network, images[k : k + 1], CLASSES[k : k + 1]) for k in (5, 2)])
    assert together.shape == (6, 16, 16)
    torch.testing.assert_close(alone, together[[5, 2]], rtol=1e-4, atol=1e-6)


def test_the_network_is_left_as_it_was(method: Attribution, network: nn.Module, images: Tensor) -> None:
    network.train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    method.explain(network, images, CLASSES)
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(parameter.requires_grad and parameter.grad is None for parameter in network.parameters())
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())


def test_another_class_has_another_map(method: Attribution, network: nn.Module, images: Tensor) -> None:
    assert not torch.equal(method.explain(network, images, CLASSES), method.explain(network, images, 3 - CLASSES))


def test_damaged_weights_are_told(method: Attribution, network: nn.Module, images: Tensor) -> None:
    with torch.no_grad():
        network.conv1.weight[0] = torch.nan
    with pytest.raises(DivergedError, match="image 0 is not finite"):
        method.explain(network, images, CLASSES)


def test_images_and_classes_must_fit(method: Attribution, network: nn.Module, images: Tensor) -> None:
    with pytest.raises(ShapeError):
        method.explain(network, images, CLASSES[:3])
    with pytest.raises(ShapeError, match="at least one image"):
        method.explain(network, images[:0], CLASSES[:0])


def test_closed_forms_of_a_linear_network(images: Tensor) -> None:
    network = Linear()
    weight = network.weight.detach()[CLASSES]
    torch.testing.assert_close(Gradient().explain(network, images, CLASSES), weight.abs().sum(1))
    product = (images * weight).sum(1)
    torch.testing.assert_close(InputGradient().explain(network, images, CLASSES), product)
    torch.testing.assert_close(IntegratedGradients().explain(network, images, CLASSES), product, rtol=1e-4, atol=1e-5)
    # Without overlap every pixel of a square gets what the whole square adds.
    squares = Occlusion(window=4, stride=4).explain(network, images, CLASSES)
    sums = product.unfold(1, 4, 4).unfold(2, 4, 4).sum((3, 4))
    torch.testing.assert_close(squares, sums.repeat_interleave(4, 1).repeat_interleave(4, 2), rtol=1e-4, atol=1e-4)


def test_integrated_gradients_add_up_to_the_difference_of_logits(network: nn.Module, images: Tensor) -> None:
    network.eval()
    maps = IntegratedGradients(steps=200).explain(network, images, CLASSES)
    with torch.no_grad():
        logits = network(images) - network(torch.zeros_like(images))
    torch.testing.assert_close(maps.sum((1, 2)), logits.gather(1, CLASSES[:, None])[:, 0], rtol=0.02, atol=0.02)


def test_grad_cam_is_captums_on_convolutional_maps(network: nn.Module, images: Tensor) -> None:
    network.eval()
    theirs = LayerGradCam(network, network.layer2).attribute(images, CLASSES, relu_attributions=True)
    resized = LayerAttribution.interpolate(theirs, (16, 16), "bilinear")[:, 0]
    torch.testing.assert_close(GradCam(layer="layer2").explain(network, images, CLASSES), resized.detach())


def test_grad_cam_lays_out_tokens() -> None:
    network = Network(architecture="timm/vit_tiny_patch16_224", num_classes=4).build().eval()
    images = torch.randn(1, 3, 224, 224)
    assert GradCam().explain(network, images, torch.tensor([1])).shape == (1, 224, 224)


def test_a_window_larger_than_the_image_is_refused(network: nn.Module, images: Tensor) -> None:
    with pytest.raises(ShapeError, match="window must be at most the image's side 16, got 17"):
        Occlusion(window=17).explain(network, images, CLASSES)
