"""Clutter that stands outdoors or hangs in the air."""

from collections.abc import Callable

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, dome, ellipse, poly, ring, star, stroke


def _kind(name: str, places: str, low: float, high: float, tilt: float = 6.0) -> Kind:
    k = Kind(name, places=places, size=(low, high), tilt=tilt)
    k.joint(wide=(0.85, 1.2), tall=(0.85, 1.15))
    return k


def bush() -> Kind:
    """A round bush, perhaps with berries."""
    k = _kind("bush", "ground", 0.16, 0.34)
    green = k.paint(looks("foliage", "5c9048 3c7038", "7c9c44 5c7c34", "4c7c5c 345c44"))
    k.add(blob(-0.48, 0.4, -0.45, 0.0, -0.2, -0.25, 0.1, -0.3, 0.4, -0.1, 0.5, 0.4, 0, 0.48), green, part="shrub")
    berries = k.joint(0, chance=0.5)
    red = k.paint(looks("skin", "d03838", "5c3c8c", "f0e8e0"))
    for x, y in ((-0.2, 0.0), (0.1, -0.1), (0.25, 0.15), (-0.05, 0.2), (-0.3, 0.25)):
        k.add(ellipse(x, y, 0.055), red, berries, "shrub", "berry", ink=0.7)
    return k


def rock() -> Kind:
    """A boulder with a crack."""
    k = _kind("rock", "ground water", 0.12, 0.28, 12)
    k.add(
        poly(-0.48, 0.4, -0.42, 0.0, -0.18, -0.26, 0.14, -0.3, 0.4, -0.05, 0.5, 0.4),
        k.paint(looks("stone", "949490 74746f", "a89480 887460", "6c7478 545c60")),
    )
    k.add(stroke(-0.1, -0.25, 0.0, 0.0, -0.08, 0.2, start=0.02, end=0.008), part="crack", shade=0.5, ink=0)
    return k


def mushroom() -> Kind:
    """A toadstool."""
    k = _kind("mushroom", "ground", 0.09, 0.18)
    k.add(stroke(0, 0.45, 0, -0.05, start=0.13, end=0.1), k.paint(look("skin", "f0e8d4 dccfb4")), part="stalk")
    k.add(
        dome(0, 0.02, 0.42, 0.4),
        k.paint(looks("skin", "d43c34/f8f0e8", "b88450/f0e0c0", "e0a040/f8f0e0", pattern="polka-dotted", size=0.26)),
        part="cap-top",
    )
    return k


def flower() -> Kind:
    """A wild flower."""
    k = _kind("flower", "ground", 0.1, 0.2, 14)
    k.add(stroke(0, 0.48, 0.03, 0.1, 0, -0.15, start=0.03), k.paint(look("foliage", "5c9444 447834")), part="stalk")
    petals = k.paint(looks("floral", "f0ece8", "e8c040", "d86090", "8868c0", "e07840"))
    for i in range(5):
        x, y = ((0, -0.19), (0.18, -0.06), (0.11, 0.15), (-0.11, 0.15), (-0.18, -0.06))[i]
        k.add(ellipse(x, y - 0.2, 0.13), petals, part="floret", ink=0.6)
    k.add(ellipse(0, -0.2, 0.1), k.paint(look("floral", "f0c040 d89028")), part="floret", detail="pistil", ink=0.5)
    return k


def grass_tuft() -> Kind:
    """Blades of grass."""
    k = _kind("grass-tuft", "ground", 0.1, 0.22)
    green = k.paint(looks("grass", "6c9c40 50802f", "a0a850 84883c"))
    for x, y, bend in (
        (-0.3, -0.1, -0.15),
        (-0.15, -0.32, -0.05),
        (0.0, -0.42, 0.04),
        (0.15, -0.28, 0.1),
        (0.3, -0.1, 0.2),
    ):
        k.add(stroke(x * 0.5, 0.45, x, y * 0.4, x + bend, y, start=0.045, end=0.01), green, part="blade", ink=0.6)
    return k


def fence_piece() -> Kind:
    """Two posts and rails."""
    k = _kind("gate", "ground", 0.22, 0.4, 3)
    wood = k.paint(looks("wood", "a07c50 80603a", "e8e4d8 d0c8b8", "6c5844 504030"))
    for y in (-0.1, 0.12, 0.32):
        k.add(box(0, y, 0.95, 0.07), wood, part="crossbar", ink=0.8)
    for x in (-0.36, 0.36):
        k.add(poly(x - 0.06, 0.48, x - 0.06, -0.22, x, -0.3, x + 0.06, -0.22, x + 0.06, 0.48), wood, part="gatepost")
    return k


