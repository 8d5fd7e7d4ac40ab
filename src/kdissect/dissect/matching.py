"""Unit matching: which units of one network have a counterpart in another."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.optimize
import scipy.stats
from numpy.typing import NDArray

from kdissect import seeds
from kdissect.dissect.resampling import Within, strata
from kdissect.errors import SpecError

Method = Literal["pearson", "spearman"]
IMAGES_A_BLOCK = 8192


@dataclass(frozen=True)
class Matching:
    """For each unit of A its counterpart in B.

    Attributes:
        partner: unit of B with the largest correlation `(u,)`; -1 for a unit without variance.
        correlation: that correlation `(u,)`, -1 to 1; 0 for a unit without variance.
        assigned: unit of B in the one-to-one assignment with the largest sum `(u,)`; -1 for none.
        assigned_correlation: the correlation with that `(u,)`; 0 for none.
        limit: correlation that by chance the best of all pairs exceeds in 5 % of the shuffles (at confidence 0.95); a
            counterpart has a larger one.
    """

    partner: NDArray[np.int64]
    correlation: NDArray[np.float64]
    assigned: NDArray[np.int64]
    assigned_correlation: NDArray[np.float64]
    limit: float

    @property
    def has_counterpart(self) -> NDArray[np.bool_]:
        """Which units have one `(u,)`."""
        has: NDArray[np.bool_] = self.correlation > self.limit
        return has


def match(
    a: NDArray[np.float32],
    b: NDArray[np.float32],
    *,
    sources: tuple[str, ...],
    method: Method = "pearson",
    shuffles: int = 100,
    seed: int = 0,
    confidence: float = 0.95,
    within: Within = "source",
) -> Matching:
    """Match units by the correlation of their mean activations over the images of a probe.

    What may be chance is found by shuffling the images of B within their sources: units that only tell sources
    apart are correlated after that, too, and so have no counterpart.

    Args:
        a: mean activation of each unit on each image `(b u)`.
        b: of the other network, on the same images `(b v)`.
        sources: source of each image `(b,)`.
        method: `pearson`, or `spearman` for the correlation of ranks.
        shuffles: how many shuffles give the limit, at least 19 for a confidence of 0.95.
        seed: of the shuffles.
        confidence: of the limit, over all pairs together.
        within: shuffle within each `source`, or `all` images.

    Raises:
        SpecError: the images are not the same in number, or a number is out of range.

    Source: Li et al. 2016, "Convergent Learning: Do different neural networks learn the same representations?".
    Departs: images stand for positions, so that layers with maps of different size can be matched.
    """
    if len(a) != len(b) or len(a) != len(sources):
        raise SpecError(f"expected activations of the same images, got {len(a)} and {len(b)} for {len(sources)} images")
    # of n shuffles and the real order each is as likely to have the largest correlation
    place = math.ceil((shuffles + 1) * confidence)
    if not 0 < confidence < 1 or place > shuffles:
        raise SpecError(
            f"expected 0 < confidence < 1 and shuffles >= confidence / (1 - confidence), got {confidence}, {shuffles}"
        )
    if method not in ("pearson", "spearman"):
        raise SpecError(f"method must be pearson or spearman, got {method!r}")
    one, other = (_standard(scipy.stats.rankdata(x, axis=0) if method == "spearman" else x) for x in (a, b))
    correlations = _product(one, other)
    groups, generator = strata(sources, within), seeds.numpy_generator(seed, "match")
    largest = []
    for _ in range(shuffles):
        order = np.arange(len(b))
        for group in groups:
            order[group] = generator.permutation(group)
        largest.append(float(_product(one, other[order]).max(initial=0.0)))
    varies: NDArray[np.bool_] = np.any(other, axis=0)
    silent = ~one.any(0) | (not varies.any())
    rows, columns = scipy.optimize.linear_sum_assignment(correlations, maximize=True)
    assigned = np.full(correlations.shape[0], -1)
    assigned[rows] = columns
    together = np.zeros(len(assigned))
    together[rows] = correlations[rows, columns]
    alone = silent | (assigned < 0) | ~varies[assigned]
    return Matching(
        np.where(silent, -1, correlations.argmax(1)).astype(np.int64),
        np.where(silent, 0.0, correlations.max(1)),
        np.where(alone, -1, assigned).astype(np.int64),
        np.where(alone, 0.0, together),
        sorted(largest)[place - 1],
    )


def _standard(values: NDArray[Any]) -> NDArray[np.float32]:
    """Columns with mean 0 and length 1, or 0 if they have no variance."""
    centred = values - values.mean(0, dtype=np.float64)
    length = np.sqrt((centred**2).sum(0))
    flat = length <= 1e-6 * np.abs(values).max(0) * np.sqrt(len(values))
    standard: NDArray[np.float32] = np.where(flat, 0, centred / np.where(flat, 1, length)).astype(np.float32)
    return standard


def _product(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float64]:
    """Correlations `(u v)`, blocks of images added up in float64."""
    total = np.zeros((one.shape[1], other.shape[1]))
    for k in range(0, len(one), IMAGES_A_BLOCK):
        total += one[k : k + IMAGES_A_BLOCK].T @ other[k : k + IMAGES_A_BLOCK]
    return total
