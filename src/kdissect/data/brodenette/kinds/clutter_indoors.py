"""Clutter that stands on a floor or hangs on a wall."""

from collections.abc import Callable

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, ellipse, pill, poly, ring, stroke


def _kind(name: str, places: str, low: float, high: float, tilt: float = 4.0) -> Kind:
    k = Kind(name, places=places, size=(low, high), tilt=tilt)
    k.joint(wide=(0.85, 1.2), tall=(0.85, 1.15))
    return k


def book() -> Kind:
    """A closed book, standing or lying."""
    k = _kind("book", "floor", 0.11, 0.2, 30)
    k.add(box(0.03, 0.0, 0.6, 0.84), k.paint(look("paper", "f4ecd8 e0d4b8")), part="pages")
    k.add(
        box(-0.03, 0.02, 0.6, 0.9),
        k.paint(looks("leather", "a03c34", "34588c", "4c7c54", "6c4c84", "c89838")),
        part="book-cover",
    )
    k.add(box(-0.28, 0.02, 0.1, 0.9), 1, part="spine-back", shade=0.7)
    k.add(
        box(0.03, -0.15, 0.34, 0.14),
        k.paint(look("paper", "f0e0a8 d8c480")),
        part="book-cover",
        detail="title",
        ink=0.4,
    )
    return k


def cup() -> Kind:
    """A mug."""
    k = _kind("cup", "floor", 0.1, 0.19, 8)
    glaze = k.paint(
        looks("ceramic", "e8e4dc", "d85c48", "4878b0", "68a070"),
        looks("ceramic", "f0ece4/d85c48", "f0ece4/4878b0", pattern="striped", size=0.24),
    )
    k.add(ring(0.3, 0.0, 0.2, 0.12), glaze, part="cup-handle")
    k.add(poly(-0.36, -0.36, 0.28, -0.36, 0.22, 0.42, -0.28, 0.42), glaze, part="cup-bowl")
    k.add(
        ellipse(-0.04, -0.36, 0.32, 0.08),
        k.paint(look("water", "5c3820 4a2c18")),
        part="cup-bowl",
        detail="coffee",
        ink=0.6,
    )
    return k


def bottle() -> Kind:
    """A bottle with a label."""
    k = _kind("bottle", "floor", 0.16, 0.3, 3)
    k.add(
        blob(-0.06, -0.46, 0.06, -0.46, 0.06, -0.2, 0.16, -0.08, 0.16, 0.46, -0.16, 0.46, -0.16, -0.08, -0.06, -0.2),
        k.paint(looks("glass", "4c8c5c 346c44", "7cb0c8 5c90ac", "8c5c30 6c4420")),
        part="flask",
    )
    k.add(box(0, -0.47, 0.13, 0.07), k.paint(look("cork", "c8a06c a8804c")), part="stopper")
    k.add(
        box(0, 0.18, 0.3, 0.24),
        k.paint(looks("paper", "f4ecd4/c84838", "f4f0e4/3858a0", pattern="lined", size=0.09, angle=90)),
        part="flask",
        detail="sticker",
        ink=0.4,
    )
    return k


def box_kind() -> Kind:
    """A cardboard box."""
    k = _kind("box", "floor ground", 0.15, 0.3, 4)
    card = k.paint(look("paper", "cca472 ac8450"))
    k.add(poly(-0.42, -0.2, -0.3, -0.4, 0.46, -0.4, 0.34, -0.2), card, part="box-lid", shade=1.1)
    k.add(poly(0.34, -0.2, 0.46, -0.4, 0.46, 0.28, 0.34, 0.44), card, part="box-side", shade=0.75)
    k.add(box(-0.04, 0.12, 0.76, 0.64), card, part="box-front")
    k.add(
        box(-0.04, 0.12, 0.1, 0.64),
        k.paint(look("plastic", "e0c898 c8ac74")),
        part="box-front",
        detail="packing-tape",
        ink=0.3,
    )
    return k


def floor_lamp() -> Kind:
    """A lamp with a shade."""
    k = _kind("floor-lamp", "floor", 0.28, 0.5, 3)
    k.add(stroke(0, 0.46, 0, -0.2, start=0.02), k.paint(look("metal", "a88c50 80683a")), part="lamp-stand")
    k.add(ellipse(0, 0.46, 0.16, 0.04), part="lamp-base")
    k.add(
        poly(-0.1, -0.48, 0.1, -0.48, 0.2, -0.16, -0.2, -0.16),
        k.paint(
            looks("fabric", "f8e8b8 ecd490", "e0886c", "88b0b8"),
            looks("fabric", "f4e4bc/d0a868", pattern="lined", size=0.07),
        ),
        part="lampshade",
    )
    return k


