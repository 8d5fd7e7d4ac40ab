"""The loss gradient of a network that is very sure still points where it should."""

import pytest
import torch

from kdissect.measures.loss_gradient import gradients
from kdissect.models import Network


@pytest.mark.parametrize("sureness", [1.0, 40.0, 200.0])
def test_a_sure_networks_gradient_is_that_of_double_precision(tiny: Network, sureness: float) -> None:
    module = tiny.build(3).eval()
    with torch.no_grad():
        module.fc.weight *= sureness
        module.fc.bias *= sureness
    images = torch.randn(8, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    labels = module(images).argmax(1)
    single, _ = gradients(module, images, labels)
    double, _ = gradients(module.double(), images.double(), labels)
    # Scaled by the largest first: the sizes themselves are far below what cosines are computed with.
    a, b = (one.double().flatten(1) / one.double().flatten(1).abs().amax(1, keepdim=True) for one in (single, double))
    assert torch.nn.functional.cosine_similarity(a, b).min() > 0.999
