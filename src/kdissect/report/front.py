"""The front page of a store with several studies: what there is, what came of it, what is missing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kdissect.records import Store
from kdissect.report.block import Block, Cell, Row, Section, Table
from kdissect.report.claims import claims_section, tallied
from kdissect.report.evidence import Evidence
from kdissect.report.headline import Headline, headline
from kdissect.report.provenance import facts_table
from kdissect.report.quantity import collect
from kdissect.report.reproduction_file import ClaimRow
from kdissect.report.view import View
from kdissect.report.wording import counted, listed, measure_title

MOST_FAILURES = 40
"""Failures that are named; the others are counted."""


@dataclass(frozen=True)
class Entry:
    """A study on the front page.

    Attributes:
        name: of the study.
        link: address of its page; empty if there is none.
        evidence: what is known of it; None if it cannot be read.
        trouble: why it cannot be read, or its page not be written.
    """

    name: str
    link: str
    evidence: Evidence | None
    trouble: str = ""


def front_view(
    title: str, entries: Sequence[Entry], claims: tuple[ClaimRow, ...], complaints: Sequence[str], store: Store
) -> View:
    """The front page.

    Args:
        title: what the store is called.
        entries: its studies.
        claims: every published claim, and what became of it.
        complaints: files that could not be used.
        store: for what failed.
    """
    readable = [entry.evidence for entry in entries if entry.evidence is not None]
    cells = {cell.digest: one for one in readable for cell in one.study.cells}
    missing = {cell.digest for one in readable for cell in one.missing}
    sections = (_studies(entries), claims_section(claims), _missing(entries, store), _provenance(entries))
    return View(
        title=title,
        status=(counted(len(entries), "study", "studies"), f"{len(cells) - len(missing)} of {len(cells)} cells"),
        headline=Headline(_sentence(entries, claims)),
        notices=(*complaints, *(f"{entry.name}: {entry.trouble}" for entry in entries if entry.trouble)),
        series=(),
        sections=tuple(section for section in sections if section is not None),
    )


def _sentence(entries: Sequence[Entry], claims: Sequence[ClaimRow]) -> str:
    complete = sum(entry.evidence is not None and not entry.evidence.missing for entry in entries)
    number = counted(len(entries), "study", "studies")
    text = f"{number}, all complete." if complete == len(entries) else f"{number}, {complete} of them complete."
    return f"{text} {tallied(claims)}" if claims else text


def _studies(entries: Sequence[Entry]) -> Section:
    table = Table(
        caption="Each has a page of its own",
        columns=(
            Cell("study"),
            Cell("size"),
            Cell("arms × seeds", kind="number"),
            Cell("cells", kind="number"),
            Cell("what it says"),
        ),
        rows=tuple(_study(entry) for entry in entries),
        layout="cards",
    )
    return Section("studies", "Studies", "What ran in this store.", (table,))


def _study(entry: Entry) -> Row:
    link = entry.link or None
    if entry.evidence is None:
        return Row((Cell(entry.name, link=link), Cell("–"), Cell("–"), Cell("–"), Cell("cannot be read")))
    study = entry.evidence.study
    done, planned = entry.evidence.num_done, len(study.cells)
    said = headline(entry.evidence, collect(entry.evidence)).sentence
    return Row(
        (
            Cell(study.title or study.name, study.name, link=link),
            Cell(study.size or "its own"),
            Cell(f"{len(entry.evidence.arms)} × {len(study.seeds)}", kind="number"),
            Cell(f"{done} of {planned}" if done < planned else f"{planned}", kind="number"),
            Cell(said),
        )
    )


def _missing(entries: Sequence[Entry], store: Store) -> Section | None:
    """What has no record, by study and kind, and why cells failed; None if all is there."""
    failed = sorted(store.failures())
    rows = [row for entry in entries for row in _missing_of(entry, set(failed))]
    if not rows and not failed:
        return None
    blocks: list[Block] = []
    if rows:
        heads = (Cell("study"), Cell("cells"), Cell("missing", kind="number"), Cell("failed", kind="number"))
        blocks.append(Table("Cells without a record", heads, tuple(rows)))
    if failed:
        blocks.append(_failures(failed, store))
    lead = "The numbers on these pages are made from what is there. Run the study again, and only this is done."
    return Section("missing", "What is missing", lead, tuple(blocks))


def _missing_of(entry: Entry, failed: set[str]) -> list[Row]:
    if entry.evidence is None:
        return []
    kinds: Mapping[str, int] = Counter(cell.kind for cell in entry.evidence.missing)
    broken = Counter(cell.kind for cell in entry.evidence.missing if cell.digest[:16] in failed)
    return [
        Row(
            (
                Cell(entry.name),
                Cell(measure_title(kind)),
                Cell(str(number), kind="number"),
                Cell(str(broken[kind]) if broken[kind] else "–", kind="number"),
            )
        )
        for kind, number in kinds.items()
    ]


def _failures(failed: Sequence[str], store: Store) -> Table:
    rows = []
    for digest in failed[:MOST_FAILURES]:
        failure = store.failure(digest)
        title, said = ("–", "cannot be read")
        if failure is not None:
            title, said = failure.title, f"{failure.error}: {failure.message}"
        rows.append(Row((Cell(title), Cell(said), Cell(digest, kind="code"))))
    left = len(failed) - len(rows)
    note = f"{left} more in the folder failed." if left > 0 else ""
    return Table(
        "Cells that failed when they were last tried", (Cell("cell"), Cell("why"), Cell("digest")), tuple(rows), note
    )


def _provenance(entries: Sequence[Entry]) -> Section:
    """The commands; all else is on the studies' pages."""
    commands = [
        (entry.name, entry.evidence.study.command)
        for entry in entries
        if entry.evidence is not None and entry.evidence.study.command
    ]
    names = [entry.name for entry in entries]
    table = facts_table("What was typed", tuple(commands) or (("studies", listed(names)),))
    return Section("provenance", "What made this", "Versions, digests and settings are on each study's page.", (table,))
