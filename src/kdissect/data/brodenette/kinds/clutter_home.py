"""Clutter that stands on a floor."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.item import item
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import BRASS, BRIGHT, CLAYS, CLOTHS, WOOD, on
from kdissect.data.brodenette.shapes import blob, box, ellipse, pill, poly, ring, stroke


def book() -> Kind:
    """A closed book."""
    k = item("book", "floor", (11, 20), 30)
    k.pen(paint=k.paint(look("paper", "f4ecd8 e0d4b8")), part="pages").add(box(3, 0, 60, 84))
    binding = k.pen(paint=k.paint(looks("leather", *CLOTHS)), part="book-cover")
    binding.add(box(-3, 2, 60, 90)).add(box(-28, 2, 10, 90), detail="book-spine", shade=0.7)
    binding.add(box(3, -15, 34, 14), detail="title", paint=k.paint(look("paper", "f0e0a8 d8c480")), ink=0.4)
    return k


def cup() -> Kind:
    """A mug of coffee."""
    k = item("cup", "floor", (10, 19), 8)
    striped = looks("ceramic", *on(CLAYS, "f4f0e8"), pattern="striped", size=24)
    mug = k.pen(paint=k.paint(looks("ceramic", *CLAYS), striped), part="cup-bowl")
    mug.add(ring(30, 0, 20, 12), part="cup-handle").add(poly(-36, -36, 28, -36, 22, 42, -28, 42))
    mug.add(ellipse(-4, -36, 32, 8), detail="coffee", paint=k.paint(look("water", "5c3820 4a2c18")), ink=0.6)
    return k


def bottle() -> Kind:
    """A bottle with a sticker."""
    k = item("bottle", "floor", (16, 30), 3)
    flask = k.pen(paint=k.paint(looks("glass", "4c8c5c 346c44", "7cb0c8 5c90ac", "8c5c30 6c4420")), part="flask")
    flask.add(blob(-6, -46, 6, -46, 6, -20, 16, -8, 16, 46, -16, 46, -16, -8, -6, -20))
    flask.add(box(0, -47, 13, 7), part="stopper", paint=k.paint(look("cork", "c8a06c a8804c")))
    sticker = k.paint(looks("paper", "f4ecd4/c84838", "f4f0e4/3858a0", pattern="lined", size=9, angle=90))
    flask.add(box(0, 18, 30, 24), detail="sticker", paint=sticker, ink=0.4)
    return k


def cardboard_box() -> Kind:
    """A cardboard box."""
    k = item("box", "floor ground", (15, 30), 4)
    card = k.pen(paint=k.paint(look("paper", "cca472 ac8450")), part="box-front")
    card.add(poly(-42, -20, -30, -40, 46, -40, 34, -20), part="box-lid", shade=1.1)
    card.add(poly(34, -20, 46, -40, 46, 28, 34, 44), part="box-side", shade=0.75)
    card.add(box(-4, 12, 76, 64))
    card.add(box(-4, 12, 10, 64), detail="packing-tape", paint=k.paint(look("plastic", "e0c898 c8ac74")), ink=0.3)
    return k


def floor_lamp() -> Kind:
    """A lamp with a shade."""
    k = item("floor-lamp", "floor", (28, 50), 3)
    stand = k.pen(paint=k.paint(BRASS), part="lamp-stand")
    stand.add(stroke(0, 46, 0, -20, start=2)).add(ellipse(0, 46, 16, 4), part="lamp-base")
    plain = looks("fabric", "f8e8b8 ecd490", "e0886c", "88b0b8")
    pleated = looks("fabric", "f4e4bc/d0a868", "e8c8b8/b08070", pattern="lined", size=7)
    k.pen(paint=k.paint(plain, pleated), part="lampshade").add(poly(-10, -48, 10, -48, 20, -16, -20, -16))
    return k


def vase() -> Kind:
    """A patterned vase."""
    k = item("vase", "floor", (14, 28), 3)
    zigzag = looks("ceramic", *on(CLAYS, "f0e8d4"), pattern="zigzagged", size=20)
    banded = looks("ceramic", *on(CLAYS, "f0e8d4"), pattern="banded", size=25, angle=90)
    body = k.pen(paint=k.paint(zigzag, banded), part="vase-body")
    body.add(blob(-12, -46, 12, -46, 8, -28, 28, 5, 14, 46, -14, 46, -28, 5, -8, -28))
    body.add(ellipse(0, -46, 14, 4), detail="vase-lip", shade=0.8)
    return k


def teddy() -> Kind:
    """A teddy bear."""
    k = item("teddy", "floor", (16, 30), 10)
    fur = k.pen(paint=k.paint(looks("fleece", "b88450 94642f", "d8b48c b89068", "8c8480 6c6460")))
    pad, bead = k.paint(look("fabric", "f0dcbc d8c09c")), k.paint(look("plastic", "201c1c 2c2828"))
    for s in (-1, 1):
        fur.add(ellipse(s * 18, -40, 10), part="teddy-ear")
        fur.add(ellipse(s * 25, 38, 12), ellipse(s * 29, 8, 10, 15, s * 18), part="teddy-paw")
    fur.add(ellipse(0, 20, 24, 26), part="teddy-body")
    fur.add(ellipse(0, 22, 14, 16), part="teddy-body", detail="tummy-patch", paint=pad, ink=0.4)
    fur.add(ellipse(0, -23, 23, 21), part="teddy-head")
    fur.add(ellipse(0, -16, 10, 8), part="teddy-head", detail="snout", paint=pad, ink=0.4)
    beads = (ellipse(-8, -27, 2.7), ellipse(8, -27, 2.7), ellipse(0, -19, 2.7))
    fur.add(*beads, part="teddy-head", detail="bead", paint=bead, ink=0)
    return k


def drum() -> Kind:
    """A toy drum."""
    k = item("drum", "floor", (14, 26))
    shell = looks("metal", *on(BRIGHT, "f0dca0"), pattern="zigzagged", size=30)
    k.pen(paint=k.paint(shell), part="drum-shell").add(box(0, 10, 84, 56))
    hoops = k.pen(paint=k.paint(look("wood", "f0dcb0 d8bc88")), part="drum-hoop")
    hoops.add(pill(0, -16, 90, 9, 4), pill(0, 37, 90, 9, 4))
    k.pen(paint=k.paint(look("leather", "f4ecd8 e0d4b8")), part="drumhead").add(ellipse(0, -20, 42, 12), ink=0.6)
    return k


def basket() -> Kind:
    """A wicker basket."""
    k = item("basket", "floor ground", (15, 28))
    wicker = k.pen(paint=k.paint(look("straw", "d8b070 b88c4c", "94703c 745428", "woven", 16)), part="wicker")
    wicker.add(ring(0, -5, 36, 29), part="basket-handle", ink=0.7)
    wicker.add(poly(-44, -2, 44, -2, 32, 44, -32, 44)).add(pill(0, -2, 94, 10, 4), part="basket-rim")
    return k


def stool() -> Kind:
    """A three-legged stool."""
    k = item("stool", "floor", (16, 28), 3)
    wood = k.pen(paint=k.paint(WOOD), part="stool-leg")
    wood.add(*(stroke(0.6 * x, -10, x, y, start=5, end=3.5) for x, y in ((0, 40), (-30, 46), (30, 46))), shade=0.85)
    wood.add(ellipse(0, -14, 42, 13), part="stool-top")
    return k


def candle() -> Kind:
    """A burning candle."""
    k = item("candle", "floor", (12, 24), 2)
    flame = k.pen(k.joint(0, tall=(0.8, 1.2)), k.paint(look("", "fce070 f8b840")), "flame")
    flame.add(blob(0, -50, 7, -34, 0, -26, -7, -34), ink=0.3, volume=0)
    k.pen(paint=k.paint(looks("wax", "f8f0dc e8dcc0", "d85c50", "88a878")), part="taper").add(box(0, 8, 22, 60))
    k.pen(paint=k.paint(look("fabric", "2c2824 3c3834")), part="wick").add(stroke(0, -20, 0, -30, start=1.4), ink=0)
    k.pen(paint=k.paint(BRASS), part="candle-dish").add(ellipse(0, 40, 34, 8))
    return k


def pillow() -> Kind:
    """A scatter cushion."""
    k = item("pillow", "floor", (16, 30), 25)
    patterns = ("striped", "chequered", "zigzagged", "crosshatched", "knitted")
    covers = (looks("fabric", *on(CLOTHS, "f0e4c8"), pattern=name, size=(14, 20)) for name in patterns)
    case = k.pen(paint=k.paint(*covers), part="pillow-case")
    case.add(blob(-42, -30, 0, -24, 42, -30, 36, 0, 42, 30, 0, 24, -42, 30, -36, 0))
    case.add(ellipse(0, 0, 4), detail="tuft", shade=0.6, ink=0.5)
    return k


HOME = (book, cup, bottle, cardboard_box, floor_lamp, vase, teddy, drum, basket, stool, candle, pillow)
"""All of them."""
