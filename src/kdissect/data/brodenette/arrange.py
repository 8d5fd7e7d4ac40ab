"""Arrangement: what an image shows, and where: scene, clutter, main object, occluders."""

import math
from typing import NamedTuple, no_type_check

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kdissect.data.brodenette.compose import between, draw01, subkey

MOST_INSTANCES = 64
MAIN_INSTANCE = 1000
_FLYING_OR_HANGING = 4 | 8  # bits of PLACES: air, wall
_STANDING = 1 | 2  # ground, floor
_ANYWHERE = 4 | 16  # air, water: fish and birds


class Knobs(NamedTuple):
    """The fields of a `World` that the kernels read."""

    scene_bias: float
    clutter: float
    occlusion: float
    sibling_overlap: float
    detail: float
    smallest: float
    largest: float
    lighting: float
    noise: float


class Cast(NamedTuple):
    """Who is in the picture, from back to front.

    Attributes:
        who: kind, class in the kind, object label, number of the instance.
        where: affine from the object to the frame.
        keys: the instance's key. image_keys: keys of the parts of the image. draws: room for draws.
    """

    who: NDArray[np.int64]
    where: NDArray[np.float64]
    keys: NDArray[np.uint64]
    image_keys: NDArray[np.uint64]
    draws: NDArray[np.float64]


def new_cast() -> Cast:
    """Room for a cast."""
    return Cast(
        np.zeros((MOST_INSTANCES, 4), np.int64),
        np.zeros((MOST_INSTANCES, 6)),
        np.zeros(MOST_INSTANCES, np.uint64),
        np.zeros(6, np.uint64),
        np.zeros(10),
    )


@njit(nogil=True)
@no_type_check
def make_draws(key, draws):
    """Fill `draws` with the first draws of a key."""
    for i in range(len(draws)):
        draws[i] = draw01(key, i)


@njit(nogil=True)
@no_type_check
def place(where, x, y, size, turn, flip):
    """Set an affine: an object of that size around (x, y), turned by `turn` degrees, mirrored if flip >= 0.5."""
    c, s = math.cos(math.radians(turn)) * size, math.sin(math.radians(turn)) * size
    side = -1.0 if flip >= 0.5 else 1.0
    where[0], where[1], where[2] = c * side, -s, x
    where[3], where[4], where[5] = s * side, c, y


@njit(nogil=True)
@no_type_check
def pick_class(split_key, index, num_classes):
    """Class of an image: each block of `num_classes` consecutive images has every class once, shuffled."""
    block, wanted = index // num_classes, index % num_classes
    key = subkey(split_key, 7_000_000 + block)
    order = np.arange(num_classes)
    for i in range(num_classes - 1, 0, -1):
        j = int(draw01(key, i) * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order[wanted]


@njit(nogil=True)
@no_type_check
def pick_clutter(atlas, key, scene):
    """A clutter kind that may stand in the scene; one time in ten any."""
    many = atlas.counts[1]
    places = atlas.kinds[scene, 10]
    kind = atlas.counts[0]
    for attempt in range(40):
        share = draw01(key, attempt)
        if attempt == 0:
            places = 31 if share < 0.1 else places
            continue
        kind = atlas.counts[0] + int(share * many)
        if atlas.kinds[kind, 10] & places:
            break
    return kind


@njit(nogil=True)
@no_type_check
def plan_clutter(atlas, cast, row, knobs, horizon, key, front, x0, y0, size):
    """Set a row of the cast to a distractor: behind the main object anywhere, in front near its edge."""
    kind = pick_clutter(atlas, key, cast.who[0, 0])
    make_draws(cast.keys[row], cast.draws)
    draws, ranges, places = cast.draws, atlas.kind_ranges[kind], atlas.kinds[kind, 10]
    own = between(ranges[0], ranges[1], draws[0])
    x, turn = draws[1], between(-ranges[2], ranges[2], draws[4])
    if places & _FLYING_OR_HANGING and not places & _STANDING:
        y = between(0.06, max(0.14, horizon - 0.12), draws[2])
    else:
        floor = between(horizon + 0.04, 0.98, draws[2] ** 1.3)
        own *= between(0.65, 1.1, (floor - horizon) / (1.0 - horizon))
        y = floor - ranges[5] * own
    if front:
        near = max(0.0, knobs.occlusion - 0.4)  # from there on they come nearer and are larger
        own = min(max(own * 1.15, 0.6 * near * size), 0.55 * size)
        reach = (between(0.62, 0.36, knobs.occlusion) - 0.3 * near) * size
        angle = 6.2832 * draws[3]
        x = min(1.0, max(0.0, x0 + reach * math.cos(angle)))
        y = min(1.0, max(0.0, y0 + 0.85 * reach * math.sin(angle)))
    cast.who[row, 0], cast.who[row, 1], cast.who[row, 2] = kind, 0, atlas.kinds[kind, 8]
    place(cast.where[row], x, y, own, turn, draws[5])


@njit(nogil=True)
@no_type_check
def plan_main(atlas, cast, row, knobs, horizon, fine_class):
    """Set a row of the cast to the main object; its place and size."""
    draws, kind = cast.draws, atlas.class_of[fine_class, 0]
    ranges = atlas.kind_ranges[kind]
    size = between(knobs.smallest, knobs.largest, draws[2])
    margin = 0.34 * size
    x, y = between(margin, 1.0 - margin, draws[3]), between(margin, 1.0 - margin, draws[4])
    if not atlas.kinds[kind, 10] & _ANYWHERE:
        y = between(max(horizon + 0.06, 0.55), 1.0, draws[4] ** 0.8) - ranges[5] * size
    y = min(1.0 - margin, max(margin, y))
    cast.who[row, 0], cast.who[row, 1] = kind, atlas.class_of[fine_class, 1]
    cast.who[row, 2] = atlas.class_label[fine_class]
    place(cast.where[row], x, y, size, between(-ranges[2], ranges[2], draws[5]), draws[6])
    return x, y, size


@njit(nogil=True)
@no_type_check
def arrange(atlas, cast, knobs, image_key, fine_class):
    """Fill the cast of an image; how many there are, and which of them is the main object."""
    keys = cast.image_keys
    for i in range(len(keys)):
        keys[i] = subkey(image_key, i)
    make_draws(keys[0], cast.draws)
    scene = atlas.class_home[fine_class]
    if cast.draws[0] >= knobs.scene_bias:
        scene = int(cast.draws[1] * atlas.counts[0])
    for c in range(6):
        cast.where[0, c] = 1.0 if c == 0 or c == 4 else 0.0
    cast.who[0, 0], cast.who[0, 1], cast.who[0, 2] = scene, 0, 0
    cast.keys[0] = keys[1]
    horizon = between(atlas.kind_ranges[scene, 3], atlas.kind_ranges[scene, 4], draw01(keys[1], 0))

    behind = int(2.0 * knobs.clutter * cast.draws[7] + cast.draws[8])
    in_front = int(3.0 * knobs.occlusion + cast.draws[9])
    main = behind + 1
    x, y, size = plan_main(atlas, cast, main, knobs, horizon, fine_class)
    cast.keys[main] = keys[2]
    for i in range(behind + in_front):
        row = i + 1 if i < behind else i + 2
        cast.keys[row] = subkey(keys[3 if i < behind else 4], 2 * i)
        choice = subkey(keys[3 if i < behind else 4], 2 * i + 1)
        plan_clutter(atlas, cast, row, knobs, horizon, choice, i >= behind, x, y, size)
    return behind + in_front + 2, main
