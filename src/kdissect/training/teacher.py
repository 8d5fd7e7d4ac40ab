"""A trained network that teaches: always in eval mode, without gradient, checked before it is used."""

from typing import final

import torch
from torch import Tensor, nn

from kdissect.data.dataset import Split
from kdissect.errors import DataError
from kdissect.models import Network, format_of
from kdissect.training.predict import accuracy, predict

CHECKED_IMAGES = 512


@final
class Teacher:
    """A frozen network.

    Args:
        module: the trained module; it is put in eval mode and its parameters stop asking for gradients.
        network: its spec, for the normalisation of its input.
    """

    def __init__(self, module: nn.Module, network: Network) -> None:
        self.module = module.eval().requires_grad_(False)
        self.network = network

    @torch.no_grad()
    def logits(self, pictures: Tensor) -> Tensor:
        """Logits for `(b 3 h w)` uint8 pictures, `(b k)`."""
        images = self.network.normalize(pictures).contiguous(memory_format=format_of(self.module))
        logits: Tensor = self.module(images)
        return logits.detach()

    def check(self, val: Split, *, stated: float | None = None) -> float:
        """Accuracy on some images of the val split, evenly spaced, 0 to 1.

        Args:
            val: the val split of the data set that the student will be trained on.
            stated: the accuracy that the teacher is said to have.

        Raises:
            DataError: the teacher is no better than chance, or far below its stated accuracy (four
                standard errors): it was trained for other classes, or its weights did not load.
        """
        # Evenly spaced: many data sets are stored class by class.
        chosen = torch.linspace(0, len(val) - 1, min(CHECKED_IMAGES, len(val))).long()
        some = Split(val.pictures[chosen], val.labels[chosen])
        found = accuracy(predict(self.module, self.network, some), some.labels)
        chance = 1 / self.network.num_classes
        error = (max(found * (1 - found), chance * (1 - chance)) / len(some)) ** 0.5
        if found < chance + 4 * error:
            raise DataError(
                f"the teacher is at chance: expected more than {chance + 4 * error:.1%} of {len(some)} val images "
                f"right, got {found:.1%}; check its weights, and that it was trained for these classes in this order"
            )
        if stated is not None and found < stated - 4 * error:
            raise DataError(
                f"the teacher is said to have {stated:.1%} accuracy and has {found:.1%} on {len(some)} val images; "
                "check its weights and the data set"
            )
        return found
