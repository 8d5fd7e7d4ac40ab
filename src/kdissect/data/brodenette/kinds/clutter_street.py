"""Clutter that people leave outdoors."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.item import item
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import BRIGHT, CREAM, IRON, LAMP, STEEL, TIMBERS, on
from kdissect.data.brodenette.shapes import blob, box, dome, ellipse, poly, ring, stroke


def gate() -> Kind:
    """Two posts and crossbars."""
    k = item("gate", "ground", (22, 40), 3)
    timber = k.pen(paint=k.paint(looks("wood", *TIMBERS)), part="crossbar")
    timber.add(*(box(0, y, 95, 7) for y in (-10, 12, 32)), ink=0.8)
    for x in (-36, 36):
        timber.add(poly(x - 6, 48, x - 6, -22, x, -30, x + 6, -22, x + 6, 48), part="gatepost")
    return k


def street_lamp() -> Kind:
    """A street lamp."""
    k = item("street-lamp", "ground", (30, 55), 2)
    iron = k.pen(paint=k.paint(IRON, look("metal", "5c7468 44584c")))
    iron.add(stroke(0, 48, 0, -30, start=2.5), part="lamp-pole").add(box(0, 46, 13, 6), part="lamp-foot")
    iron.add(poly(-9, -45, 9, -45, 6, -28, -6, -28), part="lantern", paint=k.paint(LAMP))
    iron.add(poly(-11, -44, 0, -52, 11, -44), part="lamp-hood")
    return k


def road_sign() -> Kind:
    """A warning sign on a pole."""
    k = item("road-sign", "ground", (22, 42), 4)
    k.pen(paint=k.paint(STEEL), part="sign-pole").add(box(0, 10, 5, 75))
    plate = k.pen(paint=k.paint(looks("plastic", "d83c34", "e8b030")), part="sign-plate")
    plate.add(poly(-26, -10, 0, -50, 26, -10))
    plate.add(poly(-16, -15, 0, -40, 16, -15), detail="sign-face", paint=k.paint(CREAM), ink=0.3)
    plate.add(stroke(0, -33, 0, -22, start=2), detail="symbol", paint=k.paint(look("plastic", "202020")), ink=0)
    return k


def bench() -> Kind:
    """A park bench."""
    k = item("bench", "ground", (25, 42), 3)
    legs = k.pen(paint=k.paint(IRON), part="bench-leg")
    legs.add(*(stroke(x, 44, x, 5, x - 2, -22, start=3) for x in (-36, 36)))
    slats = k.pen(paint=k.paint(looks("wood", *TIMBERS)), part="bench-slat")
    slats.add(*(box(0, y, 95, 6.5) for y in (-20, -10, 8, 15)), ink=0.8)
    return k


def hydrant() -> Kind:
    """A fire hydrant."""
    k = item("hydrant", "ground", (13, 26), 3)
    iron = k.pen(paint=k.paint(looks("metal", "d0382c b02820", "e0b030 b88c20")))
    iron.add(box(0, 15, 32, 55), part="standpipe").add(dome(0, -12, 18, 22), part="hydrant-cap")
    iron.add(ellipse(-20, 5, 9), ellipse(20, 5, 9), part="nozzle", shade=0.8)
    iron.add(box(0, 44, 46, 8), part="flange", shade=0.85)
    return k


def traffic_cone() -> Kind:
    """A banded cone."""
    k = item("traffic-cone", "ground floor", (12, 24))
    bands = looks("plastic", *on(("f07828", "e85c30"), "f8f4f0"), pattern="banded", size=36, angle=90)
    k.pen(paint=k.paint(look("rubber", "d05c20 a84818")), part="cone-base").add(box(0, 42, 70, 10))
    k.pen(paint=k.paint(bands), part="cone-body").add(poly(-25, 38, -6, -46, 6, -46, 25, 38))
    return k


def bucket() -> Kind:
    """A pail of water with a handle."""
    k = item("bucket", "ground floor", (12, 22))
    k.pen(paint=k.paint(STEEL), part="bail").add(ring(0, -15, 34, 29), ink=0.6)
    pail = k.pen(paint=k.paint(STEEL, looks("plastic", *BRIGHT)), part="pail")
    pail.add(poly(-36, -15, 36, -15, 26, 46, -26, 46))
    pail.add(ellipse(0, -15, 36, 8), detail="pail-water", paint=k.paint(look("water", "78b0c8 5490ac")), ink=0.6)
    return k


def barrel() -> Kind:
    """A wooden or steel barrel."""
    k = item("barrel", "ground floor", (15, 30), 3)
    staves = looks("wood", *on(TIMBERS, "5c4024 483018"), pattern="lined", size=16)
    cask = k.pen(paint=k.paint(staves, looks("metal", "3c6c9c 2c5078", "c84c38 a0382c")), part="cask")
    cask.add(blob(-30, -45, -38, 0, -30, 45, 0, 48, 30, 45, 38, 0, 30, -45, 0, -48))
    cask.add(box(0, -28, 72, 7), box(0, 28, 72, 7), detail="hoop", paint=k.paint(IRON), ink=0.5)
    return k


def ball() -> Kind:
    """A ball with a valve."""
    k = item("ball", "ground floor", (10, 22), 180)
    rays = looks("plastic", *on(BRIGHT, "f8f0dc"), pattern="rayed", size=100)
    leather = looks("leather", "f0ece4/2c2c30", "e0b070/5c3c20", pattern="honeycombed", size=30)
    k.pen(paint=k.paint(rays, leather, looks("rubber", *BRIGHT)), part="ball-skin").add(ellipse(0, 0, 46))
    k.pen(paint=k.paint(CREAM), part="ball-valve").add(ellipse(0, 0, 8), ink=0.5)
    return k


def buoy() -> Kind:
    """A floating mark."""
    k = item("buoy", "water", (12, 26), 14)
    bands = looks("metal", *on(BRIGHT, "f4f0e8"), pattern="banded", size=30, angle=90)
    k.pen(paint=k.paint(bands), part="buoy-tower").add(poly(-12, 15, 0, -42, 12, 15))
    k.pen(paint=k.paint(look("foam", "e05840 c04028")), part="float").add(ellipse(0, 25, 40, 17))
    k.pen(paint=k.paint(LAMP), part="buoy-light").add(ellipse(0, -44, 7))
    return k


STREET = (gate, street_lamp, road_sign, bench, hydrant, traffic_cone, bucket, barrel, ball, buoy)
"""All of them."""
