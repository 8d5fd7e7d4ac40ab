"""Further views of a batch of images: rotated, or strongly changed."""

from collections.abc import Sequence

import torch
from torch import Tensor

from kdissect.errors import SpecError

ROTATIONS = ("rot90", "rot180", "rot270")
STRONG = "strong"


def see_otherwise(images: Tensor, view: str, draw: int, rows: Sequence[int] | None = None) -> Tensor:
    """The images in another view, of the same shape and type.

    Args:
        images: `(b 3 h w)`, uint8 or normalised floats; square for a quarter turn.
        view: `rot90`, `rot180`, `rot270` (turned against the clock), or `strong`: brightness, contrast and colour
            changed, and a square of half the side replaced by the image's mean.
        draw: seeds what is drawn for `strong`.
        rows: a number for each image that its draw depends on; its place in the batch if None.

    Raises:
        SpecError: the view is none of these.
    """
    if view in ROTATIONS:
        if images.shape[2] != images.shape[3] and view != "rot180":
            raise SpecError(f"a quarter turn needs square images, got {tuple(images.shape[2:])}")
        return torch.rot90(images, ROTATIONS.index(view) + 1, (2, 3))
    if view == STRONG:
        return _strong(images, draw, rows if rows is not None else range(len(images)))
    raise SpecError(f"expected a view among {', '.join((*ROTATIONS, STRONG))}, got {view!r}")


def _strong(images: Tensor, draw: int, rows: Sequence[int]) -> Tensor:
    """Colours and contrast changed by up to 40 %, and a square replaced; each image by its own draw."""
    generator = torch.Generator().manual_seed(draw % (1 << 62))
    salt = torch.rand(5, generator=generator, dtype=torch.float64)
    # A low-discrepancy point for each row, so that an image's change depends on its row and the draw alone.
    steps = torch.tensor([0.8566749, 0.7338919, 0.6287067, 0.5385973, 0.4614020], dtype=torch.float64)
    points = (torch.as_tensor(list(rows), dtype=torch.float64)[:, None] * steps + salt).frac().to(images.device)
    floats = images.to(torch.float32)
    mean = floats.mean((1, 2, 3), keepdim=True)
    grey = floats.mean(1, keepdim=True)
    amounts = (0.6 + 0.8 * points.to(torch.float32))[:, :, None, None, None]
    floats = grey + (floats - grey) * amounts[:, 0]
    floats = mean + (floats - mean) * amounts[:, 1]
    if not images.is_floating_point():
        floats = floats * amounts[:, 2]
    height, width = images.shape[2:]
    top = (points[:, 3, None] * (height - height // 2 + 1)).floor()
    left = (points[:, 4, None] * (width - width // 2 + 1)).floor()
    rows_at, columns_at = (torch.arange(n, device=images.device) for n in (height, width))
    inside = ((rows_at >= top) & (rows_at < top + height // 2))[:, None, :, None] & (
        (columns_at >= left) & (columns_at < left + width // 2)
    )[:, None, None, :]
    floats = torch.where(inside, mean, floats)
    return floats if images.is_floating_point() else floats.round().clamp(0, 255).to(images.dtype)
