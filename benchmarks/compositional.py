"""Compositional explanations: seconds for signatures, counting and search.

    python benchmarks/compositional.py [--images 1500] [--units 512] [--runs 3] [--threads N]

Made-up activations and labels of the tally's benchmark. Published: compexp, ResNet-18 `layer4`
(512 units), length 3, eight processes, about 14 hours (its README), over a probe of another size; so the comparison is
one of orders of magnitude.
"""

import argparse
import statistics

import torch
from tally import UNITS, MadeUpProbe, made_up_activations, seconds

from kdissect.dissect import tally, thresholds
from kdissect.dissect.active import active_maps
from kdissect.dissect.compositional import BEAM, compositional
from kdissect.dissect.signatures import Signatures


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--units", type=int, default=UNITS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    probe, activations = MadeUpProbe(options.images), made_up_activations(options.images)[:, : options.units]
    limits = thresholds(activations)
    plain, batches = tally(activations, limits, probe), [active_maps(activations, limits)]
    signatures = Signatures.of(probe)
    signatures.under(batches, probe, limits, range(options.units))  # compiles
    works = {
        "signatures": lambda: Signatures.of(probe),
        "pixels of each under the masks": lambda: signatures.under(batches, probe, limits, range(options.units)),
        "all, formulas of length 2": lambda: compositional(batches, probe, limits, plain, length=2),
        "all, formulas of length 3": lambda: compositional(batches, probe, limits, plain, length=3),
    }
    print(f"{options.images} images, {activations.shape[1]} units, beam {BEAM}, {options.threads} thread(s), medians")
    print(f"{len(signatures)} different sets of labels")
    for name, work in works.items():
        wall = statistics.median(seconds(work)[0] for _ in range(options.runs))
        print(f"{name:32} {wall:8.2f} s {wall / activations.shape[1] * 1000:8.2f} ms a unit")


if __name__ == "__main__":
    main()
