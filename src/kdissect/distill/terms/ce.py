"""Cross-entropy with the labels."""

from typing import final

from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.term import Term, log_softmax
from kdissect.training import Seen


@final
class CE(Term):
    """Cross-entropy with the labels, mean over the batch, in nats.

    Source: the definition; `f_scratch` in Han et al. 2023 is trained with this term alone.
    """

    @property
    def formula(self) -> str:
        """`CE`."""
        return "CE"

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """-log p(label), mean over the batch; 0 or more."""
        return F.nll_loss(log_softmax(seen.student), seen.labels)
