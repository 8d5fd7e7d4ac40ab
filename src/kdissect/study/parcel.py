"""A job that travels to another machine, and what is seen to when it arrives."""

import contextlib
import hashlib
import os
import socket
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from kdissect import __version__
from kdissect.errors import DataError, RecordError, SpecError
from kdissect.study.job import Job
from kdissect.study.workshop import Workshop

_SAME_SECONDS = 2.0
"""Some file systems keep whole seconds only, and of those some every second one."""
_OPEN: dict[str, Workshop] = {}
"""The workshop of the last job of this process: one after another its cells find their data drawn already."""


@final
@dataclass(frozen=True)
class Parcel:
    """A packed job and what it was packed beside.

    Attributes:
        name: tells jobs apart.
        packed: the job.
        home: the folder that relative paths start from.
        version: of kdissect.
        made: when the store was made, as its file system says it; None for a store at a URL.
    """

    name: str
    packed: bytes
    home: str
    version: str
    made: float | None

    @classmethod
    def of(cls, job: Job) -> "Parcel":
        """The job, with whole paths in place of relative ones."""
        far = "://" in job.store
        whole = replace(
            job,
            store=job.store if far else str(Path(job.store).absolute()),
            cache=str(Path(job.cache).absolute()) if job.cache is not None else None,
        )
        packed = whole.pack()
        made = None if far else _made(Path(job.store))
        return cls(hashlib.sha256(packed).hexdigest(), packed, str(Path.cwd()), __version__, made)

    def open(self) -> Workshop:
        """The workshop, kept for the next cell of the same job.

        Raises:
            SpecError: kdissect is of another version here.
            DataError: a file of the user's is not here.
            RecordError: the store is not here, or another one is in its place.
        """
        if self.opened(self.name) is None:
            opened = self._open()
            _OPEN.clear()
            _OPEN[self.name] = opened
        return _OPEN[self.name]

    @staticmethod
    def opened(name: str) -> Workshop | None:
        """The workshop of a job that this process has opened before, by the parcel's name."""
        return _OPEN.get(name)

    def _open(self) -> Workshop:
        here = f"on {socket.gethostname()}"
        if self.version != __version__:
            raise SpecError(f"kdissect is {__version__} {here} and {self.version} where the run was started")
        with contextlib.suppress(OSError):
            os.chdir(self.home)
        try:
            job = Job.unpack(self.packed)
        except DataError as error:
            error.add_note(f"{here}; every machine needs a study's own files at the same place")
            raise
        shared = "every machine needs the same folder at the same place, or use a URL such as s3://BUCKET/STORE"
        if self.made is not None:
            marker = Path(job.store) / "store.json"
            if not marker.is_file():
                raise RecordError(f"there is no {job.store} {here}; {shared}")
            if abs(_made(Path(job.store)) - self.made) > _SAME_SECONDS:
                raise RecordError(f"{job.store} {here} is another store than where the run was started; {shared}")
        return Workshop(job)


def _made(store: Path) -> float:
    """When the store was made: its first file is never written again."""
    return (store / "store.json").stat().st_mtime
