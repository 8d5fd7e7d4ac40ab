"""SmoothGrad."""

from typing import final

import torch
from pydantic import Field
from torch import Tensor, nn

from kdissect.attribution.attribution import Attribution
from kdissect.seeds import torch_generator


@final
class SmoothGrad(Attribution):
    """Size of the mean gradient over noisy copies of the image: sum over the channels of |mean dz/dx|, at least 0.

    Every image gets the same noise, drawn once, so that a map does not depend on its batch.

    Attributes:
        samples: noisy copies of each image, at least 1.
        noise: standard deviation of the noise as a share of the image's range (largest minus smallest value).

    Source: Smilkov et al. 2017, arXiv:1706.03825; gradients by Captum's Saliency.
    Departs: Captum's NoiseTunnel draws from the global random state, so that its maps depend on the batch.
    """

    samples: int = Field(default=8, ge=1)
    noise: float = Field(default=0.15, gt=0)

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """Sum over the channels of |mean gradient|."""
        from captum.attr import Saliency

        generator = torch_generator(0, "SmoothGrad")
        flat = images.flatten(1)
        scale = self.noise * (flat.amax(1) - flat.amin(1))[:, None, None, None]
        saliency, total = Saliency(network), torch.zeros_like(images)
        for _ in range(self.samples):
            noise = torch.randn(images.shape[1:], generator=generator).to(images)
            noisy = (images + scale * noise).detach().requires_grad_()
            total += saliency.attribute(noisy, target=classes, abs=False)
        return (total / self.samples).abs().sum(1)
