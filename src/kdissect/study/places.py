"""Places: where the cells of a run are done, as `--on` says it."""

import os
from dataclasses import dataclass
from typing import Protocol, final

import torch

from kdissect.errors import SpecError
from kdissect.study.executor import Executor
from kdissect.study.job import Job
from kdissect.study.needs import ANY, Needs
from kdissect.study.on_ray import RayCluster
from kdissect.study.on_slurm import Slurm
from kdissect.study.processes import WorkerProcesses


class Places(Protocol):
    """Where cells are done."""

    @property
    def processes_per_training(self) -> int:
        """How many processes train each network together."""

    def executor(self, job: Job, cells: int) -> Executor | None:
        """What does the cells of a job; None for this very process.

        Args:
            job: the job.
            cells: how many are to be done.
        """


@final
@dataclass(frozen=True)
class ThisMachine:
    """Processes of this machine.

    Attributes:
        slots: how many cells run side by side; one runs in this very process.
        processes_per_training: how many processes train each network together.
    """

    slots: int = 1
    processes_per_training: int = 1

    def executor(self, job: Job, cells: int) -> Executor | None:
        """Worker processes, if there are several cells to do and room for several."""
        slots = min(self.slots, cells)
        return WorkerProcesses(job, slots) if slots > 1 else None


HERE = ThisMachine()


def find_places(on: str, device: torch.device, devices: int = 1, needs: Needs = ANY) -> Places:
    """Where cells are done.

    Args:
        on: `local` for one at a time in this process, `processes:N`, `ray`, `ray:HOST:PORT`, `ray://HOST:PORT`,
            `slurm:NAME=VALUE,...`, or `auto`: one process for each core on the CPU, one on other devices.
        device: where the cells run.
        devices: how many processes train each network together, each on a GPU of its own or on a core.
        needs: what each cell needs of its machine, for Ray and Slurm.

    Raises:
        SpecError: it is none of these.
    """
    if devices < 1:
        raise SpecError(f"--devices must be 1 or more, got {devices}")
    kind, _, rest = on.partition(":")
    if kind == "ray":
        return RayCluster.parse(on, needs, devices)
    if kind == "slurm":
        return Slurm.parse(on, needs, devices)
    if needs.said and kind in ("auto", "local", "processes"):
        raise SpecError(f"--cpus-per-cell, --gpus-per-cell and --memory-per-cell are for ray and slurm, got --on {on}")
    if device.type == "cuda" and 1 < devices > torch.cuda.device_count():
        raise SpecError(f"--devices {devices}: there are {torch.cuda.device_count()} GPUs")
    if on == "auto":
        return ThisMachine(max(1, cores() // devices) if device.type == "cpu" else 1, devices)
    if on == "local":
        return ThisMachine(1, devices)
    if kind == "processes" and rest.isdecimal() and int(rest) >= 1:
        return ThisMachine(int(rest), devices)
    raise SpecError(
        f"--on must be auto, local, processes:N with N of 1 or more, ray, ray:HOST:PORT, ray://HOST:PORT, "
        f"or slurm:NAME=VALUE,..., got {on!r}"
    )


def is_far(on: str) -> bool:
    """Whether cells are done where other devices may be than here."""
    return on.partition(":")[0] in ("ray", "slurm")


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
