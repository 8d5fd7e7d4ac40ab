"""Unpacking zip archives from strangers: nothing leaves the folder, nothing grows without bound."""

import lzma
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from kdissect.errors import DataError

MOST_MEMBERS = 2_000_000
MOST_BYTES = 100 * 2**30
MOST_RATIO = 200  # of unpacked to packed bytes, for members beyond a megabyte
MARKER = ".unpacked"


def unpack(archive: Path, folder: Path, *, progress: Callable[[int, int], object] | None = None) -> None:
    """Unpack a zip archive into a folder; a run that was stopped begins where it was.

    All members are looked at before the first is written.

    Args:
        archive: the file.
        folder: made if missing.
        progress: called with the number of files done and of all.

    Raises:
        DataError: the archive is no zip, is damaged or cut off, or has a member that is unsafe: an absolute path, one
            with `..` or a drive, a link, a path twice, encrypted, or too large.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = _looked_at(opened, archive)
            _refuse_size(sum(member.file_size for member in members), folder)
            for number, member in enumerate(members, start=1):
                _extract(opened, member, folder)
                if progress is not None and (number % 500 == 0 or number == len(members)):
                    progress(number, len(members))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, zlib.error, lzma.LZMAError, RuntimeError) as error:
        raise DataError(f"{archive} is no whole zip archive ({error}); fetch it again") from None
    except FileNotFoundError:
        raise DataError(f"{archive} does not exist; expected a zip archive, a folder or an address") from None


def _looked_at(opened: zipfile.ZipFile, archive: Path) -> list[zipfile.ZipInfo]:
    """The files of an archive, all of them safe."""
    members: list[zipfile.ZipInfo] = []
    seen: set[str] = set()
    parents: set[str] = set()
    infos = opened.infolist()
    if len(infos) > MOST_MEMBERS:
        raise DataError(f"{archive} has {len(infos)} members, at most {MOST_MEMBERS} are unpacked")
    total = 0
    for info in infos:
        name = info.filename
        path = PurePosixPath(name)
        reason = None
        if path.is_absolute() or ".." in path.parts or "\\" in name or (path.parts and ":" in path.parts[0]):
            reason = "leaves the folder"
        elif stat.S_ISLNK(info.external_attr >> 16):
            reason = "is a link"
        elif info.flag_bits & 1:
            reason = "is encrypted"
        elif str(path).casefold() in seen:
            reason = "occurs twice"
        elif any(len(part.encode()) > 255 for part in path.parts):
            reason = "has a name that is too long"
        elif info.file_size > 2**20 and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            reason = f"unpacks to {info.file_size} bytes from {info.compress_size}"
        if reason:
            raise DataError(f"{archive}: member {name!r} {reason}; nothing was unpacked")
        seen.add(str(path).casefold())
        parents |= {str(parent).casefold() for parent in path.parents}
        total += info.file_size
        if not info.is_dir():
            members.append(info)
    for member in members:
        if str(PurePosixPath(member.filename)).casefold() in parents:
            raise DataError(f"{archive}: member {member.filename!r} is a file and a folder; nothing was unpacked")
    if total > MOST_BYTES:
        raise DataError(f"{archive} unpacks to {total / 2**30:.0f} GiB, at most {MOST_BYTES / 2**30:.0f} are unpacked")
    return members


def _refuse_size(needed: int, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise DataError(
            f"unpacking needs {needed / 2**30:.1f} GiB in {folder}, {free / 2**30:.1f} GiB are free; free some space"
        )


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, folder: Path) -> None:
    """Write one file, unless it is there in its size; the checksum is compared while it is read."""
    target = folder.joinpath(*PurePosixPath(member.filename).parts)
    if target.is_file() and target.stat().st_size == member.file_size:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.part")
    with opened.open(member) as source, temporary.open("wb") as file:
        left = member.file_size
        while block := source.read(2**20):
            left -= len(block)
            if left < 0:
                raise DataError(f"{opened.filename}: member {member.filename!r} is larger than it says; fetch it again")
            file.write(block)
    temporary.replace(target)
