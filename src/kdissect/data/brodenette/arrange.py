"""Arrangement: what an image shows, and where: scene, clutter, main object, occluders."""

import math
from typing import NamedTuple, no_type_check

import numpy as np
from numba import njit

from kdissect.data.brodenette.compose import add_instance, between, draw01, subkey


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


@njit(cache=True, nogil=True)
@no_type_check
def place(root, x, y, size, turn, flip):
    """Set an affine: an object of that size around (x, y) in the frame, turned, perhaps mirrored."""
    c, s = math.cos(turn) * size, math.sin(turn) * size
    side = -1.0 if flip else 1.0
    root[0], root[1], root[2] = c * side, -s, x
    root[3], root[4], root[5] = s * side, c, y


@njit(cache=True, nogil=True)
@no_type_check
def pick_class(seed_key, index, num_classes):
    """Class of an image: each block of `num_classes` consecutive images has every class once, shuffled."""
    block, wanted = index // num_classes, index % num_classes
    key = subkey(seed_key, 7_000_000 + block)
    order = np.arange(num_classes)
    for i in range(num_classes - 1, 0, -1):
        j = int(draw01(key, i) * (i + 1))
        order[i], order[j] = order[j], order[i]
    return order[wanted]


@njit(cache=True, nogil=True)
@no_type_check
def pick_scene(atlas, key, fine_class, bias):
    """Scene of an image: the class's favourite with probability `bias`, else any of them."""
    if draw01(key, 0) < bias:
        return atlas.class_home[fine_class]
    return int(draw01(key, 1) * atlas.counts[0])


@njit(cache=True, nogil=True)
@no_type_check
def pick_clutter(atlas, key, scene):
    """A clutter kind that may stand in the scene; now and then one that may not."""
    anywhere = draw01(key, 0) < 0.1
    for attempt in range(40):
        kind = atlas.counts[0] + int(draw01(key, 1 + attempt) * atlas.counts[1])
        if anywhere or atlas.kinds[kind, 10] & atlas.kinds[scene, 10]:
            return kind
    return kind


@njit(cache=True, nogil=True)
@no_type_check
def add_clutter(atlas, display, knobs, scene, horizon, key, root, front, centre, size, sizes, instance):
    """Append a distractor: behind the main object anywhere, in front of it near its edge."""
    kind = pick_clutter(atlas, subkey(key, 1), scene)
    ranges = atlas.kind_ranges[kind]
    places = atlas.kinds[kind, 10]
    own = between(ranges[0], ranges[1], draw01(key, 100))
    x = draw01(key, 101)
    floor = between(horizon + 0.04, 0.98, draw01(key, 102) ** 1.3)
    if places & 12 and not places & 3:  # in the air, or on a wall
        y = between(0.06, max(0.14, horizon - 0.12), draw01(key, 102))
    else:
        depth = (floor - horizon) / (1.0 - horizon)
        own *= between(0.65, 1.1, depth)
        y = floor - 0.5 * own
    if front:
        own = min(own * 1.15, 0.55 * size)
        angle = between(0.0, 6.2832, draw01(key, 103))
        reach = between(0.62, 0.36, knobs.occlusion) * size
        x, y = centre[0] + reach * math.cos(angle), centre[1] + reach * 0.85 * math.sin(angle)
        x, y = min(1.0, max(0.0, x)), min(1.0, max(0.0, y))
    turn = math.radians(between(-ranges[2], ranges[2], draw01(key, 104)))
    place(root, x, y, own, turn, draw01(key, 105) < 0.5)
    label = atlas.kinds[kind, 8]
    add_instance(atlas, display, kind, 0, label, root, subkey(key, 2), 0.0, 1.0, instance, sizes)


@njit(cache=True, nogil=True)
@no_type_check
def arrange(atlas, display, knobs, image_key, fine_class, root, sizes):
    """Fill the display list of an image; its scene. `sizes` gets the number of pieces and paints."""
    sizes[0], sizes[1] = 0, 0
    layout = subkey(image_key, 1)
    scene = pick_scene(atlas, subkey(image_key, 2), fine_class, knobs.scene_bias)
    scene_key = subkey(image_key, 3)
    horizon = between(atlas.kind_ranges[scene, 3], atlas.kind_ranges[scene, 4], draw01(scene_key, 0))
    place(root, 0.0, 0.0, 1.0, 0.0, False)
    add_instance(atlas, display, scene, 0, 0, root, scene_key, 0.0, 1.0, 0, sizes)

    kind, own_class = atlas.class_of[fine_class]
    size = between(knobs.smallest, knobs.largest, draw01(layout, 0))
    margin = 0.34 * size
    centre = (between(margin, 1 - margin, draw01(layout, 1)), 0.0)
    lowest = max(horizon + 0.06, 0.55)
    y = between(lowest, 1.0, draw01(layout, 2) ** 0.8) - 0.46 * size
    if atlas.kinds[kind, 10] & 20:  # fish and birds are anywhere
        y = between(margin, 1 - margin, draw01(layout, 2))
    centre = (centre[0], min(1 - margin, max(margin, y)))

    many = int(knobs.clutter * 2.0 * draw01(layout, 3) + draw01(layout, 4))
    for i in range(many):
        key = subkey(image_key, 100 + i)
        add_clutter(atlas, display, knobs, scene, horizon, key, root, False, centre, size, sizes, 1 + i)

    tilt = atlas.kind_ranges[kind, 2]
    turn = math.radians(between(-tilt, tilt, draw01(layout, 5)))
    place(root, centre[0], centre[1], size, turn, draw01(layout, 6) < 0.5)
    label = atlas.class_label[fine_class]
    overlap, detail, key = knobs.sibling_overlap, knobs.detail, subkey(image_key, 4)
    add_instance(atlas, display, kind, own_class, label, root, key, overlap, detail, 1000, sizes)

    in_front = int(knobs.occlusion * 3.0 + draw01(layout, 7))
    for i in range(in_front):
        key = subkey(image_key, 200 + i)
        add_clutter(atlas, display, knobs, scene, horizon, key, root, True, centre, size, sizes, 1001 + i)
    return scene
