"""What of a plan is in a store already. Nothing is changed: a damaged record stays where it is."""

from collections.abc import Sequence
from typing import Literal

from kdissect.records import Store
from kdissect.study.cell import Cell

Found = Literal["there", "missing", "damaged"]


def look(cells: Sequence[Cell], store: Store | None) -> dict[str, Found]:
    """How each different cell is, by digest, as a run would find it.

    Args:
        cells: of a plan, sources before what needs them.
        store: where records may be; None if there is none yet.
    """
    different = {cell.digest: cell for cell in cells}
    found: dict[str, Found] = dict.fromkeys(different, "missing")
    if store is None:
        return found
    there = store.done()
    for digest in different:
        if digest[:16] in there:
            found[digest] = "damaged" if store.flaws(digest) else "there"
    # Of what missing cells build on every byte is looked at. Sources come first: from the end, all users are known.
    seen: set[str] = set()
    for digest in reversed(different):
        for source in different[digest].sources if found[digest] != "there" else ():
            if source.digest not in seen and found[source.digest] == "there":
                seen.add(source.digest)
                if store.flaws(source.digest, every_byte=True):
                    found[source.digest] = "damaged"
    return found
