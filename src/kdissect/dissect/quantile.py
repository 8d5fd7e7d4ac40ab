"""The activation threshold of a unit: an exact order statistic of its raw activations."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Self

import torch
from jaxtyping import Float
from torch import Tensor

from kdissect.dissect.finite import all_finite
from kdissect.errors import DivergedError, ShapeError, SpecError
from kdissect.types import Activations, check

Rule = Literal["netdissect", "plain"]
Thresholds = Float[Tensor, " u"]


@dataclass(frozen=True)
class Position:
    """Where a quantile lies among `count` sorted values: `lower` of them are below, then a step of `fraction`.

    Attributes:
        lower: rank (from 0) of the order statistic at or below the quantile.
        fraction: 0 <= fraction < 1, how far it is on the way to the next order statistic.
        num_top: how many of the largest values decide it: those of rank `lower` and above.
    """

    lower: int
    fraction: float
    num_top: int

    @classmethod
    def of(cls, quantile: float, rule: Rule, count: int) -> Self:
        """The position of the threshold for a tail of `quantile` among `count` values.

        Raises:
            SpecError: the quantile is not between 0 and 1, or there is no such rule.
        """
        if not 0 < quantile < 1:
            raise SpecError(f"quantile must be above 0 and below 1 (0.005 is usual), got {quantile}")
        if rule == "netdissect":
            # the published code reads entry int(1000 (1 - q) - 1) of 1000 even steps; same float arithmetic here
            share = Fraction(max(int(1000 * (1 - quantile) - 1), 0), 999)
        elif rule == "plain":
            share = 1 - Fraction(str(quantile))
        else:
            raise SpecError(f"rule must be netdissect or plain, got {rule!r}")
        position = share * (count - 1)
        lower = int(position)
        return cls(lower, float(position - lower), count - lower)

    def between(self, lower: Tensor, upper: Tensor) -> Tensor:
        """The threshold, float64, from the order statistics on its two sides."""
        low = lower.double()
        return low + (upper.double() - low) * self.fraction + 0.0  # + 0.0: no negative zero


def thresholds(activations: Tensor, *, quantile: float = 0.005, rule: Rule = "netdissect") -> Thresholds:
    """The activation that a unit exceeds at a share `quantile` of all positions of all images.

    Exact: linear interpolation between the two order statistics on either side, without a sketch.

    Args:
        activations: `(b u h w)`, not upsampled.
        quantile: share of positions above the threshold, between 0 and 1.
        rule: `netdissect` reads the quantile at int(1000 (1 - q) - 1) / 999, as the published code does
            (994/999 for 0.005, a tail of 0.005005); `plain` reads it at 1 - q.

    Returns:
        Thresholds `(u,)`, float64, on the device of the activations.

    Raises:
        SpecError: the quantile or the rule is not one of those.
        ShapeError: the activations are no `(b u h w)`, or empty.
        DivergedError: an activation is not finite.

    Source: Bau et al. 2017, section 2.2.
    Departs: the published code estimates the quantile with a sketch, to about 1 % of the tail.
    """
    check(activations=(activations, Activations))
    if activations.numel() == 0:
        raise ShapeError(f"activations must not be empty, got {tuple(activations.shape)}")
    if not all_finite(activations):
        raise DivergedError("activations must be finite, some are NaN or infinite; thresholds would be meaningless")
    if activations.dtype in (torch.float16, torch.bfloat16):
        activations = activations.float()
    position = Position.of(quantile, rule, activations.numel() // activations.shape[1])
    result = []
    for unit in activations.unbind(1):  # one at a time: top-k copies its input
        top = unit.reshape(-1).topk(position.num_top).values
        result.append(position.between(top[-1], top[max(position.num_top - 2, 0)]))
    return torch.stack(result)
