"""One student in training: its distiller, optimiser, curve and checkpoints."""

import contextlib
import copy
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import final

import torch
from torch import Tensor, nn

from kdissect.data.dataset import Split
from kdissect.models import Network, format_of
from kdissect.seeds import key as random_key
from kdissect.training.batches import Batch, Batches
from kdissect.training.checkpoint import keep_weights, load_checkpoint, save_checkpoint
from kdissect.training.distiller import Distiller
from kdissect.training.hardware import autocast, compilation_pays
from kdissect.training.losses import Losses
from kdissect.training.predict import predict
from kdissect.training.processes import Processes
from kdissect.training.recipe import Recipe
from kdissect.training.seen import Objective, Taught, TeacherStage
from kdissect.training.teacher import Teacher

BEST = "best.safetensors"


@final
class Trainee:
    """A student, and all that changes while it is trained. `fit_together` drives several of them."""

    def __init__(
        self,
        network: Network,
        objective: Objective,
        teacher: Teacher | None,
        recipe: Recipe,
        *,
        seed: int,
        initial_seed: int,
        device: torch.device,
        labels: Tensor,
        groups: Tensor,
        side: int,
        checkpoints: Path | None,
        key: str,
        keep_every: int | None,
        processes: Processes,
    ) -> None:
        self.network, self.teacher, self.recipe, self.seed = network, teacher, recipe, seed
        self.checkpoints, self.key, self.keep_every, self.processes = checkpoints, key, keep_every, processes
        self.autocast, self.compile = autocast(recipe.precision, device), recipe.compile
        student = network.build(initial_seed).to(device)
        student = student.to(memory_format=format_of(student))
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(random_key(seed, "parts"))  # modules are made on the CPU
            self.distiller = Distiller(
                student,
                teacher.module if teacher is not None else None,
                objective,
                images=torch.zeros(2, 3, side, side, device=device),
                labels=labels,
                groups=groups,
                network=network,
                teacher_network=teacher.network if teacher is not None else None,
                seed=seed,
            )
        self.student = student
        self.called: nn.Module = self.distiller
        self.curve: list[dict[str, float]] = []
        self.epochs_done = 0
        self.best_epoch, self.best_accuracy = 0, -1.0
        self.classifier_trained, self.compiled = True, ""
        self.targets_key = ""
        self.losses = Losses(0)
        self._looked_at_classifier = False
        self._is_compiled = ""

    @property
    def kept(self) -> Path | None:
        """Where this process writes checkpoints; None if another one does."""
        return self.checkpoints if self.processes.first else None

    def prepare(self, batches: Batches) -> None:
        """Read the checkpoint; train what stands on the teacher's side; wrap and compile."""
        trained = [parameter for parameter in self.distiller.parameters() if parameter.requires_grad]
        self.optimizer = self.recipe.build_optimizer(trained)
        choice = ""
        if self.checkpoints is not None:
            self.epochs_done, self.curve, choice = load_checkpoint(
                self.checkpoints, self.student, self.optimizer, key=self.key, parts=self.distiller.parts
            )
        looked = [(point["val_accuracy"], -point["epoch"]) for point in self.curve if "val_accuracy" in point]
        if looked:
            best, epoch = max(looked)
            self.best_accuracy, self.best_epoch = best, int(-epoch)
        if not self.epochs_done:
            for number, stage in enumerate(self.distiller.bound.teacher_stages):
                self._train_stage(number, stage, batches)
            if self.kept is not None and self.keep_every is not None:
                keep_weights(self.kept, self.student, epoch=0)
        self.targets_key = self.distiller.bound.targets_key
        self._compile(choice, batches)
        if self.processes.number > 1:
            self.called = self.processes.wrap(self.distiller, some_unused=self._some_unused(batches))

    def ask(self, batch: Batch) -> dict[str, Tensor]:
        """What is kept of the teacher's answer to a batch."""
        views = {view: batch.views[view] for view in self.distiller.views}
        with self.autocast():
            return self.distiller.teach(batch.pictures, batch.labels, views)

    def start(self, epoch: int) -> None:
        """An epoch begins."""
        self.distiller.train()
        self.distiller.epoch = epoch
        self.losses = Losses(epoch)
        # Dropout and its kind draw from torch's global generator: for this epoch it starts from (seed, epoch).
        with torch.random.fork_rng(devices=self._devices):
            torch.manual_seed(random_key(self.seed, "forward", epoch) + self.processes.rank)
            self._states = self._generators()

    def step(self, batch: Batch, targets: Mapping[str, Tensor] | None, step: int, steps: int) -> None:
        """One step of the optimiser."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate(step, self.recipe.epochs * steps)
        needs_indices = self.distiller.bound.needs_indices
        indices = torch.from_numpy(batch.indices).to(batch.labels.device) if needs_indices else None
        views = {view: batch.views[view] for view in self.distiller.views}
        with self._own_generators(), self.autocast():
            out = self.called(batch.pictures, batch.labels, indices, targets or {}, views, batch.draw)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(out.loss)
        if not self._looked_at_classifier:
            self._look_at_classifier()
        self.optimizer.step()
        self.losses.add(out.terms)

    def finish(self, epoch: int, val: Split | None, *, seconds: float, data_seconds: float) -> None:
        """An epoch ends: look at the losses and the val split, and keep what is to be kept."""
        point = {"epoch": float(epoch + 1), **self.losses.means()}
        self.processes.same_statistics(self.student)
        if val is not None:
            point["val_accuracy"] = self._accuracy(val)
        self.curve.append({**point, "seconds": seconds, "data_seconds": data_seconds})
        self.epochs_done = epoch + 1
        better = val is not None and point["val_accuracy"] > self.best_accuracy
        if better:
            self.best_accuracy, self.best_epoch = point["val_accuracy"], epoch + 1
        if self.kept is None:
            return
        if better:
            facts = {"which": "best", "val_accuracy": repr(self.best_accuracy)}
            keep_weights(self.kept, self.student, epoch=epoch + 1, name=BEST, facts=facts)
        last = epoch + 1 == self.recipe.epochs
        if self.keep_every is not None and ((epoch + 1) % self.keep_every == 0 or last):
            # before the checkpoint: a resumed run does not come here again
            keep_weights(self.kept, self.student, epoch=epoch + 1)
        save_checkpoint(
            self.kept,
            self.student,
            self.optimizer,
            key=self.key,
            epoch=epoch + 1,
            curve=self.curve,
            parts=self.distiller.parts,
            compiled=self._is_compiled,
        )

    def release(self) -> nn.Module:
        """The bare student, in eval mode."""
        return self.distiller.export().eval()

    @property
    def _devices(self) -> list[torch.device]:
        device = next(self.student.parameters()).device
        return [device] if device.type == "cuda" else []

    def _generators(self) -> tuple[Tensor, list[Tensor]]:
        return torch.get_rng_state(), [torch.cuda.get_rng_state(device) for device in self._devices]

    @contextlib.contextmanager
    def _own_generators(self) -> Iterator[None]:
        """The global generators as this student left them: students that are trained together draw apart."""
        with torch.random.fork_rng(devices=self._devices):
            torch.set_rng_state(self._states[0])
            for device, state in zip(self._devices, self._states[1], strict=True):
                torch.cuda.set_rng_state(state, device)
            yield
            self._states = self._generators()

    def _accuracy(self, val: Split) -> float:
        """On the whole val split, each process its share, none twice."""
        number, rank = self.processes.number, self.processes.rank
        own = Split(val.pictures[rank::number], val.labels[rank::number]) if number > 1 else val
        right = torch.zeros((), dtype=torch.int64)
        if len(own):
            right = (predict(self.student, self.network, own).argmax(1) == own.labels).sum()
        right = self.processes.sum(right.to(next(self.student.parameters()).device))
        return int(right) / len(val)

    def _look_at_classifier(self) -> None:
        """After the first step: accuracy means nothing if the last layer is not trained."""
        self._looked_at_classifier = True
        name = self.distiller.classifier
        if name is None:
            return
        weight = self.student.get_submodule(name).weight
        assert isinstance(weight, Tensor)
        if not weight.requires_grad:
            return  # frozen on purpose: SimKD keeps the teacher's
        if weight.grad is None or not weight.grad.any():
            self.classifier_trained = False
            warnings.warn(
                f"no term of {self.distiller.bound.formula} gives the classifier {name!r} a gradient: its accuracy "
                "means nothing, and the last epoch is the one to look at; add CE() to train it",
                stacklevel=2,
            )

    def _train_stage(self, number: int, stage: TeacherStage, batches: Batches) -> None:
        """Train something on the teacher's side, with checkpoints of its own."""
        parameters = list(stage.parameters())
        for parameter in parameters:
            parameter.requires_grad_(True)
        optimizer = torch.optim.SGD(parameters, lr=stage.learning_rate, momentum=0.9, weight_decay=stage.weight_decay)
        bound, name, key = self.distiller.parts, f"stage-{number}.safetensors", f"{self.key}/stage {number}"
        done = 0
        if self.checkpoints is not None:
            done, _, _ = load_checkpoint(self.checkpoints, bound, optimizer, key=key, name=name)
        for epoch in range(done, stage.epochs):
            losses = Losses(epoch)
            for step, batch in enumerate(batches.epoch(epoch, f" {stage.name}")):
                share = (epoch * batches.steps + step) / (stage.epochs * batches.steps)
                for group in optimizer.param_groups:
                    group["lr"] = stage.learning_rate * 0.1 ** math.floor(3 * share)
                with self.autocast():
                    views = {view: self._taught(batch.views[view], batch.labels) for view in stage.views}
                    loss = stage.loss(self._taught(batch.pictures, batch.labels), views)
                optimizer.zero_grad(set_to_none=True)
                torch.autograd.backward(loss)
                self.processes.mean_gradients(parameters)
                optimizer.step()
                losses.add({stage.name: loss})
            losses.means()
            if self.kept is not None:
                save_checkpoint(self.kept, bound, optimizer, key=key, epoch=epoch + 1, curve=[], name=name)
        for parameter in parameters:
            parameter.requires_grad_(False).grad = None

    @torch.no_grad()
    def _taught(self, pictures: Tensor, labels: Tensor) -> Taught:
        return self.processes.taught_of_all(self.distiller.ask(pictures, labels))

    def _compile(self, choice: str, batches: Batches) -> None:
        """Compile the networks' passes, if that is wanted or faster; `choice` is what a resumed run began with."""
        if self.compile == "off" and not choice:
            return
        steps = (self.recipe.epochs - self.epochs_done) * batches.steps
        chosen, words = (choice or self.compile) == "on", ""
        if self.compile == "auto" and not choice:
            if steps == 0:
                return
            chosen, words = self._try_compilation(next(iter(batches.epoch(0))), steps)
        self._is_compiled = "on" if chosen else "off"
        self.compiled = f"{'compiled' if chosen else 'not compiled'}{': ' + words if words else ''}"
        if chosen:
            self.distiller.compile_networks()

    def _some_unused(self, batches: Batches) -> bool:
        """Whether the loss leaves parameters without gradient, seen on a copy."""
        distiller = copy.deepcopy(self.distiller).train()
        trained = [parameter for parameter in distiller.parameters() if parameter.requires_grad]
        batch = next(iter(batches.epoch(0)))
        loss = _loss(distiller, batch, self.autocast)
        return any(gradient is None for gradient in torch.autograd.grad(loss, trained, allow_unused=True))

    def _try_compilation(self, batch: Batch, steps: int) -> tuple[bool, str]:
        """Time steps on copies."""
        runs = []
        for compiled in (False, True):
            distiller = copy.deepcopy(self.distiller).train()
            if compiled:
                distiller.compile_networks()
            runs.append(_trial(distiller, batch, self.autocast))
        return compilation_pays(runs[0], runs[1], steps)


def _trial(
    distiller: Distiller, batch: Batch, autocast: Callable[[], AbstractContextManager[object]]
) -> Callable[[], None]:
    trained = [parameter for parameter in distiller.parameters() if parameter.requires_grad]

    def step() -> None:
        loss = _loss(distiller, batch, autocast)
        torch.autograd.grad(loss, trained, allow_unused=True)
        float(loss)  # waits for the device

    return step


def _loss(distiller: Distiller, batch: Batch, autocast: Callable[[], AbstractContextManager[object]]) -> Tensor:
    indices = torch.from_numpy(batch.indices).to(batch.labels.device)
    views = {view: batch.views[view] for view in distiller.views}
    with autocast():
        loss: Tensor = distiller(batch.pictures, batch.labels, indices, None, views, batch.draw).loss
    return loss
