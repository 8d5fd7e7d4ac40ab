"""How often a cell is begun whose process is killed."""

from pathlib import Path

import pytest
from e2e.own_study import own

from kdissect.errors import RecordError
from kdissect.records import Store
from kdissect.study import NoWatch, Watch, plan
from kdissect.study.cell import Cell
from kdissect.study.executor import Outcome
from kdissect.study.scheduler import LIVES, Scheduler


class Deadly:
    """Its cells die, the first ones after another epoch."""

    slots, far = 1, False

    def __init__(self, store: Store, epochs: int) -> None:
        self.store, self.epochs, self.begun = store, epochs, list[Cell]()

    def submit(self, cell: Cell, over: int) -> None:
        self.begun.append(cell)

    def wait(self, seconds: float | None, watch: Watch) -> list[tuple[Cell, Outcome]]:
        cell = self.begun[-1]
        if len(self.begun) <= self.epochs:
            folder = self.store.running(cell.digest)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"epoch-{len(self.begun)}").touch()
        return [(cell, Outcome("died", why="it was killed"))]

    def close(self) -> None:
        pass


@pytest.mark.parametrize("epochs", [0, 5])
def test_only_deaths_without_an_epoch_in_between_count(tmp_path: Path, epochs: int) -> None:
    store = Store.create(tmp_path / "store")
    deadly = Deadly(store, epochs)
    scheduler = Scheduler(plan(own())[:1], store, deadly, NoWatch())
    scheduler.run()
    assert len(deadly.begun) == (LIVES if epochs == 0 else epochs + LIVES - 1)
    with pytest.raises(RecordError, match=f"begun {LIVES} times and each time it was killed"):
        scheduler.complain()
