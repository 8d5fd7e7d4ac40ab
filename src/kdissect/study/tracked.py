"""Telling trackers of a study: one run for each arm and seed, once all its cells are done."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, final

from kdissect.records import Owner, Record, Store
from kdissect.specs import digest
from kdissect.study.cell import Cell
from kdissect.study.trackers import Trackers
from kdissect.study.watch import Watch

TRACK = "track"
"""Folder of the store for what trackers keep in files."""
Run = tuple[str, str, int]
"""Study, arm and seed."""


@final
class Tracked:
    """Passes everything on to another watch, and writes a tracker's run NAME/arm/seed-N when its last cell is done.

    What was done before counts too, so a finished study can be tracked by running it once more. A run is written to a
    tracker once; it is written again only if other records answer for its cells.

    Args:
        watch: who is told besides.
        store: where the records are.
        trackers: names of accelerate's trackers, see `check_trackers`.
        say: prints a line; a tracker that fails stops no study.
    """

    def __init__(
        self,
        watch: Watch,
        store: Store,
        trackers: Sequence[str],
        say: Callable[[str], None],
    ) -> None:
        self.watch, self.store, self.say = watch, store, say
        self.trackers = Trackers(trackers, store.path / TRACK)
        self.cells: dict[Run, list[Cell]] = {}
        self.left: dict[Run, set[str]] = {}
        self.users: dict[str, list[Run]] = {}

    def begin(self, cells: Sequence[Cell], kept: Collection[str]) -> None:
        """See which cells each run is made of, and write those that are complete."""
        self.watch.begin(cells, kept)
        for cell in cells:
            run = (cell.study.name, cell.arm.name, cell.seed)
            self.cells.setdefault(run, []).append(cell)
            self.left.setdefault(run, set()).add(cell.digest)
        for run, left in self.left.items():
            for one in left:
                self.users.setdefault(one, []).append(run)
            left.difference_update(kept)
        for run in [run for run, left in self.left.items() if not left]:
            self._write(run)

    def end(self, cell: Cell, record: Record) -> None:
        """Write the runs whose last cell it was."""
        self.watch.end(cell, record)
        for run in self.users.pop(cell.digest, ()):
            self.left[run].discard(cell.digest)
            if not self.left[run]:
                self._write(run)

    def _write(self, run: Run) -> None:
        cells = self.cells[run]
        seal = digest({"cells": [cell.digest for cell in cells]})
        for name in list(self.trackers.names):
            study, arm, seed = run
            mark = f"{TRACK}/written/{name}/{study}/{arm}/seed-{seed}"
            if self._written(mark) == seal:
                continue
            try:
                self.trackers.write(name, run, config_of(cells[0]), steps_of(cells, self.store))
            # Whatever a tracker's library or its server does, the study goes on, and its records are what counts.
            except Exception as error:
                self.trackers.names.remove(name)
                self.say(f"  --track {name} gave up at {study}/{arm}/seed-{seed}: {type(error).__name__}: {error}")
                continue
            self.store.write(mark, seal)

    def _written(self, mark: str) -> str | None:
        try:
            return (self.store.path / mark).read_text(encoding="utf-8")
        except OSError:
            return None

    def start(self, cell: Cell, total: int | None) -> None:
        """Passed on."""
        self.watch.start(cell, total)

    def tell(self, cell: Cell, images: int) -> None:
        """Passed on."""
        self.watch.tell(cell, images)

    def elsewhere(self, cell: Cell, owner: Owner | None) -> None:
        """Passed on."""
        self.watch.elsewhere(cell, owner)

    def again(self, cell: Cell, why: str) -> None:
        """Passed on."""
        self.watch.again(cell, why)

    def fail(self, cell: Cell, error: str) -> None:
        """Passed on."""
        self.watch.fail(cell, error)

    def block(self, cell: Cell, because: Cell) -> None:
        """Passed on."""
        self.watch.block(cell, because)


def config_of(cell: Cell) -> dict[str, Any]:
    """What a run was made by: the arm's spec, with names such as `objective.terms.0.weight`; texts and numbers."""
    study = cell.study
    head = {"study": study.name, "size": study.size, "seed": cell.seed, "formula": cell.arm.formula}
    spec = head | cell.arm.model_dump(mode="json")
    if cell.arm.objective is not None:
        spec["recipe"] = study.recipe_of(cell.arm).model_dump(mode="json")
    return dict(_flat(spec))


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else _word(str(key)))
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for place, inner in enumerate(value):
            yield from _flat(inner, f"{name}.{place}")
    elif isinstance(value, list):
        yield _word(name), json.dumps(value)
    elif value is not None:
        yield _word(name), value


def steps_of(cells: Sequence[Cell], store: Store) -> dict[int, dict[str, float]]:
    """The numbers of one training run by epoch: its curve, and scores as MEASURE.SCORE, final ones at the last epoch.

    Args:
        cells: of the run, all done.
        store: where their records are.
    """
    steps: dict[int, dict[str, float]] = {}
    last, scores = 0, {}
    number: dict[tuple[str, int | None], int] = {}
    for cell in cells:
        record = store.find(cell.digest)
        if record is None:
            continue  # taken away by somebody since
        for place, point in enumerate(record.facts.get("curve", ()) if cell.measure is None else (), start=1):
            epoch = int(point.get("epoch", place))
            last = max(last, epoch)
            steps.setdefault(epoch, {}).update(
                {_word(name): float(value) for name, value in point.items() if name != "epoch"}
            )
        # The same measure with other settings gets a number, as in a verdict.
        nth = number[cell.kind, cell.epoch] = number.get((cell.kind, cell.epoch), 0) + 1
        measure = cell.kind if nth == 1 else f"{cell.kind}({nth})"
        named = {_word(f"{measure}.{score.name}"): score.value for score in record.scores if score.value is not None}
        if cell.epoch is None:
            scores.update(named)
        else:
            steps.setdefault(cell.epoch, {}).update(named)
    steps.setdefault(last, {}).update(scores)
    return steps


def _word(name: str) -> str:
    """A name that every tracker takes."""
    return re.sub(r"[^\w\-./]", "_", name)
