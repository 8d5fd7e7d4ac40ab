"""Relational knowledge distillation."""

from typing import ClassVar, final

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.embedding_term import EmbeddingTerm
from kdissect.distill.terms.term import full
from kdissect.models import EMBEDDING
from kdissect.training import Seen


@final
class RKD(EmbeddingTerm):
    """Distances and angles between the embeddings of images should be the teacher's.

    Huber loss (bend at 1) of the pairwise distances over their mean, and of the cosines of all angles between
    three images.

    Attributes:
        distance_weight: of the distances.
        angle_weight: of the angles.

    Source: Park et al. 2019, "Relational Knowledge Distillation", arXiv:1904.05068, equations 5 to 9.
    """

    whole_batch: ClassVar[bool] = True

    distance_weight: float = Field(default=25.0, ge=0)
    angle_weight: float = Field(default=50.0, ge=0)

    @property
    def formula(self) -> str:
        """For example `RKD(25*distances + 50*angles)`."""
        return f"RKD({self.distance_weight:g}*distances + {self.angle_weight:g}*angles)"

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more; 0 where the shape of the batch is the same."""
        student, teacher = full(seen.maps[EMBEDDING]), seen.target[EMBEDDING]
        distance = F.smooth_l1_loss(_distances(student), _distances(teacher))
        angle = F.smooth_l1_loss(_angles(student), _angles(teacher))
        return self.distance_weight * distance + self.angle_weight * angle


def _distances(embeddings: Tensor) -> Tensor:
    """Pairwise distances over the mean of those that are not zero, `(b b)`."""
    squares = embeddings.square().sum(1)
    squared = (squares[:, None] + squares[None, :] - 2 * embeddings @ embeddings.T).clamp(min=1e-12)
    away = ~torch.eye(len(embeddings), dtype=torch.bool, device=embeddings.device)
    distances = squared.sqrt() * away
    return distances / (distances.sum() / away.sum()).clamp(min=1e-12)


def _angles(embeddings: Tensor) -> Tensor:
    """Cosine of the angle at image i between images j and l, `(b b b)`."""
    towards = F.normalize(embeddings[None, :, :] - embeddings[:, None, :], dim=2)
    return towards @ towards.transpose(1, 2)
