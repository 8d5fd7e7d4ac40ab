"""The training loop: one student, or several that share a teacher and a stream of images."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import torch
from torch import nn

from kdissect.data.dataset import Dataset, Split
from kdissect.errors import SpecError
from kdissect.models import Network
from kdissect.specs import digest
from kdissect.training.asked import Asked
from kdissect.training.batches import Batches
from kdissect.training.processes import Processes
from kdissect.training.recipe import Recipe
from kdissect.training.seen import Objective
from kdissect.training.teacher import Teacher
from kdissect.training.teacher_cache import TeacherCache
from kdissect.training.trainee import Trainee


@final
@dataclass
class Fit:
    """A trained student.

    Attributes:
        student: the module after the last epoch, in eval mode.
        curve: for each epoch `epoch`, `loss`, one `loss/TERM` a term, `seconds`, `data_seconds` (what the host took to
            make the batches), and `val_accuracy` where the recipe looked.
        images_per_second: of the epochs that this call trained.
        best_epoch: the epoch with the highest val accuracy, from 1; the first of several.
        best_accuracy: its val accuracy. Chosen on the val split, so it flatters; compare last epochs.
        classifier_trained: whether the last layer got a gradient; if not, accuracy means nothing.
        compiled: what was found out about compilation, for people; empty if it was off.
        teacher_share: share of the images for which the teacher was asked, 0 with a full cache; None without a teacher.
    """

    student: nn.Module
    curve: list[dict[str, float]] = field(default_factory=list)
    images_per_second: float = 0.0
    best_epoch: int = 0
    best_accuracy: float = 0.0
    classifier_trained: bool = True
    compiled: str = ""
    teacher_share: float | None = None


@final
@dataclass(frozen=True)
class Task:
    """One of several students that are trained together.

    Attributes:
        network: what to train.
        objective: what to minimise.
        checkpoints: folder for its checkpoints; None keeps none.
        key: all that decides the run; needed with checkpoints.
        initial_seed: of the initial weights; None for the run's seed.
    """

    network: Network
    objective: Objective
    checkpoints: Path | None = None
    key: dict[str, Any] | None = None
    initial_seed: int | None = None


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
    initial_seed: int | None = None,
    cache: TeacherCache | Path | None = None,
) -> Fit:
    """Train a network from scratch. Never looks at the test split.

    The order of the images and their augmentation depend on (seed, epoch, index) alone, so a run that
    was stopped continues from its last checkpoint to the same weights. The last incomplete batch of an
    epoch is left out. Under torchrun each process takes its share of every batch.

    Args:
        network: what to train; its weights, if it names any, are the start.
        objective: what to minimise.
        dataset: gives the train and val splits.
        recipe: how.
        seed: decides the initial weights, the order and the augmentation.
        teacher: needed if the objective needs one.
        device: where to train.
        checkpoints: folder for the last checkpoint (`checkpoint.safetensors`) and the weights with the highest val
            accuracy (`best.safetensors`); None keeps none.
        key: all that decides the run (specs, seed, data, code); needed with checkpoints, and a checkpoint of
            another key is not used.
        keep_every: also keep the weights of every so many epochs, as `epoch-0005.safetensors` in the folder of
            checkpoints, with those before the first epoch (0) and after the last; None keeps none. Changes no result.
        progress: called after each step with the number of images done.
        initial_seed: of the initial weights alone; None for `seed`.
        cache: keeps what the teacher says; None asks it every time. Values are rounded to float16, so a run that
            reads a cache differs from one that asks by rounding.

    Raises:
        SpecError: the objective needs a teacher and has none; the batch is larger than the split or cannot be
            shared among the processes; labels and classes do not fit; checkpoints without a key.
        ShapeError: teacher and student do not fit each other.
        LayerError: the objective names a layer that is not there.
        DivergedError: a loss is not finite; names the term and the step. The last checkpoint stays.
        RecordError: a checkpoint or the cache is damaged, or the cache is not of this teacher.
    """
    task = Task(network, objective, checkpoints, key, initial_seed)
    return fit_together(
        [task],
        dataset,
        recipe,
        seed=seed,
        teacher=teacher,
        device=device,
        keep_every=keep_every,
        progress=progress,
        cache=cache,
    )[0]


def fit_together(
    tasks: Sequence[Task],
    dataset: Dataset,
    recipe: Recipe,
    *,
    seed: int,
    teacher: Teacher | None = None,
    device: torch.device | str = "cpu",
    keep_every: int | None = None,
    progress: Callable[[int], None] | None = None,
    cache: TeacherCache | Path | None = None,
) -> list[Fit]:
    """Train several students on one stream of images, with one pass of their teacher a batch.

    Each student gets the weights that `fit` would give it, to the bit on the CPU (if all keep the same of the teacher;
    a batch norm layer never sees another student's images).

    Args:
        tasks: the students.
        dataset: as for `fit`, as all that follows.
        recipe: the same for all.
        seed: the same for all.
        teacher: the same for all that need one.
        device: where to train.
        keep_every: as for `fit`.
        progress: called after each step with the number of images done, all students together.
        cache: as for `fit`.

    Returns:
        One result a task, in their order.

    Raises:
        KdissectError: as `fit` does.
    """
    processes = Processes()
    device = torch.device(device)
    _check(tasks, teacher, keep_every)
    processes.check(recipe.batch_size)
    train, val = dataset.split("train"), dataset.split("val")
    for task in tasks:
        _check_labels(train, val, task.network)
    if len(train) < recipe.batch_size:
        raise SpecError(f"expected a batch of at most {len(train)} (the images to train on), got {recipe.batch_size}")
    groups = torch.from_numpy(dataset.class_tree.group_of)
    side = train.pictures.shape[-1]
    trainees = [
        Trainee(
            task.network,
            task.objective,
            teacher if task.objective.needs_teacher else None,
            recipe,
            seed=seed,
            initial_seed=seed if task.initial_seed is None else task.initial_seed,
            device=device,
            labels=train.labels,
            groups=groups,
            side=side,
            checkpoints=task.checkpoints,
            key=digest(task.key) if task.key is not None else "",
            keep_every=keep_every,
            processes=processes,
        )
        for task in tasks
    ]
    views = dict.fromkeys(view for one in trainees for view in one.distiller.views)
    batches = Batches(train, recipe, seed, device, tuple(views), processes.rank, processes.number)
    for one in trainees:
        one.prepare(batches)
    asked = Asked(trainees, teacher, batches, dataset, cache, processes)
    begin = min(one.epochs_done for one in trainees)
    if progress is not None and begin:
        progress(begin * batches.steps * recipe.batch_size * len(trainees))
    started, trained = time.perf_counter(), 0
    for epoch in range(begin, recipe.epochs):
        active = [one for one in trainees if one.epochs_done == epoch]
        at_start, data_seconds = time.perf_counter(), 0.0
        for one in active:
            one.start(epoch)
        for step, batch in enumerate(batches.epoch(epoch)):
            data_seconds += batch.seconds
            answers = asked.of(batch, epoch, active)
            for one in active:
                one.step(batch, answers.get(one.targets_key), epoch * batches.steps + step, batches.steps)
                if progress is not None:
                    progress(recipe.batch_size)
        asked.finish(epoch)
        trained += batches.steps * recipe.batch_size
        seconds = time.perf_counter() - at_start
        look = (epoch + 1) % recipe.validate_every == 0 or epoch + 1 == recipe.epochs
        for one in active:
            one.finish(epoch, val if look else None, seconds=seconds, data_seconds=data_seconds)
    processes.wait()  # until the first one has written everything
    seconds = time.perf_counter() - started
    rate = trained / seconds if trained else 0.0
    return [
        Fit(
            one.release(),
            one.curve,
            rate,
            one.best_epoch,
            max(0.0, one.best_accuracy),
            one.classifier_trained,
            one.compiled,
            asked.share if one.teacher is not None else None,
        )
        for one in trainees
    ]


def _check(tasks: Sequence[Task], teacher: Teacher | None, keep_every: int | None) -> None:
    if not tasks:
        raise SpecError("expected at least one student to train, got none")
    for task in tasks:
        if task.objective.needs_teacher and teacher is None:
            raise SpecError(
                "the objective has a term that needs a teacher, and none was given; pass one, or drop the term"
            )
        if task.checkpoints is not None and task.key is None:
            raise SpecError(
                "a run with checkpoints needs a key, all that decides it, so that it cannot resume another's"
            )
        if keep_every is not None and (keep_every < 1 or task.checkpoints is None):
            raise SpecError(f"keep_every must be 1 or more, and needs a folder of checkpoints, got {keep_every}")
    folders = [task.checkpoints for task in tasks if task.checkpoints is not None]
    if len(set(folders)) < len(folders):
        raise SpecError("students that are trained together need a folder of checkpoints each")


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
