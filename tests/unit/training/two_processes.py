"""Run by torchrun in test_processes.py: trains, and writes what came out, from the first process."""

import os
import signal
import sys
from pathlib import Path

import torch
from torch import nn

from kdissect.data import ClassTree, Dataset, Split
from kdissect.data.dataset import SplitName
from kdissect.distill import CE, CRD, DIST, FT, KD, RKD, SS, TF, Objective
from kdissect.models import Network, save_weights
from kdissect.training import Recipe, Teacher, fit
from kdissect.training.processes import Processes

OBJECTIVES: dict[str, Objective] = {
    "plain": CE() + KD(),
    "relations": CE() + DIST() + RKD(),
    "banks": CE() + CRD(negatives=20, width=4),
    "stages": CE() + 10 * FT(stage_epochs=1) + SS(stage_epochs=1, width=4) + TF(),
}


def plain_net(num_classes: int) -> nn.Module:
    """No batch norm: its statistics are those of each process's own images."""
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, 2, 1), nn.GELU(), nn.Conv2d(6, 8, 3, 2, 1), nn.GELU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(8, num_classes),
    )  # fmt: skip


class Noise(Dataset):
    """64 pictures of noise in four classes; 37 to validate, which two processes cannot share evenly."""

    @property
    def class_tree(self) -> ClassTree:
        return ClassTree(groups=(("letters", ("a", "b", "c", "d")),))

    @property
    def title(self) -> str:
        return "noise"

    def split(self, name: SplitName) -> Split:
        number = 64 if name == "train" else 37
        generator = torch.Generator().manual_seed(len(name))
        pictures = torch.randint(0, 256, (number, 3, 16, 16), generator=generator).to(torch.uint8)
        labels = torch.arange(number) % 4
        pictures[:, 0] //= (labels[:, None, None] + 1).to(torch.uint8)
        return Split(pictures, labels)


def main(name: str, out: Path, images: int) -> None:
    """Train, and write the student and its curve; killed from outside would be after so many images, if any."""

    def die(done: int) -> None:
        nonlocal images
        images -= done
        if images == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    torch.set_num_threads(1)
    network = Network(architecture=f"{__file__}:plain_net", num_classes=4)
    teacher = Teacher(network.build(9), network)
    recipe = Recipe(epochs=2, batch_size=16, learning_rate=0.05)
    fitted = fit(
        network,
        OBJECTIVES[name],
        Noise(),
        recipe,
        seed=1,
        teacher=teacher,
        checkpoints=out,
        key={"a": name},
        progress=die,
    )
    if Processes().first:
        save_weights(fitted.student, out / "student.safetensors")
        (out / "curve.txt").write_text(repr([(p["loss"], p["val_accuracy"]) for p in fitted.curve]))
        (out / "processes.txt").write_text(str(Processes().number))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else -1)
