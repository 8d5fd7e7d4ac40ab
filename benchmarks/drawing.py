"""How fast Brodenette is drawn: images a second, median of five runs, side by side in one run."""

import statistics
import time

import numpy as np

from kdissect.data.brodenette import World, draw, draw_images

RUNS = 5
SECONDS = 1.0  # about how long one run takes


def rate(function, world, threads):
    """Images a second: the median of some runs, each of other images."""
    count = 16 * threads
    function(world, "warm", np.arange(count), num_threads=threads)
    started = time.perf_counter()
    function(world, "warm", np.arange(count), num_threads=threads)
    count = max(count, int(count * SECONDS / (time.perf_counter() - started)))
    rates = []
    for run in range(RUNS):
        started = time.perf_counter()
        function(world, f"run {run}", np.arange(count), num_threads=threads)
        rates.append(count / (time.perf_counter() - started))
    return statistics.median(rates), min(rates), max(rates)


def main():
    print(f"{'side':>4}  {'threads':>7}  {'what':<15}  {'images/s':>8}  {'lowest':>8}  {'highest':>8}")
    for size in (64, 224):
        for threads in (1, 2):
            for name, function in (("images", draw_images), ("images + labels", draw)):
                middle, low, high = rate(function, World(size=size), threads)
                print(f"{size:>4}  {threads:>7}  {name:<15}  {middle:>8.0f}  {low:>8.0f}  {high:>8.0f}")


if __name__ == "__main__":
    main()
