"""Cells as tasks of a Ray cluster."""

import contextlib
import logging
import os
import re
import socket
import time
import warnings
from dataclasses import dataclass
from types import ModuleType
from typing import Any, final

from kdissect.errors import RecordError, SpecError
from kdissect.study.cell import Cell
from kdissect.study.executor import Outcome
from kdissect.study.job import Job
from kdissect.study.needs import ANY, Needs
from kdissect.study.parcel import Parcel
from kdissect.study.watch import NoReporter, Watch
from kdissect.study.workshop import portable

QUEUED = 16
"""Cells that wait in Ray beyond what it can do at once, so that no core waits for us and an autoscaler sees demand."""
SECONDS_BETWEEN_COUNTS = 5.0
"""How often the size of the cluster is asked for: nodes come and go."""
CONNECT_SECONDS = 10.0
_GB = 1024**3


@final
@dataclass(frozen=True)
class RayCluster:
    """A Ray cluster as a place.

    Attributes:
        address: as Ray's `address`; None for the cluster of RAY_ADDRESS, the one that `ray start` began on this
            machine, or a new one of this machine's cores that ends with the run.
        needs: what cells need.
        processes_per_training: how many processes train each network together.
    """

    address: str | None = None
    needs: Needs = ANY
    processes_per_training: int = 1

    @classmethod
    def parse(cls, on: str, needs: Needs, processes: int) -> "RayCluster":
        """The place that `--on` names.

        Raises:
            SpecError: it is no address.
        """
        address = on if on.startswith("ray://") else on.removeprefix("ray").removeprefix(":") or None
        if on == "ray:" or (address is not None and address != "auto" and _host_and_port(address) is None):
            raise SpecError(f"expected --on ray, ray:HOST:PORT or ray://HOST:PORT (Ray client), got {on!r}")
        return cls(address, needs, processes)

    def executor(self, job: Job, cells: int) -> "OnRay":
        """The executor, connected."""
        del cells
        return OnRay(job, self)


@final
class OnRay:
    """Does each cell as one Ray task.

    A worker process keeps its workshop from task to task. Ray starts new workers; a cell whose worker or node died is
    begun again by the scheduler, which knows whether another runner has taken it meanwhile, so Ray itself tries nothing
    twice.

    Args:
        job: what the workers do.
        place: the cluster.

    Raises:
        SpecError: there is no Ray, no cluster, or no node that has what a cell needs.
    """

    far = True

    def __init__(self, job: Job, place: RayCluster) -> None:
        self._job, self._needs = job, place.needs
        parcel = Parcel.of(job)
        self._ray = _connect(place.address)
        self._under_way: dict[Any, Cell] = {}
        self._seen: set[tuple[float, float, float | None]] = set()
        self._parcel = [self._ray.put(parcel)]  # in a list, so that only who has not got it fetches it
        self._name = parcel.name
        self._do = self._ray.remote(do_cell)
        self._counted = 0.0
        self.slots = QUEUED
        self._count()

    def submit(self, cell: Cell, over: int) -> None:
        """Queue the cell as a task."""
        cpus, gpus, memory = self._needs.of(cell, self._job)
        if (cpus, gpus, memory) not in self._seen:
            self._see_that_a_node_has(cpus, gpus, memory)
            self._seen.add((cpus, gpus, memory))
        options = {"num_cpus": cpus, "num_gpus": gpus, "max_retries": 0, "name": cell.title}
        if memory is not None:
            options["memory"] = memory * _GB
        task = self._do.options(**options).remote(self._name, self._parcel, cell.digest, over)
        self._under_way[task] = cell

    def wait(self, seconds: float | None, watch: Watch) -> list[tuple[Cell, Outcome]]:
        """Those that ended; their progress is in their claims."""
        del watch
        self._count()
        tasks = list(self._under_way)
        ready, _ = self._ray.wait(tasks, num_returns=1, timeout=seconds)
        if ready:
            ready, _ = self._ray.wait(tasks, num_returns=len(tasks), timeout=0)
        return [(self._under_way.pop(task), self._outcome(task)) for task in ready]

    def close(self) -> None:
        """Cancel what is under way and leave the cluster; one that we started ends."""
        for task in self._under_way:
            with contextlib.suppress(Exception):  # the cluster may be gone
                self._ray.cancel(task, force=True)
        self._ray.shutdown()

    def _outcome(self, task: Any) -> Outcome:
        errors = self._ray.exceptions
        died = (errors.WorkerCrashedError, errors.NodeDiedError, errors.ObjectLostError, errors.LocalRayletDiedError)
        try:
            outcome = self._ray.get(task)
        except errors.OutOfMemoryError:
            return Outcome("died", why="Ray stopped it, since its node was short of memory")
        except died as error:
            return Outcome("died", why=f"its worker process or node died ({type(error).__name__})")
        except errors.RayError as error:
            return Outcome("stop", error=RecordError(f"Ray could not do a cell: {_first_line(error)}"))
        assert isinstance(outcome, Outcome)
        return outcome

    def _count(self) -> None:
        """Room for as many cells as the cluster can do at once, and some that wait."""
        if time.monotonic() - self._counted < SECONDS_BETWEEN_COUNTS and self._counted:
            return
        self._counted = time.monotonic()
        there = self._ray.cluster_resources()
        cpus, gpus = self._needs.cpus or 1.0, self._needs.gpus or 0.0
        at_once = there.get("CPU", 0.0) / cpus
        if gpus:
            at_once = min(at_once, there.get("GPU", 0.0) / gpus)
        self.slots = int(at_once) + QUEUED

    def _see_that_a_node_has(self, cpus: float, gpus: float, memory: float | None) -> None:
        asked = {"CPU": cpus, "GPU": gpus, "memory": (memory or 0) * _GB}
        nodes = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        if any(all(node.get(what, 0) >= number for what, number in asked.items()) for node in nodes):
            return
        has = "; ".join(
            sorted({_told(node.get("CPU", 0), node.get("GPU", 0), node.get("memory", 0)) for node in nodes})
        )
        raise SpecError(
            f"a cell needs {_told(cpus, gpus, asked['memory'])} and no node of the Ray cluster has that (there are: "
            f"{has}); change --cpus-per-cell, --gpus-per-cell, --memory-per-cell or --devices"
        )


