"""Files that are either all there or as they were before."""

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from kdissect.errors import UnwritableError

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What the system says only when a place cannot be written to. Other errors may come of reading a user's data."""


def cannot_write(error: BaseException) -> bool:
    """Whether an error is the place's and not the work's: it is full or read-only."""
    return isinstance(error, UnwritableError) or (isinstance(error, OSError) and error.errno in FULL)


@contextlib.contextmanager
def writing_folder(final: Path, prefix: str = "") -> Iterator[Path]:
    """A temporary folder that replaces `final` when the block ends without error, and else leaves it as it was.

    Args:
        final: where it shall be.
        prefix: begins the temporary folder's name, after `.writing-`, so that what a killed process leaves is found.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".writing-{prefix}", dir=final.parent))
    try:
        yield temporary
        for path in [*sorted(temporary.rglob("*")), temporary]:
            sync(path)
        temporary.chmod(0o755)
        aside = temporary.with_name(f"{temporary.name}-old")
        if final.exists():
            os.replace(final, aside)
        os.replace(temporary, final)
        sync(final.parent)
        shutil.rmtree(aside, ignore_errors=True)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def write_text(path: Path, text: str) -> None:
    """Write a file so that it is either all there or as it was before."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        sync(temporary)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync(path: Path) -> None:
    """See that a file, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
