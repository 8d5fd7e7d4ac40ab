"""What error bars and chance cost: a resample of the images, and a permutation of their labels.

    OMP_NUM_THREADS=1 NUMBA_NUM_THREADS=1 python benchmarks/error_bars.py [--images 1500] [--times 1] [--runs 5]

The workload is that of `tally.py`: label maps of 112 x 112 in six categories, 512 units of 7 x 7. `--times 42` repeats
the contributions of its images 42 times over, which is the size of Broden (63,000 images). One permutation is always
of `--images` images; its cost is linear in them.
"""

import argparse
from functools import partial

import numpy as np
import torch
from tally import UNITS, MadeUpProbe, made_up_activations, seconds

from kdissect.dissect import bootstrap, thresholds
from kdissect.dissect.active import active_maps
from kdissect.dissect.chance import permutation
from kdissect.dissect.contributions import Contributions
from kdissect.dissect.counting import contributions, count
from kdissect.dissect.relabelled import Relabelled
from kdissect.dissect.resampling import draw, strata
from kdissect.dissect.tallying import GATES
from kdissect.dissect.winners import best_labels


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    probe, activations = MadeUpProbe(options.images), made_up_activations(options.images)
    limits = thresholds(activations)
    batches = [active_maps(activations, limits)]
    one = contributions(batches, probe, limits, label_zero=True)
    found = Contributions.concatenate(one for _ in range(options.times))
    sources = probe.sources * options.times
    groups = strata(probe.sources, "source")

    def permuted(number: int) -> None:
        order = permutation(groups, len(probe), 0, number)
        other = Relabelled(probe, lambda image: probe.annotation(int(order[image])))
        best_labels(count(batches, other, limits, label_zero=True), probe.primary, "region")

    whole = found.counts()
    times = draw(strata(sources, "source"), found.num_images, 0, 0)
    rows = {
        "a resample: its counts": partial(found.counts, times),
        "a resample: best labels at three gates": lambda: [best_labels(whole, probe.primary, g) for g in GATES],
        "bootstrap of 10 resamples, a tenth of it": partial(bootstrap, found, sources=sources, replicates=10),
        f"a permutation of {options.images} images": partial(permuted, 0),
    }
    print(
        f"{found.num_images} images, {UNITS} units, {len(found.units) / 1e6:.2f} M masks, "
        f"{len(found.labels) / 1e6:.2f} M entries, {found.num_bytes / 1e6:.0f} MB; {options.threads} thread(s), medians"
    )
    print(f"{'':44} {'wall s':>8} {'cpu s':>8}")
    for name, work in rows.items():
        work()
        wall, processor = np.median([seconds(work) for _ in range(options.runs)], axis=0) / (
            10 if "tenth" in name else 1
        )
        print(f"{name:44} {wall:8.3f} {processor:8.3f}")
    print()


if __name__ == "__main__":
    main()