def do_cell(name: str, parcel: list[Any], digest: str, over: int) -> Outcome:
    """What a Ray task does: one cell.

    Args:
        name: of the parcel.
        parcel: reference to it, in a list.
        digest: of the cell.
        over: number of a claim whose owner is dead.
    """
    try:
        workshop = Parcel.opened(name)
        if workshop is None:
            import ray

            workshop = ray.get(parcel[0]).open()
    except Exception as error:
        return Outcome("stop", error=portable(error))
    return workshop.do(digest, NoReporter(), over)


def _connect(address: str | None) -> ModuleType:
    """Ray, connected to the cluster.

    Raises:
        SpecError: it is not installed, or there is no cluster at the address.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # else it warns of a change to come
    try:
        import ray
    except ImportError:
        raise SpecError("--on ray needs Ray: pip install 'kdissect[ray]'") from None
    asked = address or os.environ.get("RAY_ADDRESS")
    place = _host_and_port(asked) if asked else None
    if place is not None:
        try:  # Ray itself would try for minutes
            socket.create_connection(place, timeout=CONNECT_SECONDS).close()
        except OSError as error:
            raise SpecError(
                f"no Ray cluster answers at {asked} ({error.strerror or error}); see `ray status` there"
            ) from None
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    if asked is None:
        options["include_dashboard"] = False
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ray.init(address, **options)
        except Exception as error:
            raise SpecError(f"cannot use the Ray cluster at {asked or 'this machine'}: {_first_line(error)}") from error
    return ray


def _host_and_port(address: str) -> tuple[str, int] | None:
    found = re.fullmatch(r"(?:ray://)?(?:\[([^\]]+)\]|([^:/\[\]]+)):(\d{1,5})", address)
    return (found[1] or found[2], int(found[3])) if found else None


def _told(cpus: float, gpus: float, memory: float) -> str:
    """`4 CPUs, 1 GPU, 8 GB`."""
    words = [f"{cpus:g} CPU{'s' * (cpus != 1)}"]
    words += [f"{gpus:g} GPU{'s' * (gpus != 1)}"] if gpus else []
    words += [f"{memory / _GB:.3g} GB"] if memory else []
    return ", ".join(words)


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
