"""What asking ten thousand records costs: reading them, and queries; median of five runs.

The records are written by hand: of every ten one is a training with a curve of 60 epochs, the rest have 30 scores and
a key of four kilobytes, as the measures of the catalogue do.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import kdissect
from kdissect.records import RECORD, RUN, Record, Score, Store, write_record
from kdissect.results import Tables
from kdissect.specs import digest

RUNS = 5
EPOCHS, SCORES, SEEDS, MEASURES = 60, 30, 10, 9
QUERIES = {
    "mean a arm": "SELECT arm, avg(value) FROM results WHERE measure = 'M0' AND score = 's0' GROUP BY arm",
    "pairs": "SELECT a.arm, corr(a.value, b.value) FROM results a JOIN results b USING (study, arm, seed) "
    "WHERE a.measure = 'M0' AND a.score = 's0' AND b.measure = 'M1' AND b.score = 's1' GROUP BY ALL",
    "last epoch": "SELECT arm, seed, arg_max(value, epoch) FROM curves WHERE name = 'loss' GROUP BY ALL",
    "all of it": "SELECT * FROM results",
}


def write_synthetic(folder: Path, num: int) -> None:
    """A store of so many records."""
    store = Store.create(folder)
    arms = [f"KD-{number}" for number in range(num // (SEEDS * (1 + MEASURES)))]
    cells = []
    for arm in arms:
        for seed in range(SEEDS):
            for kind in ("train", *(f"M{number}" for number in range(MEASURES))):
                key = {"kind": kind, "arm": arm, "seed": seed, "spec": {f"option_{n}": "x" * 20 for n in range(100)}}
                name = digest(key)
                cells.append({"digest": name, "kind": kind, "arm": arm, "seed": seed, "epoch": None})
                _write(store.folder(name), _record(key, name))
    study = {
        "name": "large",
        "size": "small",
        "arms": [{"name": arm, "role": "student", "formula": "CE", "place": {"temperature": 4}} for arm in arms],
        "cells": cells,
    }
    store.write("studies/large.json", json.dumps(study))


def _record(key: dict[str, Any], name: str) -> Record:
    train = key["kind"] == "train"
    scores = tuple(
        Score(name=f"s{number}", value=int(name[number : number + 6], 16) / 2**24, unit="share", bounds=(0, 1))
        for number in range(2 if train else SCORES)
    )
    curve = [{"epoch": epoch, "loss": 1 / epoch, "val_accuracy": 1 - 1 / epoch} for epoch in range(1, EPOCHS + 1)]
    return Record(
        kind=key["kind"],
        arm=key["arm"],
        seed=key["seed"],
        key=key,
        digest=name,
        scores=scores,
        facts={"curve": curve} if train else {"units": 512},
        made_by={"kdissect": kdissect.__version__, "torch": "2.14.1", "python": "3.11.7", "device": "cpu"},
        seconds=1.5,
    )


def _write(folder: Path, record: Record) -> None:
    """As the store writes it, but without waiting for the disk ten thousand times."""
    import kdissect.records.files as files

    files.sync, sync = (lambda _path: None), files.sync
    try:
        folder.mkdir()
        write_record(folder, record)
    finally:
        files.sync = sync


def _median(work: Callable[[], object]) -> tuple[float, float]:
    """Wall-clock seconds and those of the CPU, which other programs do not change."""
    times = []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall_times, cpu_times = zip(*times, strict=True)
    return statistics.median(wall_times), statistics.median(cpu_times)


def main() -> None:
    heads = ("reading", *QUERIES)
    print(f"{'records':>7}  {'scores':>7}  {'MB':>5}  " + "  ".join(f"{head + ' s (CPU)':>20}" for head in heads))
    for num in (1_000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            store = Path(folder, "store")
            write_synthetic(store, num)
            size = sum(path.stat().st_size for name in (RECORD, RUN) for path in store.glob(f"cells/*/{name}"))
            tables = Tables.read(store)
            found = [_median(partial(Tables.read, store))]
            found += [_median(partial(tables.query, sql)) for sql in QUERIES.values()]
            numbers = "  ".join(f"{f'{wall:.3f} ({cpu:.3f})':>20}" for wall, cpu in found)
            print(f"{num:>7}  {len(tables.results):>7}  {size / 1e6:>5.0f}  {numbers}")


if __name__ == "__main__":
    main()
