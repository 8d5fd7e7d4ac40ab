"""Pixels by the size of their attribution, and pictures of which only some pixels are left."""

import math

import numpy as np
import torch
from torch import Tensor

from kdissect.measures.faithfulness import order
from kdissect.seeds import uniform
from kdissect.types import Maps, Masks, Pictures, check


def ranks_of(maps: Tensor) -> Tensor:
    """Rank of every pixel by |attribution|, 0 for the largest, `(b h w)` int64; ties are drawn, always alike."""
    return order(maps.abs())


def random_maps(like: Tensor, purpose: str) -> Tensor:
    """Maps that say nothing, of the shape of others, `(b h w)` float32: each depends on its place and the purpose."""
    draws = uniform(0, f"random maps/{purpose}", 0, np.arange(len(like), dtype=np.int64), like[0].numel())
    return torch.from_numpy(draws.astype(np.float32)).view_as(like)


def kept_pixels(share: float, pixels: int) -> int:
    """How many of some pixels a share is: rounded, half upwards, one at least."""
    return max(1, math.floor(share * pixels + 0.5))


def kept(ranks: Tensor, share: float, *, bottom: bool = False) -> Tensor:
    """The pixels that stay, `(b h w)` bool: exactly `kept_pixels` of each image, the first or the last by rank."""
    pixels = ranks[0].numel()
    number = kept_pixels(share, pixels)
    return ranks >= pixels - number if bottom else ranks < number


def only(pictures: Tensor, stay: Tensor, fill: Tensor) -> Tensor:
    """Pictures in which every other pixel has one colour, `(b 3 h w)` uint8.

    Args:
        pictures: `(b 3 h w)`.
        stay: the pixels that stay, `(b h w)` bool.
        fill: the colour of all others, `(3)` uint8.

    Raises:
        ShapeError: pictures and pixels do not fit together.
    """
    check(pictures=(pictures, Pictures), stay=(stay, Masks))
    return torch.where(stay[:, None], pictures, fill[:, None, None])


def blurred(maps: Tensor, share: float) -> Tensor:
    """Maps after a Gaussian blur, `(b h w)`.

    Args:
        maps: `(b h w)`.
        share: the blur's standard deviation as a share of the shorter side.
    """
    from torchvision.transforms.functional import gaussian_blur

    check(maps=(maps, Maps))
    shorter = min(maps.shape[1:])
    deviation = share * shorter
    reach = min(math.ceil(3 * deviation), shorter - 1)
    found: Tensor = gaussian_blur(maps[:, None], [2 * reach + 1] * 2, [deviation] * 2)
    return found[:, 0]
