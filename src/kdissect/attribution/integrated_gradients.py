"""Integrated gradients."""

from typing import final

import torch
from pydantic import Field
from torch import Tensor, nn

from kdissect.attribution.attribution import Attribution


@final
class IntegratedGradients(Attribution):
    """x times the gradient's mean on the way from a baseline, summed over the channels; signed.

    The sum of a map is nearly the logit at the image minus the logit at the baseline. The baseline is the mean colour
    of the normalisation (0 after it).

    Attributes:
        steps: points of the Gauss-Legendre rule, at least 1.

    Source: Sundararajan et al. 2017, arXiv:1703.01365 (Captum's IntegratedGradients).
    """

    steps: int = Field(default=20, ge=1)

    def maps(self, network: nn.Module, images: Tensor, classes: Tensor) -> Tensor:
        """Sum over the channels."""
        from captum.attr import IntegratedGradients as Captum

        found: Tensor = Captum(network).attribute(
            images, baselines=torch.zeros_like(images), target=classes, n_steps=self.steps,
            internal_batch_size=max(len(images), 64),
        )  # fmt: skip
        return found.float().sum(1)
