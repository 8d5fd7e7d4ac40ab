"""Distillation of relations between classes and between images."""

from typing import ClassVar, final

import torch
from pydantic import Field
from torch import Tensor, nn

from kdissect.distill.terms.logit_term import LogitTerm
from kdissect.distill.terms.term import log_softmax
from kdissect.training import Seen


@final
class DIST(LogitTerm):
    """1 - Pearson's correlation of the probabilities, over the classes of each image and over the images.

    Keeps who is similar to whom and lets go of how sure the teacher is. Published as `CE() + 2 * DIST()`.

    Attributes:
        temperature: T of both softmaxes.
        classes_weight: of the correlation over classes (`inter`).
        images_weight: of the correlation over the batch (`intra`).
        control: what is done to the teacher's logits before.

    Source: Huang et al. 2022, "Knowledge Distillation from A Stronger Teacher", arXiv:2205.10536, equations 8 to 10.
    Departs: no factor T^2, as in the paper (the published code has one).
    """

    whole_batch: ClassVar[bool] = True

    temperature: float = Field(default=1.0, gt=0)
    classes_weight: float = Field(default=1.0, ge=0)
    images_weight: float = Field(default=1.0, ge=0)

    @property
    def formula(self) -> str:
        """For example `DIST(1*(1-r over classes) + 1*(1-r over images), T=1)`."""
        weights = f"{self.classes_weight:g}*(1-r over classes) + {self.images_weight:g}*(1-r over images)"
        return self.by(f"DIST({weights}, T={self.temperature:g})")

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 to 4 with weights of 1; 0 where all agree."""
        student = log_softmax(seen.student / self.temperature).exp()
        teacher = log_softmax(self.shown(seen, part, self.temperature) / self.temperature).exp()
        teacher = teacher.to(student.dtype)
        classes = 1 - _pearson(student, teacher).mean()
        images = 1 - _pearson(student.T, teacher.T).mean()
        return self.classes_weight * classes + self.images_weight * images


def _pearson(x: Tensor, y: Tensor) -> Tensor:
    """Correlation of each row."""
    x, y = (v - v.mean(1, keepdim=True) for v in (x, y))
    # A row of equal values has no correlation; a tiny length in the denominator makes it 0 and the gradient finite.
    lengths = torch.sqrt((x.square().sum(1) + 1e-16) * (y.square().sum(1) + 1e-16))
    return (x * y).sum(1) / lengths
