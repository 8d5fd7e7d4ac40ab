"""What distillation costs beside plain training: ratios measured side by side, medians of interleaved rounds.

Images of noise, 32 px, 100 classes; small/resnet56 teaches small/resnet20; batches of 64; one thread by default.
"""

import argparse
import contextlib
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import torch

from kdissect.data import ClassTree, Dataset, Split
from kdissect.distill import (
    AT,
    CATKD,
    CE,
    CRD,
    DIST,
    DKD,
    E2KD,
    FT,
    KD,
    LS,
    MLKD,
    NCKD,
    OFAKD,
    PKT,
    RKD,
    SP,
    SS,
    TCKD,
    TF,
    VID,
    FitNet,
    HardKD,
    ReviewKD,
    SimKD,
    TfKD,
    as_objective,
)  # fmt: skip
from kdissect.models import Network
from kdissect.training import Recipe, Task, Teacher, TeacherCache, fit, fit_together

CLASSES, BATCH = 100, 64
METHODS = {
    "CE": as_objective(CE()), "LS": as_objective(LS()), "TfKD": CE() + TfKD(), "KD": CE() + KD(),
    "TCKD": CE() + TCKD(), "NCKD": CE() + NCKD(), "DKD": CE() + DKD(), "DIST": CE() + 2 * DIST(),
    "HardKD": CE() + HardKD(), "MLKD": CE() + MLKD(), "AT": CE() + 1000 * AT(), "FT": CE() + 200 * FT(stage_epochs=0),
    "FitNet": CE() + 100 * FitNet(), "VID": CE() + VID(), "SP": CE() + 3000 * SP(), "RKD": CE() + RKD(),
    "PKT": CE() + 30000 * PKT(), "ReviewKD": CE() + ReviewKD(), "SimKD": as_objective(SimKD()),
    "CATKD": CE() + CATKD(), "E2KD": CE() + KD() + E2KD(), "OFAKD": CE() + OFAKD(), "CRD": CE() + 0.8 * CRD(),
    "SSKD": CE() + 0.9 * KD() + 10 * SS(stage_epochs=0) + 2.7 * TF(),
}  # fmt: skip
PASSED = {"SSKD": 4, "MLKD": 2}
"""How many images a method passes for each image."""


