"""Label smoothing."""

from typing import Literal, final

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.term import Term, log_softmax
from kdissect.training import Seen


@final
class LS(Term):
    """Cross-entropy with smoothed labels: (1 - s) CE(label) + s CE(uniform), in nats.

    With `smoothing=0` it is `CE`. Replaces `CE` in an objective; it already contains it.

    Attributes:
        smoothing: share s of the uniform distribution, 0 to 1; 0.1 is the value in general use.
        over: `all`: s is spread over all k classes, the label too; `others`: over the k - 1 others.

    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", arXiv:1512.00567, section 7;
        `f_LS` in Han et al. 2023. Over k - 1: Yuan et al. 2020, arXiv:1909.11723.
    """

    smoothing: float = Field(default=0.1, ge=0, le=1)
    over: Literal["all", "others"] = "all"

    @property
    def formula(self) -> str:
        """For example `LS(0.1)`."""
        return f"LS({self.smoothing:g}{', over k-1' if self.over == 'others' else ''})"

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over the batch; at least the entropy of the smoothed label."""
        log_p = log_softmax(seen.student)
        right = F.nll_loss(log_p, seen.labels)
        if self.over == "all":
            return (1 - self.smoothing) * right - self.smoothing * log_p.mean()
        others = -log_p.sum(1).mean() - right
        return (1 - self.smoothing) * right + self.smoothing / (log_p.shape[1] - 1) * others
