"""What a section of the page is made of; all texts and numbers are final here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kdissect.stats import Interval

Tone = Literal["good", "bad", "quiet"]


@dataclass(frozen=True)
class Series:
    """What is compared on a page or in a chart (an arm, a layer, a category): its number gives it one color and shape.

    Attributes:
        name: as it is written.
        mark: 0 is the quiet color.
    """

    name: str
    mark: int


@dataclass(frozen=True)
class Strip:
    """The values of one series as dots on the scale of their column; every position is 0 to 1.

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
        series: number of the page's series whose mark stands before the text.
        strip: dots under the text.
        concept: the concept that a click shows in the unit browser.
        link: address of the page that a click opens.
        tone: how the text is shaded: a good, bad or quiet outcome.
    """

    text: str
    note: str = ""
    kind: Literal["text", "number", "code"] = "text"
    series: int | None = None
    strip: Strip | None = None
    concept: str | None = None
    link: str | None = None
    tone: Tone | None = None


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
        kind: says which fields `rows` and `points` have, besides series: `intervals` group, mean, low, high and
            group, seed, value; `lines` x, mean, low, high, and the same for points with an interval of their own;
            `steps` as `lines`, with the names in `groups` on the x axis; `places` the same side by side, with points of
            single seeds (x, seed, value); `heat` group, x, mean, low, high, text: a colored field for each; `runs` x,
            mean and seed, x, value; `scatter`
            seed, x, y; `histogram` x, x2, y.
        title: what is shown, in a few words.
        note: how to read it.
        x, y: titles of the axes, with units.
        height: of the plot, in pixels.
        rows: the data of means.
        points: the data of single seeds, or single points of a curve.
        groups: order of the groups on the axis.
        across: for `heat`, order of the names on the x axis.
        domain: ends of the axis of values; None for what the data need.
        mark: a value on the x axis to be marked, such as the threshold in use.
        level: the same on the y axis.
        table: the numbers.
        series: those of this chart; empty for the page's.
        series_title: what one of them is called.
        seed_title: what `seed` is, for charts of single networks or units.
    """

    id: str
    kind: Literal["intervals", "lines", "steps", "places", "heat", "runs", "scatter", "histogram"]
    title: str
    note: str
    x: str
    y: str
    height: int
    rows: tuple[Datum, ...]
    table: Table
    points: tuple[Datum, ...] = ()
    groups: tuple[str, ...] = ()
    across: tuple[str, ...] = ()
    domain: tuple[float, float] | None = None
    mark: float | None = None
    level: float | None = None
    series: tuple[Series, ...] = ()
    series_title: str = "arm"
    seed_title: str = "seed"


@dataclass(frozen=True)
class Bar:
    """A bar with its name.

    Attributes:
        name: a concept; a click shows its units.
        value: length of the bar, below zero for one that goes the other way.
        outer: length of the pale bar behind it, with the same sign.
        text: the value as it is written.
        title: what stands behind the bar, in a sentence.
    """

    name: str
    value: float
    outer: float
    text: str
    title: str


@dataclass(frozen=True)
class BarGroup:
    """Bars under a heading, all of one color.

    Attributes:
        name: heading.
        note: a second, quieter heading.
        mark: number of the color.
        bars: in the order in which they stand.
    """

    name: str
    note: str
    mark: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Bars:
    """A bar graph; it needs no script.

    Attributes:
        title: what is shown.
        note: how to read it.
        groups: each with a color of its own; all on one scale.
        table: the numbers.
        layout: `upright` bars with names below them, or `across`: one a line, to the left and right of zero.
        folded: whether it opens on a click only.
    """

    title: str
    note: str
    groups: tuple[BarGroup, ...]
    table: Table | None = None
    layout: Literal["upright", "across"] = "upright"
    folded: bool = False


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
    series: int | None = None


@dataclass(frozen=True)
class Choice:
    """A way in which the dissections of a page differ, to be chosen in the unit browser.

    Attributes:
        name: for example `arm`.
        values: what there is.
        first: the one that is shown first; empty for all.
        every: what the choice of all is called; empty where one must be chosen.
    """

    name: str
    values: tuple[str, ...]
    first: str
    every: str


@dataclass(frozen=True)
class Browser:
    """Where the unit browser stands.

    Attributes:
        choices: which of the dissections it shows.
        note: what is left out.
        table: its units for readers without JavaScript.
    """

    choices: tuple[Choice, ...]
    note: str
    table: Table


@dataclass(frozen=True)
class Indexed:
    """A concept and the images of the probe that hold it.

    Attributes:
        name, category: the concept.
        count: how many images hold it; None if the dissection does not say.
        images: names of those that hold most of it.
    """

    name: str
    category: str
    count: int | None
    images: tuple[str, ...]


@dataclass(frozen=True)
class ConceptIndex:
    """Where the reader chooses a concept and sees its units, and its images.

    Attributes:
        concepts: those that can be chosen.
        note: how to read it.
        table: the concepts for readers without JavaScript.
    """

    concepts: tuple[Indexed, ...]
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


@dataclass(frozen=True)
class Shot:
    """A small picture.

    Attributes:
        webp: the file. width, height: in pixels.
        text: what stands for it where it is not seen.
    """

    webp: bytes
    width: int
    height: int
    text: str


@dataclass(frozen=True)
class PictureRow:
    """Pictures of one series, or, with `series` None, of none."""

    name: str
    series: int | None
    shots: tuple[Shot, ...]


@dataclass(frozen=True)
class PictureGrid:
    """Rows of pictures; what stands in one column belongs together."""

    title: str
    note: str
    rows: tuple[PictureRow, ...]


Block = Table | Chart | Bars | ChipList | Browser | ConceptIndex | PictureGrid | Prose


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
    """Dots for each series of a column, all on one scale that just holds the values."""
    everything = [value for seeds in values.values() for value in seeds.values()]
    if not everything:
        return {}
    low, high = min(everything), max(everything)
    margin = 0.3 * (high - low) or 1.0
    low, high = low - margin, high + margin

    def position(value: float) -> float:
        return round(min(1.0, max(0.0, (value - low) / (high - low))), 4)

    return {
        name: Strip(
            dots=tuple(position(seeds[seed]) for seed in sorted(seeds)),
            mean=position(intervals[name].mean),
            low=None if (end := intervals[name].low) is None else position(end),
            high=None if (end := intervals[name].high) is None else position(end),
            label=", ".join(f"seed {seed}: {seeds[seed]:.6g}" for seed in sorted(seeds)),
        )
        for name, seeds in values.items()
        if seeds
    }
