"""Five bands: attribution and truth cut into strong against (-2), against (-1), nothing (0), for (1), strong for (2).

Source: Tjoa & Guan 2020, arXiv:2009.02899, and what their published code computes.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from kdissect.errors import DivergedError, ShapeError
from kdissect.types import Masks, check

Values = NDArray[np.float64]
Bands = NDArray[np.int8]
BANDS = (-2, -1, 0, 1, 2)
SCORES = ("pixel_accuracy", "precision", "recall", "fpr")
CHANNELS = 3
_EPSILON = 1e-6


@final
@dataclass(frozen=True)
class Schedule:
    """Thresholds, step by step nearer to zero: a map is cut at each step.

    Attributes:
        outer: first threshold of the outer bands, on a map scaled to -1..1. inner: of the inner bands.
        delta: how far both come nearer with each step. steps: how many, the first included.
        clip: attributions are clipped to -clip..clip in each channel first; None leaves them as they are.
    """

    outer: float
    inner: float
    delta: float = 0.0
    steps: int = 1
    clip: float | None = None

    @property
    def thresholds(self) -> Values:
        """Outer and inner threshold of each step, `(s 2)`."""
        found: Values = np.array([self.outer, self.inner]) - self.delta * np.arange(self.steps)[:, None]
        return found


HARD = Schedule(0.7, 0.3)
"""The thresholds that cut the truth: 0.9 into band 2, 0.4 into band 1."""
V1 = Schedule(0.5, 0.3, 0.005, 56)
V1_CLAMP = Schedule(0.9, 0.5, 0.01, 41, clip=0.1)
V2 = Schedule(0.7, 0.3, 0.005, 56)
DEFAULT = Schedule(0.7, 0.3, 0.02, 11)
"""The published class's own; a perfect map passes all of its steps, as 0.4/0.9 stays between its thresholds."""


def scaled(maps: Tensor, clip: float | None = None) -> Values:
    """Maps divided by their largest size, `(b h w)` in -1..1; a map of zeros stays one.

    Args:
        maps: `(b c h w)`, which are summed over their channels, or `(b h w)`, which were.
        clip: each channel is clipped to -clip..clip before the sum; a map that was summed is clipped to as many times
            that as a picture has channels, the range that such a sum has.

    A map whose channels cancel everywhere becomes one of zeros (the published code stops there).

    Raises:
        ShapeError: maps have another number of axes.
        DivergedError: a map has a value that is not finite.
    """
    if maps.ndim not in (3, 4) or not maps.is_floating_point():
        raise ShapeError(f"maps must be (b h w) or (b c h w) of floats, got {maps.dtype!s}{tuple(maps.shape)}")
    values: Values = maps.detach().double().cpu().numpy()
    if (odd := np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(1))).size:
        raise DivergedError(f"the map of image {odd[0]} has values that are not finite")
    if clip is not None:
        clip *= CHANNELS if values.ndim == 3 else 1
        values = values.clip(-clip, clip)
    if values.ndim == 4:
        values = values.sum(1)
    largest = np.abs(values).max((1, 2), keepdims=True)
    found: Values = np.divide(values, largest, out=np.zeros_like(values), where=largest > 0)
    return found


def stratify(values: Values, outer: float, inner: float) -> Bands:
    """The band of each value: -2 up to -outer, -1 up to -inner, 0 up to inner, 1 up to outer, and 2 above."""
    return np.searchsorted([-outer, -inner, inner, outer], values, side="left").astype(np.int8) - np.int8(2)


def truth_of(objects: Tensor, features: Tensor) -> Bands:
    """Bands of the truth, `(b h w)`: 2 on the feature, 1 on the rest of the object, else 0.

    Raises:
        ShapeError: the masks are not of one shape `(b h w)`.
    """
    check(objects=(objects, Masks), features=(features, Masks))
    return np.where(features.numpy(), np.int8(2), objects.numpy().astype(np.int8))


