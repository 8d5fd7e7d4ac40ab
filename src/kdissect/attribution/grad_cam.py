"""Grad-CAM."""

from typing import final

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kdissect.attribution.attribution import Attribution
from kdissect.errors import LayerError
from kdissect.models import Anatomy
from kdissect.models.layer_name import find_layer
from kdissect.models.layout import find_prefix, only_tensor, to_maps
from kdissect.seeds import torch_generator


@final
class GradCam(Attribution):
    """Feature maps weighted by the mean gradient of the class's logit, negative values set to 0, resized to the image.

    Attributes:
        layer: dotted name of the layer; None for the last stage whose maps reach the logits. Token maps (ViT) are laid
            out as maps.

    Source: Selvaraju et al. 2017, arXiv:1610.02391.
    Departs: not Captum's LayerGradCam, which takes convolutional maps only; equal to it on those (tested).
    """

    layer: str | None = None

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """ReLU of the weighted maps, bilinear."""
        layers = [self.layer] if self.layer is not None else last_first(network, images)
        if len(layers) > 1:
            # Which layer speaks is decided on noise, always the same, so that it does not depend on the batch.
            noise = torch.randn(images.shape[1:], generator=torch_generator(0, "GradCam"))[None].to(images)
            none = torch.zeros(1, dtype=torch.int64, device=images.device)
            layers = [layer for layer in layers if _pair(network, layer, noise, none)[1].any()] or layers
        maps, slopes = _pair(network, layers[0], images, classes)
        weighted = (slopes.mean((2, 3), keepdim=True) * maps).sum(1, keepdim=True).relu()
        return F.interpolate(weighted, size=images.shape[2:], mode="bilinear", align_corners=False)[:, 0]


def last_first(network: nn.Module, images: Tensor) -> list[str]:
    """The network's stages from the last on.

    The patches of a vision transformer's last block do not reach a classifier that reads the class token.

    Raises:
        LayerError: the network has no layer with feature maps.
    """
    with torch.no_grad():
        anatomy = Anatomy.of(network, images[:1])
    anatomy.last_stage  # noqa: B018 - raises
    return list(anatomy.stages[::-1])


def _pair(network: nn.Module, layer: str, images: Tensor, classes: Tensor) -> tuple[Tensor, Tensor]:
    """Maps of a layer and the gradient of the classes' logits by them, `(b u h w)` each."""
    found: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: object) -> object:
        single = only_tensor(output)
        if single is None:
            return None
        found.append(single)
        # Layers that follow may write into what they get.
        return single.clone() if isinstance(output, Tensor) else None

    handle = find_layer(network, layer).register_forward_hook(keep)
    try:
        # No parameter asks for a gradient here, so the image must, or no graph is made.
        logits = network(images.detach().requires_grad_())
    finally:
        handle.remove()
    if not found:
        raise LayerError(f"layer {layer!r} gives no maps in a forward pass; choose another layer")
    chosen = logits.gather(1, classes[:, None]).sum()
    (slope,) = torch.autograd.grad(chosen, found[-1], allow_unused=True)
    slope = torch.zeros_like(found[-1]) if slope is None else slope
    prefix = find_prefix(network)
    maps, slopes = (to_maps(each.detach(), images, prefix, layer) for each in (found[-1], slope))
    return maps, slopes
