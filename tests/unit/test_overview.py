"""The grid of arms and seeds, as text, and the time left."""

import io
from collections import Counter

from rich.console import Console

from kdissect.overview import Grid, Pace, draw_grid, spoken
from kdissect.overview.drawing import ASCII


def drawn(grid: Grid, width: int = 100, height: int | None = None) -> list[str]:
    console = Console(record=True, width=width, height=50, file=io.StringIO())
    console.print(draw_grid(grid, width, height))
    return [line.rstrip() for line in console.export_text().split("\n")]


def test_a_square_tells_training_and_measures() -> None:
    grid = Grid("A study", ["teacher", "KD"])
    grid.add("teacher", 0, "train", "done")
    grid.add("teacher", 0, "Accuracy", "done")
    grid.add("teacher", 0, "Detectors", "failed")
    grid.add("KD", 0, "train", "running").share = 0.43
    grid.add("KD", 0, "Accuracy", "missing")
    grid.add("KD", 1, "train", "blocked")
    lines = drawn(grid)
    assert lines[0].split() == ["arm", "seed", "0", "seed", "1"]
    assert lines[1].split() == ["teacher", "✓", "1/2", "✗1"]
    assert lines[2].split() == ["KD", "▶", "43%", "⊘"]


def test_of_many_arms_and_seeds_those_at_work_are_shown() -> None:
    grid = Grid("A study", [f"arm-{number}" for number in range(60)])
    for arm in range(60):
        for seed in range(30):
            grid.add(f"arm-{arm}", seed, "train", "running" if (arm, seed) == (47, 23) else "missing")
    lines = drawn(grid, width=80, height=12)
    assert max(map(len, lines)) <= 80
    assert len([line for line in lines if line]) <= 12
    assert "seed 23" in lines[0]
    assert any(line.startswith("arm-47 ") and "▶" in line for line in lines)
    assert "and 50 more arms: 50 to do" in lines


def test_names_in_brackets_are_no_markup_and_letters_do_for_signs() -> None:
    grid = Grid("A study", ["[red]"])
    grid.add("[red]", 0, "train", "failed")
    console = Console(width=60)
    with console.capture() as captured:
        console.print(draw_grid(grid, 60, signs=ASCII))
    assert captured.get().split("\n")[1].split() == ["[red]", "FAILED"]


def test_the_time_left_is_what_the_like_took_shared_by_the_workers() -> None:
    pace = Pace()
    assert pace.left(Counter({("train", "KD"): 3}), [], 2) == (None, 3)
    for seconds in (10, 12, 50):
        pace.tell("train", "KD", seconds)
    pace.tell("train", "LS", 20)
    waiting = Counter({("train", "KD"): 2, ("train", "AT"): 1, ("Detectors", "KD"): 5})
    # Two like KD at 12, one like any training at the median of (10, 12, 20, 50), and a rest of 4; by two workers.
    assert pace.left(waiting, [4.0], 2) == ((24 + 16 + 4) / 2, 5)
    assert pace.left(waiting, [], 0) == (None, 5)
    pace.under_way = {("Detectors", "LS"): 7.0}
    assert pace.seconds("Detectors", "KD") == 7.0


def test_seconds_are_spoken() -> None:
    assert [spoken(each) for each in (0.4, 99, 200, 1200, 20_000, 800_000)] == [
        "0 s", "99 s", "3.3 min", "20 min", "5.6 h", "9.3 days",
    ]  # fmt: skip
