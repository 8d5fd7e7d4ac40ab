"""Looking at every byte of a store. Nothing is changed."""

from dataclasses import dataclass
from typing import final

from kdissect.errors import RecordError
from kdissect.records.record import RECORD, read_record
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
    return [
        Flaw(digest, _title(store, digest), what)
        for digest in sorted(store.done())
        for what in store.flaws(digest, every_byte=True)
    ]


def _title(store: Store, digest: str) -> str:
    try:
        record = read_record(store.folder(digest) / RECORD)
    except (OSError, RecordError):
        return ""
    at = "" if record.epoch is None else f", epoch {record.epoch}"
    return f"{record.kind} {record.arm}, seed {record.seed}{at}"