def vase() -> Kind:
    """A patterned vase."""
    k = _kind("vase", "floor", 0.14, 0.28, 3)
    k.add(
        blob(-0.12, -0.46, 0.12, -0.46, 0.08, -0.28, 0.28, 0.05, 0.14, 0.46, -0.14, 0.46, -0.28, 0.05, -0.08, -0.28),
        k.paint(
            looks("ceramic", "f0ece4/3860a8", "c86848/f0dcb8", "4c8c84/e8e4d0", pattern="zigzagged", size=0.2),
            looks("ceramic", "f0ece4/3860a8", "d8b878/84502c", pattern="banded", size=0.25, angle=90),
        ),
        part="vase-body",
    )
    k.add(ellipse(0, -0.46, 0.14, 0.04), part="vase-lip", shade=0.8)
    return k


def picture() -> Kind:
    """A framed picture of hills."""
    k = _kind("picture", "wall", 0.16, 0.32, 3)
    k.add(box(0, 0, 0.96, 0.72), k.paint(looks("wood", "a87c40", "5c4430", "d8c080")), part="picture-frame")
    k.add(box(0, 0, 0.78, 0.54), k.paint(looks("paper", "b8d8e8", "f0d8b0", "d8c8e0")), part="canvas", ink=0.5)
    k.add(
        poly(-0.39, 0.27, -0.15, -0.08, 0.05, 0.12, 0.2, -0.02, 0.39, 0.27),
        k.paint(looks("paper", "6c9c6c", "8c7c9c", "c87c58")),
        part="canvas",
        detail="painted-hill",
        ink=0.3,
    )
    return k


def clock() -> Kind:
    """A round clock."""
    k = _kind("clock", "wall", 0.12, 0.24, 0)
    k.add(
        ellipse(0, 0, 0.47),
        k.paint(looks("wood", "8c6034", "444044"), looks("metal", "c8a850", "b04038")),
        part="clock-case",
    )
    k.add(ellipse(0, 0, 0.37), k.paint(look("paper", "f8f4e8 ece4d0")), part="dial", ink=0.5)
    black = k.paint(look("metal", "242424 383434"))
    for x, y in ((0, -0.3), (0.3, 0), (0, 0.3), (-0.3, 0)):
        k.add(ellipse(x, y, 0.03), black, part="dial", detail="hour-mark", ink=0)
    for length, name in ((0.2, "hour-hand"), (0.29, "minute-hand")):
        hand = k.joint(0, turn=(0, 360))
        k.add(stroke(0, 0, 0, -length, start=0.03, end=0.02), black, hand, "dial", name, ink=0)
    return k


def mirror() -> Kind:
    """An oval mirror."""
    k = _kind("mirror", "wall", 0.18, 0.32, 0)
    k.add(
        ellipse(0, 0, 0.36, 0.47),
        k.paint(looks("wood", "b08848", "f0ece0"), looks("metal", "c8a850")),
        part="mirror-frame",
    )
    k.add(ellipse(0, 0, 0.28, 0.39), k.paint(look("glass", "c8dce4 a8c4d0")), part="mirror-glass", ink=0.5)
    return k


def teddy() -> Kind:
    """A teddy bear."""
    k = _kind("teddy", "floor", 0.16, 0.3, 10)
    fur, pad, black = (
        k.paint(looks("fleece", "b88450 94642f", "d8b48c b89068", "8c8480 6c6460")),
        k.paint(look("fabric", "f0dcbc d8c09c")),
        k.paint(look("plastic", "201c1c 2c2828")),
    )
    for x in (-0.18, 0.18):
        k.add(ellipse(x, -0.4, 0.1), fur, part="teddy-ear")
        k.add(ellipse(x * 1.4, 0.38, 0.12), fur, part="teddy-paw")
        k.add(ellipse(x * 1.6, 0.08, 0.1, 0.15, x * 100), fur, part="teddy-paw")
    k.add(ellipse(0, 0.2, 0.24, 0.26), fur, part="teddy-body")
    k.add(ellipse(0, 0.22, 0.14, 0.16), pad, part="teddy-body", detail="patch", ink=0.4)
    k.add(ellipse(0, -0.23, 0.23, 0.21), fur, part="teddy-head")
    k.add(ellipse(0, -0.16, 0.1, 0.08), pad, part="teddy-head", detail="snout", ink=0.4)
    for x, y in ((-0.08, -0.27), (0.08, -0.27), (0, -0.19)):
        k.add(ellipse(x, y, 0.027), black, part="teddy-head", detail="bead", ink=0)
    return k


