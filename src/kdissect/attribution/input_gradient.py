"""Input times gradient."""

from typing import final

from torch import Tensor, nn

from kdissect.attribution.attribution import Attribution


@final
class InputGradient(Attribution):
    """Sum over the channels of x dz/dx, x normalised as the network takes it; signed.

    Source: Shrikumar et al. 2016, arXiv:1605.01713 (Captum's InputXGradient).
    """

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """Sum over the channels of input times gradient."""
        from captum.attr import InputXGradient

        found: Tensor = InputXGradient(network).attribute(images.requires_grad_(), target=classes)
        return found.sum(1)
