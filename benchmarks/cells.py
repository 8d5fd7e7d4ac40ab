"""How fast cells are drawn: images a second, median of five runs, beside the bare writing of as many bytes.

python benchmarks/cells.py
"""

import statistics
import time

import numpy as np

from kdissect.data.cells import Style, draw

RUNS = 5
SECONDS = 1.0  # about how long one run takes


def rates(work, count):
    """Images a second of some runs, each of other images: median, lowest, highest."""
    found = []
    for run in range(RUNS):
        started = time.perf_counter()
        work(run, count)
        found.append(count / (time.perf_counter() - started))
    return statistics.median(found), min(found), max(found)


def main():
    print(f"{'side':>4}  {'threads':>7}  {'images/s':>8}  {'lowest':>8}  {'highest':>8}  {'of writing':>10}")
    for size in (64, 128, 512):
        style, pictures = Style(size=size), np.zeros((64, 3, size, size), np.uint8)

        def write(run, count, pictures=pictures):
            for start in range(0, count, len(pictures)):
                pictures[: count - start] = run

        limit = rates(write, 6400)[0]
        for threads in (1, 2):

            def work(run, count, style=style, threads=threads):
                draw(style, f"run {run}", np.arange(count), num_threads=threads)

            work(0, 16)
            started = time.perf_counter()
            work(0, 64)
            count = max(16, int(64 * SECONDS / (time.perf_counter() - started)))
            middle, low, high = rates(work, count)
            print(f"{size:>4}  {threads:>7}  {middle:>8.0f}  {low:>8.0f}  {high:>8.0f}  {middle / limit:>10.2%}")


if __name__ == "__main__":
    main()
