"""Drawing: images of cells, and which pixels tell their class."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kdissect.data.brodenette.drawing import default_threads
from kdissect.data.cells.painting import paint_run
from kdissect.data.cells.traits import CLASSES, ONE_TAIL, Style, Traits, traits_of
from kdissect.errors import ShapeError

LEAST_TAIL = 0.003
"""Share of the image that the tail of the class with one tail covers at least."""
_AT_ONCE = 256


class Drawing(NamedTuple):
    """Images with what is known about them.

    Attributes:
        images: uint8 `(n 3 s s)`, RGB.
        labels: int64 `(n)`, place among the style's classes.
        levels: uint8 `(n s s)`: 2 on the feature that tells the class, 1 on the rest of the object, else 0.
        backgrounds: int64 `(n)`: 0 black, 1 clouds, 2 waves.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    levels: NDArray[np.uint8]
    backgrounds: NDArray[np.int64]


def draw(style: Style, split: str, indices: NDArray[np.int64], *, num_threads: int | None = None) -> Drawing:
    """Draw images; each depends on style, split and index, and on nothing else.

    Args:
        style: what is drawn.
        split: any name; another name is another, independent set of images.
        indices: int64 `(n)`, from 0.
        num_threads: threads to use; as many as there are cores if left out.

    Raises:
        ShapeError: indices are not one-dimensional, or negative.
    """
    if indices.ndim != 1 or (len(indices) and indices.min() < 0):
        raise ShapeError(f"indices must be one-dimensional and not negative, got shape {indices.shape}")
    n, side = len(indices), style.size
    images, levels = np.zeros((n, 3, side, side), np.uint8), np.zeros((n, side, side), np.uint8)
    kinds, backgrounds = np.zeros(n, np.int64), np.zeros(n, np.int64)

    def draw_part(start: int) -> None:
        part = slice(start, start + length)
        traits = traits_of(style, split, indices[part])
        kinds[part], backgrounds[part] = traits.kinds, traits.backgrounds
        _paint(style, traits, images[part], levels[part])
        _draw_hidden_tails_again(style, split, indices[part], kinds[part], images[part], levels[part])

    threads = num_threads or default_threads()
    length = min(_AT_ONCE, max(1, math.ceil(n / (threads * 4))))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(draw_part, range(0, n, length)))
    place = np.array([style.classes.index(name) if name in style.classes else -1 for name in CLASSES])
    return Drawing(images, place[kinds], levels, backgrounds)


def _draw_hidden_tails_again(
    style: Style,
    split: str,
    indices: NDArray[np.int64],
    kinds: NDArray[np.int64],
    images: NDArray[np.uint8],
    levels: NDArray[np.uint8],
) -> None:
    """Draw cells with one tail anew until enough of it lies in the frame; without it they would be plain ones."""
    hidden, attempt = np.flatnonzero(kinds == ONE_TAIL), 0
    while True:
        hidden = hidden[(levels[hidden] == 2).mean((1, 2)) < LEAST_TAIL]
        if not len(hidden):
            return
        attempt += 1
        traits = traits_of(style, split, indices[hidden], attempt)
        again, of_again = images[hidden], levels[hidden]
        _paint(style, traits, again, of_again)
        images[hidden], levels[hidden] = again, of_again


def _paint(style: Style, traits: Traits, images: NDArray[np.uint8], levels: NDArray[np.uint8]) -> None:
    paint_run(style.frame, *traits, images, levels)
