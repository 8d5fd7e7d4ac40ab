"""Clutter that flies."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.item import item
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import BRIGHT, GLASS, LACQUERS, on
from kdissect.data.brodenette.shapes import blob, box, ellipse, pill, poly, stroke


def kite() -> Kind:
    """A kite with a tail."""
    k = item("kite", "air", (16, 32), 35)
    string = k.pen(paint=k.paint(look("straw", "d8ccb0 b8a888")), part="kite-tail")
    string.add(stroke(0, 20, 12, 34, -4, 44, 10, 55, start=1.5), ink=0.5)
    sail = looks("paper", *on(BRIGHT, "f4e8c8"), pattern="chequered", size=28)
    k.pen(paint=k.paint(sail, looks("paper", *BRIGHT)), part="kite-sail").add(poly(0, -50, 30, -12, 0, 25, -30, -12))
    spar = k.pen(paint=k.paint(look("wood", "a88858 886c40")), part="kite-spar")
    spar.add(stroke(0, -50, 0, 25, start=1.4), stroke(-30, -12, 30, -12, start=1.2), ink=0.2)
    return k


def balloon() -> Kind:
    """A toy balloon."""
    k = item("balloon", "air", (14, 28), 12)
    string = k.pen(paint=k.paint(look("straw", "e0d8c8 c0b8a4")), part="string")
    string.add(stroke(0, 20, 5, 35, -2, 50, start=1.2), ink=0.3)
    skin = k.pen(paint=k.paint(looks("rubber", *BRIGHT)), part="bladder")
    skin.add(poly(0, 16, 6, 25, -6, 25), part="knot")
    skin.add(blob(0, -50, 28, -36, 30, -10, 0, 20, -30, -10, -28, -36))
    skin.add(ellipse(-12, -30, 4, 7, 30), detail="glint", paint=k.paint(look("rubber", "fcf8f4")), ink=0, volume=0)
    return k


def airship() -> Kind:
    """A hot-air balloon."""
    k = item("hot-air-balloon", "air", (16, 32), 5)
    ropes = k.pen(paint=k.paint(look("straw", "b09870 8c7450")), part="rigging")
    ropes.add(stroke(-16, 12, -7, 34, start=0.8), stroke(16, 12, 7, 34, start=0.8), ink=0.3)
    gores = looks("fabric", *on(BRIGHT, "f8f0dc"), pattern="striped", size=17)
    zigzag = looks("fabric", *on(BRIGHT, "f4e0a8"), pattern="zigzagged", size=24)
    k.pen(paint=k.paint(gores, zigzag), part="envelope").add(
        blob(0, -50, 32, -36, 34, -10, 16, 16, -16, 16, -34, -10, -32, -36)
    )
    k.pen(paint=k.paint(look("straw", "c8a060/8c6434", "94703c", "woven", 6)), part="gondola").add(box(0, 40, 18, 13))
    return k


def airplane() -> Kind:
    """A small far aeroplane."""
    k = item("airplane", "air", (14, 28), 14)
    paint = k.paint(looks("metal", *LACQUERS))
    shell = k.pen(paint=paint, part="fuselage")
    shell.add(poly(-40, -4, -50, -24, -38, -24, -26, -5), part="tail-plane")
    shell.add(blob(-48, -3, 0, -11, 36, -9, 48, 1, 30, 9, -20, 8))
    shell.add(*(ellipse(x, -3, 3) for x in (-16, -5, 6, 17)), detail="cabin-port", paint=k.paint(GLASS), ink=0.5)
    shell.add(poly(-6, 2, -24, 24, -10, 24, 14, 3), part="aeroplane-wing", shade=0.9)
    shell.add(pill(50, 1, 3, 30, 1.5), part="propeller", shade=0.6)
    return k


def butterfly() -> Kind:
    """A butterfly."""
    k = item("butterfly", "air", (10, 20), 40)
    wing = k.paint(looks("scale", *on(BRIGHT, "2c2420 403430"), pattern="polka-dotted", size=20))
    for s in (-1, 1):
        flap = k.pen(k.joint(0, wide=(0.6, 1.1), key="flap"), wing)
        flap.add(blob(0, -5, s * 15, -38, s * 45, -40, s * 42, -8), part="forewing")
        flap.add(blob(0, 0, s * 35, 2, s * 32, 32, s * 8, 26), part="hindwing", shade=0.9)
    body = k.pen(paint=k.paint(look("skin", "3c2c24 2c2020")), part="thorax")
    body.add(stroke(0, -20, 0, 22, start=4.5, end=2.5))
    body.add(*(stroke(0, -20, s * 10, -38, start=1.2) for s in (-1, 1)), part="antenna", ink=0)
    return k


def bee() -> Kind:
    """A bumblebee."""
    k = item("bee", "air", (9, 17), 30)
    wing = k.pen(k.joint(0, (0, -14), turn=(-20, 20)), k.paint(look("glass", "dce8f0 b8ccd8")), "bee-wing")
    wing.add(ellipse(-10, -16, 9, 20, -25), ellipse(8, -16, 9, 20, 20), ink=0.7)
    stripes = k.paint(look("fur", "e8b830 d09c20", "2c2420", "striped", 24))
    k.pen(paint=stripes, part="abdomen").add(ellipse(0, 4, 38, 25))
    k.pen(paint=k.paint(look("fur", "2c2420 40342c")), part="bee-head").add(ellipse(34, -2, 15))
    return k


def gull() -> Kind:
    """A far bird in flight."""
    k = item("gull", "air", (9, 20), 15)
    feathers = k.pen(paint=k.paint(looks("feather", "f0f0ec d0d4d8", "404448 2c3034")))
    feathers.add(stroke(-48, -10, -22, -20, 0, 5, 22, -20, 48, -10, start=3.5), part="gull-wing", ink=0.8)
    feathers.add(ellipse(0, 5, 13, 6), part="gull-body", ink=0.8)
    return k


AIR = (kite, balloon, airship, airplane, butterfly, bee, gull)
"""All of them."""
