"""Attribution maps held against masks: energy, pointing, AUROC, AUPRC; one number an image."""

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from kdissect.errors import DivergedError
from kdissect.types import Maps, Masks, check

Values = NDArray[np.float64]


def energy(maps: Tensor, masks: Tensor) -> Values:
    """Positive attribution inside the mask, as a share of all positive attribution; `(b)`, 0 to 1.

    NaN for an empty mask, and for a map without a positive value. Chance is the mask's share of the image.

    Source: the energy-based pointing game of Wang et al. 2020, Score-CAM, arXiv:1910.01279.
    """
    values, inside = _ready(maps, masks)
    positive = values.clip(min=0)
    total = positive.sum(1)
    share = np.divide((positive * inside).sum(1), total, out=np.full(len(total), np.nan), where=total > 0)
    return np.where(inside.any(1), share, np.nan)


def pointing(maps: Tensor, masks: Tensor) -> Values:
    """Whether the largest value lies in the mask; `(b)`, 0 or 1.

    Of several equal largest values the share in the mask: what one drawn at random would hit on average. NaN for an
    empty mask, and for a constant map, which points nowhere.

    Source: Zhang et al. 2018, arXiv:1608.00507. Departs: no tolerance of 15 pixels.
    """
    values, inside = _ready(maps, masks)
    top = values == values.max(1, keepdims=True)
    hit = (top & inside).sum(1) / top.sum(1)
    return np.where(inside.any(1) & ~top.all(1), hit, np.nan)


def auroc(maps: Tensor, masks: Tensor) -> Values:
    """Probability that a pixel in the mask has a larger value than one outside; `(b)`, 0 to 1, chance 0.5.

    Ties count half. NaN for a mask that is empty or full, and for a constant map.
    """
    from scipy.stats import rankdata

    values, inside = _ready(maps, masks)
    num, size = inside.sum(1).astype(np.float64), values.shape[1]
    ranks: Values = (rankdata(values, axis=1) * inside).sum(1)
    pairs = num * (size - num)
    known = (pairs > 0) & (np.ptp(values, 1) > 0)
    found: Values = np.divide(ranks - num * (num + 1) / 2, pairs, out=np.full(len(num), np.nan), where=known)
    return found


def auprc(maps: Tensor, masks: Tensor) -> Values:
    """Average precision of the values as a search for the mask; `(b)`, 0 to 1, chance the mask's share.

    NaN for a mask that is empty or full, and for a constant map.
    """
    from sklearn.metrics import average_precision_score

    values, inside = _ready(maps, masks)
    found = np.full(len(values), np.nan)
    for image in np.flatnonzero(inside.any(1) & ~inside.all(1) & (np.ptp(values, 1) > 0)):
        found[image] = average_precision_score(inside[image], values[image])
    return found


def area(masks: Tensor) -> Values:
    """The mask's share of the image; `(b)`, 0 to 1; NaN for an empty mask, as it is left out elsewhere."""
    share = masks.flatten(1).double().mean(1).numpy()
    return np.where(share > 0, share, np.nan)


def _ready(maps: Tensor, masks: Tensor) -> tuple[Values, NDArray[np.bool_]]:
    """Both as `(b, pixels)`.

    Raises:
        ShapeError: maps and masks are not of one shape `(b h w)`.
        DivergedError: a map has a value that is not finite.
    """
    check(maps=(maps, Maps), masks=(masks, Masks))
    values = maps.flatten(1).double().numpy()
    if (odd := np.flatnonzero(~np.isfinite(values).all(1))).size:
        raise DivergedError(f"the map of image {odd[0]} has values that are not finite")
    return values, masks.flatten(1).numpy()
