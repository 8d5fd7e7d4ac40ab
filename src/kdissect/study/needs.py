"""What a cell needs of the machine that does it."""

from dataclasses import dataclass
from typing import final

import torch

from kdissect.errors import SpecError
from kdissect.study.cell import Cell
from kdissect.study.job import Job


@final
@dataclass(frozen=True)
class Needs:
    """What each process of a cell needs.

    Attributes:
        cpus: CPU cores.
        gpus: GPUs, or a share of one; None for one where the cells run on GPUs.
        memory: GB of memory for the cell; None if nothing is said about it.

    Raises:
        SpecError: a number is out of range.
    """

    cpus: float | None = None
    gpus: float | None = None
    memory: float | None = None

    def __post_init__(self) -> None:
        """Refuse what nothing can give."""
        if self.cpus is not None and self.cpus <= 0:
            raise SpecError(f"--cpus-per-cell must be more than 0, got {self.cpus}")
        if self.gpus is not None and (self.gpus < 0 or (self.gpus > 1 and self.gpus != int(self.gpus))):
            raise SpecError(f"--gpus-per-cell must be a share of one GPU or a whole number, got {self.gpus}")
        if self.memory is not None and self.memory <= 0:
            raise SpecError(f"--memory-per-cell must be more than 0 (GB), got {self.memory}")

    @property
    def said(self) -> bool:
        """Whether the user asked for something."""
        return (self.cpus, self.gpus, self.memory) != (None, None, None)

    def of(self, cell: Cell, job: Job) -> tuple[float, float, float | None]:
        """Cores, GPUs and GB of one cell: a training in several processes needs that many times as much."""
        together = job.processes if cell.measure is None and cell.arm.objective is not None else 1
        on_gpu = torch.device(job.device).type == "cuda"
        cpus = self.cpus if self.cpus is not None else 1.0
        gpus = self.gpus if self.gpus is not None else float(on_gpu)
        return cpus * together, gpus * together, self.memory


ANY = Needs()
"""Nothing asked for."""
