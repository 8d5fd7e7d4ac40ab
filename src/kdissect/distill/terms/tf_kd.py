"""Distillation from a teacher that was never trained."""

import math
from typing import final

from pydantic import Field
from torch import Tensor, nn

from kdissect.distill.terms.kd import kl
from kdissect.distill.terms.term import Term
from kdissect.training import Seen


@final
class TfKD(Term):
    """T^2 KL from a virtual teacher that gives the label a probability of `correct` and all others the same, in nats.

    No similarity between classes: a control. Its sibling, "Tf-KD self", is `KD` from a teacher of the student's own
        kind.

    Attributes:
        correct: the virtual teacher's probability of the label at temperature 1, above 1/k.
        temperature: T of both sides.

    Source: Yuan et al. 2020, "Revisiting Knowledge Distillation via Label Smoothing Regularization",
        arXiv:1909.11723, equations 8 and 9.
    Departs: the published code takes the softmax of the probabilities over T and leaves the student at T = 1;
        this follows the equations.
    """

    correct: float = Field(default=0.99, gt=0, lt=1)
    temperature: float = Field(default=20.0, gt=0)

    @property
    def formula(self) -> str:
        """For example `TfKD(T^2*KL(virtual t||s), 0.99, T=20)`."""
        return f"TfKD(T^2*KL(virtual t||s), {self.correct:g}, T={self.temperature:g})"

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over the batch; 0 or more."""
        classes = seen.student.shape[1]
        others = math.log((1 - self.correct) / (classes - 1))
        teacher = seen.student.new_full(seen.student.shape, others)
        teacher.scatter_(1, seen.labels[:, None], math.log(self.correct))
        return kl(seen.student, teacher, self.temperature)
