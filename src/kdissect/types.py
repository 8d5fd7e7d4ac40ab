"""Shapes of the tensors that travel between modules, and the check at the public doors.

Axis letters mean the same everywhere:

===== =======================================================
b     images of a batch, or of a data set
c     channels of an image, or categories of concepts
h, w  height and width
k     classes
u     units: channels of one layer
q     concepts: label numbers of a probe, 0 ("no label") included
p     planes of label maps of one image
===== =======================================================

Under pytest every annotation with one of these is checked on each call.
"""

from typing import Any

from jaxtyping import Bool, Float, Int, UInt8, jaxtyped
from torch import Tensor

from kdissect.errors import ShapeError

Pictures = UInt8[Tensor, "b 3 h w"]
"""Images as stored: 0 to 255, RGB."""

Images = Float[Tensor, "b 3 h w"]
"""Images as a network takes them: normalised."""

Logits = Float[Tensor, "b k"]
Labels = Int[Tensor, " b"]
Activations = Float[Tensor, "b u h w"]
"""Feature maps of one layer."""

Maps = Float[Tensor, "b h w"]
"""Attributions: a number for each pixel."""

Masks = Bool[Tensor, "b h w"]
"""Where something is, pixel by pixel."""

Scalar = Float[Tensor, ""]


def check(**named: tuple[Tensor, Any]) -> None:
    """Refuse tensors that do not have their type, or disagree about an axis.

    Args:
        named: for each argument its value and its shape alias, `logits=(logits, Logits)`.

    Raises:
        ShapeError: names the argument, the shape expected and the one that came.
    """
    with jaxtyped("context"):  # axis sizes are shared across the names
        for name, (value, kind) in named.items():
            if not isinstance(value, kind):
                came = f"{str(value.dtype).removeprefix('torch.')}{tuple(value.shape)}"
                raise ShapeError(f"{name} must be {kind.__name__}, got {came}")
