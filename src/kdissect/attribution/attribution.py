"""What an attribution method is."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from kdissect.errors import DivergedError, ShapeError
from kdissect.specs import Plugin
from kdissect.types import Images, Labels, Maps, check


class Attribution(Plugin, ABC):
    """Gives each pixel of an image its share in the logit of one class. Abstract.

    A method is a value; it holds no network. Its maps depend on the image, the class and the network alone: not
    on the batch, nor on any random state outside.
    """

    @abstractmethod
    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """Maps `(b h w)` of a network in eval mode; `explain` is the checked door to it."""

    def explain(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """Maps for a batch, `(b h w)` float32: positive where a pixel speaks for the class.

        The network is left in the mode that it was in, and its parameters without gradients.

        Args:
            network: gives logits `(b k)`.
            images: `(b c h w)`, normalised as the network takes them.
            classes: the class to explain in each image, `(b)`.

        Raises:
            ShapeError: images and classes do not fit together.
            DivergedError: a map has a value that is not finite; names the image of the batch.
        """
        check(images=(images, Images), classes=(classes, Labels))
        if not len(images):
            raise ShapeError("expected at least one image to explain, got none")
        training = network.training
        asking = [parameter for parameter in network.parameters() if parameter.requires_grad]
        network.eval()
        for parameter in asking:
            parameter.requires_grad_(False)
        try:
            with torch.enable_grad():
                found = self.maps(network, images.detach(), classes).detach().float()
        finally:
            network.train(training)
            for parameter in asking:
                parameter.requires_grad_(True)
        check(maps=(found, Maps))
        finite = found.flatten(1).isfinite().all(1)
        if not finite.all():
            image = int((~finite).nonzero()[0, 0])
            raise DivergedError(
                f"{type(self).__name__} of image {image} is not finite; the network's weights or its input are damaged"
            )
        return found
