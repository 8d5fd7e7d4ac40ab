"""A whole dissection against the bare forward pass, in one process on the same images.

    python benchmarks/dissection.py [--images 384] [--runs 3] [--threads N]

ResNet-18 with random weights, 224 x 224 images, a made-up probe as a folder in Broden's format and packed. `bare
forward` is the network over images that are decoded and normalised in memory. All others are everything: read and
decode pictures and label maps, forward, exact thresholds, contributions of each image, exemplars.
"""

import argparse
import csv
import resource
import statistics
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tally import SIDE, SIZES, MadeUpProbe, seconds
from torchvision.models import resnet18

from kdissect.data import PackedProbe, pack
from kdissect.data.broden import Broden
from kdissect.dissect import dissect, dissect_layers

BATCH = 64
NORMALIZE = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def write_folder(folder: Path, num_images: int) -> Path:
    """The made-up probe in Broden's format, with noisy smooth pictures as JPEG."""
    probe, generator = MadeUpProbe(num_images), np.random.default_rng(0)
    (folder / "images").mkdir()
    rows = []
    for k in range(num_images):
        note = probe.annotation(k)
        cells = {name: [] for name in SIZES}
        for place, (plane, category) in enumerate(zip(note.planes, note.plane_categories, strict=True)):
            path = f"{k:06}_{place}.png"
            pixels = np.stack([plane % 256, plane // 256, 0 * plane], -1).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "images" / path)
            cells[probe.categories[category]].append(path)
        for scalar, category in zip(note.scalars, note.scalar_categories, strict=True):
            cells[probe.categories[category]].append(str(scalar))
        coarse = Image.fromarray(generator.integers(0, 256, (14, 14, 3), np.uint8)).resize((224, 224))
        noisy = np.asarray(coarse) + generator.normal(0, 8, (224, 224, 3))
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(folder / "images" / f"{k:06}.jpg", quality=90)
        sizes = {"split": "train", "ih": 224, "iw": 224, "sh": SIDE, "sw": SIDE}
        rows.append({"image": f"{k:06}.jpg", **sizes, **{name: ";".join(paths) for name, paths in cells.items()}})
    names = [concept.name for concept in probe.concepts]
    write_csv(folder / "index.csv", rows)
    write_csv(folder / "category.csv", [{"name": name} for name in SIZES])
    labels = [
        {"number": k, "name": names[k], "category": probe.categories[probe.primary[k]]} for k in range(1, len(names))
    ]
    write_csv(folder / "label.csv", labels)
    for name in SIZES:
        own = [row for row in labels if row["category"] == name]
        write_csv(folder / f"c_{name}.csv", [{"number": row["number"], "coverage": 1} for row in own])
    return folder


def write_csv(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=384)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = resnet18(weights=None).eval()
    with tempfile.TemporaryDirectory() as place:
        folder = write_folder(Path(place), options.images)
        pictures = Broden(folder).pictures(range(options.images))
        mean, deviation = (torch.tensor(values).reshape(3, 1, 1) for values in NORMALIZE)
        batches = ((pictures / 255 - mean) / deviation).split(BATCH)

        def bare() -> None:
            with torch.inference_mode():
                for batch in batches:
                    network(batch)

        packed = pack(Broden(folder), Path(place) / "packed.probe")
        layers = ["layer1", "layer2", "layer3", "layer4"]

        def folder_layer4() -> None:  # a new Broden: nothing is decoded yet
            dissect(network, "layer4", Broden(folder), batch_size=BATCH, normalize=NORMALIZE)

        def packed_layer4() -> None:
            dissect(network, "layer4", PackedProbe(packed), batch_size=BATCH, normalize=NORMALIZE)

        def packed_four() -> None:
            dissect_layers(network, layers, PackedProbe(packed), batch_size=BATCH, normalize=NORMALIZE)

        packed_four()  # compiles
        bare()
        works = {
            "bare forward": bare,
            "layer4, packed": packed_layer4,
            "four layers, packed": packed_four,
            "layer4, folder": folder_layer4,
        }
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        for _ in range(max(3, options.runs)):  # in turn, so that all see the machine alike
            for name, work in works.items():
                times[name].append(seconds(work))
    print(f"ResNet-18, {options.images} images of 224 x 224, {options.threads} thread(s), medians")
    print(f"{'':24} {'wall s':>8} {'ratio':>7} {'cpu s':>8} {'ratio':>7}")
    for name, found in times.items():
        cells = []
        for kind in range(2):
            value = statistics.median(pair[kind] for pair in found)
            ratios = (pair[kind] / bare[kind] for pair, bare in zip(found, times["bare forward"], strict=True))
            cells.append(f"{value:8.2f} {statistics.median(ratios):7.2f}")
        print(f"{name:24} {' '.join(cells)}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {peak:.2f} GiB, with all images of the bare forward decoded")


if __name__ == "__main__":
    main()
