"""Multi-level logit distillation."""

from typing import ClassVar, final

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.data.views import STRONG
from kdissect.distill.terms.logit_term import LogitTerm, standardized
from kdissect.distill.terms.term import log_softmax
from kdissect.training import Seen


@final
class MLKD(LogitTerm):
    """Logits aligned for each image, each pair of images and each pair of classes, at several temperatures.

    The sum over the temperatures of: T^2 KL of each image; squared differences of the images' Gram matrix, over
    the number of images; of the classes' Gram matrix, over the number of classes. On the images and on
    strongly changed ones. Of the KL only the images are kept of which the teacher is at least as sure as of
    the middle one (by the images as they came); of the classes only those with at least the middle mass.

    Attributes:
        temperatures: all that are looked at.
        strong: look at strongly changed images too.
        images_weight: of the pairs of images.
        classes_weight: of the pairs of classes.
        standardize: z-score each image's logits first.
        control: what is done to the teacher's logits before.

    Source: Jin et al. 2023, "Multi-Level Logit Distillation", CVPR, section 3.
    Departs: the mask is applied image by image (a published copy multiplies a mean by it); each view is
        compared at all temperatures; strong images are made here (colours, contrast, a square removed) in
        place of RandAugment.
    """

    whole_batch: ClassVar[bool] = True

    temperatures: tuple[float, ...] = Field(default=(2.0, 3.0, 4.0, 5.0, 6.0), min_length=1)
    strong: bool = True
    images_weight: float = Field(default=1.0, ge=0)
    classes_weight: float = Field(default=1.0, ge=0)
    standardize: bool = False

    @property
    def formula(self) -> str:
        """For example `MLKD(T^2*KL + 1*images + 1*classes, T=2,3,4,5,6, strong)`."""
        temperatures = ",".join(f"{t:g}" for t in self.temperatures)
        parts = f"T^2*KL + {self.images_weight:g}*images + {self.classes_weight:g}*classes"
        more = (", strong" if self.strong else "") + (", z-scored" if self.standardize else "")
        return self.by(f"MLKD({parts}, T={temperatures}{more})")

    @property
    def views(self) -> tuple[str, ...]:
        """The strong one, if it is looked at."""
        return (STRONG,) if self.strong else ()

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 or more; 0 where student and teacher agree."""
        teacher = log_softmax(self.shown(seen, part)).exp()
        sure = teacher.amax(1)
        images = sure >= sure.median()
        mass = teacher.sum(0)
        classes = mass >= mass.median()
        total = seen.student.new_zeros(())
        for view in (seen, *seen.views.values()):
            for temperature in self.temperatures:
                student = standardized(view.student) if self.standardize else view.student
                taught = self.shown(view, part, temperature, standardize=self.standardize)
                log_s, log_t = log_softmax(student / temperature), log_softmax(taught / temperature)
                every = F.kl_div(log_s, log_t, reduction="none", log_target=True).sum(1)
                total = total + temperature**2 * (every * images).sum() / images.sum()
                s, t = log_s.exp(), log_t.exp()
                total = total + self.images_weight * (s @ s.T - t @ t.T).square().sum() / len(s)
                between = (s.T @ s - t.T @ t).square() * (classes[:, None] & classes[None, :])
                total = total + self.classes_weight * between.sum() / s.shape[1]
        return torch.as_tensor(total)
