"""The manifest: how every cell of a store's studies is, told from lists of names rather than from the records."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Literal, final, get_args

from kdissect.records.claims import Claimed
from kdissect.records.described import descriptions
from kdissect.records.store import Failure, Store

State = Literal["done", "running", "failed", "blocked", "missing"]
STATES: tuple[State, ...] = get_args(State)


@final
@dataclass(frozen=True)
class CellState:
    """How a cell is.

    Attributes:
        digest: the first 16 characters of its digest.
        kind: `train`, or the measure's name.
        arm: the arm's name.
        seed: the training seed.
        epoch: epochs of the weights that are measured; None for the last ones.
        state: `done`: there is a record; `running`: there is a claim on it; `failed`: it failed when it was last tried;
            `blocked`: something that it needs failed; `missing`: nobody has begun it.
        claim: of a running cell: who works on it, and how far it is.
        alive: of a running cell: whether its owner is at work; None if one look cannot tell (it is on another machine,
            where only a second look some seconds later shows whether its beat goes on).
        failure: of a failed cell.
        because: of a blocked cell: titles of the failed cells that it waits for.
    """

    digest: str
    kind: str
    arm: str
    seed: int
    epoch: int | None
    state: State
    claim: Claimed | None = None
    alive: bool | None = None
    failure: Failure | None = None
    because: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """For people: what is done to which arm and seed."""
        at = "" if self.epoch is None else f", epoch {self.epoch}"
        return f"{self.kind} {self.arm}, seed {self.seed}{at}"

    @property
    def share(self) -> float | None:
        """How much of a running cell is done, 0 to 1; None if unknown."""
        if self.claim is None or not self.claim.total:
            return None
        return min(1.0, self.claim.done / self.claim.total)


@final
@dataclass(frozen=True)
class StudyState:
    """How a study is.

    Attributes:
        name: of the study.
        title: for people.
        cells: each of its cells, in the order of its plan.
        arms: names of the arms, in its order.
    """

    name: str
    title: str
    cells: tuple[CellState, ...]
    arms: tuple[str, ...]

    @property
    def counts(self) -> dict[State, int]:
        """How many cells are in each state."""
        found = Counter(cell.state for cell in self.cells)
        return {state: found[state] for state in STATES}


@final
@dataclass(frozen=True)
class Manifest:
    """How the studies of a store are.

    Attributes:
        where: the store, as the user calls it.
        studies: the studies that ran in it, by name.
        records: how many records there are, of any study.
        damaged: how many damaged records were set aside.
    """

    where: str
    studies: tuple[StudyState, ...]
    records: int
    damaged: int
    different: tuple[CellState, ...] = field(repr=False, default=())
    """Every cell of all studies once; studies may share some."""

    @property
    def counts(self) -> dict[State, int]:
        """How many different cells are in each state."""
        found = Counter(cell.state for cell in self.different)
        return {state: found[state] for state in STATES}


def manifest(store: Store, study: str | None = None, *, before: Manifest | None = None) -> Manifest:
    """How the cells of the store's studies are.

    Records are not opened: there is one once its folder has its name.

    Args:
        store: the store.
        study: the name of one study; None for all.
        before: what was found some seconds ago; with it, owners on other machines are known to be alive or silent.

    Raises:
        SpecError: there is no study of that name.
        RecordError: the store has no study, or a description cannot be read.
    """
    look = _Look(store, before)
    studies = tuple(look.study(found) for found in descriptions(store, study))
    different = {cell.digest: cell for one in studies for cell in one.cells}
    return Manifest(store.where, studies, len(look.done), _set_aside(store), tuple(different.values()))


def _set_aside(store: Store) -> int:
    try:
        return sum(1 for _ in (store.path / "damaged").iterdir())
    except FileNotFoundError:
        return 0


@final
class _Look:
    """One look at a store's lists of names."""

    def __init__(self, store: Store, before: Manifest | None) -> None:
        self.store = store
        # Claims first: a cell that ends while we look is then found done, not missing.
        self.claimed = store.claims.slips.every()
        self.failed = store.failures()
        self.done = store.done()
        self.beats = {cell.digest: cell.claim for cell in before.different} if before is not None else {}
        self.seen: dict[str, CellState] = {}

    def study(self, described: dict[str, Any]) -> StudyState:
        """How a described study is."""
        groups = [tuple(group) for group in described.get("groups", ())]
        # Sources come before what needs them, so one pass knows what is blocked by what.
        cells = tuple(self._cell(cell, groups) for cell in described["cells"])
        arms = tuple(arm["name"] for arm in described["arms"])
        return StudyState(described["name"], described["title"], cells, arms)

    def _cell(self, cell: dict[str, Any], groups: list[tuple[str, ...]]) -> CellState:
        digest = cell["digest"][:16]
        if digest in self.seen:  # two studies share it, each under a name of its own
            own = {name: cell[name] for name in ("kind", "arm", "seed", "epoch")}
            return replace(self.seen[digest], **own)
        common = (digest, cell["kind"], cell["arm"], cell["seed"], cell["epoch"])
        found: CellState | None = None
        if digest in self.done:
            found = CellState(*common, "done")
        elif digest in self.claimed:
            found = self._claimed(common)
        if found is None and digest in self.failed:
            found = CellState(*common, "failed", failure=self.store.failure(cell["digest"]))
        if found is None:
            group = cell.get("group")
            because = self._because((*cell.get("sources", ()), *(groups[group] if group is not None else ())))
            found = CellState(*common, "blocked" if because else "missing", because=because)
        self.seen[digest] = found
        return found

    def _claimed(self, common: tuple[str, str, str, int, int | None]) -> CellState | None:
        """A cell with a claim on it; None if the claim is gone by now."""
        digest, claims = common[0], self.store.claims
        claimed = claims.look(digest, self.claimed[digest])
        if claimed is None or (claimed.owner is None and not claims.slips.numbers(digest)):
            return None
        if claims.at_once(claimed):
            alive: bool | None = claims.slips.locked(digest, claimed.number)
        else:
            earlier = self.beats.get(digest)
            moved = earlier is not None and (earlier.number, earlier.beat) != (claimed.number, claimed.beat)
            alive = True if moved else None if claims.alive(digest, claimed.number) is not None else False
        return CellState(*common, "running", claim=claimed, alive=alive)

    def _because(self, sources: tuple[str, ...]) -> tuple[str, ...]:
        """Titles of the failed cells behind what a cell needs."""
        found: dict[str, None] = {}
        for digest in sources if self.failed else ():
            source = self.seen.get(digest)
            if source is not None and source.state == "failed":
                found[source.title] = None
            elif source is not None and source.state == "blocked":
                found.update(dict.fromkeys(source.because))
        return tuple(found)
