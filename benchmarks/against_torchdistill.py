"""Images a second beside torchdistill (from PyPI, 1.1.5), on the same pair, images, batch size and machine.

torchdistill is used as its examples do: its training box with a configuration, its `forward_process` and
`post_forward_process`, its losses and wrappers, a DataLoader in the same process. Two kinds of data: `augmented` with
the crop and flip of its CIFAR samples (transforms of PIL images there, batched tensors here), and `ready`, the
same normalised tensors for both, which leaves the step alone. Both train torchdistill's own CIFAR ResNets.
"""

import argparse
import logging
import statistics
import sys
import time
import warnings

import torch
from PIL import Image
from torchvision import transforms
from training import BATCH, CLASSES, Noise

from kdissect.data import Augment
from kdissect.distill import AT, CE, CRD, KD, as_objective
from kdissect.models import Network
from kdissect.training import Distiller, Recipe, Teacher, fit

NEGATIVES = 1024
OURS = {
    "CE": as_objective(CE()),
    "KD": 0.1 * CE() + 0.9 * KD(temperature=4),
    "AT": CE() + 1000 * AT(layers=("layer2", "layer3")),
    "CRD": CE() + 0.8 * CRD(negatives=NEGATIVES),
}
LABELS = {
    "criterion": {"key": "CrossEntropyLoss", "kwargs": {"reduction": "mean"}},
    "criterion_wrapper": {
        "key": "SimpleLossWrapper",
        "kwargs": {
            "input": {"is_from_teacher": False, "module_path": ".", "io": "output"},
            "target": {"uses_label": True},
        },
    },
    "weight": 1.0,
}


