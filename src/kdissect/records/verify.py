"""Looking at every byte of a store. Nothing is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from kdissect.errors import RecordError
from kdissect.records.files import file_digest
from kdissect.records.record import RECORD, Record, read_record
from kdissect.records.store import Store


@final
@dataclass(frozen=True)
class Flaw:
    """What is wrong with a record.

    Attributes:
        digest: the first 16 characters of the record's digest.
        title: of the record, as far as it can be read.
        what: what is wrong.
    """

    digest: str
    title: str
    what: str


def verify(store: Store) -> list[Flaw]:
    """Read every record, its seal, and all bytes of its files; what is not as it was written."""
    return [flaw for digest in sorted(store.done()) for flaw in _flaws(store, digest)]


def _flaws(store: Store, digest: str) -> Iterator[Flaw]:
    folder = store.folder(digest)
    try:
        record = read_record(folder / RECORD)
    except FileNotFoundError:
        yield Flaw(digest, "", f"{folder} has no {RECORD}")
        return
    except (OSError, RecordError) as error:
        yield Flaw(digest, "", str(error))
        return
    if record.digest[:16] != digest:
        yield Flaw(digest, _title(record), f"{folder} holds the record of {record.digest[:16]}")
    for name, expected in record.files.items():
        try:
            found = file_digest(folder / name)
        except OSError as error:
            yield Flaw(digest, _title(record), f"{folder / name} cannot be read: {error.strerror}")
            continue
        if found != expected:
            yield Flaw(digest, _title(record), f"{folder / name} is not as it was written (cut short, or edited)")


def _title(record: Record) -> str:
    at = "" if record.epoch is None else f", epoch {record.epoch}"
    return f"{record.kind} {record.arm}, seed {record.seed}{at}"
