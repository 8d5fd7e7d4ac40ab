"""What of a plan is in a store already. Nothing is changed: a damaged record stays where it is."""

from collections.abc import Sequence
from typing import Literal

from kdissect.errors import RecordError
from kdissect.records import Store, file_digest
from kdissect.study.cell import Cell

Found = Literal["there", "missing", "damaged"]


def look(cells: Sequence[Cell], store: Store | None) -> dict[str, Found]:
    """How each different cell is, by digest, as a run would find it.

    Args:
        cells: of a plan, sources before what needs them.
        store: where records may be; None if there is none yet.
    """
    different = {cell.digest: cell for cell in cells}
    if store is None:
        return dict.fromkeys(different, "missing")
    there = store.done()
    found: dict[str, Found] = dict.fromkeys(different, "missing")
    for digest in different:
        if digest[:16] in there:
            found[digest] = "there" if _sound(store, digest, files=False) else "damaged"
    # As a run does, it looks at every byte only of what missing cells build on.
    needed = {
        source.digest
        for digest, cell in different.items()
        if found[digest] != "there"
        for source in cell.sources
        if found.get(source.digest) == "there"
    }
    for digest in needed:
        if not _sound(store, digest, files=True):
            found[digest] = "damaged"
    return found


def _sound(store: Store, digest: str, *, files: bool) -> bool:
    try:
        record = store.find(digest)
    except RecordError:
        return False
    if record is None:
        return False
    folder = store.folder(digest)
    for name, expected in record.files.items():
        path = folder / name
        if not path.is_file() or (files and file_digest(path) != expected):
            return False
    return True
