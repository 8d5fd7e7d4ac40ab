"""What the teacher says of each batch: asked once for all students, or read from what is kept."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import final

from torch import Tensor

from kdissect.data.dataset import Dataset
from kdissect.errors import SpecError
from kdissect.training.batches import Batch, Batches
from kdissect.training.processes import Processes
from kdissect.training.teacher import Teacher
from kdissect.training.teacher_cache import CHECKED_IMAGES, KeptTargets, TeacherCache, weights_digest
from kdissect.training.trainee import Trainee


@final
class Asked:
    """Asks the teacher once a batch for all students that keep the same of it, or reads what it said before."""

    def __init__(
        self,
        trainees: Sequence[Trainee],
        teacher: Teacher | None,
        batches: Batches,
        dataset: Dataset,
        cache: TeacherCache | Path | None,
        processes: Processes,
    ) -> None:
        self.first: dict[str, Trainee] = {}
        self.kept: dict[str, KeptTargets] = {}
        self.images = self.asked = 0
        self.batches = batches
        for one in trainees:
            if one.teacher is not None:
                self.first.setdefault(one.targets_key, one)
        if cache is None or teacher is None or not self.first:
            return
        if processes.number > 1:
            raise SpecError("a cache belongs to one process; train on one device, or leave the cache out")
        cache = cache if isinstance(cache, TeacherCache) else TeacherCache(cache)
        weights = weights_digest(teacher.module)
        for name, one in self.first.items():
            key = {
                "teacher": weights,
                "teacher_network": teacher.network.model_dump(mode="json"),
                "dataset": dataset.identity(),
                "augment": batches.recipe.augment.model_dump(mode="json"),
                "seed": batches.seed,
                "views": list(one.distiller.views),
                "kept": name,
            }
            self.kept[name] = cache.open(key, len(batches.split))

    @property
    def share(self) -> float:
        """Share of the images for which the teacher was asked."""
        return self.asked / self.images if self.images else 0.0

    def of(self, batch: Batch, epoch: int, active: Sequence[Trainee]) -> dict[str, Mapping[str, Tensor]]:
        """What the teacher says of a batch, for each kind of keeping."""
        answers: dict[str, Mapping[str, Tensor]] = {}
        for name in dict.fromkeys(one.targets_key for one in active if one.teacher is not None):
            one = self.first[name]
            self.images += len(batch.labels)
            kept = self.kept.get(name)
            found = kept.read(epoch, batch.indices, batch.pictures.device) if kept is not None else None
            if found is None:
                self.asked += len(batch.labels)
                found = one.ask(batch)
                if kept is not None:
                    kept.write(epoch, batch.indices, found)
            elif kept is not None and kept.must_check(epoch):
                some = CHECKED_IMAGES
                again = one.ask(
                    Batch(
                        batch.indices[:some],
                        batch.pictures[:some],
                        batch.labels[:some],
                        {view: pictures[:some] for view, pictures in batch.views.items()},
                        batch.draw,
                        0.0,
                    )
                )
                kept.check({key: value[:some] for key, value in found.items()}, again, epoch)
            answers[name] = found
        return answers

    def finish(self, epoch: int) -> None:
        """The epoch is over."""
        for kept in self.kept.values():
            kept.finish(epoch)
            for note in kept.cache.notes:
                warnings.warn(note, stacklevel=4)
            kept.cache.notes.clear()
