"""Brodenette: a procedurally drawn world whose every pixel is labelled in all six Broden categories.

How an image comes about: `world` says how hard it is, `arrange` casts and places a scene, clutter, the main
object and what stands in front of it, `compose` turns the cast into a display list of painted outlines,
`fill` finds the topmost outline at every sample, `shade` gives it colour and light. What there is to draw
is said in `kinds`, with the words of `kind`, `shapes` and `paints`; `atlas` flattens it into arrays, for the
kernels, and numbers the labels.

Example:
    >>> import numpy as np
    >>> from kdissect.data.brodenette import World, draw
    >>> drawing = draw(World(size=64), "train", np.arange(4))
    >>> drawing.images.shape, drawing.object.shape, drawing.part.shape
    ((4, 3, 64, 64), (4, 32, 32), (4, 3, 32, 32))
"""

from kdissect.data.brodenette.atlas import Label
from kdissect.data.brodenette.drawing import Drawing, Pictures, draw, draw_images
from kdissect.data.brodenette.probe_files import write_probe
from kdissect.data.brodenette.world import World

__all__ = ["Drawing", "Label", "Pictures", "World", "draw", "draw_images", "write_probe"]
