"""Records: what a piece of work leaves behind; the store is the folder of records.

A store looks like this::

    STORE/
    ├── store.json                  format of the store
    ├── study.json                  the resolved study that ran last
    ├── cells/<digest>/record.json  one record, complete once the folder has this name
    ├── cells/<digest>/...          its files (weights, a dissection, ...)
    └── report.html

A record is kept under the digest of all that made it, so an old one can never answer for a changed
network, dataset, setting or code version.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kdissect.errors import RecordError
from kdissect.specs import one_line

try:
    import fcntl
except ImportError:  # Windows has none; two runs in one folder are not kept apart there
    fcntl = None  # type: ignore[assignment]

FORMAT = 1
Direction = Literal["higher", "lower", "neither"]


class Score(BaseModel):
    """One number that carries its meaning.

    Attributes:
        name: for example `detectors` or `detectors/object`.
        value: the number; None where it is not defined (a group without classes, say).
        unit: for example `units`, `share`, `nats`.
        direction: which way is more interpretable (or better); `neither` if the measure does not say.
        bounds: smallest and largest value possible; None where there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    value: float | None
    unit: str
    direction: Direction = "neither"
    bounds: tuple[float | None, float | None] = (None, None)


class Record(BaseModel):
    """What a cell of a study left behind.

    Attributes:
        kind: `train`, or the name of the measure.
        arm: the arm's name; seed: the training seed.
        epoch: epochs done of the weights that were measured; None for the last weights, and for training.
        key: everything that made the result: specs, seed and code versions. Its digest names the record.
        scores: the numbers.
        facts: further JSON (a training curve, the resolved formula, ...), for the report.
        files: file name (relative to the record's folder) to its SHA-256.
        seconds: wall-clock time of the work.
        made_by: versions of kdissect, torch and Python.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: int = FORMAT
    kind: str
    arm: str
    seed: int
    epoch: int | None = None
    key: dict[str, Any]
    digest: str
    scores: tuple[Score, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    seconds: float = 0.0
    made_by: dict[str, str] = Field(default_factory=dict)

    def score(self, name: str) -> Score:
        """The score of that name.

        Raises:
            RecordError: there is none; lists those there are.
        """
        for score in self.scores:
            if score.name == name:
                return score
        names = ", ".join(score.name for score in self.scores)
        raise RecordError(f"expected a score named {name!r} in the {self.kind} record, there are: {names}")


class Store:
    """The folder of records. Opening one never changes what is in it.

    Raises:
        RecordError: the folder holds something else, or a store of another format.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        marker = self.path / "store.json"
        if not marker.is_file():
            raise RecordError(f"{self.path} is no store: expected a store.json, as `kdissect run` leaves it")
        try:
            found = json.loads(marker.read_text())["format"]
        except (ValueError, KeyError, TypeError):
            raise RecordError(f"{marker} cannot be read; restore it, or use a new folder") from None
        if found != FORMAT:
            raise RecordError(
                f"{self.path} has store format {found}, this kdissect reads format {FORMAT}; use a new folder"
            )

    @classmethod
    def create(cls, path: Path | str) -> Self:
        """The store at `path`, made if there is nothing yet.

        Raises:
            RecordError: the path is a file, or a folder that holds something else.
        """
        path = Path(path)
        if path.exists() and not path.is_dir():
            raise RecordError(f"expected a folder for results, {path} is a file; choose another --out")
        if not (path / "store.json").exists():
            if path.is_dir() and any(path.iterdir()):
                raise RecordError(
                    f"{path} holds something else than kdissect results; choose another --out (nothing was changed)"
                )
            (path / "cells").mkdir(parents=True, exist_ok=True)
            write_text(path / "store.json", json.dumps({"format": FORMAT, "what": "kdissect store"}))
        return cls(path)

    def folder(self, digest: str) -> Path:
        """Where the record of that digest is, or would be."""
        return self.path / "cells" / digest[:16]

    def find(self, digest: str) -> Record | None:
        """The record of that digest, or None if the work is still to be done.

        Raises:
            RecordError: the record is there but cannot be read.
        """
        path = self.folder(digest) / "record.json"
        if not path.is_file():
            return None
        record = read_record(path)
        if record.digest != digest:
            raise RecordError(f"{path} holds the record of {record.digest[:16]}; delete {path.parent} and run again")
        return record

    def records(self) -> list[Record]:
        """All records of the store, in the order of their digests."""
        paths = sorted(self.path.glob("cells/*/record.json"))
        return [read_record(path) for path in paths if not path.parent.name.startswith(".")]

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of the store; what a killed run left half-written is removed.

        Raises:
            RecordError: another run is using it.
        """
        with (self.path / "store.json").open("rb") as file:
            if fcntl is not None:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except OSError:
                    raise RecordError(
                        f"another run is using {self.path}; wait for it, or choose another --out"
                    ) from None
            for left in self.path.glob("cells/.writing-*"):
                shutil.rmtree(left, ignore_errors=True)
            yield

    @contextlib.contextmanager
    def writing(self, digest: str) -> Iterator[Path]:
        """A temporary folder that becomes the record's folder when the block ends without error.

        The block writes its files and, by `write_record`, the record. On an error nothing is left.
        """
        with writing_folder(self.folder(digest)) as folder:
            yield folder


@contextlib.contextmanager
def writing_folder(final: Path) -> Iterator[Path]:
    """A temporary folder that replaces `final` when the block ends without error, and else leaves it as it was."""
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".writing-", dir=final.parent))
    try:
        yield temporary
        for path in [*sorted(temporary.rglob("*")), temporary]:
            _sync(path)
        temporary.chmod(0o755)
        aside = temporary.with_name(f"{temporary.name}-old")
        if final.exists():
            os.replace(final, aside)
        os.replace(temporary, final)
        _sync(final.parent)
        shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def write_record(folder: Path, record: Record) -> Record:
    """Write `record.json` into `folder`, with the digests of the files that lie there; returns the record written."""
    files = {
        path.relative_to(folder).as_posix(): file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "record.json"
    }
    complete = record.model_copy(update={"files": files})
    write_text(folder / "record.json", complete.model_dump_json(indent=1))
    return complete


def read_record(path: Path) -> Record:
    """The record in a `record.json`.

    Raises:
        RecordError: it cannot be read, or is of another format.
    """
    try:
        return Record.model_validate_json(path.read_text())
    except ValidationError as error:
        raise RecordError(f"{path} is no record of format {FORMAT}: {one_line(error)}; delete its folder") from None


def write_text(path: Path, text: str) -> None:
    """Write a file so that it is either all there or as it was before."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    _sync(temporary)
    os.replace(temporary, path)


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
