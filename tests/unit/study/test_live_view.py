"""What a terminal shows while a study runs, and the plain lines elsewhere."""

import io

import pytest
from rich.console import Console

from kdissect.data import Dataset
from kdissect.distill import CE, KD, as_objective
from kdissect.measures import Accuracy, ClassSimilarity
from kdissect.models import Network
from kdissect.records import Owner, Record
from kdissect.study import Arm, Study, TerminalWatch, plan
from kdissect.study.cell import Cell
from kdissect.training import Recipe


def a_study(blobs: Dataset, network: Network, recipe: Recipe, name: str = "small", students: int = 2) -> Study:
    ce = as_objective(CE())
    return Study(
        name=name,
        title=f"The {name} study",
        dataset=blobs,
        arms=(
            Arm(name="teacher", network=network, objective=ce, role="teacher"),
            *(
                Arm(name=f"KD-{k}", network=network, objective=CE() + KD(temperature=k), teacher="teacher")
                for k in range(1, students + 1)
            ),
        ),
        recipe=recipe,
        measures=(Accuracy(), ClassSimilarity()),
        seeds=(0, 1),
        reference="teacher",
    )


@pytest.fixture
def study(blobs: Dataset, tiny: Network, recipe: Recipe) -> Study:
    return a_study(blobs, tiny, recipe)


def record(cell: Cell) -> Record:
    return Record(kind=cell.kind, arm=cell.arm.name, seed=cell.seed, key={}, digest=cell.digest, seconds=2.0)


def on(terminal: bool, width: int = 100, height: int = 30) -> tuple[TerminalWatch, io.StringIO]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=terminal, width=width, height=height, soft_wrap=True, highlight=False)
    return TerminalWatch(console), file


def shown(watch: TerminalWatch, width: int = 100, height: int = 30) -> list[str]:
    console = Console(record=True, file=io.StringIO(), width=width, height=height)
    console.print(watch.view)
    return [line.rstrip() for line in console.export_text().rstrip("\n").split("\n")]


def by_title(study: Study) -> dict[str, Cell]:
    return {cell.title: cell for cell in plan(study)}


def test_the_view_shows_training_measures_failures_and_what_is_blocked(study: Study) -> None:
    watch, _ = on(terminal=True)
    cells = by_title(study)
    watch.begin(list(cells.values()), {cells["train teacher, seed 0"].digest})
    for kind in ("Accuracy", "ClassSimilarity"):
        watch.start(cells[f"{kind} teacher, seed 0"], None)
        watch.end(cells[f"{kind} teacher, seed 0"], record(cells[f"{kind} teacher, seed 0"]))
    watch.start(cells["train KD-1, seed 0"], 400)
    watch.tell(cells["train KD-1, seed 0"], 100)
    watch.fail(cells["train KD-2, seed 0"], "the loss is not [finite]")
    watch.block(cells["Accuracy KD-2, seed 0"], cells["train KD-2, seed 0"])
    watch.elsewhere(cells["train KD-2, seed 1"], Owner("r", "node-7", "m", 4711, 0.0, "t"))
    lines = shown(watch)
    assert lines[0] == "small: The small study"
    assert lines[2].split() == ["teacher", "✓", "2/2"]
    assert lines[3].split()[:2] == ["KD-1", "▶"]
    assert "25%" in lines[3]
    assert lines[4].split() == ["KD-2", "✗", "▶"]
    assert any(line.startswith("train KD-1, seed 0: 25%") and "images/s" in line for line in lines)
    assert "train KD-2, seed 1: process 4711 on node-7 is at work on it" in lines
    assert "✗ train KD-2, seed 0: the loss is not [finite]" in lines
    assert "3/15 cells, 1 failed, 1 blocked" in lines[-1]
    assert "left" in lines[-1]


def test_cells_that_studies_share_move_in_each_grid(
    study: Study, blobs: Dataset, tiny: Network, recipe: Recipe
) -> None:
    other = a_study(blobs, tiny, recipe, "other", students=1)
    watch, _ = on(terminal=True)
    cells = plan(study, other)
    watch.begin(cells, ())
    for cell in {cell.digest: cell for cell in plan(study)}.values():
        watch.start(cell, None)
        watch.end(cell, record(cell))
    assert watch.view.counts["done"] == watch.cells == 15
    for grid in watch.view.grids.values():
        assert all(square.rank == 4 for squares in grid.arms.values() for square in squares.values())
    assert "15/15 cells" in shown(watch)[-1]


def test_the_study_at_work_is_shown(study: Study, blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    other = a_study(blobs, tiny, recipe.changed(epochs=9), "other")
    watch, _ = on(terminal=True)
    watch.begin(plan(study, other), ())
    assert shown(watch)[0] == "small: The small study (0 of 2 studies finished)"
    watch.start(plan(other)[0], None)
    assert shown(watch)[0] == "other: The other study (0 of 2 studies finished)"


def test_seventy_arms_fit_a_small_terminal(blobs: Dataset, tiny: Network, recipe: Recipe) -> None:
    study = a_study(blobs, tiny, recipe, students=70)
    watch, _ = on(terminal=True, width=70, height=20)
    cells = by_title(study)
    watch.begin(list(cells.values()), ())
    for k in range(50, 60):
        watch.start(cells[f"train KD-{k}, seed 0"], 100)
        watch.tell(cells[f"train KD-{k}, seed 0"], k)
    lines = shown(watch, 70, 20)
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 70
    assert any(line.startswith("KD-55") for line in lines)
    assert "and 4 more under way" in lines
    assert any("more arms" in line for line in lines)


def test_a_terminal_gets_frames_and_keeps_the_lines_above(study: Study) -> None:
    watch, file = on(terminal=True)
    cells = by_title(study)
    with watch:
        watch.begin(list(cells.values()), ())
        cell = cells["train teacher, seed 0"]
        watch.start(cell, 10)
        watch.end(cell, record(cell))
        watch._live.refresh()
    written = file.getvalue()
    assert "15 cells, 0 already there, 15 to do" in written
    assert "[1/15] train teacher, seed 0" in written
    assert "1/15 cells" in written


def test_elsewhere_there_are_plain_lines_alone(study: Study) -> None:
    watch, file = on(terminal=False)
    cells = by_title(study)
    first, second = cells["train teacher, seed 0"], cells["train KD-1, seed 0"]
    with watch:
        watch.begin(list(cells.values()), ())
        watch.start(first, 100)
        watch.tell(first, 50)
        watch.running[first.digest].said -= 60
        watch.tell(first, 25)
        watch.end(first, record(first))
        watch.again(second, "its process died")
        watch.fail(second, "the loss is not finite")
        watch.block(cells["Accuracy KD-1, seed 0"], second)
    lines = file.getvalue().split("\n")
    assert lines[0] == "15 cells, 0 already there, 15 to do"
    assert lines[1].startswith("  train teacher, seed 0: 75%, ")
    assert lines[1].endswith("s left")
    assert lines[2] == "[1/15] train teacher, seed 0: , 2.0 s"
    assert lines[3] == "  train KD-1, seed 0: its process died; it is done again"
    assert lines[4] == "  train KD-1, seed 0 FAILED: the loss is not finite"
    assert lines[5] == "  Accuracy KD-1, seed 0 cannot be done without train KD-1, seed 0"
    assert lines[6:] == [""]
    assert watch.sum_up().startswith("1 cells done in ")
