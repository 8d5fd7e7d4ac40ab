"""Places: where the cells of a run are done, as `--on` says it."""

import os
from dataclasses import dataclass
from typing import Protocol, final

import torch

from kdissect.errors import SpecError
from kdissect.study.executor import Executor
from kdissect.study.processes import WorkerProcesses
from kdissect.study.workshop import Job


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


def find_places(on: str, device: torch.device) -> Places:
    """Where cells are done.

    Args:
        on: `local` for one at a time in this process, `processes:N`, or `auto`: one for each core on the CPU, one on
            other devices.
        device: where the cells run.

    Raises:
        SpecError: it is none of these.
    """
    if on == "auto":
        return ThisMachine(_cores() if device.type == "cpu" else 1)
    if on == "local":
        return HERE
    kind, _, number = on.partition(":")
    if kind == "processes" and number.isdecimal() and int(number) >= 1:
        return ThisMachine(int(number))
    raise SpecError(f"--on must be auto, local or processes:N with N of 1 or more, got {on!r}")


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
