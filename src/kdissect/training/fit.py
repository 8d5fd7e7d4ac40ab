"""The training loop."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from kdissect.data.dataset import Dataset, Split
from kdissect.errors import DivergedError, SpecError
from kdissect.models import Network
from kdissect.seeds import key as random_key
from kdissect.seeds import numpy_generator
from kdissect.specs import digest
from kdissect.training.checkpoint import NAME, keep_weights, load_checkpoint, save_checkpoint
from kdissect.training.predict import accuracy, predict
from kdissect.training.recipe import Recipe
from kdissect.training.seen import Objective, Seen
from kdissect.training.teacher import Teacher

CHECK_EVERY = 32
"""Steps between two looks at the losses: a look makes the host wait for the device."""


@final
@dataclass
class Fit:
    """A trained student.

    Attributes:
        student: the module after the last epoch, in eval mode.
        curve: for each epoch `epoch`, `loss`, one `loss/TERM` a term, `seconds`, and `val_accuracy`
            where the recipe looked.
        images_per_second: of the epochs that this call trained.
    """

    student: nn.Module
    curve: list[dict[str, float]] = field(default_factory=list)
    images_per_second: float = 0.0


def fit(
    network: Network,
    objective: Objective,
    dataset: Dataset,
    recipe: Recipe,
    *,
    seed: int,
    teacher: Teacher | None = None,
    device: torch.device | str = "cpu",
    checkpoints: Path | None = None,
    key: dict[str, Any] | None = None,
    keep_every: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Fit:
    """Train a network from scratch. Never looks at the test split.

    The order of the images and their augmentation depend on (seed, epoch, index) alone, so a run that
    was stopped continues from its last checkpoint to the same weights. The last incomplete batch of an
    epoch is left out.

    Args:
        network: what to train; its weights, if it names any, are the start.
        objective: what to minimise.
        dataset: gives the train and val splits.
        recipe: how.
        seed: decides the initial weights, the order and the augmentation.
        teacher: needed if the objective needs one.
        device: where to train.
        checkpoints: folder for the checkpoint of each epoch; None keeps none.
        key: all that decides the run (specs, seed, data, code); needed with checkpoints, and a checkpoint of
            another key is not used.
        keep_every: also keep the weights of every so many epochs, as `epoch-0005.safetensors` in the folder of
            checkpoints, with those before the first epoch (0) and after the last; None keeps none. Changes no result.
        progress: called after each step with the number of images done.

    Raises:
        SpecError: the objective needs a teacher and there is none, a batch is larger than the split, labels are
            not the network's classes, there are checkpoints and no key, or weights to keep and no checkpoints.
        DivergedError: a loss is not finite; names the epoch, step and term.
    """
    if objective.needs_teacher and teacher is None:
        raise SpecError("the objective has a term that needs a teacher, and none was given; pass one, or drop the term")
    if checkpoints is not None and key is None:
        raise SpecError("a run with checkpoints needs a key, all that decides it, so that it cannot resume another's")
    if keep_every is not None and (keep_every < 1 or checkpoints is None):
        raise SpecError(f"keep_every must be 1 or more, and needs a folder of checkpoints, got {keep_every}")
    train, val = dataset.split("train"), dataset.split("val")
    _check_labels(train, val, network)
    if len(train) < recipe.batch_size:
        raise SpecError(f"expected a batch of at most {len(train)} (the images to train on), got {recipe.batch_size}")
    student = network.build(seed).to(device).to(memory_format=torch.channels_last)
    optimizer = recipe.build_optimizer([p for p in student.parameters() if p.requires_grad])
    run_key = digest(key)
    epochs_done, curve = 0, list[dict[str, float]]()
    if checkpoints is not None:
        epochs_done, curve = load_checkpoint(checkpoints, student, optimizer, key=run_key)
        if progress is not None and epochs_done:
            progress(epochs_done * (len(train) // recipe.batch_size) * recipe.batch_size)
    kept = checkpoints if keep_every is not None else None
    if kept is not None and not epochs_done:
        keep_weights(kept, student, epoch=0)
    started, trained = time.perf_counter(), 0
    for epoch in range(epochs_done, recipe.epochs):
        at_start = time.perf_counter()
        point = {"epoch": float(epoch + 1)}
        with _seeded(seed, epoch, student):
            point |= _epoch(student, optimizer, network, objective, train, recipe, seed, epoch, teacher, progress)
        trained += len(train) // recipe.batch_size * recipe.batch_size
        if (epoch + 1) % recipe.validate_every == 0 or epoch + 1 == recipe.epochs:
            point["val_accuracy"] = accuracy(predict(student, network, val), val.labels)
        curve.append({**point, "seconds": time.perf_counter() - at_start})
        if kept is not None and ((epoch + 1) % (keep_every or 1) == 0 or epoch + 1 == recipe.epochs):
            keep_weights(
                kept, student, epoch=epoch + 1
            )  # before the checkpoint: a resumed run does not come here again
        if checkpoints is not None:
            save_checkpoint(checkpoints, student, optimizer, key=run_key, epoch=epoch + 1, curve=curve)
    seconds = time.perf_counter() - started
    return Fit(student.eval(), curve, trained / seconds if trained else 0.0)


def forget(checkpoints: Path) -> None:
    """Delete a run's checkpoint, once its record is written."""
    (checkpoints / NAME).unlink(missing_ok=True)


