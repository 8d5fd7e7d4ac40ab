"""What a cell costs beyond its work, here, in processes and as Ray tasks; and what two cores give.

Tiny cells sleep for 1 ms and write a record; busy cells multiply matrices on one thread for about a second. Speeds are
those after the first cells, so without the start of processes, which has a column of its own. Ray is a cluster of this
machine's cores. TMPDIR says where the stores lie, on a disk or in memory. Ratios are of runs side by side in one call.

    python benchmarks/cluster.py [--tiny 10000] [--busy 24] [--runs 3] [--work 1.0]
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import torch

from kdissect.records import Record, Store, write_record
from kdissect.study import Arm, Study, find_places, plan
from kdissect.study.catalogue.quick import quick
from kdissect.study.cell import Cell
from kdissect.study.here import Here
from kdissect.study.job import Doer, Job
from kdissect.study.scheduler import Scheduler
from kdissect.study.watch import Reporter
from kdissect.study.workshop import Workshop
from kdissect.user_code import load_file

PLACES = ("local", "processes:2", "ray")
SIDE = 384


@dataclass
class Fake:
    """Does something that takes a known time, and writes a record."""

    store: Store
    body: Callable[[], None]

    def do(self, cell: Cell, reporter: Reporter) -> Record:
        reporter.start(None)
        self.body()
        record = Record(kind=cell.kind, arm=cell.arm.name, seed=cell.seed, key=cell.key, digest=cell.digest)
        with self.store.writing(cell.digest) as folder:
            return write_record(folder, record)


def tiny(_: Job, store: Store) -> Doer:
    return Fake(store, lambda: time.sleep(0.001))


def busy(_: Job, store: Store) -> Doer:
    torch.set_num_threads(1)
    rounds, matrix = int(os.environ["ROUNDS"]), torch.rand(SIDE, SIDE)

    def body() -> None:
        for _ in range(rounds):
            matrix @ matrix

    return Fake(store, body)


class Ends:
    """A watch that only notes when cells end."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def end(self, cell: Cell, record: Record) -> None:
        self.times.append(time.perf_counter())

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_: None


def cells_of(number: int) -> Study:
    study = quick()
    arm = Arm(name="scratch", network=study.arm("scratch").network, objective=study.arm("scratch").objective)
    return study.changed(arms=(arm,), seeds=tuple(range(number)), measures=(), reference="scratch")


def run(on: str, study: Study, doer: Callable[[Job, Store], Doer], skipped: int) -> tuple[float, float, float]:
    """Seconds in all, until the first cell's end, and a cell after the first ones."""
    with tempfile.TemporaryDirectory() as name:
        store = Store.create(Path(name) / "store")
        job = Job((study,), store.where, doer=doer)
        cells, watch = plan(study), Ends()
        started = time.perf_counter()
        executor = find_places(on, torch.device("cpu")).executor(job, len(cells)) or Here(Workshop(job, store))
        Scheduler(cells, store, executor, watch).run()
        ended = time.perf_counter()
        assert len(store.done()) == len(cells)
    times = watch.times
    return ended - started, times[0] - started, (times[-1] - times[skipped - 1]) / (len(times) - skipped)


def table(title: str, study: Study, doer: Callable[[Job, Store], Doer], runs: int, skipped: int) -> None:
    print(f"{title}, medians of {runs} runs; load of the machine before: {os.getloadavg()[0]:.1f}")
    print(f"{'':12} {'seconds':>8} {'first cell':>10} {'ms a cell':>10} {'times local':>11}")
    found = [[run(on, study, doer, skipped) for on in PLACES] for _ in range(runs)]
    for on, several in zip(PLACES, zip(*found, strict=True), strict=True):
        whole, first, each = (statistics.median(column) for column in zip(*several, strict=True))
        speed = statistics.median(one[0][2] / own[2] for one, own in zip(found, several, strict=True))
        print(f"{on:12} {whole:8.1f} {first:10.1f} {each * 1000:10.1f} {speed:11.2f}", flush=True)


def main(here: ModuleType) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tiny", type=int, default=10_000, help="how many tiny cells")
    parser.add_argument("--busy", type=int, default=24, help="how many busy cells")
    parser.add_argument("--runs", type=int, default=3, help="how often the busy ones are run")
    parser.add_argument("--work", type=float, default=1.0, help="seconds of a busy cell")
    asked = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    matrix, rounds, started = torch.rand(SIDE, SIDE), 0, time.perf_counter()
    while time.perf_counter() - started < asked.work:
        matrix @ matrix
        rounds += 1
    os.environ["ROUNDS"] = str(rounds)
    if asked.busy:
        table(f"{asked.busy} cells of about {asked.work} s", cells_of(asked.busy), here.busy, asked.runs, 4)
    if asked.tiny:
        table(f"{asked.tiny} cells of 1 ms", cells_of(asked.tiny), here.tiny, 1, min(100, asked.tiny // 2))


if __name__ == "__main__":
    main(load_file(Path(__file__)))  # by that name workers find the functions, too
