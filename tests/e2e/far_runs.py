"""Runs of the command line as programs of their own, and what they left in the store."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
OWN = f"{HERE / 'own_study.py'}:own"
CELLS = 15


def environment(**more: str) -> dict[str, str]:
    path = os.pathsep.join([str(SOURCE), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", **more}


def start(out: Path, on: str, *more: str, env: dict[str, str] | None = None) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kdissect", "run", OWN, "--out", str(out), "--on", on, *more]
    return subprocess.Popen(
        command, env=env or environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def end(run: subprocess.Popen[str], seconds: float = 240) -> tuple[int, str]:
    try:
        said, _ = run.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        run.kill()
        said, _ = run.communicate()
        raise AssertionError(f"it did not end:\n{said}") from None
    return run.returncode, said


def files(out: Path) -> dict[str, bytes]:
    """All files of all records, but for what differs from run to run."""
    paths = (path for path in sorted(out.glob("cells/**/*")) if path.is_file() and path.name != "run.json")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}


def records(out: Path) -> dict[str, dict[str, bytes]]:
    """The same, by record."""
    found: dict[str, dict[str, bytes]] = {}
    for name, content in files(out).items():
        found.setdefault(name.split("/")[1], {})[name.split("/", 2)[2]] = content
    return found


def who_does(out: Path, word: str, run: subprocess.Popen[str], seconds: float = 120) -> int:
    """The process that does a cell with that word in its title, once it is at work for a moment."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and run.poll() is None:
        for path in out.glob("claims/*.*"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                owner, told = path.read_text().split("\n")[:2]
                found = json.loads(owner)
                if word in found["title"] and json.loads(told)[0] >= 1:
                    return int(found["pid"])
        time.sleep(0.02)
    raise AssertionError(f"nobody did {word}")


def kill_who_does(out: Path, word: str, run: subprocess.Popen[str]) -> None:
    os.kill(who_does(out, word, run), signal.SIGKILL)