@contextlib.contextmanager
def _seeded(seed: int, epoch: int, student: nn.Module) -> Iterator[None]:
    """Dropout and its kind draw from torch's global generator: for this epoch it starts from (seed, epoch)."""
    device = next(student.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(random_key(seed, "forward", epoch))
        yield


def _check_labels(train: Split, val: Split, network: Network) -> None:
    for name, split in (("train", train), ("val", val)):
        if not len(split):
            raise SpecError(f"the {name} split has no images")
        low, high = int(split.labels.min()), int(split.labels.max())
        if low < 0 or high >= network.num_classes:
            raise SpecError(
                f"labels of the {name} split must be 0 to {network.num_classes - 1}, the network's classes, "
                f"got {low} to {high}"
            )


def _epoch(
    student: nn.Module,
    optimizer: torch.optim.Optimizer,
    network: Network,
    objective: Objective,
    train: Split,
    recipe: Recipe,
    seed: int,
    epoch: int,
    teacher: Teacher | None,
    progress: Callable[[int], None] | None,
) -> dict[str, float]:
    """One pass over the training split; mean of each loss."""
    student.train()
    device = next(student.parameters()).device
    order = numpy_generator(seed, "order", epoch).permutation(len(train)).astype(np.int64)
    steps = len(train) // recipe.batch_size
    watch = _Losses(epoch)
    for step in range(steps):
        indices = order[step * recipe.batch_size : (step + 1) * recipe.batch_size]
        rows = torch.from_numpy(indices)
        pictures = train.pictures[rows].to(device, non_blocking=True)
        pictures = recipe.augment.apply(pictures, seed=seed, epoch=epoch, indices=indices)
        labels = train.labels[rows].to(device, non_blocking=True)
        images = network.normalize(pictures).contiguous(memory_format=torch.channels_last)
        taught = teacher.logits(pictures) if teacher is not None and objective.needs_teacher else None
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate(epoch * steps + step, recipe.epochs * steps)
        logits = student(images)
        if not isinstance(logits, Tensor):
            raise SpecError(
                f"the network must give logits (b k) in training, got {type(logits).__name__}; choose another"
            )
        losses = objective.losses(Seen(labels=labels, student=logits, teacher=taught))
        total = torch.stack(list(losses.values())).sum()
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(total)
        optimizer.step()
        watch.add(losses)
        if progress is not None:
            progress(recipe.batch_size)
    return watch.means()


class _Losses:
    """Means of the losses, looked at every few steps so that the host seldom waits for the device."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch
        self.names: list[str] = []
        self.recent: list[Tensor] = []
        self.looked = 0
        self.total: Tensor | None = None

    def add(self, losses: dict[str, Tensor]) -> None:
        self.names = list(losses)
        self.recent.append(torch.stack([value.detach() for value in losses.values()]))
        if len(self.recent) >= CHECK_EVERY:
            self._look()

    def means(self) -> dict[str, float]:
        self._look()
        assert self.total is not None
        means = (self.total / self.looked).tolist()
        terms = {f"loss/{name}": mean for name, mean in zip(self.names, means, strict=True)}
        return {"loss": sum(means), **terms}

    def _look(self) -> None:
        if not self.recent:
            return
        losses = torch.stack(self.recent).double().cpu()
        bad = (~losses.isfinite()).nonzero()
        if len(bad):
            step, term = bad[0].tolist()
            raise DivergedError(
                f"the term {self.names[term]} is {losses[step, term].item()} at step {self.looked + step + 1} of epoch "
                f"{self.epoch + 1}; lower the learning rate, or that term's weight"
            )
        summed = losses.sum(0)
        self.total = summed if self.total is None else self.total + summed
        self.looked += len(self.recent)
        self.recent.clear()