def lamp_post() -> Kind:
    """A street lamp."""
    k = _kind("street-lamp", "ground", 0.3, 0.55, 2)
    iron = k.paint(looks("metal", "3c4448 2c3034", "5c7468 44584c"))
    k.add(stroke(0, 0.48, 0, -0.3, start=0.025), iron, part="lamp-pole")
    k.add(box(0, 0.46, 0.13, 0.06), iron, part="lamp-foot")
    k.add(
        poly(-0.09, -0.45, 0.09, -0.45, 0.06, -0.28, -0.06, -0.28),
        k.paint(look("glass", "fff0b0 f4d878")),
        part="lantern",
    )
    k.add(poly(-0.11, -0.44, 0, -0.52, 0.11, -0.44), iron, part="lamp-hood")
    return k


def road_sign() -> Kind:
    """A sign on a pole."""
    k = _kind("road-sign", "ground", 0.22, 0.42, 4)
    k.add(box(0, 0.1, 0.05, 0.8), k.paint(look("metal", "a0a4a8 7c8084")), part="sign-pole")
    k.add(poly(-0.26, -0.1, 0, -0.5, 0.26, -0.1), k.paint(looks("plastic", "d83c34", "e8b030")), part="sign-plate")
    k.add(
        poly(-0.16, -0.15, 0, -0.4, 0.16, -0.15),
        k.paint(look("plastic", "f8f4e8 f0e8d0")),
        part="sign-plate",
        detail="sign-face",
        ink=0.3,
    )
    k.add(
        stroke(0, -0.33, 0, -0.22, start=0.02),
        k.paint(look("plastic", "202020 302c2c")),
        part="sign-plate",
        detail="symbol",
        ink=0,
    )
    return k


def bench() -> Kind:
    """A park bench."""
    k = _kind("bench", "ground", 0.25, 0.42, 3)
    iron, wood = k.paint(look("metal", "40484c 2c3236")), k.paint(looks("wood", "a87c4c 84602f", "5c8464 446448"))
    for x in (-0.36, 0.36):
        k.add(stroke(x, 0.4, x, 0.05, x - 0.02, -0.22, start=0.03), iron, part="bench-leg")
    for y in (-0.2, -0.1, 0.08, 0.15):
        k.add(box(0, y, 0.95, 0.065), wood, part="bench-slat", ink=0.8)
    return k


def hydrant() -> Kind:
    """A fire hydrant."""
    k = _kind("hydrant", "ground", 0.13, 0.26, 3)
    red = k.paint(looks("metal", "d0382c b02820", "e0b030 b88c20"))
    k.add(box(0, 0.15, 0.32, 0.55), red, part="barrel-body")
    k.add(dome(0, -0.12, 0.18, 0.22), red, part="bonnet-cap")
    for x in (-0.2, 0.2):
        k.add(ellipse(x, 0.05, 0.09), red, part="nozzle", shade=0.8)
    k.add(box(0, 0.44, 0.46, 0.08), red, part="flange", shade=0.85)
    return k


def traffic_cone() -> Kind:
    """A striped cone."""
    k = _kind("traffic-cone", "ground floor", 0.12, 0.24, 5)
    k.add(box(0, 0.42, 0.7, 0.1), k.paint(look("rubber", "d05c20 a84818")), part="cone-base")
    k.add(
        poly(-0.25, 0.38, -0.06, -0.46, 0.06, -0.46, 0.25, 0.38),
        k.paint(looks("plastic", "f07828/f8f4f0", "e85c30/f8f4f0", pattern="banded", size=0.36, angle=90)),
        part="cone-body",
    )
    return k


def bucket() -> Kind:
    """A pail with a handle."""
    k = _kind("bucket", "ground floor", 0.12, 0.22)
    k.add(ring(0, -0.15, 0.34, 0.29), k.paint(look("metal", "8c9094 6c7074")), part="bail", ink=0.6)
    k.add(
        poly(-0.36, -0.15, 0.36, -0.15, 0.26, 0.46, -0.26, 0.46),
        k.paint(looks("metal", "a8b0b4 848c90", "4878a8 345c84"), looks("plastic", "e05848", "48a868", "f0c040")),
        part="pail",
    )
    k.add(ellipse(0, -0.15, 0.36, 0.08), k.paint(look("water", "78b0c8 5490ac")), part="pail", detail="brim", ink=0.6)
    return k


