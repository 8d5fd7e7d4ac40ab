"""Claims as objects of a bucket, or files of any other fsspec file system."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, final

from kdissect.errors import RecordError, UnwritableError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

REMOTE_BEAT_SECONDS = 15.0
"""Rarer than in a folder, since every beat is a paid request; four of them fit into `claims.PATIENCE`."""


@final
class ObjectSlips:
    """Claims as objects.

    A claim is made by a conditional write (on S3 the header `If-None-Match: *`), which has one winner. A beat is an
    object of its own beside it, `<digest>.<number>.beat`, since objects cannot be changed in part. There are no locks:
    an owner is known by its beat alone, also on the same machine.

    Args:
        files: the file system, without a cache of listings.
        path: of the claims, in the file system's words.
    """

    has_locks = False

    def __init__(self, files: "AbstractFileSystem", path: str) -> None:
        self.files, self.path = files, path.rstrip("/")
        self._tried = False

    @property
    def beat_seconds(self) -> float:
        """Seconds between two beats."""
        return REMOTE_BEAT_SECONDS

    def _object(self, digest: str, number: int) -> str:
        return f"{self.path}/{digest[:16]}.{number}"

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
        self.files.invalidate_cache()
        with spoken(self.path):
            try:
                paths = self.files.ls(self.path, detail=False)
            except FileNotFoundError:
                return
        for path in paths:
            name, _, number = path.rsplit("/", 1)[-1].partition(".")
            if number.isdecimal():
                yield name, int(number)

    def make(self, digest: str, number: int, text: str) -> tuple[str, int] | None:
        """Make a claim; its name, or None if it was there already.

        Raises:
            RecordError: the place cannot make an object only if there is none, so runners could not be kept apart.
        """
        if not self._tried:  # not before: who only looks writes nothing
            name, another = uuid.uuid4().hex, uuid.uuid4().hex
            first, second = self._make(name, 0, name), self._make(name, 0, another)
            with spoken(self.path), contextlib.suppress(FileNotFoundError):
                self.files.rm_file(self._object(name, 0))
            if first is None or second is not None:
                raise RecordError(
                    f"{self.path} lets two runners make the same claim (no conditional writes); use another place"
                )
            self._tried = True
        return self._make(digest, number, text)

    def _make(self, digest: str, number: int, text: str) -> tuple[str, int] | None:
        with spoken(self.path):
            try:
                self.files.pipe_file(self._object(digest, number), text.encode(), mode="create")
            except Exception:
                # Refused, or a lost answer was tried again and met our own object: what is there decides.
                there = self._text(self._object(digest, number))
                if not there:
                    raise
                return (digest, number) if there == text else None
        return digest, number

    def read(self, digest: str, number: int) -> tuple[str, str]:
        """The owner's text and the last beat's."""
        path = self._object(digest, number)
        with spoken(self.path):
            return self._text(path), self._text(f"{path}.beat")

    def _text(self, path: str) -> str:
        try:
            return bytes(self.files.cat_file(path)).decode()
        except FileNotFoundError:
            return ""

    def beat(self, held: tuple[str, int], text: str) -> None:
        """Write the beat's object anew."""
        try:
            self.files.pipe_file(f"{self._object(*held)}.beat", text.encode())
        except Exception as error:  # botocore's own are no OSError; a beat that is missed is made up by the next
            raise OSError(str(error)) from error

    def locked(self, digest: str, number: int) -> bool:
        """Never known."""
        return False

    def drop(self, held: tuple[str, int]) -> None:
        """Nothing is held open."""

    def remove(self, digest: str, upto: int, only: bool = False) -> None:
        """Remove a cell's claims up to a number, or only that one; the beat goes first."""
        for number in self.numbers(digest):
            if number == upto or (number < upto and not only):
                for path in (f"{self._object(digest, number)}.beat", self._object(digest, number)):
                    with spoken(self.path), contextlib.suppress(FileNotFoundError):
                        self.files.rm_file(path)


@contextlib.contextmanager
def spoken(url: str) -> Iterator[None]:
    """Turn what a library raises for a place that cannot be reached into one clear line.

    Raises:
        UnwritableError: the place cannot be reached, or not be used with these credentials.
    """
    try:
        yield
    except RecordError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnwritableError(
            f"{url} cannot be used ({type(error).__name__}: {reason}); see that the place exists, that it can be "
            "reached, and that the credentials allow to read and write it"
        ) from None
