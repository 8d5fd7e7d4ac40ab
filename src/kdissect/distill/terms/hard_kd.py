"""Distillation of the teacher's decision alone."""

from typing import final

from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.logit_term import LogitTerm
from kdissect.distill.terms.term import log_softmax
from kdissect.training import Seen


@final
class HardKD(LogitTerm):
    """Cross-entropy with the teacher's most probable class, mean over the batch, in nats.

    The teacher's decision without any similarity: a control for `KD`.

    Attributes:
        control: what is done to the teacher's logits before.

    Source: Touvron et al. 2021, "Training data-efficient image transformers", arXiv:2012.12877, equation 3.
    """

    @property
    def formula(self) -> str:
        """`HardKD(CE with argmax t)`."""
        return self.by("HardKD(CE with argmax t)")

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """Mean over the batch; 0 or more."""
        return F.nll_loss(log_softmax(seen.student), self.shown(seen, part).argmax(1))