def barrel() -> Kind:
    """A wooden or steel barrel."""
    k = _kind("barrel", "ground floor", 0.15, 0.3, 3)
    k.add(
        blob(-0.3, -0.45, -0.38, 0, -0.3, 0.45, 0, 0.48, 0.3, 0.45, 0.38, 0, 0.3, -0.45, 0, -0.48),
        k.paint(
            looks("wood", "a87844/6c4824", pattern="lined", size=0.16), looks("metal", "3c6c9c 2c5078", "c84c38 a0382c")
        ),
        part="cask",
    )
    for y in (-0.28, 0.28):
        k.add(box(0, y, 0.72, 0.07), k.paint(look("metal", "5c6064 44484c")), part="cask", detail="hoop", ink=0.5)
    return k


def ball() -> Kind:
    """A beach ball."""
    k = _kind("ball", "ground floor", 0.1, 0.22, 180)
    k.add(
        ellipse(0, 0, 0.46),
        k.paint(
            looks("plastic", "e04838/f8f4ec", "3c80c8/f8e8a0", "48a858/f4f0e4", pattern="rayed", size=1.0),
            looks("rubber", "e07838", "c84868"),
            looks("leather", "f0ece4/2c2c30", pattern="honeycombed", size=0.3),
        ),
    )
    k.add(ellipse(0, 0, 0.08), k.paint(look("plastic", "f8f4ec e8e0d0")), part="valve", ink=0.5)
    return k


def kite() -> Kind:
    """A kite with a tail."""
    k = _kind("kite", "air", 0.16, 0.32, 35)
    k.add(
        stroke(0, 0.2, 0.12, 0.34, -0.04, 0.44, 0.1, 0.55, start=0.015),
        k.paint(look("straw", "d8ccb0 b8a888")),
        part="kite-tail",
        ink=0.5,
    )
    k.add(
        poly(0, -0.5, 0.3, -0.12, 0, 0.25, -0.3, -0.12),
        k.paint(
            looks(
                "paper",
                "e04838/f0c848",
                "4878c8/f4f0e4",
                "58a868/f4e8b8",
                "a858a8/f4e0f0",
                pattern="chequered",
                size=0.28,
            )
        ),
        part="kite-sail",
    )
    k.add(stroke(0, -0.5, 0, 0.25, start=0.014), k.paint(look("wood", "a88858 886c40")), part="kite-spar", ink=0.2)
    return k


def balloon() -> Kind:
    """A toy balloon."""
    k = _kind("balloon", "air", 0.14, 0.28, 12)
    k.add(
        stroke(0, 0.2, 0.05, 0.35, -0.02, 0.5, start=0.012),
        k.paint(look("straw", "e0d8c8 c0b8a4")),
        part="string",
        ink=0.3,
    )
    k.add(
        poly(0, 0.16, 0.06, 0.25, -0.06, 0.25),
        part="knot",
        paint=k.paint(looks("rubber", "d84848", "4880c8", "e8b838", "68a858", "b868b0")),
    )
    k.add(blob(0, -0.5, 0.28, -0.36, 0.3, -0.1, 0.0, 0.2, -0.3, -0.1, -0.28, -0.36), 1, part="bladder")
    return k


def butterfly() -> Kind:
    """A butterfly."""
    k = _kind("butterfly", "air ground", 0.1, 0.2, 40)
    wing = k.paint(
        looks(
            "scale",
            "e08838/2c2420",
            "5888c8/20283c",
            "e8d868/50402c",
            "d868a0/f8e8f0",
            pattern="polka-dotted",
            size=0.2,
        )
    )
    for side in (-1, 1):
        flap = k.joint(0, wide=(0.6, 1.1), key="flap")
        k.add(blob(0, -0.05, side * 0.15, -0.38, side * 0.45, -0.4, side * 0.42, -0.08), wing, flap, "forewing")
        k.add(blob(0, 0.0, side * 0.35, 0.02, side * 0.32, 0.32, side * 0.08, 0.26), wing, flap, "hindwing", shade=0.9)
    k.add(stroke(0, -0.2, 0, 0.22, start=0.045, end=0.025), k.paint(look("skin", "3c2c24 2c2020")), part="thorax")
    for side in (-1, 1):
        k.add(stroke(0, -0.2, side * 0.1, -0.38, start=0.012), 1, part="antenna", ink=0)
    return k


def gull() -> Kind:
    """A far bird in flight."""
    k = _kind("gull", "air", 0.09, 0.2, 15)
    k.add(
        stroke(-0.48, -0.1, -0.22, -0.2, 0, 0.05, 0.22, -0.2, 0.48, -0.1, start=0.035),
        k.paint(looks("feather", "f0f0ec d0d4d8", "404448 2c3034")),
        part="gull-wing",
        ink=0.8,
    )
    k.add(ellipse(0, 0.05, 0.13, 0.06), part="gull-body", ink=0.8)
    return k