def drum() -> Kind:
    """A toy drum."""
    k = _kind("drum", "floor", 0.14, 0.26)
    k.add(
        box(0, 0.1, 0.84, 0.56),
        k.paint(looks("metal", "d84838/f0d060", "3868b0/f0e8d0", pattern="zigzagged", size=0.3)),
        part="drum-shell",
    )
    for y in (-0.16, 0.37):
        k.add(pill(0, y, 0.9, 0.09, 0.04), k.paint(look("wood", "f0dcb0 d8bc88")), part="drum-hoop")
    k.add(ellipse(0, -0.2, 0.42, 0.12), k.paint(look("leather", "f4ecd8 e0d4b8")), part="drumhead", ink=0.6)
    return k


def basket() -> Kind:
    """A wicker basket."""
    k = _kind("basket", "floor ground", 0.15, 0.28)
    k.add(ring(0, -0.05, 0.36, 0.29), k.paint(look("straw", "b08850 8c6838")), part="basket-handle", ink=0.7)
    k.add(
        poly(-0.44, -0.02, 0.44, -0.02, 0.32, 0.44, -0.32, 0.44),
        k.paint(look("straw", "d8b070/94703c", "94703c 745428", "woven", 0.16)),
        part="wicker",
    )
    k.add(pill(0, -0.02, 0.94, 0.1, 0.04), 0, part="basket-rim")
    return k


def stool() -> Kind:
    """A three-legged stool."""
    k = _kind("stool", "floor", 0.16, 0.28, 3)
    wood = k.paint(looks("wood", "b88c54 946c3c", "e0dcd0", "6c84a0"))
    for x, y in ((0, 0.4), (-0.3, 0.46), (0.3, 0.46)):
        k.add(stroke(x * 0.6, -0.1, x, y, start=0.05, end=0.035), wood, part="stool-leg", shade=0.85)
    k.add(ellipse(0, -0.14, 0.42, 0.13), wood, part="stool-top")
    return k


def candle() -> Kind:
    """A burning candle."""
    k = _kind("candle", "floor", 0.12, 0.24, 2)
    k.add(
        blob(0, -0.5, 0.07, -0.34, 0, -0.26, -0.07, -0.34),
        k.paint(look("", "fce070 f8b840")),
        part="flame",
        ink=0.3,
        volume=0,
    )
    k.add(box(0, 0.08, 0.22, 0.6), k.paint(looks("wax", "f8f0dc e8dcc0", "d85c50", "88a878")), part="candle-stick")
    k.add(stroke(0, -0.2, 0, -0.3, start=0.014), k.paint(look("fabric", "2c2824 3c3834")), part="wick", ink=0)
    k.add(ellipse(0, 0.4, 0.34, 0.08), k.paint(look("metal", "c8a450 a08038")), part="candle-dish")
    return k


def cushion() -> Kind:
    """A scatter cushion."""
    k = _kind("pillow", "floor", 0.16, 0.3, 25)
    k.add(
        blob(-0.42, -0.3, 0, -0.24, 0.42, -0.3, 0.36, 0, 0.42, 0.3, 0, 0.24, -0.42, 0.3, -0.36, 0),
        k.paint(
            *(
                looks(
                    "fabric",
                    "c85c54/f0dcc0",
                    "5880a8/e8e4d4",
                    "6c9c6c/f0e8c8",
                    "d8b050/8c5c30",
                    pattern=p,
                    size=(0.14, 0.2),
                )
                for p in ("striped", "chequered", "zigzagged", "crosshatched", "knitted")
            )
        ),
        part="pillow-case",
    )
    k.add(ellipse(0, 0, 0.04), part="pillow-button", shade=0.6, ink=0.5)
    return k


def wall_shelf() -> Kind:
    """A shelf with jars."""
    k = _kind("wall-shelf", "wall", 0.2, 0.36, 1)
    k.add(box(0, 0.2, 0.98, 0.08), k.paint(looks("wood", "a07444", "e8e4d8")), part="shelf-plank")
    for x, colour in ((-0.3, "c84c3c d8844c"), (0.0, "5c94a8 7cb08c"), (0.28, "d8b848 a87cb0")):
        k.add(pill(x, -0.02, 0.2, 0.36, 0.05), k.paint(look("glass", colour)), part="jar")
        k.add(box(x, -0.22, 0.22, 0.08), k.paint(look("metal", "b0a890 88806c")), part="jar", detail="jar-lid", ink=0.6)
    return k


INDOORS: tuple[Callable[[], Kind], ...] = (
    book, cup, bottle, box_kind, floor_lamp, vase, picture, clock, mirror, teddy, drum, basket, stool, candle,
    cushion, wall_shelf,
)  # fmt: skip
"""All of them."""
