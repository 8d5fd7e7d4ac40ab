"""Claims: who is at work on which cell, so that several runners can share one store.

A claim is a file `claims/<digest>.<number>`. The first is number 1; whoever finds a claim's owner dead makes the next
number. Making a file that must not exist yet has one winner, so there is one owner at a time.

An owner on the same machine holds a lock on its file, which the system lets go the moment it dies. An owner elsewhere
is known by its beat, a number that it raises every few seconds: if it stands still for `PATIENCE` seconds of the
*watcher's* own monotonic clock, the owner is dead. No two clocks are compared, so none has to be right.
"""

import contextlib
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, final

from kdissect.errors import RecordError

try:
    import fcntl
except ImportError:  # Windows has none; there an owner is known by its beat alone
    fcntl = None  # type: ignore[assignment]

BEAT_SECONDS = 2.0
PATIENCE = 60.0
"""Seconds without a beat after which an owner on another machine counts as dead."""
_BEAT_BYTES = 160


@final
@dataclass(frozen=True)
class Owner:
    """Who works on a cell.

    Attributes:
        runner: a name of this process's own, new in every process.
        host: the machine's name.
        machine: tells machines (and restarts of one) apart.
        pid: of the process.
        since: wall-clock seconds when the claim was made; for people, nothing is decided by it.
        title: what it does.
    """

    runner: str
    host: str
    machine: str
    pid: int
    since: float
    title: str


@final
@dataclass
class Progress:
    """How far a cell is: what its worker counts, and what its beat tells.

    Attributes:
        done: images so far.
        total: of so many; None if unknown.
        began: monotonic seconds at which counting began.
    """

    done: int = 0
    total: int | None = None
    began: float = field(default_factory=time.monotonic)

    def start(self, total: int | None) -> None:
        """Counting begins."""
        self.done, self.total, self.began = 0, total, time.monotonic()

    def tell(self, images: int) -> None:
        """So many more."""
        self.done += images

    @property
    def speed(self) -> float:
        """Images a second."""
        return self.done / max(1e-9, time.monotonic() - self.began)


@final
@dataclass(frozen=True)
class Claimed:
    """A claim as others see it.

    Attributes:
        number: which claim of the cell.
        owner: who works on it; None while that is not written yet.
        beat: raised by the owner every few seconds.
        done, total, speed: images so far, of how many (None if unknown), and a second.
    """

    number: int
    owner: Owner | None
    beat: int = 0
    done: int = 0
    total: int | None = None
    speed: float = 0.0


class Slips(Protocol):
    """Where claims are kept: a folder, or another place that makes a file only if there is none of its name.

    Attributes:
        has_locks: whether `locked` can tell; else an owner on this machine, too, is known by its beat.
        beat_seconds: seconds between two beats.
    """

    @property
    def has_locks(self) -> bool:
        """Whether `locked` can tell."""

    @property
    def beat_seconds(self) -> float:
        """Seconds between two beats."""

    def numbers(self, digest: str) -> list[int]:
        """Numbers of a cell's claims."""

    def every(self) -> dict[str, int]:
        """The last claim's number of each cell that has one, by the first 16 characters of its digest."""

    def make(self, digest: str, number: int, text: str) -> Any | None:
        """Make a claim; what is needed to hold it, or None if it is there already."""

    def read(self, digest: str, number: int) -> tuple[str, str]:
        """The owner's text and the last beat's; empty if it is gone."""

    def beat(self, held: Any, text: str) -> None:
        """Write the beat."""

    def locked(self, digest: str, number: int) -> bool:
        """Whether a process on this machine holds it."""

    def drop(self, held: Any) -> None:
        """Let go without removing it."""

    def remove(self, digest: str, upto: int, only: bool = False) -> None:
        """Remove a cell's claims up to a number, or only that one."""


_RUNNER = uuid.uuid4().hex


