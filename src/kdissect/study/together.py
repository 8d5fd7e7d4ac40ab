"""Cells whose network is trained by several processes together, under torchrun."""

import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import final

from kdissect.errors import KdissectError, RecordError
from kdissect.records import Record, Store
from kdissect.study.cell import Cell
from kdissect.study.job import Doer, Job
from kdissect.study.watch import Reporter

BEGINS = 3
"""How often a training is begun of which a process was killed; it goes on from its last epoch."""
JOB = "job"
ERROR = "error"
"""File that a process leaves its error in; its rank follows the name."""
_TAIL_LINES = 5


@final
class Together:
    """Trains in several processes, each with a share of every batch; all else is done here.

    The processes are children of this one, which holds the claim on the cell. If it is killed they end.

    Args:
        job: the job.
        store: its store.
        alone: who does all else.
    """

    def __init__(self, job: Job, store: Store, alone: Doer) -> None:
        self.job, self.store, self.alone = job, store, alone

    def do(self, cell: Cell, reporter: Reporter) -> Record | None:
        """The cell's record, written by the first of the processes.

        Raises:
            Exception: what one of the processes raised.
            RecordError: they ended without a word, several times.
        """
        if cell.measure is not None or cell.arm.objective is None:
            return self.alone.do(cell, reporter)
        reporter.start(None)
        begun, reached = 0, -1
        while begun < BEGINS:
            got = self.store.reached(cell.digest)
            begun, reached = (begun + 1, reached) if got == reached else (1, got)
            with tempfile.TemporaryDirectory(prefix="kdissect-") as name:
                folder = Path(name)
                (folder / JOB).write_bytes(self.job.pack())
                code, said = self._train(cell.digest, folder)
                if code == 0:
                    return self.store.find(cell.digest)
                errors = [pickle.loads(path.read_bytes()) for path in _oldest_first(folder)]
            if errors:  # the others only miss the one that failed first
                raise next((error for error in errors if isinstance(error, KdissectError)), errors[0])
        raise RecordError(
            f"{cell.title}: one of {self.job.processes} processes was killed each of {BEGINS} times; is there enough "
            f"memory? (last words: {said})"
        )

    def _train(self, digest: str, folder: Path) -> tuple[int, str]:
        """Train; the exit code and the last lines of what torchrun says."""
        command = [sys.executable, "-m", "kdissect.study.one_training", str(os.getpid()), str(folder), digest]
        # With the shared store a killed process leaves the others waiting for minutes.
        environment = {**os.environ, "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1", "OMP_NUM_THREADS": "1"}
        if self.job.device == "cpu":
            environment["CUDA_VISIBLE_DEVICES"] = ""  # else the processes would talk over GPUs
        with (folder / "said").open("w+b") as said:
            with subprocess.Popen(command, env=environment, stdout=said, stderr=said) as process:
                try:
                    code = process.wait()
                except BaseException:
                    process.terminate()
                    raise
            said.seek(0)
            lines = said.read().decode(errors="replace").splitlines()
        return code, " | ".join(line.strip() for line in lines[-_TAIL_LINES:])


def _oldest_first(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{ERROR}-*"), key=lambda path: path.stat().st_mtime_ns)
