"""The store: the folder of records.

A store looks like this::

    STORE/
    ├── store.json                  format of the store
    ├── study.json                  the resolved study that ran last
    ├── studies/NAME.json           every study that ran in it
    ├── cells/<digest>/record.json  one record, complete once the folder has this name
    ├── cells/<digest>/...          its files (weights, a dissection, ...)
    ├── claims/                     who is at work on what
    ├── failed/<digest>.json        the error of a cell that failed when it was last tried
    ├── running/<digest>/           checkpoints of unfinished trainings
    ├── damaged/                    records that were not as they were written, set aside
    └── report.html

A record is kept under the digest of all that made it, so an old one can never answer for a changed
network, dataset, setting or code version.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import final

from kdissect.errors import RecordError
from kdissect.records.claims import Claims, Folder
from kdissect.records.files import write_text, writing_folder
from kdissect.records.record import FORMAT, RECORD, Record, flaws_of, read_record


@final
@dataclass(frozen=True)
class Failure:
    """Why a cell failed.

    Attributes:
        title: of the cell.
        error: the error's class.
        message: what it says, with its notes, in one line.
        trace: the traceback.
        host: where.
        when: wall-clock seconds since 1970; for people.
    """

    title: str
    error: str
    message: str
    trace: str = ""
    host: str = ""
    when: float = 0.0


class Store:
    """The folder of records. Opening one never changes what is in it.

    Attributes:
        path: the folder.
        where: how the user calls it: the folder, or a URL whose local copy `path` is.

    Raises:
        RecordError: the folder holds something else, or a store of another format.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.where = str(path)
        marker = self.path / "store.json"
        if not marker.is_file():
            raise RecordError(f"{self.path} is no store: expected a store.json, as `kdissect run` leaves it")
        check_format(marker.read_text(), self.where)

    @staticmethod
    def create(path: Path | str) -> "Store":
        """The store in a folder or at a URL, made if there is nothing yet.

        Raises:
            RecordError: the path is a file, or a place that holds something else, or cannot be reached.
        """
        if is_url(path):
            from kdissect.records.remote import RemoteStore  # it is a kind of this one

            return RemoteStore(str(path), make=True)
        path = Path(path)
        if path.exists() and not path.is_dir():
            raise RecordError(f"expected a folder for results, {path} is a file; choose another --out")
        if not (path / "store.json").exists():
            # Another runner may be making it at this moment: what belongs to a store is no other thing.
            if path.is_dir() and any(p.name != "cells" and not p.name.startswith(".store.") for p in path.iterdir()):
                raise RecordError(
                    f"{path} holds something else than kdissect results; choose another --out (nothing was changed)"
                )
            (path / "cells").mkdir(parents=True, exist_ok=True)
            write_text(path / "store.json", MARKER)
        return Store(path)

    @staticmethod
    def open(where: Path | str) -> "Store":
        """The store in a folder or at a URL.

        Raises:
            RecordError: there is none, or of another format, or it cannot be reached.
        """
        if is_url(where):
            from kdissect.records.remote import RemoteStore

            return RemoteStore(str(where))
        return Store(where)

    @cached_property
    def claims(self) -> Claims:
        """Who is at work on what."""
        return Claims(Folder(self.path / "claims"))

    def folder(self, digest: str) -> Path:
        """Where the record of that digest is, or would be."""
        return self.path / "cells" / digest[:16]

    def has(self, digest: str) -> bool:
        """Whether there is a record of that digest, whatever is in it."""
        return (self.folder(digest) / RECORD).is_file()

    def done(self) -> set[str]:
        """The first 16 characters of the digests of all records there are."""
        try:
            entries = list(os.scandir(self.path / "cells"))
        except FileNotFoundError:
            return set()
        # A folder gets its name when all is in it, so that the record need not be looked for.
        return {entry.name for entry in entries if not entry.name.startswith(".")}

    def find(self, digest: str) -> Record | None:
        """The record of that digest, or None if the work is still to be done.

        Raises:
            RecordError: the record is there but not as it was written.
        """
        path = self.folder(digest) / RECORD
        if not path.is_file():
            return None
        record = read_record(path)
        if record.digest != digest:
            raise RecordError(f"{path} holds the record of {record.digest[:16]}; delete {path.parent} and run again")
        return record

    def flaws(self, digest: str, *, every_byte: bool = False) -> list[str]:
        """What is wrong with a record that is there; nothing if it can answer.

        Args:
            digest: of the record, or the first 16 characters of it.
            every_byte: read its files, too; else only their sizes are looked at.
        """
        return flaws_of(self.folder(digest), digest, every_byte=every_byte)

    def set_aside(self, digest: str) -> Path:
        """Move a damaged record's folder away, to `damaged/<digest>-<number>`; nothing of it is lost."""
        (self.path / "damaged").mkdir(exist_ok=True)
        number = 1
        while (there := self.path / "damaged" / f"{digest[:16]}-{number}").exists():
            number += 1
        with contextlib.suppress(FileNotFoundError):  # another runner has done it
            self.folder(digest).rename(there)
        return there

    def records(self) -> list[Record]:
        """All records of the store, in the order of their digests."""
        paths = sorted(self.path.glob(f"cells/*/{RECORD}"))
        return [read_record(path) for path in paths if not path.parent.name.startswith(".")]

    @contextlib.contextmanager
    def writing(self, digest: str) -> Iterator[Path]:
        """A temporary folder that becomes the record's folder when the block ends without error.

        The block writes its files and, by `write_record`, the record. On an error nothing is left.
        """
        with writing_folder(self.folder(digest), prefix=f"{digest[:16]}-") as folder:
            yield folder

    def sweep(self, digest: str) -> None:
        """Remove what a killed process left half-written of a record; for the owner of its claim."""
        for left in (self.path / "cells").glob(f".writing-{digest[:16]}-*"):
            shutil.rmtree(left, ignore_errors=True)

    def running(self, digest: str) -> Path:
        """Folder for checkpoints of a cell that is not done yet."""
        return self.path / "running" / digest[:16]

    def reached(self, digest: str) -> int:
        """A number that changes with every checkpoint of a cell that is not done yet; 0 if there is none."""
        try:
            entries = [entry for entry in os.scandir(self.path / "running" / digest[:16]) if entry.name[0] != "."]
            return max((entry.stat().st_mtime_ns for entry in entries), default=0)
        except OSError:
            return 0

    def keep_running(self, digest: str) -> None:
        """See that checkpoints outlive this machine; in a folder they do by themselves."""

    def fetch(self) -> None:
        """See that all records and descriptions are in `path`; in a folder they are."""

    def publish(self) -> None:
        """See that the pages that were written in `path` are where the store is; in a folder they are."""

    def fail(self, digest: str, failure: Failure) -> None:
        """Note that a cell failed."""
        (self.path / "failed").mkdir(exist_ok=True)
        write_text(self.path / "failed" / f"{digest[:16]}.json", json.dumps(asdict(failure), indent=1))

    def failure(self, digest: str) -> Failure | None:
        """Why a cell failed when it was last tried; None if it did not."""
        try:
            return Failure(**json.loads((self.path / "failed" / f"{digest[:16]}.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def failures(self) -> set[str]:
        """The first 16 characters of the digests of all cells that failed when they were last tried."""
        try:
            return {entry.name.removesuffix(".json") for entry in os.scandir(self.path / "failed")}
        except FileNotFoundError:
            return set()

    def forgive(self, digest: str) -> None:
        """Forget a failure, since the cell is tried again."""
        (self.path / "failed" / f"{digest[:16]}.json").unlink(missing_ok=True)

    def write(self, name: str, text: str) -> None:
        """Write a file of the store, `study.json` for example."""
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        write_text(self.path / name, text)

    def studies(self) -> dict[str, Path]:
        """Descriptions of the studies that ran in the store, by name."""
        return {path.stem: path for path in sorted((self.path / "studies").glob("*.json"))}


def is_url(where: Path | str) -> bool:
    """Whether a store's place is a URL, not a folder of this machine."""
    return "://" in str(where)


MARKER = json.dumps({"format": FORMAT, "what": "kdissect store"})
"""What `store.json` says."""


def check_format(text: str, where: str) -> None:
    """See that a store is of this format.

    Raises:
        RecordError: it is of another, or cannot be told.
    """
    try:
        found = json.loads(text)["format"]
    except (ValueError, KeyError, TypeError):
        raise RecordError(f"{where}/store.json cannot be read; restore it, or use a new folder") from None
    if found != FORMAT:
        newer = isinstance(found, int) and found > FORMAT
        do = "use the kdissect that made it, or a newer one" if newer else "use a new folder"
        raise RecordError(f"{where} has store format {found}, this kdissect reads format {FORMAT}; {do}")
