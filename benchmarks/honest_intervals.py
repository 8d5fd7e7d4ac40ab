"""How often error bars hold the true number, and how even p-values are, in made-up worlds where the truth is known.

    python benchmarks/honest_intervals.py [--trials 300] [--replicates 200]

A world: images of 64 pixels with up to three of eight concepts, and units that follow a concept more or less. The truth
is the dissection of 40,000 images; each trial dissects a sample of a few hundred other images.
"""

import argparse

import numpy as np
import torch

from kdissect import seeds
from kdissect.data.probe import Annotation, Concept, Probe
from kdissect.dissect import bootstrap, chance, tally
from kdissect.dissect.active import active_maps
from kdissect.dissect.counting import contributions
from kdissect.dissect.resampling import draw, strata
from kdissect.dissect.winners import best_labels
from kdissect.types import Pictures

UNITS, CONCEPTS, THRESHOLD = 24, 8, 0.1


class World(Probe):
    """Images with one plane of labels in blocks."""

    name, digest, categories, plane_shape = "world", "", ("object",), (8, 8)

    def __init__(self, num_images: int, seed: int) -> None:
        generator = seeds.numpy_generator(seed, "world")
        # an image shows few concepts, so that pixels of an image are alike
        shown = generator.integers(1, CONCEPTS + 1, (num_images, 3))
        blocks = np.take_along_axis(shown, generator.integers(0, 3, (num_images, 16)), 1).reshape(-1, 4, 4)
        self.planes = blocks.repeat(2, 1).repeat(2, 2).astype(np.int16)
        strength = np.linspace(0, 0.9, UNITS)
        follows = np.arange(UNITS) % CONCEPTS + 1
        cells = blocks[:, None] == follows[None, :, None, None]
        luck = generator.random((num_images, UNITS, 1, 1)) < strength[None, :, None, None]
        noise = generator.random((num_images, UNITS, 4, 4)) < 0.06
        self.activations = torch.from_numpy(((cells & luck & (noise | (cells & luck))) | noise).astype(np.float32))

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """By number."""
        return tuple(Concept(k, str(k) if k else "", ()) for k in range(CONCEPTS + 1))

    @property
    def primary(self) -> np.ndarray:
        """All are objects."""
        return np.zeros(CONCEPTS + 1, np.int64)

    @property
    def sources(self) -> tuple[str, ...]:
        """One."""
        return ("world",) * len(self)

    def __len__(self) -> int:
        return len(self.planes)

    def image_name(self, index: int) -> str:
        """The number."""
        return str(index)

    def pictures(self, indices: object) -> Pictures:
        """None."""
        raise AssertionError("activations are made up")

    def annotation(self, index: int) -> Annotation:
        """One plane."""
        nothing = np.empty(0, np.int64)
        return Annotation(self.planes[index : index + 1], np.zeros(1, np.int64), nothing, nothing)


LIMITS = torch.full((UNITS,), 0.5, dtype=torch.float64)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=300)
    parser.add_argument("--replicates", type=int, default=200)
    options = parser.parse_args()
    torch.set_num_threads(1)
    large = World(40_000, -1)
    whole = tally(large.activations, LIMITS, large, gate="none")
    true_iou, true_label = whole.iou[:, 1:].max(1), whole.iou[:, 1:].argmax(1) + 1
    truth = int((true_iou >= THRESHOLD).sum())
    print(f"{UNITS} units, {truth} true detectors at IoU {THRESHOLD:g}; {options.trials} trials; nominal 95 %")
    print(f"{'images':>6} {'IoU of a unit':>14} {'detectors':>10} {'with best labels anew':>22} {'counted':>8}")
    for num_images in (100, 400):
        iou_hits, iou_trials, hits, anew, counted = 0, 0, 0, 0, []
        for trial in range(options.trials):
            world = World(num_images, trial)
            found = contributions([active_maps(world.activations, LIMITS)], world, LIMITS, label_zero=True)
            spread = bootstrap(
                found, sources=world.sources, threshold=THRESHOLD, replicates=options.replicates, seed=trial
            ).gates["none"]
            right = spread.labels == true_label
            iou_hits += int(((spread.low <= true_iou) & (true_iou <= spread.high))[right].sum())
            iou_trials += int(right.sum())
            hits += spread.detectors.low <= truth <= spread.detectors.high
            counted.append(spread.detectors.value)
            groups = strata(world.sources, "source")
            numbers = []
            for k in range(options.replicates):
                counts = found.counts(draw(groups, num_images, trial, k))
                numbers.append(int((best_labels(counts, found.primary, "none")[1] >= THRESHOLD).sum()))
            low, high = np.percentile(numbers, (2.5, 97.5))
            anew += low <= truth <= high
        print(
            f"{num_images:6d} {iou_hits / iou_trials:14.3f} {hits / options.trials:10.3f} "
            f"{anew / options.trials:22.3f} {np.mean(counted):8.2f}"
        )
    p = []
    for trial in range(options.trials):
        world, other = (
            World(40, trial),
            World(40, 10_000 + trial),
        )  # labels of other images: nothing to do with each other
        world.planes = other.planes
        batches = [active_maps(world.activations[:, -2:], LIMITS[-2:])]
        p.append(chance(batches, world, LIMITS[-2:], permutations=99, seed=trial, gate="none").p)
    values = np.concatenate(p)
    shares = ", ".join(f"p <= {limit:g}: {(values <= limit).mean():.3f}" for limit in (0.01, 0.05, 0.1, 0.5))
    print(f"p-values of {len(values)} units whose labels are those of other images: {shares}")


if __name__ == "__main__":
    main()
