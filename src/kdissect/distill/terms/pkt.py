"""Probabilistic knowledge transfer."""

from typing import ClassVar, final

from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.embedding_term import EmbeddingTerm
from kdissect.distill.terms.term import full
from kdissect.models import EMBEDDING
from kdissect.training import Seen

LEAST = 1e-7


@final
class PKT(EmbeddingTerm):
    """The teacher's distribution of neighbours in the batch, by cosine similarity.

    Mean over pairs of p_t log(p_t / p_s), p the similarities (1 + cos) / 2 with rows summing to 1. Published with a
    weight of 30000.

    Source: Passalis & Tefas 2018, "Learning Deep Representations with Probabilistic Knowledge Transfer",
        arXiv:1803.10837, equations 7 to 9; the mean over pairs of the authors' code, which the weight belongs to.
    """

    whole_batch: ClassVar[bool] = True

    @property
    def formula(self) -> str:
        """`PKT(mean p_t*log(p_t/p_s))`."""
        return "PKT(mean p_t*log(p_t/p_s))"

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more, up to rounding; 0 where the neighbours are the same."""
        student, teacher = _neighbours(full(seen.maps[EMBEDDING])), _neighbours(seen.target[EMBEDDING])
        return (teacher * ((teacher + LEAST) / (student + LEAST)).log()).mean()


def _neighbours(embeddings: Tensor) -> Tensor:
    unit = F.normalize(embeddings, dim=1)
    similarity = (unit @ unit.T + 1) / 2
    return similarity / similarity.sum(1, keepdim=True)
