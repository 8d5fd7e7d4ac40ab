"""Distillation of explanations."""

from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from kdissect.distill.terms.layer_term import LayerTerm
from kdissect.errors import LayerError
from kdissect.training import Pair, Seen, Taught

LEAST = 1e-8


@final
class E2KD(LayerTerm):
    """The student should look where the teacher looks: 1 - cosine of their Grad-CAMs, mean over the batch.

    Both explain the teacher's most probable class, at one layer each. Of maps of different sizes the smaller is
    enlarged. Beside `KD`, with a weight of 1 to 10.

    Attributes:
        layers: one layer of the student; by default the last stage.
        teacher: one of the teacher.

    Source: Parchami-Araghi et al. 2024, "Good Teachers Explain", arXiv:2402.03119, equation 3.
    """

    single: ClassVar[bool] = True
    teacher_gradients: ClassVar[bool] = True

    @property
    def formula(self) -> str:
        """For example `E2KD(1-cos of Grad-CAMs, last stage)`."""
        return f"E2KD(1-cos of Grad-CAMs, {self.at})"

    def part(self, pair: Pair) -> nn.Module | None:
        """Nothing to train; remembers the layers."""
        (student,), (teacher,) = (layers[-1:] for layers in self.pairs(pair))
        assert pair.teacher is not None
        for layer, anatomy in ((student, pair.student), (teacher, pair.teacher)):
            if layer in anatomy.overwritten:  # what is read of it is a copy, and the logits do not come from the copy
                raise LayerError(
                    f"E2KD differentiates the logits by a layer's maps, and {layer!r} of {anatomy.network} is changed "
                    f"in place by the next layer; choose that one, or among {', '.join(anatomy.stages)}"
                )
        return _Pair(student, teacher)

    def target(self, taught: Taught, part: nn.Module | None) -> dict[str, Tensor]:
        """The teacher's Grad-CAM `(b h w)`, and the class that it explains `(b)`."""
        assert isinstance(part, _Pair)
        chosen = taught.logits.argmax(1)
        explained = grad_cam(taught.logits, taught.maps[part.teacher], chosen, further=False)
        return {"explanation": explained, "class": chosen}

    def loss(self, seen: Seen, part: nn.Module | None = None) -> Tensor:
        """0 to 1; 0 where they look at the same places."""
        assert isinstance(part, _Pair)
        # Labels of a cache are floats.
        chosen = seen.target["class"].to(torch.int64)
        explained = grad_cam(seen.student, seen.roots[part.student], chosen, further=True)
        teacher = seen.target["explanation"]
        size = (max(explained.shape[1], teacher.shape[1]), max(explained.shape[2], teacher.shape[2]))
        student, teacher = (_enlarge(maps, size).flatten(1) for maps in (explained, teacher))
        return (1 - F.cosine_similarity(student, teacher, dim=1, eps=LEAST)).mean()


def grad_cam(logits: Tensor, maps: Tensor, classes: Tensor, *, further: bool) -> Tensor:
    """Maps weighted by the mean gradient of a class's logit, above zero, `(b h w)`.

    Args:
        logits: `(b k)`, made from the maps.
        maps: `(b u h w)`, part of the logits' graph; there may be more rows, of other views, behind.
        classes: `(b)`, which logit of each image.
        further: whether the result can be differentiated.

    Raises:
        LayerError: the logits do not come from these maps.
    """
    score = logits.gather(1, classes[:, None]).sum()
    try:
        (gradient,) = torch.autograd.grad(score, maps, create_graph=further, retain_graph=True)
    except RuntimeError:
        raise LayerError(
            "E2KD needs a layer whose maps the logits come from as they are read; tokens of transformers, copies and "
            "half precision are read as something new; choose a stage of a convolutional network, in fp32"
        ) from None
    weights = gradient[: len(logits)].mean((2, 3), keepdim=True)
    return F.relu((weights * maps[: len(logits)]).sum(1))


def _enlarge(maps: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(maps.shape[1:]) == size:
        return maps
    return F.interpolate(maps[:, None], size=size, mode="bilinear", align_corners=False)[:, 0]


@final
class _Pair(nn.Module):
    def __init__(self, student: str, teacher: str) -> None:
        super().__init__()
        self.student, self.teacher = student, teacher
