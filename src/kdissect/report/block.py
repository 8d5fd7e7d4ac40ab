"""What a section of the page is made of; all texts and numbers are final here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kdissect.stats import Interval


@dataclass(frozen=True)
class Strip:
    """The values of one arm as dots on the scale of their column; every position is 0 to 1.

    Attributes:
        dots: one a seed.
        mean: position of the mean.
        low, high: ends of the interval, cut at the ends of the scale; None without interval.
        label: the values in words.
    """

    dots: tuple[float, ...]
    mean: float
    low: float | None
    high: float | None
    label: str


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: what it says.
        note: a second, quieter line.
        kind: how it is set: words, a number, or code.
        arm: number of the arm whose mark stands before the text.
        strip: dots under the text.
        concept: the concept that a click shows in the unit browser.
    """

    text: str
    note: str = ""
    kind: Literal["text", "number", "code"] = "text"
    arm: int | None = None
    strip: Strip | None = None
    concept: str | None = None


@dataclass(frozen=True)
class Row:
    """A row: its first cell is its heading."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        caption: what it shows.
        columns: headings.
        rows: each as long as `columns`.
        note: how to read it; may be empty.
        layout: `cards` turns every row into a card on a narrow page; `even` has columns of one width; `facts` is a
            list of names with values; `quiet` goes with a chart.
        folded: whether it opens on a click only.
    """

    caption: str
    columns: tuple[Cell, ...]
    rows: tuple[Row, ...]
    note: str = ""
    layout: Literal["plain", "cards", "even", "facts", "quiet"] = "plain"
    folded: bool = False


Datum = Mapping[str, str | int | float | None]


@dataclass(frozen=True)
class Chart:
    """A chart, and the same numbers as a table.

    Attributes:
        id: its name in the page.
        kind: says which fields `rows` and `points` have, besides arm: `intervals` group, mean, low, high and
            group, seed, value; `lines` x, mean, low, high; `runs` x, mean and seed, x, value; `scatter` seed, x, y.
        title: what is shown, in a few words.
        note: how to read it.
        x, y: titles of the axes, with units.
        height: of the plot, in pixels.
        rows: the data of means.
        points: the data of single seeds.
        groups: order of the groups on the axis.
        domain: ends of the axis of values; None for what the data need.
        mark: a value on the x axis to be marked, such as the threshold in use.
        table: the numbers.
    """

    id: str
    kind: Literal["intervals", "lines", "runs", "scatter"]
    title: str
    note: str
    x: str
    y: str
    height: int
    rows: tuple[Datum, ...]
    table: Table
    points: tuple[Datum, ...] = ()
    groups: tuple[str, ...] = ()
    domain: tuple[float, float] | None = None
    mark: float | None = None


@dataclass(frozen=True)
class Chip:
    """A concept by name; a click shows it in the unit browser."""

    text: str
    note: str


@dataclass(frozen=True)
class ChipList:
    """Concepts under a heading."""

    title: str
    chips: tuple[Chip, ...]
    empty: str
    arm: int | None = None


@dataclass(frozen=True)
class Browser:
    """Where the unit browser stands.

    Attributes:
        arm: the arm that it shows first.
        note: what is left out.
        table: its units for readers without JavaScript.
    """

    arm: str
    note: str
    table: Table


@dataclass(frozen=True)
class Prose:
    """A paragraph, or code to be copied.

    Attributes:
        folded: what stands there until a click unfolds the text; empty for text that always stands there.
    """

    text: str
    kind: Literal["paragraph", "code"] = "paragraph"
    folded: str = ""


Block = Table | Chart | ChipList | Browser | Prose


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading.

    Attributes:
        id: its name in links.
        title: heading.
        lead: what the reader finds here.
        blocks: in the order in which they stand.
    """

    id: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


def strips(values: Mapping[str, Mapping[int, float]], intervals: Mapping[str, Interval]) -> dict[str, Strip]:
    """Dots for each arm of a column, all on one scale that just holds the values."""
    everything = [value for seeds in values.values() for value in seeds.values()]
    if not everything:
        return {}
    low, high = min(everything), max(everything)
    margin = 0.3 * (high - low) or 1.0
    low, high = low - margin, high + margin

    def position(value: float) -> float:
        return round(min(1.0, max(0.0, (value - low) / (high - low))), 4)

    return {
        arm: Strip(
            dots=tuple(position(seeds[seed]) for seed in sorted(seeds)),
            mean=position(intervals[arm].mean),
            low=None if (end := intervals[arm].low) is None else position(end),
            high=None if (end := intervals[arm].high) is None else position(end),
            label=", ".join(f"seed {seed}: {seeds[seed]:.6g}" for seed in sorted(seeds)),
        )
        for arm, seeds in values.items()
        if seeds
    }
