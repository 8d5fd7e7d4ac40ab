"""Folders of JSON, Parquet and NumPy files, written whole or not at all, read without running code."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from kdissect.errors import RecordError, UnwritableError
from kdissect.records import writing_folder

HEADER = "header.json"
BESIDE = ("tally.csv", "report.html", "rotation.parquet")
"""Files that others may put beside ours."""
OPTIONAL = (
    "contributions.npz", "activity.npz", "bootstrap.parquet", "chance.parquet", "compositional.parquet",
)  # fmt: skip
"""Files that an older dissection may have and this one has not."""
Arrays = Mapping[str, NDArray[Any]]


def write_folder(
    folder: Path, header: Mapping[str, object], tables: Mapping[str, pa.Table], arrays: Mapping[str, Arrays]
) -> None:
    """Write `header.json`, `<name>.parquet` and `<name>.npz`; what was there of the same kind is replaced.

    Raises:
        RecordError: the folder holds something else, or cannot be written.
    """
    ours = {HEADER, *BESIDE, *OPTIONAL, *(f"{name}.parquet" for name in tables), *(f"{name}.npz" for name in arrays)}
    if folder.exists() and (not folder.is_dir() or any(path.name not in ours for path in folder.iterdir())):
        raise RecordError(f"{folder} holds something else than a dissection; choose another folder")
    try:
        with writing_folder(folder) as temporary:
            (temporary / HEADER).write_text(json.dumps(header, indent=1), encoding="utf-8")
            for name, table in tables.items():
                pq.write_table(table, temporary / f"{name}.parquet")
            for name, group in arrays.items():
                np.savez(temporary / f"{name}.npz", **cast(Any, group))
    except OSError as error:
        reason = error.strerror or error
        raise UnwritableError(f"cannot write {folder} ({reason}); free some space or choose another folder") from None


def read_header(folder: Path, file_format: int, kind: str | None = None) -> dict[str, Any]:
    """The header of a folder of that format and kind (`dissection`, `set`; any if None).

    Raises:
        RecordError: there is none, or of another format.
    """
    path = folder / HEADER
    try:
        header = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecordError(f"{folder} is no dissection: expected a {HEADER}, as Dissection.save leaves it") from None
    except (OSError, ValueError) as error:
        raise RecordError(f"{path} cannot be read ({error}); make the dissection again") from None
    found = header.get("format") if isinstance(header, dict) else None
    if isinstance(header, dict) and kind is not None and header.get("kind", kind) != kind:
        raise RecordError(f"{folder} holds a {header['kind']}, expected a {kind}")
    if found != file_format:
        raise RecordError(f"{path} has format {found!r}, this kdissect reads {file_format}; make the dissection again")
    return dict(header)


def kind_of(folder: Path) -> str | None:
    """The kind that a folder's header says; None if there is no such header."""
    try:
        return str(json.loads((folder / HEADER).read_text(encoding="utf-8"))["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an `.npz`; pickled objects are refused.

    Raises:
        RecordError: the file is missing or damaged.
    """
    try:
        # opened here because np.load leaves a damaged file open
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise RecordError(f"{path} is missing or damaged ({error}); make the dissection again") from None


def read_columns(path: Path) -> dict[str, list[Any]]:
    """The columns of a Parquet file.

    Raises:
        RecordError: the file is missing or damaged.
    """
    return dict(read_rows(path).to_pydict())


def read_rows(path: Path) -> pa.Table:
    """A Parquet file.

    Raises:
        RecordError: the file is missing or damaged.
    """
    try:
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise RecordError(f"{path} is missing or damaged ({error}); make the dissection again") from None
