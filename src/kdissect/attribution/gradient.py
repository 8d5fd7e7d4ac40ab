"""The gradient of a logit."""

from typing import final

from torch import Tensor, nn

from kdissect.attribution.attribution import Attribution


@final
class Gradient(Attribution):
    """Size of the gradient of the class's logit: sum over the channels of |dz/dx|, at least 0.

    Source: Simonyan et al. 2014, "Deep inside convolutional networks", arXiv:1312.6034 (Captum's Saliency).
    Departs: they take the largest channel, we the sum.
    """

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """Sum of |gradient| over the channels."""
        from captum.attr import Saliency

        found: Tensor = Saliency(network).attribute(images.requires_grad_(), target=classes, abs=True)
        return found.sum(1)
