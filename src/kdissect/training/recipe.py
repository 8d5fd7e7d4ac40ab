"""The recipe of a training run: all that is the same for every arm of a study."""

import math
from typing import Literal, Self, final

import torch
from pydantic import Field, model_validator
from torch import nn

from kdissect.data.augment import Augment
from kdissect.specs import Spec
from kdissect.training.hardware import Compile, Precision


@final
class Recipe(Spec):
    """Optimiser, schedule, epochs, batch and augmentation. Label smoothing is a term, never hidden here.

    Attributes:
        epochs: passes over the training split.
        batch_size: images a step, over all processes.
        optimizer: `sgd` or `adamw`.
        learning_rate: at the schedule's peak.
        momentum: of `sgd`; 0 to 1.
        nesterov: whether momentum of `sgd` is Nesterov's.
        weight_decay: on every parameter, as in the paper's recipe.
        schedule: `cosine` to zero, `linear` to zero, or `steps` (a tenth at each milestone).
        warmup_share: share of the steps in which the rate rises linearly from zero.
        milestones: shares of the epochs at which `steps` divides the rate by ten.
        augment: random shift and flip.
        precision: `fp32`; `bf16` (autocast; refused where the hardware has none); `auto` for bf16 on GPUs that have it.
        compile: `off`; `on` compiles the passes of student and teacher; `auto` tries it at the start of each run and
            keeps what is faster. Both change results by rounding.
        validate_every: epochs between two looks at the val split; the last epoch is always looked at.
    """

    epochs: int = Field(ge=1)
    batch_size: int = Field(default=128, ge=2)
    optimizer: Literal["sgd", "adamw"] = "sgd"
    learning_rate: float = Field(default=0.1, gt=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    nesterov: bool = True
    weight_decay: float = Field(default=5e-4, ge=0)
    schedule: Literal["cosine", "linear", "steps"] = "cosine"
    warmup_share: float = Field(default=0.05, ge=0, lt=1)
    milestones: tuple[float, ...] = (0.3, 0.6, 0.9)
    augment: Augment = Augment()
    precision: Precision = "fp32"
    compile: Compile = "off"
    validate_every: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _milestones_rise(self) -> Self:
        if list(self.milestones) != sorted(self.milestones) or any(not 0 < m < 1 for m in self.milestones):
            raise ValueError(f"milestones are rising shares between 0 and 1, got {self.milestones}")
        return self

    def rate(self, step: int, steps: int) -> float:
        """Learning rate of a step: a pure function, so a resumed run needs no scheduler state.

        Args:
            step: from 0.
            steps: of the whole run.
        """
        warmup = self.warmup_share * steps
        if step < warmup:
            return self.learning_rate * (step + 1) / (warmup + 1)
        done = (step - warmup) / max(1.0, steps - warmup)
        if self.schedule == "cosine":
            return self.learning_rate * 0.5 * (1 + math.cos(math.pi * done))
        if self.schedule == "linear":
            return self.learning_rate * (1 - done)
        passed = sum(step >= milestone * steps for milestone in self.milestones)
        return float(self.learning_rate * 0.1**passed)

    def build_optimizer(self, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        """The optimiser over these parameters."""
        if self.optimizer == "adamw":
            return torch.optim.AdamW(parameters, lr=self.learning_rate, weight_decay=self.weight_decay, fused=True)
        return torch.optim.SGD(
            parameters,
            lr=self.learning_rate,
            momentum=self.momentum,
            nesterov=self.nesterov and self.momentum > 0,
            weight_decay=self.weight_decay,
            fused=True,
        )
