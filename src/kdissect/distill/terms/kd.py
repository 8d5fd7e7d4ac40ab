"""Knowledge distillation of the logits."""

from typing import final

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.logit_term import LogitTerm, standardized
from kdissect.distill.terms.term import log_softmax
from kdissect.training import Seen


@final
class KD(LogitTerm):
    """Logit distillation: T^2 KL(teacher || student) of the softmaxes at temperature T, in nats.

    Summed over classes, mean over the batch (`batchmean`); T^2 keeps the size of the gradient when T
    changes. Zero when student and teacher agree. Use it beside `CE`: the paper's
    `(1 - a) CE + a T^2 KL` is `(1 - a) * CE() + a * KD(temperature=T)`. (In torchdistill's KDLoss, and
    so in the paper's code, `alpha` weights CE instead.)

    Attributes:
        temperature: T, above 0; 1 leaves the probabilities, larger values show more of the non-target classes.
        standardize: z-score each image's logits first, on both sides; published with `temperature=2` and a weight of 9.
        control: what is done to the teacher's logits before, for causal controls.

    Source: Hinton et al. 2015, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531, section 2;
        Han et al. 2023, section 3 (cross-entropy in place of KL there: the gradient is the same).
        Standardised: Sun et al. 2024, arXiv:2403.01427.
    """

    temperature: float = Field(default=4.0, gt=0)
    standardize: bool = False

    @property
    def formula(self) -> str:
        """For example `KD(T^2*KL(t||s), T=4, batchmean)`."""
        z = ", z-scored" if self.standardize else ""
        return self.by(f"KD(T^2*KL(t||s), T={self.temperature:g}{z}, batchmean)")

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over the batch; 0 or more."""
        student = standardized(seen.student) if self.standardize else seen.student
        teacher = self.shown(seen, part, self.temperature, standardize=self.standardize)
        return kl(student, teacher, self.temperature)


def kl(student: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """T^2 KL(teacher || student) at temperature T, mean over the batch."""
    log_s, log_t = log_softmax(student / temperature), log_softmax(teacher / temperature)
    return F.kl_div(log_s, log_t, reduction="batchmean", log_target=True) * temperature**2
