"""Five-band scores of maps that know nothing of a network: two tables for docs/five-band.md.

python benchmarks/band_baselines.py
"""

import argparse
import time

import numpy as np

from kdissect.data.cells import CLASSES, Style, draw
from kdissect.measures.bands import SCORES
from kdissect.measures.five_band import BASELINES, baseline_numbers

SETTINGS = ("v1", "v1_clamp", "v2", "corrected")


def table(style, count):
    drawing = draw(style, "test", np.arange(count))
    truth = drawing.levels.astype(np.int8)
    shares = [f"{100 * (truth == level).mean():.1f} %" for level in (1, 2)]
    print(f"\n{count} images of {style.size} px, {', '.join(style.classes)}")
    print(f"localisation {shares[0]}, feature {shares[1]}\n")
    print(f"| map | setting | {' | '.join(SCORES)} |\n|---|---|{'---|' * len(SCORES)}")
    started = time.perf_counter()
    for name in BASELINES:
        found = baseline_numbers(name, truth, drawing.labels)
        for setting in SETTINGS:
            numbers = " | ".join(f"{found[f'{score}/{setting}']:.3f}" for score in SCORES)
            print(f"| {name} | {setting} | {numbers} |")
    print(f"\n{time.perf_counter() - started:.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=60, help="images of 512 px of four classes")
    parser.add_argument("--small", type=int, default=500, help="images of 128 px of all classes")
    options = parser.parse_args()
    table(Style(size=512, classes=("plain", "red", "green", "blue")), options.large)
    table(Style(size=128, classes=CLASSES), options.small)


if __name__ == "__main__":
    main()
