"""Null blocks and DiffROAR on BlockMNIST: a small ResNet and a network without convolutions.

The published table (Serrurier et al. 2023) stands beside.

    python benchmarks/block_mnist.py --diff-roar
"""

import argparse
import tempfile
import time
from pathlib import Path

import torch
from torch import nn

from kdissect.data import BlockMnist
from kdissect.data.augment import Augment
from kdissect.measures import DiffRoar, NullBlock, Subject
from kdissect.measures.retraining import train_anew
from kdissect.models import Network
from kdissect.training import Recipe, accuracy, predict

NETWORK = Network(architecture="small/resnet8", num_classes=10, width=8, stem="half")
RECIPE = Recipe(epochs=10, batch_size=64, learning_rate=0.1, augment=Augment(shift_share=0, flip=False))
PERCENTAGES = ("2.5", "5", "10", "15", "20", "25", "30")
PUBLISHED = (43.8, 42.5, 44.8, 46.5, 47.5, 48.1, 48.4)
CPU = torch.device("cpu")


def dense(num_classes: int) -> nn.Module:
    """Two hidden layers of 256 ReLUs."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(3 * 56 * 28, 256),
        nn.ReLU(),
        nn.Linear(256, 256),
        nn.ReLU(),
        nn.Linear(256, num_classes),
    )


DENSE = Network(architecture=f"{Path(__file__).resolve()}:dense", num_classes=10)
DENSE_RECIPE = RECIPE.changed(optimizer="adamw", learning_rate=0.001)


def values(measure, subject: Subject) -> dict[str, float | None]:
    with tempfile.TemporaryDirectory() as folder:
        return {score.name: score.value for score in measure.run(subject, Path(folder)).scores}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--diff-roar", action="store_true", help="also train for DiffROAR")
    parser.add_argument("--fill", default="mean", choices=("mean", "background"))
    chosen = parser.parse_args()
    print(f"| network | accuracy | {' | '.join(f'{one} %' for one in PERCENTAGES)} |")
    print(f"|---|---|{'---|' * len(PERCENTAGES)}")
    print(f"| unconstrained, published | | {' | '.join(map(str, PUBLISHED))} |")
    subjects = {}
    for name, network, recipe, dataset in (
        ("ResNet", NETWORK, RECIPE, BlockMnist()),
        ("ResNet, signal on top", NETWORK, RECIPE, BlockMnist(top=True)),
        ("dense", DENSE, DENSE_RECIPE, BlockMnist()),
        ("dense, signal on top", DENSE, DENSE_RECIPE, BlockMnist(top=True)),
    ):
        module = train_anew(network, dataset.split("train"), recipe, seed=0, device=CPU)
        subject = subjects[name] = Subject(module, network, dataset)
        test = dataset.split("test")
        right = accuracy(predict(module, network, test), test.labels)
        found = values(NullBlock(), subject)
        row = " | ".join(f"{100 * found[f'null_share/{one}/all']:.1f}" for one in PERCENTAGES)
        print(f"| {name} | {right:.3f} | {row} |", flush=True)
    if not chosen.diff_roar:
        return
    print("\n| network | score | mean | 5 % | 10 % | 30 % | 50 % |\n|---|---|---|---|---|---|---|")
    for name in ("ResNet", "dense"):
        started = time.perf_counter()
        found = values(DiffRoar(fill=chosen.fill, train_images=2400, images=400), subjects[name])
        for score in ("diff_roar", "random", "blurred", "top", "bottom", "top_shape", "bottom_shape"):
            row = [found.get(score), *(found.get(f"{score}/{level}") for level in ("0.05", "0.1", "0.3", "0.5"))]
            print(
                f"| {name} | `{score}` | {' | '.join('' if one is None else f'{one:.3f}' for one in row)} |", flush=True
            )
        seconds = time.perf_counter() - started
        print(f"| {name} | `unmasked` | {found['unmasked']:.3f} | {seconds:.0f} s | | | |", flush=True)


if __name__ == "__main__":
    main()
