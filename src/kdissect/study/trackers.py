"""Trackers: TensorBoard, MLflow, Weights & Biases and others, through accelerate."""

import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, final

from kdissect.errors import SpecError


def check_trackers(names: Sequence[str]) -> tuple[str, ...]:
    """The trackers, each once.

    Args:
        names: as accelerate calls them.

    Raises:
        SpecError: there is no such tracker; its package is not installed.
    """
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS, get_available_trackers

    there = {str(name) for name in get_available_trackers()}
    for name in names:
        if name not in LOGGER_TYPE_TO_CLASS:
            raise SpecError(f"no tracker {name!r} for --track; there are {', '.join(sorted(LOGGER_TYPE_TO_CLASS))}")
        if name not in there:
            raise SpecError(f"--track {name} needs the package {name}: pip install {name}")
    return tuple(dict.fromkeys(names))


@final
class Trackers:
    """Writes runs to trackers.

    Args:
        names: of trackers that are there.
        folder: for what trackers keep in files: TensorBoard's events, MLflow's database, and the others' working files.
    """

    def __init__(self, names: Collection[str], folder: Path) -> None:
        self.names, self.folder = list(names), folder

    def write(
        self, name: str, run: tuple[str, str, int], config: dict[str, Any], steps: dict[int, dict[str, float]]
    ) -> None:
        """Write one run, from its configuration to its last number.

        Args:
            name: of the tracker.
            run: study, arm and seed.
            config: what the run was made by; texts and numbers.
            steps: numbers by epoch.
        """
        from accelerate import PartialState

        PartialState(cpu=True)  # accelerate's trackers refuse to work before; where it is there already it stays
        tracker = self._open(name, *run)
        tracker.start()
        try:
            tracker.store_init_configuration(config)
            for step in sorted(steps):  # Weights & Biases drops what comes out of order
                tracker.log(steps[step], step=step)
        finally:
            tracker.finish()

    def _open(self, name: str, study: str, arm: str, seed: int) -> Any:
        """A tracker of accelerate's, told in its own words what the run's name is."""
        from accelerate.tracking import LOGGER_TYPE_TO_CLASS

        kind, title = LOGGER_TYPE_TO_CLASS[name], f"{study}/{arm}/seed-{seed}"
        if name == "tensorboard":
            shutil.rmtree(self.folder / title, ignore_errors=True)  # an older run's events would be drawn into one line
            return kind(title, self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        if name == "mlflow":
            if "MLFLOW_TRACKING_URI" not in os.environ:  # a server of the user's own comes first
                import mlflow

                mlflow.set_tracking_uri(f"sqlite:///{(self.folder / 'mlflow.db').resolve()}")
            return kind(study, (self.folder / "mlflow").resolve().as_uri(), run_name=title)
        if name == "wandb":
            return kind(study, name=title, group=arm, dir=str(self.folder))
        if name == "trackio":
            return kind(study, name=title)
        if name == "swanlab":
            return kind(study, experiment_name=title, logdir=str(self.folder / name))
        if name == "clearml":
            return kind(study, task_name=title, reuse_last_task_id=False)
        if name == "aim":
            return kind(title, self.folder)
        if name == "dvclive":
            return kind(dir=str(self.folder / name / title))
        return kind(title)
