"""What each measure costs: 1,000 images of 64 px, a small ResNet, all in one run.

Beside each stand the bare forward passes and gradients that would take as long. Attributions that several measures
share are made by the first that asks (Localisation: Grad-CAM; FiveBand: gradient; Faithfulness: input times gradient).
Dissections are of a probe of as many images. NullBlock, and those that train, are in benchmarks/block_mnist.py.

    python benchmarks/measures.py
"""

import statistics
import tempfile
import time
from pathlib import Path

import torch

from kdissect.data import Brodenette, BrodenetteProbe
from kdissect.data.brodenette import World
from kdissect.measures import (
    Accuracy,
    ClassSimilarity,
    Complexity,
    ConceptInheritance,
    Detectors,
    Faithfulness,
    FiveBand,
    Localisation,
    LossGradient,
    Sanity,
    Stability,
    Subject,
    Transfer,
)
from kdissect.models import Network

ORDER = (
    Accuracy(),
    ClassSimilarity(),
    Detectors(layer="layer3"),
    Localisation(),
    FiveBand(images=1000),
    LossGradient(),
    Faithfulness(),
    Stability(),
    Complexity(),
    Sanity(),
    Transfer(),
    ConceptInheritance(layer="layer3"),
)
IMAGES = 1000
RUNS = 3


def seconds(work):
    """Median time of a few runs."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main():
    """Time the forward pass, the gradient, and every measure on one subject after the other."""
    dataset = Brodenette(world=World(size=64), train=8, val=8, test=IMAGES)
    network = Network(
        architecture="small/resnet8", num_classes=32, width=24, stem="half", weights="kdissect:quick_teacher"
    )
    module = network.build().eval()
    images = network.normalize(dataset.split("test").pictures)
    dataset.objects("test")
    with tempfile.TemporaryDirectory() as folder:
        table(dataset, network, module, images, BrodenetteProbe(num_images=IMAGES).open(Path(folder)))


def table(dataset, network, module, images, probe):
    """Print the table."""

    def forward():
        with torch.inference_mode():
            for part in images.split(64):
                module(part)

    def gradient():
        for part in images.split(64):
            asked = part.detach().requires_grad_()
            torch.autograd.grad(module(asked).amax(1).sum(), asked)

    forward()
    one, back = seconds(forward), seconds(gradient)
    print(
        f"{IMAGES} images, {torch.get_num_threads()} threads: forward {one:.2f} s, forward and gradient {back:.2f} s\n"
    )
    print("| measure | seconds | forward passes |\n|---|---|---|")
    times: dict[str, list[float]] = {}
    for _ in range(RUNS):
        subject = Subject(module, network, dataset, probe, teacher=Subject(module, network, dataset))
        for measure in ORDER:
            with tempfile.TemporaryDirectory() as folder:
                started = time.perf_counter()
                measure.run(subject, Path(folder))
                times.setdefault(type(measure).__name__, []).append(time.perf_counter() - started)
    total = 0.0
    for name, found in times.items():
        middle = statistics.median(found)
        total += middle
        print(f"| {name} | {middle:.2f} | {middle / one:.1f} |")
    print(f"| all | {total:.1f} | {total / one:.0f} |")


if __name__ == "__main__":
    main()
