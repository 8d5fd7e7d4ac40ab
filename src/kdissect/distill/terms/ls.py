"""Label smoothing."""

from typing import final

from pydantic import Field
from torch import Tensor
from torch.nn import functional as F

from kdissect.distill.terms.term import Term, log_softmax
from kdissect.training import Seen


@final
class LS(Term):
    """Cross-entropy with smoothed labels: (1 - s) CE(label) + s CE(uniform over all k classes), in nats.

    With `smoothing=0` it is `CE`. Replaces `CE` in an objective; it already contains it.

    Attributes:
        smoothing: share s of the uniform distribution, 0 to 1; 0.1 is the value in general use.

    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", arXiv:1512.00567, section 7;
        `f_LS` in Han et al. 2023.
    """

    smoothing: float = Field(default=0.1, ge=0, le=1)

    @property
    def formula(self) -> str:
        """For example `LS(0.1)`."""
        return f"LS({self.smoothing:g})"

    def loss(self, seen: Seen) -> Tensor:
        """Mean over the batch; at least the entropy of the smoothed label."""
        log_p = log_softmax(seen.student)
        return (1 - self.smoothing) * F.nll_loss(log_p, seen.labels) - self.smoothing * log_p.mean()
