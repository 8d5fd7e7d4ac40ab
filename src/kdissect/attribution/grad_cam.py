"""Grad-CAM."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kdissect.attribution.attribution import Attribution
from kdissect.models import Anatomy, Reading


@final
class GradCam(Attribution):
    """Feature maps weighted by the mean gradient of the class's logit, negative values set to 0, resized to the image.

    Attributes:
        layer: dotted name of the layer; None for the network's last stage. Token maps (ViT) are laid out as maps.

    Source: Selvaraju et al. 2017, arXiv:1610.02391.
    Departs: not Captum's LayerGradCam, which takes convolutional maps only; equal to it on those (tested).
    """

    layer: str | None = None

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """ReLU of the weighted maps, bilinear."""
        with torch.no_grad():
            anatomy = Anatomy.of(network, images[:1])
        layer = self.layer or anatomy.last_stage
        reading = Reading(network, [layer], anatomy)
        try:
            # No parameter asks for a gradient here, so the image must, or no graph is made.
            logits, found = reading(images.requires_grad_())
            chosen = logits.gather(1, classes[:, None]).sum()
            (slope,) = torch.autograd.grad(chosen, found[layer])
        finally:
            reading.release()
        weighted = (slope.mean((2, 3), keepdim=True) * found[layer].detach()).sum(1, keepdim=True).relu()
        return F.interpolate(weighted, size=images.shape[2:], mode="bilinear", align_corners=False)[:, 0]
