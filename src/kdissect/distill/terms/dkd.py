"""Decoupled knowledge distillation, and its two halves alone."""

from typing import final

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.logit_term import LogitTerm, standardized
from kdissect.distill.terms.term import full, log_softmax
from kdissect.training import Seen


@final
class TCKD(LogitTerm):
    """Target-class distillation: T^2 KL of (probability of the label, of all others together), in nats.

    Carries the teacher's confidence and no similarity: a control for `KD`.

    Attributes:
        temperature: T, above 0.
        control: what is done to the teacher's logits before.

    Source: Zhao et al. 2022, "Decoupled Knowledge Distillation", arXiv:2203.08679, equation 7.
    """

    temperature: float = Field(default=4.0, gt=0)

    @property
    def formula(self) -> str:
        """For example `TCKD(T^2*KL(target or not), T=4)`."""
        return self.by(f"TCKD(T^2*KL(target or not), T={self.temperature:g})")

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over the batch; 0 or more."""
        return target_part(seen.student, self.shown(seen, part, self.temperature), seen.labels, self.temperature)


@final
class NCKD(LogitTerm):
    """Non-target-class distillation: T^2 KL of the softmaxes over the classes other than the label, in nats.

    This is the class similarity that the paper credits, without the teacher's confidence.

    Attributes:
        temperature: T, above 0.
        control: what is done to the teacher's logits before.

    Source: Zhao et al. 2022, arXiv:2203.08679, equation 7.
    """

    temperature: float = Field(default=4.0, gt=0)

    @property
    def formula(self) -> str:
        """For example `NCKD(T^2*KL(non-target), T=4)`."""
        return self.by(f"NCKD(T^2*KL(non-target), T={self.temperature:g})")

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over the batch; 0 or more."""
        return others_part(seen.student, self.shown(seen, part, self.temperature), seen.labels, self.temperature)


@final
class DKD(LogitTerm):
    """Decoupled distillation: a TCKD + b NCKD, with b no longer tied to the teacher's confidence as in `KD`.

    `KD = TCKD + (1 - p_teacher(label)) NCKD`, image by image.

    Attributes:
        temperature: T, above 0.
        target_weight: a, of the target part; 0 leaves `NCKD`.
        others_weight: b, of the non-target part; 0 leaves `TCKD`. 2 to 8 on CIFAR-100, 0.5 on ImageNet.
        warmup_epochs: epochs over which the term's weight rises linearly to 1; 20 of 240 in the CIFAR recipe.
        standardize: z-score each image's logits first.
        control: what is done to the teacher's logits before.

    Source: Zhao et al. 2022, arXiv:2203.08679, equation 7.
    """

    temperature: float = Field(default=4.0, gt=0)
    target_weight: float = Field(default=1.0, ge=0)
    others_weight: float = Field(default=8.0, ge=0)
    warmup_epochs: int = Field(default=0, ge=0)
    standardize: bool = False

    @property
    def formula(self) -> str:
        """For example `DKD(T^2*(1*TCKD + 8*NCKD), T=4)`."""
        weights = f"{self.target_weight:g}*TCKD + {self.others_weight:g}*NCKD"
        more = ", z-scored" if self.standardize else ""
        return self.by(f"DKD(T^2*({weights}), T={self.temperature:g}{more})")

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over the batch; 0 or more."""
        student = standardized(seen.student) if self.standardize else seen.student
        teacher = self.shown(seen, part, self.temperature, standardize=self.standardize)
        target = target_part(student, teacher, seen.labels, self.temperature)
        others = others_part(student, teacher, seen.labels, self.temperature)
        warm = min(1.0, (seen.epoch + 1) / self.warmup_epochs) if self.warmup_epochs else 1.0
        return warm * (self.target_weight * target + self.others_weight * others)


def target_part(student: Tensor, teacher: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """T^2 KL between (label, rest), mean over the batch."""
    log_s, log_t = (_two(logits, labels, temperature) for logits in (student, teacher))
    return F.kl_div(log_s, log_t, reduction="batchmean", log_target=True) * temperature**2


def others_part(student: Tensor, teacher: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """T^2 KL between the softmaxes without the label, mean over the batch."""
    log_s, log_t = (log_softmax(_rest(logits, labels) / temperature) for logits in (student, teacher))
    return F.kl_div(log_s, log_t, reduction="batchmean", log_target=True) * temperature**2


def _rest(logits: Tensor, labels: Tensor) -> Tensor:
    """The logits without the label's, `(b k-1)`."""
    # By index: a mask gives a shape that only the device knows, so the host would wait for it in every step.
    columns = torch.arange(logits.shape[1] - 1, device=logits.device)[None, :]
    return logits.gather(1, columns + (columns >= labels[:, None]))


def _two(logits: Tensor, labels: Tensor, temperature: float) -> Tensor:
    """Log-probabilities of the label and of all others together, `(b 2)`, without subtracting from 1."""
    scaled = full(logits) / temperature
    right = scaled.gather(1, labels[:, None])
    return log_softmax(torch.cat([right, torch.logsumexp(_rest(scaled, labels), 1, keepdim=True)], 1))
