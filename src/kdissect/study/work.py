"""Doing one cell: train a network, or measure one."""

import math
import platform
import shutil
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor, nn

import kdissect
from kdissect.data.probe import Probe
from kdissect.errors import RecordError
from kdissect.measures import Subject
from kdissect.models import Ensemble, format_of, load_weights, save_weights
from kdissect.records import Record, Score, Store, file_digest, write_record
from kdissect.seeds import key as random_key
from kdissect.study.cell import Cell
from kdissect.study.study import Study
from kdissect.study.watch import Reporter
from kdissect.training import BEST, Processes, Teacher, TeacherCache, accuracy, fit, predict

WEIGHTS = "student.safetensors"
CHECKPOINTS = "checkpoints"
"""Folder within a training record that holds the weights of single epochs."""
TIMES = ("seconds", "data_seconds")
"""What differs from run to run at a point of a training curve."""
DEFINITIONS = {
    "val_accuracy": "share of the validation images whose largest logit is at the label, after the last epoch"
}


@final
@dataclass(frozen=True)
class Worker:
    """Does cells, one at a time, in this process.

    On the CPU a cell has one thread, however many cells run side by side: sums of another number of threads
    round differently, and no score may depend on how many cores there are.

    Attributes:
        store: where the records go.
        device: where to train and measure.
        keep_every: keep the weights of every so many epochs with the record; no result depends on it.
        cache: folder for what teachers say, for later students with the same seed; kept as float32, so that
            no result depends on it.
        first: whether this process writes; of several that train together (torchrun) one does.
    """

    store: Store
    device: torch.device
    keep_every: int | None = None
    cache: Path | None = None
    first: bool = True
    _right: dict[str, Tensor] = field(default_factory=dict, compare=False, repr=False)
    _others: dict[str, Subject] = field(default_factory=dict, compare=False, repr=False)

    def do(self, cell: Cell, reporter: Reporter) -> Record | None:
        """The cell's record, written to the store; None in a process that only helps to train.

        Raises:
            KdissectError: what the work raised, with a note that names the cell. Nothing is left of it then but
                the checkpoint of its last epoch.
        """
        threads = torch.get_num_threads()
        if self.device.type == "cpu":
            torch.set_num_threads(1)
        try:
            return self._train(cell, reporter) if cell.measure is None else self._measure(cell, reporter)
        except Exception as error:
            error.add_note(f"in cell {cell.digest[:16]} ({cell.title})")
            raise
        finally:
            torch.set_num_threads(threads)

    def _train(self, cell: Cell, reporter: Reporter) -> Record | None:
        study, arm, started = cell.study, cell.arm, time.perf_counter()
        recipe = study.recipe_of(arm)
        timing: dict[str, Any] = {}
        facts: dict[str, Any] = {"formula": arm.formula, "role": arm.role, "definitions": DEFINITIONS}
        if arm.objective is None:
            reporter.start(None)
            module = arm.network.build()
            teacher, val = Teacher(module.to(self.device), arm.network), study.dataset.split("val")
            # A teacher at chance is a mistake; a network that is only measured, or that stands in for a teacher because
            # none was named, may be an untrained one.
            if (arm.role == "teacher" and arm.run is None) or arm.stated_accuracy is not None:
                found = teacher.check(val, stated=arm.stated_accuracy)
            else:
                found = accuracy(predict(teacher.module, arm.network, val), val.labels)
            scores = (Score(name="val_accuracy", value=found, unit="share", direction="higher", bounds=(0, 1)),)
        else:
            taught = self._teacher(cell.sources) if cell.sources else None
            generation = study.generation(arm)
            images = recipe.epochs * (len(study.dataset.split("train")) // recipe.batch_size) * recipe.batch_size
            running = self.store.running(cell.digest)
            reporter.start(images)
            fitted = fit(
                arm.network,
                arm.objective,
                study.dataset,
                recipe,
                seed=cell.seed,
                teacher=taught,
                device=self.device,
                checkpoints=running,
                key=cell.key,
                keep_every=self._kept_every(cell),
                progress=reporter.tell,
                initial_seed=random_key(cell.seed, f"generation {generation}") if generation else None,
                cache=TeacherCache(self.cache, dtype="float32") if self.cache is not None else None,
            )
            if not self.first:
                return None
            module = fitted.student
            facts |= {
                "curve": [
                    {name: value for name, value in point.items() if name not in TIMES} for point in fitted.curve
                ],
                "best_epoch": fitted.best_epoch,
                "best_val_accuracy": fitted.best_accuracy,
                "classifier_trained": fitted.classifier_trained,
            }
            timing["images_per_second"] = fitted.images_per_second
            timing["epochs"] = [{name: point[name] for name in ("epoch", *TIMES)} for point in fitted.curve]
            if fitted.compiled:
                timing["compiled"] = fitted.compiled
            if fitted.teacher_share is not None:
                timing["teacher_share"] = fitted.teacher_share
            last = fitted.curve[-1]["val_accuracy"]
            scores = (Score(name="val_accuracy", value=last, unit="share", direction="higher", bounds=(0, 1)),)
        with self.store.writing(cell.digest) as folder:
            save_weights(module, folder / WEIGHTS, facts={"which": "last"})
            if arm.objective is not None:
                shutil.copyfile(running / BEST, folder / BEST)
            if arm.objective is not None and self._kept_every(cell) is not None:
                (folder / CHECKPOINTS).mkdir()
                for path in sorted(running.glob("epoch-*.safetensors")):
                    if self._is_kept(cell, int(path.stem.removeprefix("epoch-")), recipe.epochs):
                        shutil.copyfile(path, folder / CHECKPOINTS / path.name)
            record = self._record(cell, scores, facts, folder, started, timing)
        if arm.objective is not None:
            shutil.rmtree(running, ignore_errors=True)  # with what killed runs left half-written
        return record

    def _kept_every(self, cell: Cell) -> int | None:
        """How often training writes its weights: often enough for what is measured and for what the user keeps."""
        steps = [*cell.key.get(CHECKPOINTS, ()), *([self.keep_every] if self.keep_every is not None else [])]
        # What is before training and after the last epoch is kept with any step.
        return (math.gcd(*steps) or cell.study.recipe_of(cell.arm).epochs) if steps else None

    def _is_kept(self, cell: Cell, epoch: int, last: int) -> bool:
        """Whether the record keeps the weights of an epoch."""
        every = self.keep_every
        return epoch in cell.key.get(CHECKPOINTS, ()) or (every is not None and (epoch % every == 0 or epoch == last))

    def _measure(self, cell: Cell, reporter: Reporter) -> Record:
        assert cell.measure is not None
        started = time.perf_counter()
        subject = Subject(
            module=self._trained(cell.sources[0], cell.epoch),
            network=cell.arm.network,
            dataset=cell.study.dataset if "dataset" in cell.measure.needs else None,
            probe=open_probe(cell.study, self.store) if "probe" in cell.measure.needs else None,
            right_everywhere=self._right_everywhere(cell.among, cell.epoch) if cell.among else None,
        )
        if cell.against is not None:
            subject.teacher = self._held_against(cell.against)
        total = len(subject.probe) if subject.probe is not None else None
        reporter.start(total)
        subject.progress = reporter.tell
        with self.store.writing(cell.digest) as folder:
            measured = cell.measure.run(subject, folder)
            facts = {"definitions": cell.measure.definitions, **measured.facts}
            return self._record(cell, measured.scores, facts, folder, started, {})

    def _held_against(self, cell: Cell) -> Subject:
        """A network that others are held against; what was made of it (logits, maps) is there for the next of them."""
        if cell.digest not in self._others:
            self._others.clear()  # one at a time: maps of all images are large
            self._others[cell.digest] = Subject(self._trained(cell), cell.arm.network, cell.study.dataset)
        return self._others[cell.digest]

    def _right_everywhere(self, cells: tuple[Cell, ...], epoch: int | None) -> Tensor:
        """Test images that every one of the cells' networks gets right; of those whose classifier was trained.

        After an epoch it is the networks of that epoch that count, and of arms that have none their last ones.
        """
        test = cells[0].study.dataset.split("test")
        right = torch.ones(len(test), dtype=torch.bool)
        for cell in cells:
            record = self.store.find(cell.digest)
            if record is not None and not record.facts.get("classifier_trained", True):
                continue
            place = f"{cell.digest} {_weights(cell, epoch)}"
            if place not in self._right:
                logits = predict(self._trained(cell, epoch), cell.arm.network, test)
                self._right[place] = logits.argmax(1) == test.labels
            right &= self._right[place]
        return right

    def _record(
        self,
        cell: Cell,
        scores: tuple[Score, ...],
        facts: dict[str, Any],
        folder: Path,
        started: float,
        timing: dict[str, Any],
    ) -> Record:
        seconds = time.perf_counter() - started
        record = Record(
            kind=cell.kind,
            arm=cell.arm.name,
            seed=cell.seed,
            epoch=cell.epoch,
            key=cell.key,
            digest=cell.digest,
            scores=scores,
            facts=facts,
            seconds=seconds,
            timing={**timing, "host": socket.gethostname(), "ended": time.time()},
            made_by=made_by(self.device),
        )
        return write_record(folder, record)

    def _trained(self, cell: Cell, epoch: int | None = None) -> nn.Module:
        """The network that a training cell left behind: of an epoch, if it was to be kept, or else the last."""
        name = _weights(cell, epoch)
        path = self.store.folder(cell.digest) / name
        record = self.store.find(cell.digest)
        if record is None or not path.is_file() or file_digest(path) != record.files.get(name):
            raise RecordError(f"{path} is not what its record says; delete {path.parent} and run again")
        module = cell.arm.network.model_copy(update={"weights": None}).build()
        load_weights(module, path, network=cell.arm.network.architecture)
        module = module.eval().to(self.device)
        return module.to(memory_format=format_of(module))

    def _teacher(self, cells: tuple[Cell, ...]) -> Teacher:
        """The network, or the ensemble, that the cells left behind, checked against the accuracy that they found."""
        modules = []
        for cell in cells:
            record = self.store.find(cell.digest)
            stated = record.score("val_accuracy").value if record is not None else None
            member = Teacher(self._trained(cell), cell.arm.network)
            # A teacher whose classifier was never trained (CRD alone) has no accuracy to hold it to.
            if record is None or record.facts.get("classifier_trained", True):
                member.check(cell.study.dataset.split("val"), stated=stated)
            modules.append(member.module)
        network = cells[0].arm.network
        return Teacher(modules[0] if len(modules) == 1 else Ensemble(modules).to(self.device), network)


def _weights(cell: Cell, epoch: int | None) -> str:
    """The file within a training record: that of an epoch which its key names, else that of the last."""
    if epoch is None or epoch not in cell.key.get(CHECKPOINTS, ()):
        return WEIGHTS
    return f"{CHECKPOINTS}/epoch-{epoch:04d}.safetensors"


def open_probe(study: Study, store: Store) -> Probe:
    """The study's probe, made under the store on the first call."""
    assert study.probe is not None  # a study without one refuses measures that need it
    return study.probe.open(store.path / "probes")


def made_by(device: torch.device) -> dict[str, str]:
    """Versions and hardware, for a record."""
    together = Processes().number
    return {
        "kdissect": kdissect.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine(),
        "threads": str(torch.get_num_threads()),
        **({"processes": str(together)} if together > 1 else {}),
    }
