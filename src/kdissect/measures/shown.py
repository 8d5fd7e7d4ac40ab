"""Some images with their maps, kept with a record for people to look at."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kdissect.measures.measure import Subject

SHOWN = "shown.npz"
"""File of a record: `images` (n) int64 index in the test split, `pictures` (n 3 h w) uint8, `maps` (n h w) float16,
each scaled by its largest size."""
MOST = 8


def keep_shown(folder: Path, subject: Subject, maps: Tensor) -> None:
    """Keep the first images that every arm gets right (then the first others), so that all arms show the same.

    Args:
        folder: of the record.
        subject: what was measured.
        maps: of the first test images, `(b h w)`.
    """
    right = subject.right(len(maps))
    chosen = torch.cat([right.nonzero()[:, 0], (~right).nonzero()[:, 0]])[:MOST].sort().values
    own = maps[chosen].double()
    scale = own.abs().amax((1, 2), keepdim=True)
    scaled = torch.where(scale > 0, own / scale, 0.0)
    np.savez_compressed(
        folder / SHOWN,
        images=chosen.numpy(),
        pictures=subject.the_dataset.split("test").pictures[chosen].numpy(),
        maps=scaled.half().numpy(),
    )
