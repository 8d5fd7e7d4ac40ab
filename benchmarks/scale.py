"""Memory and cost of keeping and counting at the size of the real Broden, with made-up activations.

    python benchmarks/scale.py memory [--layer layer4|layer1] [--images 63305]
    python benchmarks/scale.py cost [--images 1000,4000,16000,64000]

No network runs: batches are drawn from a pool of feature maps, each time with other gains, and labels repeat. Memory is
the peak of the whole process, PyTorch included, in a process of its own. Cost is a line of seconds over images.
"""

import argparse
import resource
import time

import numpy as np
import torch
from tally import MadeUpProbe, made_up_activations

from kdissect.dissect.counting import contributions
from kdissect.dissect.keep import KeptMaps

POOL, BATCH = 256, 64
SHAPES = {"layer4": (512, 7), "layer1": (64, 56)}


class Repeated(MadeUpProbe):
    """A few images' labels over and over."""

    def __init__(self, num_images: int) -> None:
        super().__init__(POOL)
        self._length = num_images

    def __len__(self) -> int:
        return self._length

    def annotation(self, index: int) -> object:
        """Those of an image of the pool."""
        return super().annotation(index % POOL)


def pool_of(layer: str) -> torch.Tensor:
    """Feature maps `(p u h w)` of a layer's size."""
    units, side = SHAPES[layer]
    if layer == "layer4":
        return torch.cat([made_up_activations(64) for _ in range(POOL // 64)])
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(64, units, side // 4, side // 4, generator=generator)
    smooth = torch.nn.functional.interpolate(noise, (side, side), mode="bicubic")
    return ((1.5 * smooth).exp() - 1).clamp(min=0)


def peak() -> float:
    """Largest memory of the process so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def run(num_images: int, pool: torch.Tensor) -> dict[str, float]:
    """Seconds, sizes and memory of one dissection without its forward pass."""
    generator, probe, kept = torch.Generator().manual_seed(0), Repeated(num_images), KeptMaps(num_images)
    began, making, most = time.perf_counter(), 0.0, 0
    for first in range(0, num_images, BATCH):
        start = time.perf_counter()
        number = min(BATCH, num_images - first)
        batch = pool[torch.randint(0, len(pool), (number,), generator=generator)]
        batch *= 1 + 0.1 * torch.rand(number, pool.shape[1], 1, 1, generator=generator)
        making += time.perf_counter() - start
        kept.add(batch)
        most = max(most, kept.num_bytes)
    limits = kept.thresholds()
    keeping = time.perf_counter() - began - making
    middle = time.perf_counter()
    found = contributions(kept.active(limits), probe, limits, label_zero=True)
    return {
        "keeping": keeping,
        "counting": time.perf_counter() - middle,
        "active maps": float(len(found.units)),
        "kept MB": most / 1e6,
        "counts MB": found.num_bytes / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("part", choices=("memory", "cost"), nargs="?", default="cost")
    parser.add_argument("--layer", choices=tuple(SHAPES), default="layer4")
    parser.add_argument("--images", default=None)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pool = pool_of(options.layer)
    run(256, pool)  # compiles
    units, side = SHAPES[options.layer]
    print(f"{units} units of {side} x {side}, {options.threads} thread(s)")
    if options.part == "memory":
        before = peak()
        found = run(int(options.images or 63305), pool)
        print(", ".join(f"{name} {value:,.1f}" for name, value in found.items()))
        print(f"peak memory {peak():.2f} GiB, of which {before:.2f} GiB were there before (PyTorch, the pool of maps)")
        return
    print(f"{'images':>7} {'keeping s':>10} {'counting s':>11} {'active maps':>12} {'ms an image':>12} {'us a map':>9}")
    sizes = [int(text) for text in (options.images or "1000,4000,16000").split(",")]
    totals = []
    for size in sizes:
        found = run(size, pool)
        totals.append(found["keeping"] + found["counting"])
        maps = found["active maps"]
        print(
            f"{size:7d} {found['keeping']:10.2f} {found['counting']:11.2f} {maps:12,.0f} "
            f"{totals[-1] / size * 1000:12.3f} {totals[-1] / maps * 1e6:9.2f}"
        )
    if len(sizes) > 1:
        slope = np.polyfit(np.log(sizes), np.log(totals), 1)[0]
        print(f"cost grows as images to the power {slope:.3f}")


if __name__ == "__main__":
    main()