def buoy() -> Kind:
    """A floating mark."""
    k = _kind("buoy", "water", 0.12, 0.26, 14)
    k.add(
        poly(-0.12, 0.15, 0, -0.42, 0.12, 0.15),
        k.paint(
            looks("metal", "d84838/f4f0e8", "48a060/f4f0e8", "e8b838/303030", pattern="banded", size=0.3, angle=90)
        ),
        part="buoy-tower",
    )
    k.add(ellipse(0, 0.25, 0.4, 0.17), k.paint(look("foam", "e05840 c04028")), part="float")
    k.add(ellipse(0, -0.44, 0.07), k.paint(look("glass", "f8e8a0 f0d060")), part="buoy-light")
    return k


def starfish() -> Kind:
    """A starfish."""
    k = _kind("starfish", "water ground", 0.1, 0.2, 180)
    k.add(
        star(0, 0, 0.5, 0.2),
        k.paint(looks("skin", "e07848/f4c8a0", "c85878/f0c0cc", "d8b048/f8e8b8", pattern="studded", size=0.13)),
        part="arm",
    )
    k.add(ellipse(0, 0, 0.12), part="arm", detail="disc-centre", ink=0.3, shade=0.85)
    return k


def seashell() -> Kind:
    """A scallop shell."""
    k = _kind("seashell", "water ground", 0.1, 0.2, 60)
    k.add(
        blob(0, 0.4, -0.4, 0.05, -0.36, -0.28, 0, -0.42, 0.36, -0.28, 0.4, 0.05),
        k.paint(looks("shell", "f0d8c0/d0a088", "e8c0b8/c89090", "f4ead8/c8b898", pattern="rayed", size=0.5)),
        part="valve-half",
    )
    k.add(box(0, 0.38, 0.24, 0.12), part="hinge", shade=0.85)
    return k


def cactus() -> Kind:
    """A cactus with arms."""
    k = _kind("cactus", "ground", 0.2, 0.42, 4)
    green = k.paint(looks("foliage", "5c8c54/84ac74", "4c7c64/78a08c", pattern="lined", size=0.09))
    for flat in ((-0.08, 0.15, -0.3, 0.12, -0.3, -0.15), (0.08, 0.02, 0.28, 0.0, 0.28, -0.25)):
        k.add(stroke(*flat, start=0.08), green, part="cactus-arm")
    k.add(stroke(0, 0.48, 0, -0.4, start=0.13), green, part="cactus-trunk")
    k.add(ellipse(0, -0.5, 0.07), k.paint(look("floral", "e85890 d04878")), part="cactus-bloom")
    return k


def stump() -> Kind:
    """A tree stump."""
    k = _kind("stump", "ground", 0.14, 0.28, 3)
    k.add(
        poly(-0.34, -0.1, 0.34, -0.1, 0.44, 0.46, -0.44, 0.46),
        k.paint(look("bark", "6c4c30 543a22")),
        part="stump-bark",
    )
    k.add(
        ellipse(0, -0.12, 0.34, 0.13), k.paint(look("wood", "d8b484 c09860", "a87c4c", "ringed", 0.1)), part="stump-top"
    )
    return k


def snowman() -> Kind:
    """A snowman."""
    k = _kind("snowman", "ground", 0.2, 0.36, 4)
    snow, coal = k.paint(look("snow", "f8fafc e4ecf4")), k.paint(look("stone", "24242c 343438"))
    k.add(ellipse(0, 0.22, 0.29, 0.27), snow, part="snowball")
    k.add(ellipse(0, -0.2, 0.19), snow, part="snow-head")
    for x, y in ((-0.06, -0.25), (0.06, -0.25), (0, 0.1), (0, 0.22)):
        k.add(ellipse(x, y, 0.025), coal, part="coal", ink=0)
    k.add(poly(0, -0.2, 0.2, -0.16, 0, -0.14), k.paint(look("skin", "f08030 d86c20")), part="carrot")
    k.add(box(0, -0.38, 0.36, 0.04), coal, part="hat")
    k.add(box(0, -0.46, 0.22, 0.14), coal, part="hat")
    return k


OUTDOORS: tuple[Callable[[], Kind], ...] = (
    bush, rock, mushroom, flower, grass_tuft, fence_piece, lamp_post, road_sign, bench, hydrant, traffic_cone,
    bucket, barrel, ball, kite, balloon, butterfly, gull, buoy, starfish, seashell, cactus, stump, snowman,
)  # fmt: skip
"""All of them."""
