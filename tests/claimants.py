"""What other processes do in the tests of claims."""

import multiprocessing
import os
import random
import time
from pathlib import Path

from kdissect.records import Progress, Store

DIGEST = "d" * 64


def hold(path: Path, ready: "multiprocessing.Queue[int]") -> None:
    with Store(path).claims.take(DIGEST, "held", Progress()):
        ready.put(os.getpid())
        time.sleep(600)


CELLS = 40


def race(path: Path, log: Path, seed: int) -> None:
    """Do all cells that nobody else does, and tell the log of the beginning and end of each."""
    rng, store = random.Random(seed), Store(path)
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    undone = [f"{number:064x}"[::-1] for number in range(CELLS)]
    rng.shuffle(undone)
    while undone:
        for digest in list(undone):
            done = path / "cells" / digest[:16]
            with store.claims.take(digest, digest, Progress()) as mine:
                if mine and not done.exists():
                    os.write(handle, f"begin {digest[:16]} {os.getpid()}\n".encode())
                    time.sleep(rng.uniform(0, 0.01))
                    os.write(handle, f"end {digest[:16]} {os.getpid()}\n".encode())
                    done.mkdir()
            if done.exists():
                undone.remove(digest)
