"""Cells: drawn cells and rectangles whose telling part is known to the pixel.

How an image comes about: `traits` draws its class and its numbers, `drawing` hands them to threads, and `painting`
finds at every pixel which part of the object lies there, in the object's own frame, and gives it colour.

Example:
    >>> import numpy as np
    >>> from kdissect.data.cells import Style, draw
    >>> drawing = draw(Style(size=64), "train", np.arange(4))
    >>> drawing.images.shape, drawing.levels.shape
    ((4, 3, 64, 64), (4, 64, 64))
"""

from kdissect.data.cells.dataset import Cells
from kdissect.data.cells.drawing import Drawing, draw
from kdissect.data.cells.traits import CLASSES, GROUPS, CellClass, Style

__all__ = ["CLASSES", "GROUPS", "CellClass", "Cells", "Drawing", "Style", "draw"]
