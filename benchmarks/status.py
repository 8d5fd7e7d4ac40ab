"""What `kdissect status` costs for stores of many records: lists read, the same drawn, and the whole command.

Run with `--records` for other numbers than 1,000 and 10,000. Medians of five runs.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kdissect.records import Failure, Record, Store, manifest, verify, write_record
from kdissect.records import files as record_files
from kdissect.specs import digest

RUNS = 5
MEASURES = 9


def fill(folder: Path, records: int) -> Store:
    """A store of that many records, of a study of 100 arms whose last measure looks at all of them."""
    record_files.sync = lambda _path: None  # only reading is measured
    store = Store.create(folder)
    per_arm = records // 100
    seeds = per_arm // (1 + MEASURES)
    cells, groups = [], []
    arms = [f"arm-{number}" for number in range(100)]
    for seed in range(seeds):
        trained = [digest([arm, seed]) for arm in arms]
        groups.append([each[:16] for each in trained])
        for arm, own in zip(arms, trained, strict=True):
            cells.append({"digest": own, "kind": "train", "arm": arm, "seed": seed, "epoch": None, "sources": []})
            for number in range(MEASURES):
                cell = {"kind": f"Measure{number}", "arm": arm, "seed": seed, "epoch": None, "sources": [own[:16]]}
                if number >= MEASURES - 2:
                    cell["group"] = seed
                cells.append({"digest": digest([arm, seed, number]), **cell})
    for cell in cells:
        where = store.folder(str(cell["digest"]))
        where.mkdir()
        fields = {name: cell[name] for name in ("digest", "kind", "arm", "seed", "epoch")}
        write_record(where, Record(key={"of": fields}, seconds=1.0, **fields))  # type: ignore[arg-type]
    # The last hundred cells are missing, one of them failed: the rest of the command has something to say.
    for cell in cells[-100:]:
        for path in store.folder(str(cell["digest"])).iterdir():
            path.unlink()
        store.folder(str(cell["digest"])).rmdir()
    store.fail(str(cells[-100]["digest"]), Failure("train", "DivergedError", "the loss is not finite"))
    what = {"name": "large", "title": "Large", "arms": [{"name": arm} for arm in arms], "groups": groups}
    store.write("studies/large.json", json.dumps({**what, "cells": cells}))
    return store


def seconds_of(act: Callable[[], object]) -> tuple[float, float]:
    """Median seconds of an action, by the clock and of the processor, here and in its child processes."""
    times, busy = [], []
    for _ in range(RUNS):
        began, before = time.perf_counter(), os.times()
        act()
        after = os.times()
        times.append(time.perf_counter() - began)
        busy.append(sum(after[:4]) - sum(before[:4]))
    return statistics.median(times), statistics.median(busy)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--records", type=int, nargs="*", default=[1000, 10_000])
    print(f"{'':>8}  {'manifest':^13}  {'command':^13}  {'kdissect --help':^15}  {'--verify':>8}")
    print(f"{'records':>8}" + f"  {'clock':>6} {'CPU s':>6}" * 2 + f"  {'clock':>7} {'CPU s':>7}" + f"  {'clock s':>8}")
    for records in asked.parse_args().records:
        with tempfile.TemporaryDirectory() as folder:
            store = fill(Path(folder) / "store", records)
            command = [sys.executable, "-m", "kdissect"]

            def run(*words: str, command: list[str] = command) -> None:
                subprocess.run([*command, *words], check=True, stdout=subprocess.DEVNULL)

            found = seconds_of(lambda store=store: manifest(Store(store.path)))
            whole = seconds_of(lambda store=store: run("status", str(store.path)))
            start = seconds_of(lambda: run("--help"))
            began = time.perf_counter()
            assert not verify(store)
            verified = time.perf_counter() - began
            print(
                f"{records:>8}  {found[0]:>6.3f} {found[1]:>6.3f}  {whole[0]:>6.2f} {whole[1]:>6.2f}"
                f"  {start[0]:>7.2f} {start[1]:>7.2f}  {verified:>8.2f}"
            )


if __name__ == "__main__":
    main()
