"""Knowledge distillation of the logits."""

from typing import ClassVar, final

from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from kdissect.distill.terms.term import Term, log_softmax
from kdissect.training import Seen


@final
class KD(Term):
    """Logit distillation: T^2 KL(teacher || student) of the softmaxes at temperature T, in nats.

    Summed over classes, mean over the batch (`batchmean`); T^2 keeps the size of the gradient when T
    changes. Zero when student and teacher agree. Use it beside `CE`: the paper's
    `(1 - a) CE + a T^2 KL` is `(1 - a) * CE() + a * KD(temperature=T)`. (In torchdistill's KDLoss, and
    so in the paper's code, `alpha` weights CE instead.)

    Attributes:
        temperature: T, above 0; 1 leaves the probabilities, larger values show more of the non-target classes.

    Source: Hinton et al. 2015, "Distilling the Knowledge in a Neural Network", arXiv:1503.02531, section 2;
        Han et al. 2023, section 3 (cross-entropy in place of KL there: the gradient is the same).
    """

    needs_teacher: ClassVar[bool] = True

    temperature: float = Field(default=4.0, gt=0)

    @property
    def formula(self) -> str:
        """For example `KD(T^2*KL(t||s), T=4, batchmean)`."""
        return f"KD(T^2*KL(t||s), T={self.temperature:g}, batchmean)"

    def loss(self, seen: Seen) -> Tensor:
        """Mean over the batch; 0 or more."""
        assert seen.teacher is not None  # the loop refuses an objective without its teacher
        student = log_softmax(seen.student / self.temperature)
        teacher = log_softmax(seen.teacher / self.temperature)
        return F.kl_div(student, teacher, reduction="batchmean", log_target=True) * self.temperature**2
