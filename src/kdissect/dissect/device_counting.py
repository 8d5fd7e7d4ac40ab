"""Counting by torch, on any device: the same integers as the compiled loop."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kdissect.dissect.active import ActiveMaps
from kdissect.dissect.bilinear import upsample
from kdissect.dissect.contributions import Contributions
from kdissect.dissect.counts import PackedLabels

BYTES = 2**30
"""Of the masks and counts that are on the device at one time."""


def contribute_on_device(
    active: ActiveMaps,
    labels: PackedLabels,
    thresholds: Tensor,
    primary: NDArray[np.int64],
    num_categories: int,
    num_bytes: int = BYTES,
) -> Contributions:
    """What each of a few images adds to the counts, computed on the device of the maps.

    Masks are upsampled by the formula of `bilinear.py`, operation by operation, so that they are the same to the bit;
    all sums are of integers. The host waits for the device a few times a call.

    Args:
        active: maps of some images.
        labels: their labels.
        thresholds: `(u,)`.
        primary: primary category of each label number `(q,)`.
        num_categories: categories of the probe.
        num_bytes: memory for masks and counts; maps are taken in parts that fit.
    """
    device, shape = active.maps.device, labels.planes.shape[1:]
    pixels, num_labels, num_images = shape[0] * shape[1], len(primary), len(active.images)
    planes = _padded(labels.planes.reshape(-1, pixels), labels.plane_starts, device)
    scalars = _padded(labels.scalars[:, None] + 1, labels.scalar_starts, device)[:, :, 0]  # 0 is none
    kinds = torch.from_numpy(primary).to(device)
    image_of = torch.from_numpy(np.repeat(np.arange(num_images), np.diff(active.starts))).to(device)
    rows = torch.from_numpy(active.rows).to(device)
    units = torch.from_numpy(active.units.astype(np.int64)).to(device)
    bounds = thresholds.to(device, torch.float64)[units]

    total = torch.zeros(num_images, num_labels, dtype=torch.int64, device=device)
    for k in range(planes.shape[1]):
        total.scatter_add_(1, planes[:, k].long(), torch.ones_like(planes[:, k], dtype=torch.int64))
    total[:, 0] = 0  # as a pixel 0 is no label
    _add_scalars(total, scalars, torch.full((num_images,), pixels, dtype=torch.int64, device=device))

    found: list[tuple[Tensor, ...]] = []
    most = max(1, num_bytes // (pixels * 8 * 4 + num_labels * 8))
    for first in range(0, len(rows), most):
        part = slice(first, first + most)
        masks = upsample(active.maps[rows[part]], (shape[0], shape[1])) > bounds[part, None, None]
        masks = masks.flatten(1)
        area = masks.sum(1)
        under = torch.zeros(len(masks), num_labels, dtype=torch.int64, device=device)
        row, pixel = masks.nonzero(as_tuple=True)
        image = image_of[part][row]
        for k in range(planes.shape[1]):
            place = row * num_labels + planes[image, k, pixel].long()
            under.view(-1).scatter_add_(0, place, torch.ones_like(place))
        under[:, 0] = 0
        _add_scalars(under, scalars[image_of[part]], area)
        kept = area > 0
        entry = under[kept].nonzero(as_tuple=True)
        found.append(
            (
                image_of[part][kept], units[part][kept], area[kept], _sets(under[kept], kinds, num_categories),
                (under[kept] > 0).sum(1), entry[1], under[kept][entry],
            )
        )  # fmt: skip
    joined = [_host(torch.cat(values)) for values in zip(*found, strict=True)] if found else [np.zeros(0, np.int64)] * 7
    owner, unit, areas, regions, entries, entry_labels, entry_pixels = joined
    in_image = total.nonzero(as_tuple=True)
    return Contributions(
        mask_starts=np.searchsorted(owner, np.arange(num_images + 1)).astype(np.int64),
        units=unit.astype(np.int32),
        areas=areas.astype(np.int32),
        regions=regions.astype(np.uint64),
        entry_starts=np.concatenate([[0], np.cumsum(entries, dtype=np.int64)]),
        labels=entry_labels.astype(np.int16),
        pixels=entry_pixels.astype(np.int32),
        image_categories=_host(_sets(total, kinds, num_categories)).astype(np.uint64),
        label_starts=np.concatenate([[0], np.cumsum(_host((total > 0).sum(1)), dtype=np.int64)]),
        image_labels=_host(in_image[1]).astype(np.int16),
        image_pixels=_host(total[in_image]),
        num_units=len(thresholds),
        num_categories=num_categories,
        primary=primary,
    )


def _padded(values: NDArray[Any], starts: NDArray[np.int64], device: torch.device) -> Tensor:
    """Rows of several images as `(images, most rows of an image, ...)`, filled up with 0."""
    counts = np.diff(starts)
    padded = np.zeros((len(counts), int(counts.max(initial=0)), values.shape[1]), np.int64)
    owner = np.repeat(np.arange(len(counts)), counts)
    padded[owner, np.arange(len(owner)) - starts[:-1][owner]] = values
    small = torch.from_numpy(padded.astype(np.int32))
    return (small.pin_memory() if device.type == "cuda" else small).to(device, non_blocking=True)


def _add_scalars(counts: Tensor, scalars: Tensor, area: Tensor) -> None:
    """Adds to counts `(m q)` the area `(m,)` for each whole-image label `(m s)`, given as one more than its number."""
    for k in range(scalars.shape[1]):
        own = scalars[:, k].long()
        counts.scatter_add_(1, (own - 1).clamp(min=0)[:, None], torch.where(own > 0, area, 0)[:, None])


def _sets(counts: Tensor, kinds: Tensor, num_categories: int) -> Tensor:
    """The categories of the labels that are there `(m q)`, as bit sets `(m,)`."""
    present = torch.zeros(len(counts), num_categories, dtype=torch.int64, device=counts.device)
    present.scatter_add_(1, kinds.expand(len(counts), -1), (counts > 0).long())
    bits = torch.ones(num_categories, dtype=torch.int64, device=counts.device) << torch.arange(
        num_categories, device=counts.device
    )
    return ((present > 0) * bits).sum(1)


def _host(values: Tensor) -> NDArray[np.int64]:
    array: NDArray[np.int64] = values.cpu().numpy()
    return array
