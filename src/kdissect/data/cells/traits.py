"""Traits: the class of a cell, and the numbers that say how it looks."""

from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from kdissect.seeds import uniform
from kdissect.specs import Spec

CellClass = Literal[
    "plain", "bar", "cross", "red", "green", "blue", "one tail", "three tails", "eight tails", "empty"
]  # fmt: skip
CLASSES: tuple[CellClass, ...] = get_args(CellClass)
"""All classes; a class's place is its number in the publication."""
GROUPS: tuple[tuple[str, tuple[CellClass, ...]], ...] = (
    ("round", CLASSES[:3]),
    ("rectangle", CLASSES[3:6]),
    ("tailed", CLASSES[6:9]),
    ("empty", CLASSES[9:]),
)
ONE_TAIL = CLASSES.index("one tail")
PUBLISHED_SIDE = 512
_SCALARS = 29
_GRID = 16  # cells a side of the finest noise: 512 / 31
_DRAWS = _SCALARS + 6 * _GRID * _GRID


class Style(Spec):
    """What cells are drawn; `Cells` is one that says how many as well.

    Attributes:
        seed: another seed is another set of images of the same classes.
        size: side of the images, pixels.
        official_units: whether lengths are in pixels as published, whatever the size (a cell is some 200 px wide);
            else shapes grow with the image, and what an image shows does not depend on its size.
        classes: which are drawn, each equally often; labels are their places in the class tree.
    """

    seed: int = 0
    size: int = Field(default=128, ge=32, le=512)
    official_units: bool = False
    classes: tuple[CellClass, ...] = CLASSES

    @field_validator("classes")
    @classmethod
    def _in_the_order_of_the_tree(cls, classes: tuple[CellClass, ...]) -> tuple[CellClass, ...]:
        if not classes or len(set(classes)) < len(classes):
            raise ValueError(f"expected some classes, each once, got {classes}; there are {', '.join(CLASSES)}")
        return tuple(name for name in CLASSES if name in classes)

    @model_validator(mode="after")
    def _the_frame_holds_a_cell(self) -> "Style":
        if self.official_units and self.size < PUBLISHED_SIDE // 2:
            raise ValueError(
                f"with official_units a cell is some 200 px wide; size must be at least 256, not {self.size}"
            )
        return self

    @property
    def frame(self) -> float:
        """The image's side in the units in which shapes are drawn."""
        return float(self.size if self.official_units else PUBLISHED_SIDE)

    @property
    def groups(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The groups of the classes that are drawn."""
        kept = ((name, tuple(one for one in members if one in self.classes)) for name, members in GROUPS)
        return tuple((name, members) for name, members in kept if members)


class Traits(NamedTuple):
    """How some images look, in the frame's units.

    Attributes:
        kinds: `(n)`, number of the class. backgrounds: `(n)`, 0 black, 1 clouds, 2 waves.
        shapes: `(n 12)`: radius, vertical stretch, thickness of border, bar, pole and tail, height and width, offset in
            x and y, cosine and sine of the turn.
        colours: `(n 3 3)`: interior, border, mark (what tells the class).
        edges: `(n 3 16 16)`, coarse noise of the radius, of x and of y. cells: `(n)`, cells a side that are used.
        ground: `(n 3 16 16)`, coarse noise of the background in 0..1. waves: `(n 5)`: radians a unit in each
            channel, centre in x and y.
    """

    kinds: NDArray[np.int64]
    backgrounds: NDArray[np.int64]
    shapes: NDArray[np.float64]
    colours: NDArray[np.float64]
    edges: NDArray[np.float64]
    cells: NDArray[np.int64]
    ground: NDArray[np.float64]
    waves: NDArray[np.float64]

    def rows(self, chosen: Any) -> "Traits":
        """The traits of some of the images."""
        return Traits(*(array[chosen] for array in self))


def traits_of(style: Style, split: str, indices: NDArray[np.int64], attempt: int = 0) -> Traits:
    """The traits of images; each row depends on style, split, index and attempt alone.

    Args:
        style: what is drawn.
        split: any name.
        indices: `(n)`, from 0.
        attempt: another is another drawing of the same class on the same background.
    """
    draws = uniform(style.seed, f"cells/{split}", attempt, indices, _DRAWS)
    first = draws if attempt == 0 else uniform(style.seed, f"cells/{split}", 0, indices, _DRAWS)
    numbers = np.array([CLASSES.index(name) for name in style.classes])
    kinds = numbers[(first[:, 0] * len(numbers)).astype(np.int64)]
    backgrounds = (first[:, 1] * 3).astype(np.int64)
    n, frame = len(indices), style.frame

    def between(low: float, high: float, start: int, count: int = 1) -> NDArray[np.float64]:
        return low + (high - low) * draws[:, start : start + count]

    turn = np.radians(between(-60, 60, 14))
    shapes = np.concatenate(
        [
            between(90, 110, 2), between(0.5, 1.5, 3), between(10, 30, 4), between(10, 30, 5), between(5, 40, 6),
            between(10, 30, 7), between(100, 200, 8, 2), between(-0.33 * frame, 0.33 * frame, 12, 2),
            np.cos(turn), np.sin(turn),
        ],
        axis=1,
    )  # fmt: skip
    interior = np.concatenate([between(0.1, 0.3, 18, 2), between(0.3, 0.5, 20)], axis=1)
    border = between(0.5, 0.9, 15, 3)
    mark = np.where((kinds >= ONE_TAIL)[:, None], 0.75 * border, border)
    for channel in range(3):  # a rectangle's border, the part that tells its class
        own = kinds == CLASSES.index("red") + channel
        mark[own] = between(0.0, 0.2, 21, 3)[own]
        mark[own, channel] = between(0.6, 0.9, 21 + channel)[own, 0]
    grids = draws[:, _SCALARS:].reshape(n, 6, _GRID, _GRID)
    return Traits(
        kinds,
        backgrounds,
        shapes,
        np.stack([interior, border, mark], axis=1),
        _normal(grids[:, :3]) * between(6, 12, 10)[:, :, None, None],
        np.maximum(1, frame / between(31, 64, 11)[:, 0]).astype(np.int64),
        grids[:, 3:],
        np.concatenate([np.degrees(between(1e-4, 1e-3, 24, 3)), between(0.25 * frame, 0.75 * frame, 27, 2)], axis=1),
    )


def _normal(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtri

    found: NDArray[np.float64] = ndtri(np.maximum(draws, 2.0**-54))
    return found
