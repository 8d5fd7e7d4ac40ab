"""Drawing: images of a world, their classes and their label maps."""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kdissect.data.brodenette.arrange import Knobs, new_cast
from kdissect.data.brodenette.atlas import atlas, labels
from kdissect.data.brodenette.colornames import color_table
from kdissect.data.brodenette.compose import new_display
from kdissect.data.brodenette.render import draw_run
from kdissect.data.brodenette.world import World
from kdissect.errors import ShapeError
from kdissect.seeds import key

PART_PLANES = 3


class Pictures(NamedTuple):
    """Images without label maps: uint8 (n 3 s s), RGB, and their classes, int64 (n)."""

    images: NDArray[np.uint8]
    classes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Drawing:
    """Images with everything that is known about them.

    Label maps hold the numbers of `World.labels`, 0 for none, at half the image size: `h = size // 2`;
    a cell has the label of what is visible at its centre.

    Attributes:
        images: uint8 (n 3 s s), RGB.
        classes: int64 (n), place in `World.classes`. groups: int64 (n), place in `World.groups`.
        color, object, material, texture: int16 (n h h).
        part: int16 (n 3 h h), planes: parts, parts of parts, varieties of parts.
        scene: int16 (n), the whole image's label.
        trait: bool (n h h), pieces of the main object that only some classes of its group have.
    """

    images: NDArray[np.uint8]
    classes: NDArray[np.int64]
    groups: NDArray[np.int64]
    color: NDArray[np.int16]
    object: NDArray[np.int16]
    part: NDArray[np.int16]
    material: NDArray[np.int16]
    texture: NDArray[np.int16]
    scene: NDArray[np.int16]
    trait: NDArray[np.bool_]

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where the main object is visible, bool (n h h)."""
        own = atlas().class_label[self.classes].astype(np.int16)
        return np.equal(self.object, own[:, None, None])


def draw(world: World, split: str, indices: NDArray[np.int64], *, num_threads: int | None = None) -> Drawing:
    """Draw images with all their labels.

    An image depends on (world, split, index) and on nothing else.

    Args:
        world: the world.
        split: any name; another name is another, independent set of images.
        indices: int64 (n), from 0.
        num_threads: threads to use; as many as there are cores if left out.

    Raises:
        ShapeError: indices are not one-dimensional, or negative.
    """
    n, half = len(indices), world.size // 2
    maps = np.zeros((n, PART_PLANES + 3, half, half), np.int16)
    color, trait = np.zeros((n, half, half), np.int16), np.zeros((n, half, half), np.bool_)
    images, classes, scene = _run(world, split, indices, maps, color, trait, num_threads)
    found = atlas()
    groups = found.class_of[classes, 0] - found.counts[0] - found.counts[1]
    part, material, texture = maps[:, 1 : 1 + PART_PLANES], maps[:, -2], maps[:, -1]
    return Drawing(images, classes, groups, color, maps[:, 0], part, material, texture, scene, trait)


def draw_images(world: World, split: str, indices: NDArray[np.int64], *, num_threads: int | None = None) -> Pictures:
    """Draw images without label maps: the same as those of `draw`, but faster."""
    n = len(indices)
    no_maps, no_color = np.zeros((n, 0, 0, 0), np.int16), np.zeros((n, 0, 0), np.int16)
    no_trait = np.zeros((n, 0, 0), np.bool_)
    images, classes, _ = _run(world, split, indices, no_maps, no_color, no_trait, num_threads)
    return Pictures(images, classes)


def _run(
    world: World,
    split: str,
    indices: NDArray[np.int64],
    maps: NDArray[np.int16],
    color: NDArray[np.int16],
    trait: NDArray[np.bool_],
    num_threads: int | None,
) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int16]]:
    """Draw images, classes and scenes; and the maps too, unless they are empty. Each thread takes runs of images."""
    if indices.ndim != 1 or (len(indices) and indices.min() < 0):
        raise ShapeError(f"indices must be one-dimensional and not negative, got shape {indices.shape}")
    n, side = len(indices), world.size
    drawn = np.zeros((n, 3, side, side), np.uint8), np.zeros(n, np.int64), np.zeros(n, np.int16)
    arrays = (indices.astype(np.int64), *drawn, maps, color, trait)
    split_key = np.uint64(key(world.seed, f"brodenette/{split}"))
    first_color = next(label.number for label in labels() if label.category == "color")

    def draw_part(start: int) -> None:
        room = new_cast(), new_display()
        parts = (array[start : start + length] for array in arrays)
        draw_run(atlas(), knobs(world), *room, split_key, color_table(), first_color, *parts)

    threads = num_threads or default_threads()
    length = max(1, math.ceil(n / (threads * 4)))
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(draw_part, range(0, n, length)))
    return drawn


def default_threads() -> int:
    """As many threads as numba would use: the cores, or what NUMBA_NUM_THREADS says."""
    return int(os.environ.get("NUMBA_NUM_THREADS") or os.cpu_count() or 1)


def knobs(world: World) -> Knobs:
    """What the kernels need of a world."""
    low, high = world.scale
    return Knobs(
        world.scene_bias, world.clutter, world.occlusion, world.sibling_overlap, world.detail,
        low, high, world.lighting, world.noise,
    )  # fmt: skip
