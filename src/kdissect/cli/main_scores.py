"""The first look at a store: for each study its arms and main scores, over seeds."""

from typing import TYPE_CHECKING

from rich.console import Console

from kdissect.cli.aligned import GAP, show

if TYPE_CHECKING:
    from kdissect.results import Tables

FIRST = ("Accuracy.accuracy", "Detectors.detectors", "ClassSimilarity.entropy")
"""Scores that are shown beside those that decide a verdict."""

_SCORES = """
    SELECT study, arm, measure || '.' || score, value FROM results
    WHERE epoch IS NULL AND value IS NOT NULL
"""
_STATES = """
    SELECT study, count(DISTINCT digest), count(DISTINCT digest) FILTER (state = 'done') FROM cells
    GROUP BY study ORDER BY study
"""


def main_scores(console: Console, tables: "Tables") -> None:
    """Print a table for each study: a row an arm, a column a score, the mean over seeds and its 95 % interval.

    On a terminal columns that do not fit go into a further table below.

    Args:
        console: where to.
        tables: of the store.
    """
    values: dict[str, dict[str, dict[str, list[float]]]] = {}
    for study, arm, score, value in tables.query(_SCORES).itertuples(index=False, name=None):
        values.setdefault(study, {}).setdefault(arm, {}).setdefault(score, []).append(value)
    for study, cells, done in tables.query(_STATES).itertuples(index=False, name=None):
        left = f", {cells - done} of {cells} cells to do" if done < cells else ""
        _one(console, f"{study}: mean over seeds ± half the 95 % interval{left}", values.get(study, {}))


def _one(console: Console, title: str, arms: dict[str, dict[str, list[float]]]) -> None:
    from kdissect.verdict import FAMILIES

    wanted = (*FIRST, *(family.primary for family in FAMILIES))
    there = [score for score in wanted if any(score in scores for scores in arms.values())]
    rows = [
        (arm, str(max(map(len, scores.values()))), *(_mean(scores.get(score)) for score in there))
        for arm, scores in arms.items()
        if any(score in scores for score in there)
    ]
    if not rows:
        console.print(f"{title}: no main score yet", markup=False)
        return
    heads = ("arm", "seeds", *(score.replace(".", " ", 1) for score in there))
    widths = [max(map(len, column)) + len(GAP) for column in zip(heads, *rows, strict=True)]
    for number, columns in enumerate(_fitting(widths, console.width if console.is_terminal else None)):
        picked = [tuple(row[k] for k in columns) for row in rows]
        show(console, [heads[k] for k in columns], picked, title if number == 0 else None)
    console.print()


def _fitting(widths: list[int], most: int | None) -> list[list[int]]:
    """Columns of tables that are at most so wide; each has the first two columns, arm and seeds."""
    tables, used = [[0, 1]], sum(widths[:2])
    for column, width in enumerate(widths[2:], start=2):
        if most is not None and used + width > most and len(tables[-1]) > 2:
            tables.append([0, 1])
            used = sum(widths[:2])
        tables[-1].append(column)
        used += width
    return tables


def _mean(values: list[float] | None) -> str:
    from kdissect.stats import mean_interval

    if not values:
        return ""
    found = mean_interval(values)
    half = "" if found.high is None else f" ± {found.high - found.mean:.2g}"
    return f"{found.mean:.3g}{half}"
