"""A store at a URL: s3://BUCKET/STORE, or whatever else fsspec knows.

The records lie there; every machine keeps a copy of those that it has made or needed. A record never changes: its name
is the digest of all that made it, and its seal and its files' digests are looked at when it is copied. So a copy needs
no second look at the original, and only what is not there yet is asked for. Probes and caches of teachers stay with the
machine that made them.
"""

import contextlib
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, final

from kdissect.errors import RecordError
from kdissect.records.claims import Claims
from kdissect.records.files import write_text, writing_folder
from kdissect.records.object_slips import ObjectSlips, spoken
from kdissect.records.record import RECORD, Record, flaws_of, read_record
from kdissect.records.store import MARKER, Failure, Store, check_format

CHECKPOINT_SECONDS = 60.0
"""How often a checkpoint that changed is kept at the URL: what a lost machine costs at most, besides the epoch."""
PAGES = ("report.html", "reports/*.html", "reproduction.json", "verdict/**/*")
"""What `publish` keeps at the URL."""


@final
class RemoteStore(Store):
    """A store at a URL, and its copy here.

    Args:
        url: for example `s3://bucket/store`.
        make: make the store if there is none.

    Raises:
        RecordError: it cannot be reached, is no store, or is of another format.
    """

    def __init__(self, url: str, *, make: bool = False) -> None:
        self.where = url.rstrip("/")
        cache = Path(os.environ.get("KDISSECT_CACHE") or Path.home() / ".cache" / "kdissect")
        self.path = cache / "stores" / hashlib.sha256(self.where.encode()).hexdigest()[:16]
        self.files, self.root = _reach(self.where)
        self._there: set[str] = set()
        self._kept: dict[str, tuple[int, float]] = {}
        self._trained: set[str] = set()
        with spoken(self.where):
            marker = self._read("store.json")
            if marker is None and make:
                if self._names(""):
                    raise RecordError(
                        f"{url} holds something else than kdissect results; choose another --out (nothing was changed)"
                    )
                self._send("store.json", MARKER.encode())
                marker = MARKER
        if marker is None:
            raise RecordError(f"{url} is no store: expected a store.json, as `kdissect run` leaves it")
        check_format(marker, self.where)
        (self.path / "cells").mkdir(parents=True, exist_ok=True)
        write_text(self.path / "store.json", marker)
        self._pull_text("study.json")

    def __reduce__(self) -> tuple[type["RemoteStore"], tuple[str]]:
        """A worker opens its own."""
        return RemoteStore, (self.where,)

    @cached_property
    def claims(self) -> Claims:
        """Who is at work on what."""
        return Claims(ObjectSlips(self.files, self._at("claims")))

    def has(self, digest: str) -> bool:
        """Whether there is a record of that digest at the URL."""
        if digest[:16] in self._there:
            return True
        with spoken(self.where):
            found = bool(self.files.exists(self._at(f"cells/{digest[:16]}/{RECORD}")))
        if found:
            self._there.add(digest[:16])
        return found

    def done(self) -> set[str]:
        """The first 16 characters of the digests of all records there are; one listing."""
        with spoken(self.where):
            names = self._names("cells")
        # `cells/DIGEST/record.json` is sent last: the other files alone are no record yet.
        self._there = {parts[1] for name in names if len(parts := name.split("/")) == 3 and parts[2] == RECORD}
        return set(self._there)

    def find(self, digest: str) -> Record | None:
        """The record of that digest, copied here if it was not; None if the work is still to be done.

        Raises:
            RecordError: what is at the URL is not as it was written.
        """
        if not self.has(digest):
            return None
        if not (self.folder(digest) / RECORD).is_file():
            self._pull(digest)
        return super().find(digest)

    def flaws(self, digest: str, *, every_byte: bool = False) -> list[str]:
        """What is wrong with a record at the URL; a damaged copy of a good one is made anew."""
        if (self.folder(digest) / RECORD).is_file():
            if not super().flaws(digest, every_byte=every_byte):
                return []
            shutil.rmtree(self.folder(digest), ignore_errors=True)
        try:
            self._pull(digest)
        except RecordError as error:
            return [str(error)]
        return []

    def set_aside(self, digest: str) -> Path:
        """Move a damaged record at the URL to `damaged/<digest>-<number>`."""
        shutil.rmtree(self.folder(digest), ignore_errors=True)
        self._there.discard(digest[:16])
        with spoken(self.where):
            number = 1
            while self._names(f"damaged/{digest[:16]}-{number}"):
                number += 1
            names = self._names(f"cells/{digest[:16]}")
            for name in sorted(names, key=lambda name: not name.endswith(RECORD)):  # from now on it is no record
                aside = f"damaged/{digest[:16]}-{number}/{name.split('/', 2)[2]}"
                self.files.copy(self._at(name), self._at(aside))
                self.files.rm_file(self._at(name))
        return Path(f"damaged/{digest[:16]}-{number}")

    def records(self) -> list[Record]:
        """All records of the store, in the order of their digests."""
        self.fetch()
        found = (self.path / "cells" / name / RECORD for name in sorted(self._there))
        return [read_record(path) for path in found if path.is_file()]

    def fetch(self) -> None:
        """Copy all records and descriptions here; a record that is damaged is left out, as if it were missing."""
        self.studies()
        with spoken(self.where):
            failed = self._names("failed")
        for name in ("reproduction.json", *failed):
            self._pull_text(name)
        here = list((self.path / "cells").iterdir())  # first: what is here was at the URL before
        there = self.done()
        for left in here:
            # It is gone at the URL: it must not answer. What begins with a dot somebody is writing at this moment.
            if left.name not in there and not left.name.startswith("."):
                shutil.rmtree(left, ignore_errors=True)
        for name in sorted(there):
            if not (self.path / "cells" / name / RECORD).is_file():
                with contextlib.suppress(RecordError):
                    self._pull(name)

    @contextlib.contextmanager
    def writing(self, digest: str) -> Iterator[Path]:
        """A temporary folder that becomes the record's, here and at the URL, when the block ends without error."""
        name = f"cells/{digest[:16]}"
        # It is sent before it gets its name here: a record that is here is at the URL, too, whoever looks.
        with super().writing(digest) as folder:
            yield folder
            with spoken(self.where):
                for path in sorted(folder.rglob("*")):
                    if path.is_file() and path.name != RECORD:
                        self.files.put_file(str(path), self._at(f"{name}/{path.relative_to(folder).as_posix()}"))
                self.files.put_file(str(folder / RECORD), self._at(f"{name}/{RECORD}"))
                if digest in self._trained:
                    self._remove(f"running/{digest[:16]}")
        self._there.add(digest[:16])

    def running(self, digest: str) -> Path:
        """Folder for checkpoints of a cell that is not done yet; those of another machine are copied here."""
        folder = super().running(digest)
        self._trained.add(digest)
        if not folder.is_dir():
            with spoken(self.where):
                if names := self._names(f"running/{digest[:16]}"):
                    with writing_folder(folder) as temporary:  # all of it or nothing: they belong together
                        for name in names:
                            self.files.get_file(self._at(name), str(temporary / name.split("/", 2)[2]))
        return folder

    def reached(self, digest: str) -> int:
        """A number that changes with every checkpoint, here or at the URL."""
        with spoken(self.where):
            self.files.invalidate_cache()
            try:
                found = self.files.find(self._at(f"running/{digest[:16]}"), detail=True)
            except FileNotFoundError:
                found = {}
        when = ("LastModified", "created", "size")
        told = sorted((name, str(next((one[w] for w in when if w in one), ""))) for name, one in found.items())
        return super().reached(digest) ^ int(hashlib.sha256(repr(told).encode()).hexdigest()[:12], 16)

    def keep_running(self, digest: str) -> None:
        """Keep checkpoints that changed at the URL, at most every `CHECKPOINT_SECONDS`."""
        last, at = self._kept.get(digest, (0, 0.0))
        now = time.monotonic()
        if at and now - at < CHECKPOINT_SECONDS:
            return
        folder = super().running(digest)
        paths = [path for path in folder.glob("*") if path.is_file() and not path.name.startswith(".")]
        paths.sort(key=lambda path: path.stat().st_mtime_ns)  # the checkpoint after the weights that it speaks of
        with contextlib.suppress(Exception):  # tried again the next time: no cell fails for want of a copy
            for path in paths:
                changed = path.stat().st_mtime_ns
                if changed > last:
                    self.files.put_file(str(path), self._at(f"running/{digest[:16]}/{path.name}"))
                    self._kept[digest] = (changed, now)
        self._kept[digest] = (self._kept.get(digest, (0, 0.0))[0], now)

    def fail(self, digest: str, failure: Failure) -> None:
        """Note that a cell failed."""
        super().fail(digest, failure)
        name = f"failed/{digest[:16]}.json"
        with spoken(self.where):
            self._send(name, (self.path / name).read_bytes())

    def failure(self, digest: str) -> Failure | None:
        """Why a cell failed when it was last tried; None if it did not."""
        self._pull_text(f"failed/{digest[:16]}.json")
        return super().failure(digest)

    def failures(self) -> set[str]:
        """The first 16 characters of the digests of all cells that failed when they were last tried."""
        with spoken(self.where):
            return {name.rpartition("/")[2].removesuffix(".json") for name in self._names("failed")}

    def forgive(self, digest: str) -> None:
        """Forget a failure, since the cell is tried again."""
        super().forgive(digest)
        with spoken(self.where), contextlib.suppress(FileNotFoundError):
            self.files.rm_file(self._at(f"failed/{digest[:16]}.json"))

    def write(self, name: str, text: str) -> None:
        """Write a file of the store, `study.json` for example."""
        super().write(name, text)
        with spoken(self.where):
            self._send(name, text.encode())

    def studies(self) -> dict[str, Path]:
        """Descriptions of the studies that ran in the store, by name."""
        with spoken(self.where):
            names = self._names("studies")
        for name in ("study.json", *names):
            self._pull_text(name)
        return {name: path for name, path in super().studies().items() if f"studies/{path.name}" in names}

    def publish(self) -> None:
        """Keep the pages that were written here at the URL, too."""
        with spoken(self.where):
            for pattern in PAGES:
                for path in self.path.glob(pattern):
                    if path.is_file():
                        self.files.put_file(str(path), self._at(path.relative_to(self.path).as_posix()))

    def _at(self, name: str) -> str:
        return f"{self.root}/{name}" if name else self.root

    def _names(self, under: str) -> list[str]:
        """All objects under a name, relative to the store."""
        self.files.invalidate_cache()
        try:
            paths = self.files.find(self._at(under))
        except FileNotFoundError:
            return []
        prefix = f"{self.root.strip('/')}/"
        return sorted(path.lstrip("/").removeprefix(prefix) for path in paths)

    def _read(self, name: str) -> str | None:
        try:
            return bytes(self.files.cat_file(self._at(name))).decode()
        except FileNotFoundError:
            return None

    def _send(self, name: str, content: bytes) -> None:
        self.files.pipe_file(self._at(name), content)

    def _remove(self, under: str) -> None:
        for name in self._names(under):
            with contextlib.suppress(FileNotFoundError):
                self.files.rm_file(self._at(name))

    def _pull_text(self, name: str) -> None:
        """Copy a file that may change here; remove it here if it is gone there."""
        with spoken(self.where):
            text = self._read(name)
        path = self.path / name
        if text is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)

    def _pull(self, digest: str) -> None:
        """Copy a record here.

        Raises:
            RecordError: it is not as it was written.
        """
        try:
            self._copy(digest)
        except OSError:
            # Another process of this machine may have copied it at the same moment, and was first.
            if flaws_of(self.folder(digest), digest, every_byte=True):
                raise

    def _copy(self, digest: str) -> None:
        under = f"cells/{digest[:16]}"
        with writing_folder(self.folder(digest), prefix=f"{digest[:16]}-") as folder:
            with spoken(self.where):
                for name in self._names(under):
                    target = folder / name.removeprefix(f"{under}/")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    self.files.get_file(self._at(name), str(target))
            if flaws_of(folder, digest, every_byte=True):
                raise RecordError(
                    f"{self.where}/{under} is not as it was written; run the study again, which makes it anew"
                )


def _reach(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the store's path in its words."""
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        extra = "pip install 'kdissect[s3]'" if url.startswith("s3:") else str(error)
        raise RecordError(f"{url} needs a library that is not installed: {extra}") from None
    except ValueError as error:
        raise RecordError(
            f"{url} is no place for results ({error}); expected a folder, or for example s3://B/S"
        ) from None
    return files, str(root).rstrip("/")
