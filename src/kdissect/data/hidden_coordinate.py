"""Points whose label stands in one coordinate, another one for each point."""

import numpy as np
import torch
from torch import Tensor

from kdissect.seeds import numpy_generator


def hidden_coordinate(
    number: int, *, dimensions: int = 10, seed: int = 0, split: str = "train"
) -> tuple[Tensor, Tensor]:
    """Points x = y e_j with y = -1 or 1 and j at random, in which every coordinate but one is zero.

    No single coordinate tells the class of all points, and in each point one does; so it is known which coordinate an
    explanation should name.

    Args:
        number: of points.
        dimensions: coordinates of a point.
        seed: of the draw.
        split: name of the draw; other names give other points.

    Returns:
        Points `(b d)` float32, labels `(b)` int64 (0 for y = -1, 1 for y = 1).

    Source: Shah, Jain & Netrapalli 2021, "Do input gradients highlight discriminative features?", arXiv:2102.12781,
        section 5.
    """
    draw = numpy_generator(seed, f"hidden coordinate/{split}")
    labels = draw.integers(0, 2, number)
    places = draw.integers(0, dimensions, number)
    points = np.zeros((number, dimensions), dtype=np.float32)
    points[np.arange(number), places] = 2 * labels - 1
    return torch.from_numpy(points), torch.from_numpy(labels)
