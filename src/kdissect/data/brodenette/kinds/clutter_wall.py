"""Clutter that hangs on a wall."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.item import item
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import BRASS, BRIGHT, GLASS, IRON, STEEL, WOOD
from kdissect.data.brodenette.shapes import box, ellipse, pill, poly, stroke


def picture() -> Kind:
    """A framed picture of hills."""
    k = item("picture", "wall", (16, 32), 3)
    k.pen(paint=k.paint(WOOD, BRASS), part="picture-frame").add(box(0, 0, 96, 72))
    canvas = k.pen(paint=k.paint(looks("paper", "b8d8e8", "f0d8b0", "d8c8e0")), part="canvas")
    canvas.add(box(0, 0, 78, 54), ink=0.5)
    hills = k.paint(looks("paper", "6c9c6c", "8c7c9c", "c87c58"))
    canvas.add(poly(-39, 27, -15, -8, 5, 12, 20, -2, 39, 27), detail="painted-hill", paint=hills, ink=0.3)
    return k


def clock() -> Kind:
    """A round clock."""
    k = item("clock", "wall", (12, 24), 0)
    k.pen(paint=k.paint(WOOD, BRASS), part="clock-case").add(ellipse(0, 0, 47))
    face = k.pen(paint=k.paint(look("paper", "f8f4e8 ece4d0")), part="dial").add(ellipse(0, 0, 37), ink=0.5)
    black = k.paint(IRON)
    marks = (ellipse(x, y, 3) for x, y in ((0, -30), (30, 0), (0, 30), (-30, 0)))
    face.add(*marks, detail="hour-mark", paint=black, ink=0)
    for length, name in ((20, "hour-hand"), (29, "minute-hand")):
        hand = k.pen(k.joint(0, turn=(0, 360)), black, "dial")
        hand.add(stroke(0, 0, 0, -length, start=3, end=2), detail=name, ink=0)
    return k


def mirror() -> Kind:
    """An oval mirror."""
    k = item("mirror", "wall", (18, 32), 0)
    k.pen(paint=k.paint(WOOD, BRASS), part="mirror-frame").add(ellipse(0, 0, 36, 47))
    k.pen(paint=k.paint(GLASS), part="mirror-glass").add(ellipse(0, 0, 28, 39), ink=0.5)
    return k


def wall_shelf() -> Kind:
    """A shelf with jars."""
    k = item("wall-shelf", "wall", (20, 36), 1)
    k.pen(paint=k.paint(WOOD), part="shelf-plank").add(box(0, 20, 98, 8))
    lid = k.paint(STEEL)
    for x in (-30, 0, 28):
        jar = k.pen(k.joint(0, (x, 0), chance=0.85), k.paint(looks("glass", *BRIGHT)), "jar")
        jar.add(pill(0, -2, 20, 36, 5)).add(box(0, -22, 22, 8), detail="jar-lid", paint=lid, ink=0.6)
    return k


def bunting() -> Kind:
    """A string of small flags."""
    k = item("bunting", "wall air", (24, 42), 8)
    string = k.pen(paint=k.paint(look("straw", "d8ccb0 b8a888")), part="bunting-string")
    string.add(stroke(-50, -12, -20, 4, 20, 4, 50, -12, start=1), ink=0.4)
    for x, y in ((-38, -6), (-19, 3), (0, 6), (19, 3), (38, -6)):
        flag = k.pen(paint=k.paint(looks("fabric", *BRIGHT)), part="bunting-flag")
        flag.add(poly(x - 7, y, x + 7, y, x, y + 17))
    return k


WALL = (picture, clock, mirror, wall_shelf, bunting)
"""All of them."""