def this_machine() -> str:
    """Tells this machine, since it was last started, from others."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{socket.gethostname()}-{uuid.getnode():x}"


class Claims:
    """The claims of a store.

    Args:
        slips: where they are kept.
    """

    def __init__(self, slips: Slips) -> None:
        self.slips = slips
        self.machine = this_machine()
        self._watched: dict[tuple[str, int], tuple[int, float]] = {}

    @contextlib.contextmanager
    def take(self, digest: str, title: str, progress: Progress, over: int = 0) -> Iterator[int]:
        """Claim a cell for the length of the block; the claim's number, or 0 if somebody else is at work on it.

        A number above 1 says that an owner before died.

        Args:
            digest: of the cell.
            title: for people.
            progress: what the beat tells.
            over: number of a claim that is known to be of a dead owner.
        """
        numbers = self.slips.numbers(digest)
        last = max(numbers, default=0)
        if last > over and self.alive(digest) is not None:
            yield 0
            return
        owner = Owner(_RUNNER, socket.gethostname(), self.machine, os.getpid(), time.time(), title)
        held = self.slips.make(digest, last + 1, json.dumps(owner.__dict__))
        if held is None:
            yield 0
            return
        # The numbers may have been read while another claim was let go, so that two hold claims: both step back then.
        others = (number for number in self.slips.numbers(digest) if number not in (last + 1, over))
        if any(self.alive(digest, number) for number in others):
            self.slips.remove(digest, last + 1, only=True)
            self.slips.drop(held)
            yield 0
            return
        stop = threading.Event()
        beating = threading.Thread(target=self._beat, args=(held, progress, stop), daemon=True)
        beating.start()
        try:
            yield last + 1
        finally:
            stop.set()
            beating.join()
            # Removed while it is still held: nobody may take it for a dead one's.
            self.slips.remove(digest, last + 1)
            self.slips.drop(held)

    def _beat(self, held: Any, progress: Progress, stop: threading.Event) -> None:
        number = 0
        while not stop.wait(self.slips.beat_seconds if number else 0):
            number += 1
            with contextlib.suppress(OSError):  # a full disk is found by whoever writes results
                told = [number, progress.done, progress.total, round(progress.speed, 1)]
                self.slips.beat(held, json.dumps(told).ljust(_BEAT_BYTES))

    def look(self, digest: str, number: int | None = None) -> Claimed | None:
        """The last claim of a cell, dead or alive; None if there is none."""
        if number is None:
            number = max(self.slips.numbers(digest), default=0)
        if number == 0:
            return None
        text, told = self.slips.read(digest, number)
        try:
            owner = Owner(**json.loads(text))
        except (ValueError, TypeError):
            return Claimed(number, None)
        try:
            beat, done, total, speed = json.loads(told)
        except (ValueError, TypeError):
            return Claimed(number, owner)
        return Claimed(number, owner, beat, done, total, speed)

    def at_once(self, claimed: Claimed) -> bool:
        """Whether one look says if the owner of a claim is alive: it is on this machine, and its lock tells."""
        return claimed.owner is not None and claimed.owner.machine == self.machine and self.slips.has_locks

    def alive(self, digest: str, number: int | None = None) -> Claimed | None:
        """A cell's claim (the last one) whose owner is at work, as far as can be told; None if there is none."""
        claimed = self.look(digest, number)
        if claimed is None:
            return None
        if self.at_once(claimed):
            return claimed if self.slips.locked(digest, claimed.number) else None
        now, name = time.monotonic(), (digest, claimed.number)
        beat, since = self._watched.get(name, (-1, now))
        if beat != claimed.beat:
            since = now
        self._watched[name] = (claimed.beat, since)
        return claimed if now - since < PATIENCE else None


@final
class Folder:
    """Claims as files of a folder.

    Args:
        path: the folder; made when the first claim is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def has_locks(self) -> bool:
        """Whether the system can lock files."""
        return fcntl is not None

    @property
    def beat_seconds(self) -> float:
        """Seconds between two beats."""
        return BEAT_SECONDS

    def _file(self, digest: str, number: int) -> Path:
        return self.path / f"{digest[:16]}.{number}"

    def numbers(self, digest: str) -> list[int]:
        """Numbers of a cell's claims."""
        return [number for name, number in self._all() if name == digest[:16]]

    def every(self) -> dict[str, int]:
        """The last claim's number of each cell that has one."""
        found: dict[str, int] = {}
        for name, number in self._all():
            found[name] = max(number, found.get(name, 0))
        return found

    def _all(self) -> Iterator[tuple[str, int]]:
        try:
            entries = list(os.scandir(self.path))
        except FileNotFoundError:
            return
        for entry in entries:
            name, _, number = entry.name.partition(".")
            if number.isdecimal():
                yield name, int(number)

    def make(self, digest: str, number: int, text: str) -> int | None:
        """Make a claim that is locked from the moment it is there; its open file, or None if it was there already."""
        self.path.mkdir(exist_ok=True)
        temporary = self.path / f".{_RUNNER}-{threading.get_ident()}"
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        try:
            os.write(handle, text.encode() + b"\n")
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX)
            os.link(temporary, self._file(digest, number))
        except FileExistsError:
            os.close(handle)
            return None
        except OSError as error:
            os.close(handle)
            raise RecordError(
                f"{self.path} cannot keep claims ({error.strerror}); expected a folder that can be written and has "
                "hard links, or a URL such as s3://BUCKET/STORE"
            ) from error
        finally:
            temporary.unlink(missing_ok=True)
        return handle

    def read(self, digest: str, number: int) -> tuple[str, str]:
        """The owner's line and the beat's."""
        try:
            lines = self._file(digest, number).read_text().split("\n")
        except FileNotFoundError:
            return "", ""
        return lines[0], lines[1] if len(lines) > 1 else ""

    def beat(self, held: int, text: str) -> None:
        """Write the second line."""
        first = os.pread(held, 65536, 0).index(b"\n") + 1
        os.pwrite(held, text.encode(), first)

    def locked(self, digest: str, number: int) -> bool:
        """Whether a living process of this machine holds it."""
        try:
            handle = os.open(self._file(digest, number), os.O_RDONLY)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    def drop(self, held: int) -> None:
        """Close the file, which ends the lock."""
        os.close(held)

    def remove(self, digest: str, upto: int, only: bool = False) -> None:
        """Remove a cell's claims up to a number, or only that one."""
        for number in self.numbers(digest):
            if number == upto or (number < upto and not only):
                self._file(digest, number).unlink(missing_ok=True)