class Pictures(torch.utils.data.Dataset):
    """PIL pictures with transforms, or ready tensors."""

    def __init__(self, split, network, ready):
        self.labels = self.targets = split.labels.tolist()
        self.classes = list(range(CLASSES))
        self.ready = network.normalize(split.pictures) if ready else None
        self.images = [Image.fromarray(p.permute(1, 2, 0).numpy()) for p in split.pictures]
        self.transform = transforms.Compose(
            [
                transforms.RandomCrop(split.pictures.shape[-1], padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(network.mean, network.std),
            ]
        )

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        picture = self.ready[index] if self.ready is not None else self.transform(self.images[index])
        return picture, self.labels[index]


def terms(method, number):
    """The criterion of a method in torchdistill's configuration."""
    kd = {
        "student_module_path": ".", "student_module_io": "output", "teacher_module_path": ".",
        "teacher_module_io": "output", "temperature": 4.0, "alpha": 0.1, "reduction": "batchmean",
    }  # fmt: skip
    if method == "KD":
        return {"kd": {"criterion": {"key": "KDLoss", "kwargs": kd}, "weight": 1.0}}
    if method == "AT":
        side = [{"io": "output", "path": path} for path in ("layer2", "layer3")]
        pairs = {f"pair{k}": {"teacher": one, "student": one, "weight": 1} for k, one in enumerate(side)}
        return {"at": {"criterion": {"key": "ATLoss", "kwargs": {"at_pairs": pairs, "mode": "code"}}, "weight": 1000}}
    crd = {
        "teacher_norm_module_path": "normalizer", "student_norm_module_path": "normalizer",
        "student_empty_module_path": "empty", "input_size": 128, "output_size": number,
        "num_negative_samples": NEGATIVES, "num_samples": number, "temperature": 0.07, "momentum": 0.5, "eps": 1e-7,
    }  # fmt: skip
    return {"crd": {"criterion": {"key": "CRDLoss", "kwargs": crd}, "weight": 0.8}}


def theirs(method, split, student_network, teacher_network, ready):
    """Torchdistill's box for a method, and the number of images an epoch."""
    import torchdistill.datasets.wrapper  # noqa: F401 (they register themselves)
    from torchdistill.core.distillation import get_distillation_box
    from torchdistill.core.training import get_training_box

    data = {"train": Pictures(split, student_network, ready)}
    loader = {
        "dataset_id": "train",
        "sampler": {"class_or_func": torch.utils.data.RandomSampler, "kwargs": {}},
        "kwargs": {"batch_size": BATCH, "num_workers": 0, "drop_last": True, "pin_memory": False},
    }  # fmt: skip
    student, teacher = student_network.build(0), teacher_network.build(1)
    config = {
        "num_epochs": 1, "train_data_loader": loader, "val_data_loader": {},
        "optimizer": {"key": "SGD", "kwargs": {"lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4}},
    }  # fmt: skip
    if method == "CE":
        config |= {
            "model": {"forward_proc": "forward_batch_only"},
            "criterion": {"key": "WeightedSumLoss", "kwargs": {"sub_terms": {"ce": LABELS}}},
        }
        return get_training_box(student, data, config, torch.device("cpu"), None, False, 1.0)
    hooks = {"KD": [], "AT": ["layer2", "layer3"], "CRD": ["normalizer", "empty"]}[method]
    sides = {}
    for name, net in (("teacher", teacher), ("student", student)):
        own = [h for h in hooks if not (h == "empty" and name == "teacher")]
        side = {"forward_proc": "forward_batch_only", "forward_hook": {"input": [], "output": own}}
        if method == "CRD":
            side["forward_proc"] = "forward_batch_supp_dict"
            side["auxiliary_model_wrapper"] = {
                "key": "Linear4CRD",
                "kwargs": {
                    "input_module_path": "model.avgpool",
                    "linear_kwargs": {"in_features": net.fc.in_features, "out_features": 128},
                    "power": 2,
                },
            }
            side["forward_hook"] = {
                "input": ["empty"] if name == "student" else [],
                "output": ["model.avgpool", "normalizer"],
            }
        sides[name] = side
    sides["teacher"]["requires_grad"] = False
    if method == "CRD":
        loader["requires_supp"] = True
        loader["dataset_wrapper"] = {
            "key": "CRDDatasetWrapper",
            "kwargs": {"num_negative_samples": NEGATIVES, "mode": "exact", "ratio": 1.0},
        }
    whole = {"key": "WeightedSumLoss", "kwargs": {"sub_terms": terms(method, len(split))}}
    if method != "KD":
        whole["kwargs"]["sub_terms"]["ce"] = LABELS
    config |= {**sides, "criterion": whole}
    return get_distillation_box(teacher, student, data, config, torch.device("cpu"), None, False, 1.0)


def their_seconds(box):
    """One epoch, as the example scripts run it."""
    box.pre_epoch_process(epoch=0)
    steps = 0
    started = time.perf_counter()
    for batch in box.train_data_loader:
        images, labels, *more = batch
        loss = box.forward_process(images, labels, more[0] if more else None)
        box.post_forward_process(loss)
        steps += 1
    return (time.perf_counter() - started) / steps


def our_seconds(method, dataset, student, teacher, ready):
    """One epoch by `fit`, or by `Distiller` on ready tensors."""
    objective = OURS[method]
    if not ready:
        recipe = Recipe(
            epochs=2, batch_size=BATCH, nesterov=False, validate_every=9, augment=Augment(shift_share=0.125)
        )
        module = teacher.build(1).to(memory_format=torch.channels_last)
        taught = Teacher(module, teacher) if objective.needs_teacher else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            seconds = fit(student, objective, dataset, recipe, seed=0, teacher=taught).curve[-1]["seconds"]
        return seconds / (dataset.images // BATCH)
    split = dataset.split("train")
    nets = [one.build(k).to(memory_format=torch.channels_last) for k, one in enumerate((student, teacher))]
    distiller = Distiller(
        nets[0], nets[1] if objective.needs_teacher else None, objective, image_size=dataset.side,
        num_images=len(split), labels=split.labels,
    ).train()  # fmt: skip
    trained = [parameter for parameter in distiller.parameters() if parameter.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.05, momentum=0.9, weight_decay=5e-4, fused=True)
    images = student.normalize(split.pictures)
    for _ in range(2):
        order = torch.randperm(len(split)).split(BATCH)
        started = time.perf_counter()
        for rows in order:
            batch = images[rows].contiguous(memory_format=torch.channels_last)
            out = distiller(batch, split.labels[rows], rows)
            optimizer.zero_grad(set_to_none=True)
            out.loss.backward()
            optimizer.step()
    return (time.perf_counter() - started) / len(order)


def resnet20(num_classes):
    from torchdistill.models.classification import resnet

    return resnet.resnet20(num_classes)


def resnet56(num_classes):
    from torchdistill.models.classification import resnet

    return resnet.resnet56(num_classes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=512)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--student", default="resnet20")
    parser.add_argument("--teacher", default="resnet56")
    words = parser.parse_args()
    torch.set_num_threads(1)
    logging.disable(logging.INFO)
    try:
        import torchdistill  # noqa: F401 (to see that it is there)
    except ImportError:
        sys.exit("this benchmark needs torchdistill: pip install torchdistill")
    dataset = Noise(images=words.images, side=32)
    student, teacher = (
        Network(architecture=f"{__file__}:{name}", num_classes=CLASSES) for name in (words.student, words.teacher)
    )
    print("| data | method | kdissect images/s | torchdistill images/s | ratio |\n|---|---|---|---|---|")
    for ready in (False, True):
        for method in OURS:
            times, box = [], theirs(method, dataset.split("train"), student, teacher, ready)
            their_seconds(box)
            for _ in range(words.rounds):
                ours = our_seconds(method, dataset, student, teacher, ready)
                times.append((ours, their_seconds(box)))
            ours, others = (BATCH / statistics.median(column) for column in zip(*times, strict=True))
            ratio = statistics.median([b / a for a, b in times])
            kind = "ready" if ready else "augmented"
            print(f"| {kind} | {method} | {ours:.0f} | {others:.0f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
