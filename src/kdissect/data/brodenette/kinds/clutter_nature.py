"""Clutter that grows or lies outdoors."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.item import item
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import GREENS, PETALS, on
from kdissect.data.brodenette.shapes import blob, box, dome, ellipse, poly, star, stroke


def bush() -> Kind:
    """A round bush, perhaps with berries."""
    k = item("bush", "ground", (16, 34))
    leaves = k.pen(paint=k.paint(looks("foliage", *GREENS)), part="shrub")
    leaves.add(blob(-48, 40, -45, 0, -20, -25, 10, -30, 40, -10, 50, 40, 0, 48))
    fruit = k.paint(looks("skin", "d03838", "5c3c8c", "f0e8e0"))
    spots = ((-20, 0), (10, -10), (25, 15), (-5, 20), (-30, 25))
    berries = k.pen(k.joint(0, chance=0.5), fruit, "shrub")
    berries.add(*(ellipse(x, y, 5.5) for x, y in spots), detail="berry", ink=0.7)
    return k


def rock() -> Kind:
    """A boulder with a crack and perhaps moss."""
    k = item("rock", "ground water", (12, 28), 12)
    stone = k.pen(paint=k.paint(looks("stone", "949490 74746f", "a89480 887460", "6c7478 545c60")), part="boulder")
    stone.add(poly(-48, 42, -42, 0, -18, -26, 14, -30, 40, -5, 50, 42))
    stone.add(stroke(-10, -25, 0, 0, -8, 20, start=2, end=0.8), detail="crack", shade=0.5, ink=0)
    moss = k.paint(look("foliage", "7c9448 5c7434"))
    k.pen(k.joint(0, chance=0.5), moss, "boulder").add(blob(-30, -16, 0, -28, 18, -22, 0, -14), detail="moss", ink=0.4)
    return k


def mushroom() -> Kind:
    """A toadstool."""
    k = item("mushroom", "ground", (9, 18))
    k.pen(paint=k.paint(look("skin", "f0e8d4 dccfb4")), part="stalk").add(stroke(0, 45, 0, -5, start=13, end=10))
    spotted = looks("skin", "d43c34/f8f0e8", "b88450/f0e0c0", "e0a040/f8f0e0", pattern="polka-dotted", size=26)
    k.pen(paint=k.paint(spotted), part="mushroom-cap").add(dome(0, 2, 42, 40))
    return k


def flower() -> Kind:
    """A wild flower."""
    k = item("flower", "ground", (10, 20), 14)
    k.pen(paint=k.paint(look("foliage", "5c9444 447834")), part="stalk").add(stroke(0, 48, 3, 10, 0, -15, start=3))
    head = k.pen(paint=k.paint(looks("floral", *PETALS)), part="floret")
    ring = ((0, -39), (18, -26), (11, -5), (-11, -5), (-18, -26))
    head.add(*(ellipse(x, y, 13) for x, y in ring), ink=0.6)
    head.add(ellipse(0, -20, 10), detail="pistil", paint=k.paint(look("floral", "f0c040 d89028")), ink=0.5)
    return k


def grass_tuft() -> Kind:
    """Blades of grass."""
    k = item("grass-tuft", "ground", (10, 22))
    blades = k.pen(paint=k.paint(looks("grass", "6c9c40 50802f", "a0a850 84883c")), part="blade")
    for x, y, bend in ((-30, -10, -15), (-15, -32, -5), (0, -42, 4), (15, -28, 10), (30, -10, 20)):
        blades.add(stroke(x / 2, 45, x, 0.4 * y, x + bend, y, start=4.5, end=1), ink=0.6)
    return k


def cactus() -> Kind:
    """A cactus with arms."""
    k = item("cactus", "ground", (20, 42), 4)
    green = k.paint(looks("foliage", "5c8c54/84ac74", "4c7c64/78a08c", pattern="lined", size=9))
    arms = k.pen(paint=green, part="cactus-arm")
    arms.add(stroke(-8, 15, -30, 12, -30, -15, start=8), stroke(8, 2, 28, 0, 28, -25, start=8))
    k.pen(paint=green, part="cactus-trunk").add(stroke(0, 48, 0, -40, start=13))
    bloom = k.pen(k.joint(0, chance=0.7), k.paint(look("floral", "e85890 d04878")), "cactus-bloom")
    bloom.add(star(0, -48, 9, 5, 6))
    return k


def stump() -> Kind:
    """A tree stump."""
    k = item("stump", "ground", (14, 28), 3)
    k.pen(paint=k.paint(look("bark", "6c4c30 543a22")), part="stump-bark").add(poly(-34, -10, 34, -10, 44, 46, -44, 46))
    rings = k.paint(look("wood", "d8b484 c09860", "a87c4c", "ringed", 10))
    k.pen(k.joint(0, (0, -12)), rings, "stump-top").add(ellipse(0, 0, 34, 13))
    return k


def snowman() -> Kind:
    """A snowman."""
    k = item("snowman", "ground", (20, 36), 4)
    snow, coal = k.paint(look("snow", "f8fafc e4ecf4")), k.paint(look("stone", "24242c 343438"))
    k.pen(paint=snow, part="snowball").add(ellipse(0, 22, 29, 27)).add(ellipse(0, -20, 19), part="snow-head")
    dots = ((-6, -25), (6, -25), (0, 10), (0, 22))
    k.pen(paint=coal, part="coal").add(*(ellipse(x, y, 2.5) for x, y in dots), ink=0)
    k.pen(paint=k.paint(look("skin", "f08030 d86c20")), part="carrot").add(poly(0, -20, 20, -16, 0, -14))
    k.pen(paint=coal, part="hat").add(box(0, -38, 36, 4), box(0, -46, 22, 14))
    scarf = looks("fabric", *on(("c83c34", "3868a8", "489058"), "f4ecd8"), pattern="striped", size=9)
    k.pen(paint=k.paint(scarf), part="scarf").add(stroke(-15, -7, 0, -3, 15, -7, start=3.5))
    return k


def starfish() -> Kind:
    """A starfish."""
    k = item("starfish", "water ground", (10, 20), 180)
    dotted = looks("skin", "e07848/f4c8a0", "c85878/f0c0cc", "d8b048/f8e8b8", pattern="studded", size=13)
    body = k.pen(paint=k.paint(dotted), part="ray-arm")
    body.add(star(0, 0, 50, 20)).add(ellipse(0, 0, 12), detail="mouth-disc", ink=0.3, shade=0.85)
    return k


def seashell() -> Kind:
    """A scallop shell."""
    k = item("seashell", "water ground", (10, 20), 60)
    ribs = looks("shell", "f0d8c0/d0a088", "e8c0b8/c89090", "f4ead8/c8b898", pattern="rayed", size=50)
    at = k.joint(0, (0, 38))
    shell = k.pen(at, k.paint(ribs), "valve")
    shell.add(blob(0, 2, -40, -33, -36, -66, 0, -80, 36, -66, 40, -33)).add(
        box(0, 0, 24, 12), detail="hinge", shade=0.85
    )
    return k


NATURE = (bush, rock, mushroom, flower, grass_tuft, cactus, stump, snowman, starfish, seashell)
"""All of them."""
