"""How often error bars hold the true number, and how even p-values are, in made-up worlds where the truth is known.

    OMP_NUM_THREADS=1 python benchmarks/honest_intervals.py [--trials 50] [--replicates 200] [--seed 0]

A world: images of 8 x 8 pixels, three of eight concepts in each, and 24 units of 4 x 4 that follow a concept more or
less. The truth is the dissection of 20,000 images; each trial dissects a few hundred others. Rows `known` take the
activation thresholds of the truth, rows `estimated` those of the trial's own images, as every dissection must.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.stats
import torch
from numpy.typing import NDArray

from kdissect import seeds
from kdissect.data.probe import Annotation, Concept, Probe
from kdissect.dissect import chance, tally, thresholds
from kdissect.dissect.active import active_maps
from kdissect.dissect.counting import contributions
from kdissect.dissect.resampling import draw, strata
from kdissect.dissect.winners import best_labels, iou_of
from kdissect.types import Pictures

UNITS, CONCEPTS, QUANTILE = 24, 8, 0.05
TRUTH = 20_000
TAILS = (2.5, 97.5)
Values = NDArray[np.float64]


class World(Probe):
    """Images with one plane of labels in blocks, and activations.

    Args:
        num_images: how many.
        strengths: how much each unit follows its concept.
        seed: of the world.
        sources: 1, or 2 that differ in labels and in activations.
    """

    name, digest, categories, plane_shape = "world", "", ("object",), (8, 8)

    def __init__(self, num_images: int, strengths: Values, seed: int, sources: int = 1) -> None:
        generator = seeds.numpy_generator(seed, "world")
        self.source = np.arange(num_images) % sources
        shown = generator.integers(1, CONCEPTS + 1, (num_images, 3))
        if sources > 1:  # each source has half of the concepts
            shown = (shown - 1) // 2 + 1 + CONCEPTS // 2 * self.source[:, None]
        blocks = np.take_along_axis(shown, generator.integers(0, 3, (num_images, 16)), 1).reshape(-1, 4, 4)
        self.planes = blocks.repeat(2, 1).repeat(2, 2).astype(np.int16)
        follows = np.arange(UNITS) % CONCEPTS + 1
        has = blocks[:, None] == follows[None, :, None, None]
        noise = generator.standard_normal((num_images, UNITS, 4, 4))
        noise += 0.7 * generator.standard_normal((num_images, UNITS, 1, 1)) + self.source[:, None, None, None]
        signal = strengths[None, :, None, None] * has
        self.activations = torch.from_numpy((noise + signal).astype(np.float32))

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """By number."""
        return tuple(Concept(k, str(k) if k else "", ()) for k in range(CONCEPTS + 1))

    @property
    def primary(self) -> NDArray[np.int64]:
        """All are objects."""
        return np.zeros(CONCEPTS + 1, np.int64)

    @property
    def sources(self) -> tuple[str, ...]:
        """One or two."""
        return tuple(f"source {k}" for k in self.source)

    def __len__(self) -> int:
        return len(self.planes)

    def image_name(self, index: int) -> str:
        """The number."""
        return str(index)

    def pictures(self, indices: Sequence[int]) -> Pictures:
        """None."""
        raise AssertionError("activations are made up")

    def annotation(self, index: int) -> Annotation:
        """One plane."""
        nothing = np.empty(0, np.int64)
        return Annotation(self.planes[index : index + 1], np.zeros(1, np.int64), nothing, nothing)


@dataclass(frozen=True)
class Case:
    """A world to sample from, and what is true of it.

    Attributes:
        strengths: of the units.
        threshold: IoU that makes a detector.
        limits: true activation thresholds `(u,)`.
        iou: true IoU `(u q)`.
    """

    strengths: Values
    threshold: float
    limits: torch.Tensor
    iou: Values

    @classmethod
    def of(cls, strengths: Values, seed: int, above: float | None = None) -> "Case":
        """The truth; IoU threshold 0.12, or a bit `above` the largest true IoU."""
        world = World(TRUTH, strengths, -1 - seed)
        limits = thresholds(world.activations, quantile=QUANTILE, rule="plain")
        iou = tally(world.activations, limits, world, gate="none").iou
        return cls(strengths, 0.12 if above is None else float(iou[:, 1:].max()) + above, limits, iou)

    @property
    def detectors(self) -> int:
        """True number."""
        return int((self.iou[:, 1:].max(1) >= self.threshold).sum())


def holds(low: Values | float, high: Values | float, truth: Values | float) -> NDArray[np.bool_]:
    """Whether the interval has it."""
    inside: NDArray[np.bool_] = (low <= truth) & (truth <= high)
    return inside


def trial(case: Case, num_images: int, known: bool, seed: int, replicates: int) -> dict[str, float]:
    """What each kind of interval holds in one sample, as shares of the units, or 0 or 1."""
    world = World(num_images, case.strengths, seed)
    limits = case.limits if known else thresholds(world.activations, quantile=QUANTILE, rule="plain")
    found = contributions([active_maps(world.activations, limits)], world, limits, label_zero=True)
    labels, observed = best_labels(found.counts(), found.primary, "none")
    groups = strata(world.sources, "source")
    fixed, best = np.empty((replicates, UNITS)), np.empty((replicates, UNITS))
    for k in range(replicates):
        counts = found.counts(draw(groups, num_images, seed, k))
        fixed[k] = iou_of(counts, found.primary, "none", labels)
        best[k] = best_labels(counts, found.primary, "none")[1]
    units = np.arange(UNITS)
    true, most = case.iou[units, labels], case.iou[:, 1:].max(1)
    low, high = np.percentile(fixed, TAILS, axis=0)
    low_best, high_best = np.percentile(best, TAILS, axis=0)
    # bias-corrected percentiles: moved by twice the normal score of the share below what was observed
    middle = 2 * scipy.stats.norm.ppf(np.clip((fixed < observed).mean(0), 0.5 / replicates, 1 - 0.5 / replicates))
    moved = [scipy.stats.norm.cdf(middle + scipy.stats.norm.ppf(tail / 100)) for tail in TAILS]
    low_bc, high_bc = (np.array([np.quantile(fixed[:, u], share[u]) for u in units]) for share in moved)
    now, count = (observed >= case.threshold).sum(), float(case.detectors)
    numbers = {"fixed": (fixed >= case.threshold).sum(1), "anew": (best >= case.threshold).sum(1)}
    ends = {name: np.percentile(values, TAILS) for name, values in numbers.items()}
    return {
        "label right": float((most == true).mean()),
        "IoU too high": float((observed - true).mean()),
        "percentile": float(holds(low, high, true).mean()),
        "basic": float(holds(2 * observed - high, 2 * observed - low, true).mean()),
        "bias-corr.": float(holds(low_bc, high_bc, true).mean()),
        "best anew": float(holds(low_best, high_best, most).mean()),
        "counted": float(now),
        "n fixed": float(holds(*ends["fixed"], count)),
        "n anew": float(holds(*ends["anew"], count)),
        "n by units": float(holds((low >= case.threshold).sum(), (high >= case.threshold).sum(), count)),
        "n basic": float(holds(2 * now - ends["fixed"][1], 2 * now - ends["fixed"][0], count)),
    }


def p_values(trials: int, within: str) -> Values:
    """Of units that have nothing to do with the labels, in a world of two sources that differ."""
    p = []
    for seed in range(trials):
        world, other = World(40, np.zeros(UNITS), seed, 2), World(40, np.zeros(UNITS), 10_000 + seed, 2)
        world.planes = other.planes
        maps = world.activations[:, :2].contiguous()
        limits = thresholds(maps, quantile=QUANTILE, rule="plain")
        p.append(chance([active_maps(maps, limits)], world, limits, permutations=99, seed=seed, within=within).p)
    return np.concatenate(p)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=50)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    cases = {
        "spread": Case.of(np.linspace(0, 3, UNITS), 0),
        "at the threshold": Case.of(np.full(UNITS, 1.2), 1, -0.003),
        "just below it": Case.of(np.full(UNITS, 1.2), 1, 0.01),
    }
    print(f"{options.trials} trials of {UNITS} units, {options.replicates} resamples; intervals of 95 %")
    for name, case in cases.items():
        print(f"\nunits {name}: {case.detectors} true detectors at IoU {case.threshold:.3f}")
        for num_images in (100, 400):
            for known in (True, False):
                first = options.seed * 100_000
                rows = [trial(case, num_images, known, first + k, options.replicates) for k in range(options.trials)]
                if num_images == 100 and known:
                    print(f"{'images':>6} {'limits':>10} " + " ".join(f"{key:>12}" for key in rows[0]))
                means = " ".join(f"{np.mean([row[key] for row in rows]):12.3f}" for key in rows[0])
                print(f"{num_images:6d} {'known' if known else 'estimated':>10} {means}", flush=True)
    print("\np-values of units that have nothing to do with the labels, two sources that differ")
    for within in ("source", "all"):
        values = p_values(options.trials, within)
        even = values - seeds.numpy_generator(options.seed, "even").random(len(values)) / 100
        shares = ", ".join(f"p <= {limit:g}: {(values <= limit).mean():.3f}" for limit in (0.01, 0.05, 0.1, 0.5))
        ks = scipy.stats.kstest(even, "uniform").pvalue
        print(f"permuted within {within:6} {len(values)} units: {shares}; Kolmogorov-Smirnov p {ks:.2g}", flush=True)


if __name__ == "__main__":
    main()
