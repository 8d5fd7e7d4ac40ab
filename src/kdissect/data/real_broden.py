"""The real Broden: fetched or found, verified against what is known of it, and packed."""

import hashlib
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from kdissect.data.broden import Broden
from kdissect.data.download import SCHEMES, download
from kdissect.data.packing import pack, refuse_in_use
from kdissect.data.unpack import unpack
from kdissect.errors import DataError

MD5 = {"broden1_224.zip": "be13c292eaef3300da03f8d0e48eab1c"}
"""Of the archives whose checksum has been published (by users: the authors gave none)."""
NUM_IMAGES = 63_305
NUM_CONCEPTS = 1_197
SOURCES = {"ade20k": 22_210, "opensurfaces": 25_352, "pascal": 10_103, "dtd": 5_640}
TOTALS_224 = {
    "": 24_924_928,  # scene 0 of 1,987 images
    "grey-c": 159_331_282,
    "black-c": 139_916_835,
    "green-c": 63_326_720,
    "person": 14_523_849,
    "dining_room-s": 5_694_976,
}
"""Pixels of some labels in the 224 variant, from published results of dissections."""

MARKER = ".unfinished-broden"
"""In the folder beside the result, that it is ours to delete."""

Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Packed:
    """What `pack_broden` made.

    Attributes:
        path: the packed probe.
        notes: what could and could not be verified, a sentence each.
    """

    path: Path
    notes: tuple[str, ...]


def pack_broden(source: str, out: Path | str, *, md5: str | None = None, progress: Progress | None = None) -> Packed:
    """Pack Broden, or any data set in its format, from an archive, a folder or an address.

    Args:
        source: a zip file, a folder with an `index.csv` (or with one folder that has it), or an address of a zip file.
        out: folder of the packed probe; what is unfinished lies beside it, and the same call goes on from there.
        md5: expected checksum of the archive; None: the published one where there is one for the file's name,
            `none`: not compared.
        progress: called with what is being done, how much is done, and how much there is.

    Raises:
        DataError: it cannot be fetched, is unsafe or damaged, or is not the data set it claims to be.

    Source: Bau et al. 2017; broden1_224, broden1_227 and broden1_384 as the authors packed them.
    """
    out = Path(out)
    tell = progress or (lambda *_: None)
    beside = out.with_name(f"{out.name}.source")
    notes: list[str] = []
    refuse_in_use(out)
    if source.split("://")[0] in SCHEMES and "://" in source:
        _own(beside)
        name = PurePosixPath(urlsplit(source).path).name or "archive.zip"
        archive = download(source, beside / name, progress=lambda done, of: tell("downloading", done, of))
        try:
            folder = _from_zip(archive, beside, md5, notes, tell)
        except DataError:
            archive.unlink(missing_ok=True)  # the next call fetches it again
            raise
    elif Path(source).is_dir():
        if md5 is not None:
            raise DataError(f"--md5 is the checksum of an archive, {source} is a folder; leave it out")
        folder = _root(Path(source))
    elif Path(source).is_file():
        _own(beside)
        folder = _from_zip(Path(source), beside, md5, notes, tell)
    else:
        raise DataError(f"{source} does not exist; expected a zip archive, a folder or an address")
    probe = Broden(folder, name=folder.name if folder.parent != beside else out.name.removesuffix(".probe"))
    whole = _is_whole(probe)
    if whole:
        _check_sources(probe)
        notes.append(f"{NUM_IMAGES:,} images, as many of each source as published")
    else:
        notes.append(
            f"not the whole Broden: {len(probe):,} images and {len(probe.concepts) - 1:,} concepts "
            f"(Broden has {NUM_IMAGES:,} and {NUM_CONCEPTS:,})"
        )
    check = _totals_check(notes) if whole and probe.plane_shape == (112, 112) else None
    path = pack(
        probe,
        out,
        made_from={"source": Path(source).name, "format": "broden"},
        check=check,
        progress=lambda done, of: tell("packing", done, of),
    )
    if (beside / MARKER).is_file():
        shutil.rmtree(beside, ignore_errors=True)
    return Packed(path, tuple(notes))


def _own(beside: Path) -> None:
    """Mark the folder for what is unfinished as ours; one that is not must be empty.

    Raises:
        DataError: somebody else's files lie there.
    """
    if beside.exists() and not (beside / MARKER).is_file() and (not beside.is_dir() or any(beside.iterdir())):
        raise DataError(f"{beside} is needed for unfinished work, and holds something else; choose another --out")
    beside.mkdir(parents=True, exist_ok=True)
    (beside / MARKER).touch()


def _from_zip(archive: Path, beside: Path, md5: str | None, notes: list[str], tell: Progress) -> Path:
    """The unpacked folder of an archive."""
    expected = MD5.get(archive.name) if md5 is None else None if md5.lower() == "none" else md5.lower()
    if expected is None:
        notes.append(f"{archive.name}: no checksum compared (one is published for {', '.join(MD5)} only)")
    else:
        tell("comparing the checksum", 0, 1)
        with archive.open("rb") as file:
            found = hashlib.file_digest(file, "md5").hexdigest()
        if found != expected:
            raise DataError(
                f"{archive} has MD5 {found}, expected {expected}; fetch it again (or --md5 none, if it is another file)"
            )
        notes.append(f"{archive.name}: MD5 {found}, as expected")
    looked_at = archive.stat()  # what was unpacked of another archive does not count
    key = hashlib.sha256(f"{archive.name} {looked_at.st_size} {looked_at.st_mtime_ns}".encode()).hexdigest()[:12]
    target = beside / f"unpacked-{key}"
    unpack(archive, target, progress=lambda done, of: tell("unpacking", done, of))
    return _root(target)


def _root(folder: Path) -> Path:
    """The folder that has the `index.csv`: this one, or the only one in it that has."""
    if (folder / "index.csv").is_file():
        return folder
    inner = [path.parent for path in folder.glob("*/index.csv")]
    if len(inner) != 1:
        raise DataError(f"{folder} has no index.csv; expected Broden's directory format, or a zip archive of it")
    return inner[0]


def _is_whole(probe: Broden) -> bool:
    return len(probe) == NUM_IMAGES or len(probe.concepts) - 1 == NUM_CONCEPTS


def _check_sources(probe: Broden) -> None:
    found = Counter(probe.sources)
    if len(probe) != NUM_IMAGES or dict(found) != SOURCES:
        there = ", ".join(f"{name} {number:,}" for name, number in sorted(found.items()))
        wanted = ", ".join(f"{name} {number:,}" for name, number in sorted(SOURCES.items()))
        raise DataError(f"expected {NUM_IMAGES:,} images ({wanted}), got {len(probe):,} ({there}); fetch Broden again")


def _totals_check(notes: list[str]) -> Callable[[Mapping[str, int]], None]:
    def check(totals: Mapping[str, int]) -> None:
        for name, expected in TOTALS_224.items():
            if totals.get(name) != expected:
                raise DataError(
                    f"expected {expected:,} pixels of {name or 'label 0'!r}, got {totals.get(name, 0):,}; the label "
                    "maps are not those of Broden: fetch it again"
                )
        notes.append(f"{len(TOTALS_224)} label totals, as published")

    return check