def tables(values: Values, truth: Bands, thresholds: Values) -> NDArray[np.int64]:
    """Pixels by true band (rows) and band at each step (columns), `(b s 5 5)`, bands from -2 to 2.

    Args:
        values: `(b h w)`, in -1..1.
        truth: `(b h w)`, bands.
        thresholds: `(s 2)`, outer and inner.

    Raises:
        ShapeError: values and truth differ in shape.
    """
    if values.shape != truth.shape or values.ndim != 3:
        raise ShapeError(f"maps and truth must be of one shape (b h w), got {values.shape} and {truth.shape}")
    outer, inner = thresholds[:, 0], thresholds[:, 1]
    cuts = np.stack([-outer, -inner, inner, outer])
    edges, place = np.unique(cuts, return_inverse=True)
    place = place.reshape(cuts.shape)
    found = np.zeros((len(values), len(thresholds), 5, 5), np.int64)
    for image, (own, true) in enumerate(zip(values, truth, strict=True)):
        # All steps at once: which of the edges each value lies between, then how many lie at or below each edge.
        between = np.searchsorted(edges, own.ravel(), side="left")
        cells = (true.ravel().astype(np.int64) + 2) * (len(edges) + 1) + between
        below = np.bincount(cells, minlength=5 * (len(edges) + 1)).reshape(5, -1).cumsum(1)
        at = below[:, place]  # (5 4 s)
        whole = np.broadcast_to(below[:, -1:, None], (5, 1, at.shape[2]))
        found[image] = np.diff(np.concatenate([at, whole], 1), axis=1, prepend=0).transpose(2, 0, 1)
    return found


def published(table: NDArray[np.int64]) -> dict[str, Values]:
    """Scores of tables `(... 5 5)` as the published code has them, each `(...)`, 0 to 1.

    Of pixels where truth or map is not nothing: TP, both and equal; FP, the map where the truth is nothing, or both and
    unequal; FN, the truth alone; TN, neither. `pixel_accuracy`, share of equal bands; `precision` TP / (TP + FP),
    `recall` TP / (TP + FN), `fpr` FP / (FP + TN), where 0 / 0 is 0. A pixel in the wrong band is no miss.
    """
    equal, named, _ = _parts(table)
    tp = equal - table[..., 2, 2]
    fp, fn, tn = named - tp, table[..., :, 2].sum(-1) - table[..., 2, 2], table[..., 2, 2]
    return {
        "pixel_accuracy": equal / table.sum((-2, -1)),
        "precision": tp / (tp + fp + _EPSILON),
        "recall": tp / (tp + fn + _EPSILON),
        "fpr": fp / (fp + tn + _EPSILON),
    }


def corrected(table: NDArray[np.int64]) -> dict[str, Values]:
    """Scores of tables `(... 5 5)` in which a pixel in the wrong band is missed, each `(...)`, 0 to 1.

    `pixel_accuracy`: share of pixels in the right band, mean over the bands that the truth has, so that an empty map
    does not profit from the background; `precision`: of the pixels that the map names, those in the right band (0 if it
    names none); `recall`: of the pixels of the object, those in the right band; `fpr`: of the pixels that are no
    object, those that the map names. NaN where the truth has no object.
    """
    equal, named, true = _parts(table)
    tp, nothing = equal - table[..., 2, 2], table[..., 2, :].sum(-1)
    of_band = table.sum(-1)
    right = np.diagonal(table, axis1=-2, axis2=-1)
    shares = np.divide(right, of_band, out=np.zeros(of_band.shape), where=of_band > 0)
    found = {
        "pixel_accuracy": shares.sum(-1) / (of_band > 0).sum(-1),
        "precision": tp / np.maximum(named, 1),
        "recall": tp / np.maximum(true, 1),
        "fpr": (nothing - table[..., 2, 2]) / np.maximum(nothing, 1),
    }
    return {name: np.where(true > 0, value, np.nan) for name, value in found.items()}


def _parts(table: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Pixels in the right band, pixels that the map names, and pixels that the truth names."""
    whole = table.sum((-2, -1))
    equal: NDArray[np.int64] = np.trace(table, axis1=-2, axis2=-1)
    return equal, whole - table[..., :, 2].sum(-1), whole - table[..., 2, :].sum(-1)
