"""Occlusion."""

from typing import final

from pydantic import Field
from torch import Tensor, nn

from kdissect.attribution.attribution import Attribution
from kdissect.errors import ShapeError


@final
class Occlusion(Attribution):
    """How much the class's logit falls when a square around a pixel is set to the mean colour; signed.

    A pixel under several squares gets their mean.

    Attributes:
        window: side of the square in pixels, at most the image's.
        stride: pixels from one square to the next, at most `window`.

    Raises:
        ShapeError: the square is larger than the image.

    Source: Zeiler & Fergus 2014, arXiv:1311.2901 (Captum's Occlusion).
    """

    window: int = Field(default=8, ge=1)
    stride: int = Field(default=4, ge=1)

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """Captum's occlusion, all channels at once."""
        from captum.attr import Occlusion as Captum

        channels, height, width = images.shape[1:]
        if self.window > min(height, width):
            raise ShapeError(f"window must be at most the image's side {min(height, width)}, got {self.window}")
        stride = min(self.stride, self.window)
        found: Tensor = Captum(network).attribute(
            images,
            sliding_window_shapes=(channels, self.window, self.window),
            strides=(channels, stride, stride),
            target=classes,
            baselines=0,
        )
        return found.mean(1)
