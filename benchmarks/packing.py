"""Reading a probe: packed, as a folder in Broden's format, and the limit.

    python benchmarks/packing.py [--images 384] [--runs 5]

Pictures of 224 x 224 and label maps of 112 x 112 in six categories, made up. `copy` copies the packed pictures
out of the memory-mapped file, which is what reading can at best be. Files are in the system's cache in all three.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

import numpy as np
import torch
from dissection import write_folder
from tally import seconds

from kdissect.data import Broden, PackedProbe, Probe, pack

BATCH = 64


def read(probe: Probe) -> None:
    for first in range(0, len(probe), BATCH):
        batch = range(first, min(first + BATCH, len(probe)))
        probe.pictures(batch)
        for image in batch:
            probe.annotation(image)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=384)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        folder = write_folder(Path(place), options.images)
        packed = pack(Broden(folder), Path(place) / "packed.probe")
        pictures = np.load(packed / "shard-00000/pictures.npy", mmap_mode="r")
        works = {
            "folder": lambda: read(Broden(folder)),  # a new one: nothing is decoded yet
            "packed": lambda: read(PackedProbe(packed)),
            "copy of the pictures": lambda: np.array(pictures),
        }
        times: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(options.runs):  # in turn, so that all see the machine alike
            for name, work in works.items():
                times[name].append(seconds(work)[0])
        print(f"{options.images} images, medians of {options.runs} runs")
        print(f"{'':22} {'seconds':>8} {'images/s':>9} {'times the copy':>15}")
        copied = statistics.median(times["copy of the pictures"])
        for name, found in times.items():
            wall = statistics.median(found)
            print(f"{name:22} {wall:8.3f} {options.images / wall:9.0f} {wall / copied:15.1f}")


if __name__ == "__main__":
    main()
