"""Keys of cells: everything that decides a result, and nothing else."""

from typing import Any, final

from kdissect.measures import Measure
from kdissect.records import file_digest
from kdissect.study.arm import Arm
from kdissect.study.study import Study
from kdissect.user_code import find_file, own_code

TRAINING_VERSION = 1
"""Raised when the training loop gives other weights for the same specs."""


@final
class Keys:
    """The keys of one study's cells. What many cells share is written out once: a study may have thousands."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.dataset = study.dataset.identity()
        self.probe = study.probe.identity() if study.probe else None
        for kind, data in ((study.dataset, self.dataset), (study.probe, self.probe)):
            if data is not None and (own := own_code(kind)):
                data["own_code"] = own
        self._arms: dict[str, dict[str, Any]] = {}

    def training(self, arm: Arm, seed: int, teachers: tuple[str, ...]) -> dict[str, Any]:
        """The key of training an arm.

        Args:
            arm: the arm.
            seed: the training seed.
            teachers: digests of the teachers' training cells.
        """
        if arm.name not in self._arms:
            self._arms[arm.name] = self._of_arm(arm)
        key = dict(self._arms[arm.name])
        if arm.objective is not None:
            key["seed"] = seed
            key["teacher"] = None if not teachers else teachers[0] if len(teachers) == 1 else list(teachers)
        return key

    def measure(self, measure: Measure) -> dict[str, Any]:
        """What the keys of all cells of a measure have in common."""
        key: dict[str, Any] = {"measure": measure.model_dump(mode="json")}
        if own := own_code(measure):
            key["own_code"] = own
        if "dataset" in measure.needs:
            key["dataset"] = self.dataset
        if "probe" in measure.needs:
            key["probe"] = self.probe
        return key

    def _of_arm(self, arm: Arm) -> dict[str, Any]:
        key: dict[str, Any] = {
            "version": TRAINING_VERSION,
            "network": arm.network.model_dump(mode="json"),
            "objective": arm.objective.model_dump(mode="json") if arm.objective else None,
            "dataset": self.dataset,
        }
        if arm.network.weights is not None:
            # A path may hold other weights tomorrow; their digest decides.
            key["weights"] = arm.network.weights_digest()
        if ".py:" in arm.network.architecture:
            key["code"] = file_digest(find_file(arm.network.architecture))
        if arm.objective is None:
            return key | {"stated_accuracy": arm.stated_accuracy}
        if own := own_code(*(part.term for part in arm.objective.terms)):
            key["own_code"] = own
        key["recipe"] = self.study.recipe_of(arm).model_dump(mode="json")
        if generation := self.study.generation(arm):
            key["generation"] = generation
        if kept := self.study.checkpoints_of(arm):
            key["checkpoints"] = list(kept)
        return key
