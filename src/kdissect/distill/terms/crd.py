"""Contrastive representation distillation."""

import math
from typing import ClassVar, final

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.embedding_term import EmbeddingTerm
from kdissect.distill.terms.term import full
from kdissect.models import EMBEDDING
from kdissect.training import Pair, Seen

LEAST = 1e-7


@final
class CRD(EmbeddingTerm):
    """Contrastive distillation: an image's two embeddings are told from those of images of other classes.

    Both embeddings go through a linear layer to `width` values of length 1. Noise-contrastive estimation against two
    memory banks with one vector for every training image, each side once as the anchor; mean over the batch. Published
    with a weight of 0.8 beside `CE`.

    The negatives are drawn once a step for the whole batch, and those of an image's own class count for nothing for
    it. This costs one matrix product; drawing other negatives for each image, without replacement, took the published
    code 72 ms an image.

    Attributes:
        negatives: how many are drawn a step, at most the number of training images.
        temperature: of the similarities.
        momentum: share of its old vector that a bank keeps.
        width: of the compared vectors.

    Source: Tian et al. 2020, "Contrastive Representation Distillation", arXiv:1910.10699, equations 17 to 19; the form
        and settings of the authors' code.
    Departs: shared negatives with replacement (the sum over an image's valid ones is scaled to the number asked for);
        the normalising constant is from the first step, as published, and is kept in checkpoints.
    """

    needs_indices: ClassVar[bool] = True
    whole_batch: ClassVar[bool] = True

    negatives: int = Field(default=16384, ge=1)
    temperature: float = Field(default=0.07, gt=0)
    momentum: float = Field(default=0.5, ge=0, lt=1)
    width: int = Field(default=128, ge=2)

    @property
    def formula(self) -> str:
        """For example `CRD(NCE, 16384 negatives, tau=0.07)`."""
        return f"CRD(NCE, {self.negatives} negatives, tau={self.temperature:g})"

    def part(self, pair: Pair) -> nn.Module | None:
        """Two linear layers and two banks."""
        assert pair.teacher is not None
        widths = (pair.student.shape(EMBEDDING)[0], pair.teacher.shape(EMBEDDING)[0])
        return _Banks(*widths, self.width, pair.num_images, pair.labels)

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more. Moves the banks, if gradients are recorded."""
        assert isinstance(part, _Banks)
        assert seen.indices is not None  # the bound objective refuses
        student = F.normalize(part.of_student(full(seen.maps[EMBEDDING])), dim=1)
        teacher = F.normalize(part.of_teacher(seen.target[EMBEDDING]), dim=1)
        part.labels[seen.indices] = seen.labels
        count = min(self.negatives, len(part.labels))
        generator = torch.Generator(device=student.device).manual_seed(seen.draw % (1 << 62))
        drawn = torch.randint(len(part.labels), (count,), generator=generator, device=student.device)
        valid = (part.labels[drawn][None, :] != seen.labels[:, None]).float()
        total = student.new_zeros(())
        for anchor, bank, side in ((student, part.teacher_bank, 0), (teacher, part.student_bank, 1)):
            # The banks are moved below, in place; the gradient needs what they were.
            positive = (anchor * bank[seen.indices]).sum(1)
            negative = anchor @ bank[drawn].T
            total = total + self._nce(positive, negative, valid, part, side, count)
        if torch.is_grad_enabled():
            part.move(seen.indices, student.detach(), teacher.detach(), self.momentum)
        return total

    def _nce(self, positive: Tensor, negative: Tensor, valid: Tensor, part: "_Banks", side: int, count: int) -> Tensor:
        positive, negative = (positive / self.temperature).exp(), (negative / self.temperature).exp()
        number = len(part.labels)
        with torch.no_grad():
            scale = count / valid.sum(1).clamp(min=1)
            mean = (positive.sum() + (negative * valid * scale[:, None]).sum()) / (len(positive) * (count + 1))
            # Without a look at the value from the host: -1 stands for "not yet".
            part.normalizer[side] = torch.where(part.normalizer[side] < 0, mean * number, part.normalizer[side])
        constant = part.normalizer[side].clone()
        noise = count / number
        positive, negative = positive / constant, negative / constant
        right = torch.log(positive / (positive + noise + LEAST))
        wrong = math.log(noise) - torch.log(negative + noise + LEAST)
        return -(right + (wrong * valid).sum(1) * scale).mean()


@final
class _Banks(nn.Module):
    labels: Tensor
    student_bank: Tensor
    teacher_bank: Tensor
    normalizer: Tensor

    def __init__(self, student: int, teacher: int, width: int, number: int, labels: Tensor | None) -> None:
        super().__init__()
        self.of_student, self.of_teacher = nn.Linear(student, width), nn.Linear(teacher, width)
        # -1 until an image is seen: it belongs to no class yet
        known = labels.clone().cpu() if labels is not None else torch.full((number,), -1, dtype=torch.int64)
        self.register_buffer("labels", known)
        reach = 1 / math.sqrt(width / 3)
        for name in ("student_bank", "teacher_bank"):
            self.register_buffer(name, torch.rand(number, width) * 2 * reach - reach)
        self.register_buffer("normalizer", torch.full((2,), -1.0))

    @torch.no_grad()
    def move(self, indices: Tensor, student: Tensor, teacher: Tensor, momentum: float) -> None:
        """Each image's vectors towards the new ones, kept at length 1."""
        for bank, new in ((self.student_bank, student), (self.teacher_bank, teacher)):
            bank[indices] = F.normalize(bank[indices] * momentum + new * (1 - momentum), dim=1).to(bank.dtype)