class Noise(Dataset):
    """Pictures of noise."""

    images: int
    side: int

    @property
    def class_tree(self):
        return ClassTree(groups=tuple((f"g{g}", tuple(f"c{g}-{c}" for c in range(5))) for g in range(CLASSES // 5)))

    @property
    def title(self):
        return "noise"

    def split(self, name):
        number = self.images if name == "train" else BATCH
        generator = torch.Generator().manual_seed(len(name))
        pictures = torch.randint(0, 256, (number, 3, self.side, self.side), generator=generator).to(torch.uint8)
        return Split(pictures, torch.arange(number) % CLASSES)


def seconds_of(objective, setting, **more):
    """Seconds of the second epoch, and its share of making batches; the first one warms up."""
    dataset, student, teacher, recipe = setting
    taught = teacher if objective.needs_teacher else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        point = fit(student, objective, dataset, recipe, seed=0, teacher=taught, **more).curve[-1]
    return point["seconds"], point["data_seconds"]


def bare_parts(setting):
    """Seconds an epoch of the student's passes and step, and of the teacher's pass, on ready batches."""
    dataset, network, teacher, recipe = setting
    split = dataset.split("train")
    student = network.build(0).to(memory_format=torch.channels_last).train()
    optimizer = recipe.build_optimizer(list(student.parameters()))
    batches = [
        (network.normalize(p).contiguous(memory_format=torch.channels_last), y)
        for p, y in zip(split.pictures.split(BATCH), split.labels.split(BATCH), strict=True)
        if len(p) == BATCH
    ]
    times = []
    for _ in range(2):
        started = time.perf_counter()
        for images, labels in batches:
            loss = torch.nn.functional.cross_entropy(student(images), labels)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        half = time.perf_counter()
        with torch.no_grad():
            for images, _ in batches:
                teacher.module(images)
        times.append((half - started, time.perf_counter() - half))
    return times[-1]


def middle(values):
    return statistics.median(values)


def costs(setting, rounds):
    """Plain CE, KD with and without a cache, and the bare parts."""
    names = ("CE", "KD", "KD, cached", "student", "teacher", "data")
    times = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        cache = TeacherCache(Path(folder))
        seconds_of(METHODS["KD"], setting, cache=cache)
        for _ in range(rounds):
            plain, data = seconds_of(METHODS["CE"], setting)
            times["CE"].append(plain)
            times["data"].append(data)
            times["KD"].append(seconds_of(METHODS["KD"], setting)[0])
            times["KD, cached"].append(seconds_of(METHODS["KD"], setting, cache=cache)[0])
            student, teacher = bare_parts(setting)
            times["student"].append(student)
            times["teacher"].append(teacher)
    found = {name: middle(values) for name, values in times.items()}
    cached = middle([a / b for a, b in zip(times["KD, cached"], times["CE"], strict=True)])
    bare = zip(times["student"], times["teacher"], times["data"], strict=True)
    parts = [whole / sum(pieces) for whole, pieces in zip(times["KD"], bare, strict=True)]
    share = middle([a / b for a, b in zip(times["data"], times["CE"], strict=True)])
    print("| what | seconds an epoch |\n|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value:.2f} |")
    print(f"\nKD with cache / CE: {cached:.3f} (target 1.10)")
    print(f"KD without cache / bare forward and backward parts and data: {middle(parts):.3f} (target 1.02)")
    print(f"making batches, share of a CE epoch: {share:.1%} (target 3 %)\n")


def table(setting, rounds, names):
    """Cost of each method over CE."""
    times = {name: [] for name in dict.fromkeys(["CE", "KD", *names])}
    for _ in range(rounds):
        for name, found in times.items():
            found.append(seconds_of(METHODS[name], setting)[0])
    print("| method | over CE | over KD | over KD, an image passed |\n|---|---|---|---|")
    for name, found in times.items():
        over = [middle([a / b for a, b in zip(found, times[base], strict=True)]) for base in ("CE", "KD")]
        print(f"| {name} | {over[0]:.2f} | {over[1]:.2f} | {over[1] / PASSED.get(name, 1):.2f} |")
    print()


def together(setting, rounds):
    """Eight students at once against eight runs."""
    dataset, student, teacher, recipe = setting
    objectives = [CE() + KD(temperature=t) for t in (1, 2, 3, 4, 5, 6, 7, 8)]
    ratios = []
    for _ in range(rounds):
        alone = sum(seconds_of(objective, setting)[0] for objective in objectives)
        fits = fit_together([Task(student, o) for o in objectives], dataset, recipe, seed=0, teacher=teacher)
        ratios.append(alone / fits[0].curve[-1]["seconds"])
    one, teach = bare_parts(setting)
    limit = 8 * (one + teach) / (8 * one + teach)
    print(
        f"eight students together: {middle(ratios):.2f} times as fast as eight runs (target 1.4; limit {limit:.2f})\n"
    )


def compiled(setting):
    """Eager against compiled passes."""
    print("| method | plain | compiled | ratio |\n|---|---|---|---|")
    for name in ("CE", "KD"):
        plain = seconds_of(METHODS[name], setting)[0]
        one = seconds_of(METHODS[name], (*setting[:3], setting[3].changed(compile="on")))[0]
        print(f"| {name} | {plain:.2f} | {one:.2f} | {plain / one:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=768)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--student", default="small/resnet20")
    parser.add_argument("--teacher", default="small/resnet56")
    parser.add_argument("--parts", default="costs,table,together")
    parser.add_argument("--methods", default=",".join(METHODS))
    words = parser.parse_args()
    torch.set_num_threads(words.threads)
    teaching = Network(architecture=words.teacher, num_classes=CLASSES)
    module = teaching.build(0).to(memory_format=torch.channels_last)
    setting = (
        Noise(images=words.images, side=words.side),
        Network(architecture=words.student, num_classes=CLASSES),
        Teacher(module, teaching),
        Recipe(epochs=2, batch_size=BATCH, validate_every=100, learning_rate=1e-3),
    )
    with contextlib.suppress(KeyboardInterrupt):
        parts = words.parts.split(",")
        if "costs" in parts:
            costs(setting, words.rounds)
        if "table" in parts:
            table(setting, max(1, words.rounds - 2), words.methods.split(","))
        if "together" in parts:
            together(setting, max(1, words.rounds - 3))
        if "compiled" in parts:
            compiled(setting)


if __name__ == "__main__":
    main()
