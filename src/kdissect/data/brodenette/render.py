"""The compiled loop that draws images: the one kernel that Python calls."""

import hashlib
from pathlib import Path
from typing import Any, no_type_check

import numpy as np
from numba import njit

from kdissect.data.brodenette.arrange import arrange, pick_class
from kdissect.data.brodenette.compose import compose, subkey
from kdissect.data.brodenette.fill import ID_MASK, fill
from kdissect.data.brodenette.shade import BRUSH_WIDTH, expose, load_brushes, shade


def source_stamp() -> int:
    """A number that changes with any source file of this folder."""
    text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "little")


def compile_loop(stamp: int) -> Any:
    """The loop, compiled on its first call and kept on disk.

    Numba's cache sees changes of this file only, not of the kernels in other files that it calls. What a
    function closes over is part of the cache's key, so it closes over the stamp of all of them.
    """

    @njit(cache=True, nogil=True)
    @no_type_check
    def draw_run(
        atlas,
        knobs,
        cast,
        display,
        split_key,
        colors,
        first_color,
        indices,
        images,
        classes,
        scene,
        maps,
        color,
        trait,
    ):
        """Draw images one after the other into the arrays from `images` on; no maps if these are empty."""
        if stamp == 0:
            return
        size, half = images.shape[2], maps.shape[2]
        ids, small = np.zeros((2 * size, 2 * size), np.int16), np.zeros((half, half), np.int16)
        crossings, crossed = np.zeros((2 * size, 64)), np.zeros(2 * size, np.int64)
        linear, brushes = np.zeros((3, size, size)), np.zeros((len(display.affines), BRUSH_WIDTH))
        for n in range(len(indices)):
            fine_class = pick_class(split_key, indices[n], len(atlas.class_label))
            image_key = subkey(split_key, indices[n])
            num_instances, main = arrange(atlas, cast, knobs, image_key, fine_class)
            num_pieces = compose(atlas, cast, display, knobs, num_instances, main)
            classes[n], scene[n] = fine_class, atlas.kinds[cast.who[0, 0], 9]
            ids[:] = 0
            fill(ids, atlas, display.outlines, display.affines, num_pieces, crossings, crossed)
            load_brushes(display, brushes, num_pieces, atlas.points, knobs.detail)
            shade(ids, brushes, linear)
            expose(linear, images[n], cast.image_keys[5], knobs.lighting, knobs.noise)
            if half == 0:
                continue
            small[:] = 0
            fill(small, atlas, display.outlines, display.affines, num_pieces, crossings, crossed)
            for row in range(half):
                for column in range(half):
                    piece = small[row, column] & ID_MASK
                    found, outline = display.labels[piece], display.outlines[piece]
                    trait[n, row, column] = outline[7] > 0 and outline[5] == main
                    for plane in range(maps.shape[1]):
                        maps[n, plane, row, column] = found[plane]
                    i, j = int((row + 0.5) * size / half), int((column + 0.5) * size / half)
                    r, g, b = images[n, 0, i, j] >> 3, images[n, 1, i, j] >> 3, images[n, 2, i, j] >> 3
                    color[n, row, column] = first_color + colors[r, g, b]

    return draw_run


draw_run = compile_loop(source_stamp())
