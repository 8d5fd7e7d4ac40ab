"""Cells as jobs of a Slurm cluster, through submitit."""

import contextlib
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from kdissect.errors import RecordError, SpecError
from kdissect.study.cell import Cell
from kdissect.study.executor import Outcome
from kdissect.study.job import Job
from kdissect.study.needs import ANY, Needs
from kdissect.study.parcel import Parcel
from kdissect.study.watch import NoReporter, Watch
from kdissect.study.workshop import portable

FOLDER = "slurm"
"""Folder within the store that holds what Slurm and submitit write; a job's part of it goes when its cell is done."""
JOBS = 64
MINUTES = 60
SECONDS_BETWEEN_LOOKS = 0.2


@final
@dataclass(frozen=True)
class Slurm:
    """A Slurm cluster as a place.

    Attributes:
        cluster: `slurm`, or `local`: jobs of this machine, submitit's stand-in for trying things out.
        minutes: time limit of a job.
        jobs: how many are queued or running at once.
        gpus: GPUs of a job, if said here rather than by `--gpus-per-cell`.
        options: further options of sbatch.
        needs: what cells need.
        processes_per_training: how many processes train each network together.
    """

    cluster: str = "slurm"
    minutes: int = MINUTES
    jobs: int = JOBS
    gpus: int | None = None
    options: tuple[tuple[str, str], ...] = ()
    needs: Needs = ANY
    processes_per_training: int = 1

    @classmethod
    def parse(cls, on: str, needs: Needs, processes: int) -> "Slurm":
        """The place that `--on` names.

        Raises:
            SpecError: it is no list of options.
        """
        said: dict[str, str] = {}
        for word in filter(None, on.removeprefix("slurm").removeprefix(":").split(",")):
            name, equals, value = word.partition("=")
            if not (equals and value and name.isidentifier()):
                raise SpecError(f"expected --on slurm:NAME=VALUE,... such as slurm:partition=gpu,time=60, got {word!r}")
            said[name] = value
        cluster = said.pop("cluster", "slurm")
        if cluster not in ("slurm", "local"):
            raise SpecError(f"expected cluster=slurm or cluster=local, got {cluster!r}")
        numbers: dict[str, int] = {}
        for name in {"time", "jobs", "gpus"} & said.keys():
            text = said.pop(name)
            if not (text.isdecimal() and int(text) >= (name != "gpus")):
                what = "minutes" if name == "time" else "a whole number"
                raise SpecError(f"expected {what} in {name}=..., got {text!r}")
            numbers[name] = int(text)
        minutes, jobs = numbers.get("time", MINUTES), numbers.get("jobs", JOBS)
        return cls(cluster, minutes, jobs, numbers.get("gpus"), tuple(said.items()), needs, processes)

    def executor(self, job: Job, cells: int) -> "OnSlurm":
        """The executor."""
        return OnSlurm(job, self, min(self.jobs, cells))


@final
class OnSlurm:
    """Does each cell as one job.

    A job that ends without a word (killed, out of time or memory, its node gone) is begun again by the scheduler, and a
    training goes on from its last epoch.

    Args:
        job: what the jobs do.
        place: the cluster.
        slots: how many jobs at once.

    Raises:
        SpecError: there is no submitit, no Slurm, or no such option.
    """

    far = True

    def __init__(self, job: Job, place: Slurm, slots: int) -> None:
        self.slots = slots
        self._job, self._place = job, place
        self._parcel = Parcel.of(job)
        home = Path.cwd() if "://" in job.store else Path(job.store).absolute()
        self._folder = home / FOLDER
        self._submitit = _submitit(self._folder, place)
        self._under_way: list[tuple[Any, Cell]] = []

    def submit(self, cell: Cell, over: int) -> None:
        """Queue the cell's job."""
        cpus, gpus, memory = self._place.needs.of(cell, self._job)
        if self._place.gpus is not None and self._place.needs.gpus is None:
            gpus = self._place.gpus
        if gpus != int(gpus):
            raise SpecError(f"Slurm gives whole GPUs to a cell, got {gpus:g}")
        asked: dict[str, Any] = {"cpus_per_task": max(1, round(cpus)), "gpus_per_node": int(gpus)}
        if memory is not None:
            asked["mem_gb"] = memory
        self._submitit.update_parameters(**asked)
        try:
            job = self._submitit.submit(do_cell, self._parcel, cell.digest, over)
        except Exception as error:  # sbatch says no
            raise SpecError(f"Slurm takes no job: {' '.join(str(error).split())[-300:]}") from error
        self._under_way.append((job, cell))

    def wait(self, seconds: float | None, watch: Watch) -> list[tuple[Cell, Outcome]]:
        """Those that ended; their progress is in their claims."""
        del watch
        until = time.monotonic() + seconds if seconds is not None else None
        while True:
            ended = [(job, cell) for job, cell in self._under_way if job.done()]
            if ended or (until is not None and time.monotonic() > until):
                break
            time.sleep(SECONDS_BETWEEN_LOOKS)
        self._under_way = [one for one in self._under_way if one not in ended]
        return [(cell, self._outcome(job)) for job, cell in ended]

    def close(self) -> None:
        """Cancel the jobs; checkpoints of the epochs that they have finished stay, and logs of those that failed."""
        for job, _ in self._under_way:
            with contextlib.suppress(Exception):
                job.cancel(check=False)
        for folder in (self._folder / "%j", self._folder):  # if they are empty
            with contextlib.suppress(OSError):
                folder.rmdir()

    def _outcome(self, job: Any) -> Outcome:
        import submitit

        try:
            outcome = job.result()
        except submitit.core.utils.FailedJobError as error:
            told = [line for line in str(error).splitlines() if line.strip()]
            return Outcome("stop", error=RecordError(f"job {job.job_id}: {told[-1].strip()} (see {job.paths.folder})"))
        except submitit.core.utils.UncompletedJobError:
            state = job.state.lower()
            return Outcome("died", why=f"its job ended ({state}) without a result, see {job.paths.stderr}")
        assert isinstance(outcome, Outcome)
        if outcome.word in ("done", "taken"):
            shutil.rmtree(job.paths.folder, ignore_errors=True)
        return outcome


def do_cell(parcel: Parcel, digest: str, over: int) -> Outcome:
    """What a job does: one cell.

    Args:
        parcel: the run.
        digest: of the cell.
        over: number of a claim whose owner is dead.
    """
    try:
        workshop = parcel.open()
    except Exception as error:
        return Outcome("stop", error=portable(error))
    return workshop.do(digest, NoReporter(), over)


def _submitit(folder: Path, place: Slurm) -> Any:
    """The executor of submitit, with the options that all jobs share.

    Raises:
        SpecError: it is not installed, there is no Slurm here, or no such option.
    """
    try:
        import submitit
    except ImportError:
        raise SpecError("--on slurm needs submitit: pip install 'kdissect[slurm]'") from None
    if place.cluster == "slurm" and shutil.which("srun") is None:
        raise SpecError("--on slurm: there is no srun here; start the run on a login node, or try slurm:cluster=local")
    executor = submitit.AutoExecutor(folder / "%j", cluster=place.cluster)
    options = {f"slurm_{name}": int(value) if value.isdecimal() else value for name, value in place.options}
    try:
        executor.update_parameters(timeout_min=place.minutes, name="kdissect", **options)
    except (NameError, ValueError, TypeError) as error:
        names = ", ".join(name for name, _ in place.options)
        raise SpecError(f"--on slurm: submitit takes not all of {names} ({' '.join(str(error).split())})") from None
    return executor
