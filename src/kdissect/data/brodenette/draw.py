"""Drawing: images of a world, their classes and their label maps."""

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple, no_type_check

import numpy as np
from numba import config, njit
from numpy.typing import NDArray

from kdissect.data.brodenette.arrange import Knobs, arrange, pick_class
from kdissect.data.brodenette.atlas import atlas, labels
from kdissect.data.brodenette.colornames import color_table
from kdissect.data.brodenette.compose import new_display, subkey
from kdissect.data.brodenette.fill import ID_MASK, fill
from kdissect.data.brodenette.shade import BRUSH_WIDTH, expose, load_brushes, shade
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

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where the main object is visible, bool (n h h)."""
        own = atlas().class_label[self.classes].astype(np.int16)
        return self.object == own[:, None, None]


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
    n, half = _count(indices), world.size // 2
    images, classes, scene = _arrays(world, n)
    maps = np.zeros((n, PART_PLANES + 3, half, half), np.int16)
    color = np.zeros((n, half, half), np.int16)
    _run(world, split, indices, images, classes, scene, maps, color, num_threads)
    found = atlas()
    groups = found.class_of[classes, 0] - found.counts[0] - found.counts[1]
    return Drawing(
        images, classes, groups, color, maps[:, 0], maps[:, 1 : 1 + PART_PLANES], maps[:, -2], maps[:, -1], scene
    )


def draw_images(world: World, split: str, indices: NDArray[np.int64], *, num_threads: int | None = None) -> Pictures:
    """Draw images without label maps: the same as those of `draw`, but faster."""
    images, classes, scene = _arrays(world, _count(indices))
    empty = np.zeros((len(images), 0, 0, 0), np.int16)
    _run(world, split, indices, images, classes, scene, empty, empty.reshape(len(images), 0, 0), num_threads)
    return Pictures(images, classes)


def _count(indices: NDArray[np.int64]) -> int:
    if indices.ndim != 1 or (len(indices) and indices.min() < 0):
        raise ShapeError(f"indices must be one-dimensional and not negative, got shape {indices.shape}")
    return len(indices)


def _arrays(world: World, n: int) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int16]]:
    return np.zeros((n, 3, world.size, world.size), np.uint8), np.zeros(n, np.int64), np.zeros(n, np.int16)


def _run(
    world: World,
    split: str,
    indices: NDArray[np.int64],
    images: NDArray[np.uint8],
    classes: NDArray[np.int64],
    scene: NDArray[np.int16],
    maps: NDArray[np.int16],
    color: NDArray[np.int16],
    num_threads: int | None,
) -> None:
    """Draw into the arrays, in runs of images, one run a thread."""
    split_key = np.uint64(key(world.seed, f"brodenette/{split}"))
    indices = indices.astype(np.int64)
    threads = min(num_threads or default_threads(), max(1, len(indices)))
    first_color = next(label.number for label in labels() if label.category == "color")

    def part(run: slice) -> None:
        draw_run(
            atlas(), knobs(world), new_display(), split_key, indices[run], images[run], classes[run],
            scene[run], maps[run], color[run], color_table(), first_color,
        )  # fmt: skip

    length = max(1, math.ceil(len(indices) / (threads * 4)))
    runs = [slice(start, start + length) for start in range(0, len(indices), length)]
    if threads == 1 or len(runs) <= 1:
        for run in runs:
            part(run)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(part, runs))


def default_threads() -> int:
    """As many threads as numba would use: the cores, or what NUMBA_NUM_THREADS says."""
    return int(config.NUMBA_NUM_THREADS)


def knobs(world: World) -> Knobs:
    """What the kernels need of a world."""
    low, high = world.scale
    return Knobs(
        world.scene_bias, world.clutter, world.occlusion, world.sibling_overlap, world.detail,
        low, high, world.lighting, world.noise,
    )  # fmt: skip


@njit(cache=True, nogil=True)
@no_type_check
def draw_run(atlas, knobs, display, split_key, indices, images, classes, scene, maps, color, colors, first_color):
    """Draw a run of images, one after the other."""
    size, half = images.shape[2], maps.shape[2]
    factor = 2
    num_classes = len(atlas.class_label)
    ids = np.zeros((size * factor, size * factor), np.int16)
    small = np.zeros((half, half), np.int16)
    crossings, crossed = np.zeros((size * factor, 64)), np.zeros(size * factor, np.int64)
    linear, brushes = np.zeros((3, size, size)), np.zeros((len(display.affines), BRUSH_WIDTH))
    root, sizes = np.zeros(6), np.zeros(2, np.int64)
    for n in range(len(indices)):
        fine_class = pick_class(split_key, indices[n], num_classes)
        image_key = subkey(split_key, indices[n])
        place = arrange(atlas, display, knobs, image_key, fine_class, root, sizes)
        classes[n], scene[n] = fine_class, atlas.kinds[place, 9]
        ids[:] = 0
        fill(ids, atlas, display.outlines, display.affines, sizes[0], crossings, crossed)
        load_brushes(display, brushes, sizes[0], atlas.points)
        shade(ids, brushes, linear)
        expose(linear, images[n], subkey(image_key, 5), knobs.lighting, knobs.noise)
        if half == 0:
            continue
        small[:] = 0
        fill(small, atlas, display.outlines, display.affines, sizes[0], crossings, crossed)
        for row in range(half):
            for column in range(half):
                found = display.labels[small[row, column] & ID_MASK]
                for plane in range(maps.shape[1]):
                    maps[n, plane, row, column] = found[plane]
                i, j = int((row + 0.5) * size / half), int((column + 0.5) * size / half)
                r, g, b = images[n, 0, i, j] >> 3, images[n, 1, i, j] >> 3, images[n, 2, i, j] >> 3
                color[n, row, column] = first_color + colors[r, g, b]
