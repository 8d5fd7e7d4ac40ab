"""Scenes: sky or wall, ground or floor, and what belongs there, each drawn anew every time."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.scenery import (
    clouds, conifer, distant_house, far_hills, leafy_tree, open_sky, pier, plain_floor, plain_ground, plain_wall,
    sand_ripples, skirting, sun, wall_window, water_band,
)  # fmt: skip
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, ellipse, poly, stroke


def _scene(name: str, places: str, low: float, high: float) -> tuple[Kind, int]:
    k = Kind(name, places=places, horizon=(low, high))
    k.joint()
    return k, k.joint(at=(0.5, 0.0), down=(low, high), key="horizon")


def meadow() -> Kind:
    """Grass under a blue sky."""
    k, horizon = _scene("meadow", "ground air", 0.42, 0.66)
    open_sky(k, horizon, "8cc4f0/d8ecf8 5c9cd8/b8dcf0")
    sun(k)
    clouds(k, horizon)
    far_hills(k, horizon, "7cac64 5c8c54", "hill", "grass")
    plain_ground(k, horizon, "grass-field", looks("grass", "88b850 5c9440", "9cb458 74943c"))
    leafy_tree(k, horizon, 3)
    return k


def desert() -> Kind:
    """Dunes and heat."""
    k, horizon = _scene("desert", "ground air", 0.4, 0.62)
    open_sky(k, horizon, "f0d8a8/f8ecd0 88bce8/f4e4c0")
    sun(k)
    far_hills(k, horizon, "d8a860 c08c50", "dune", "sand")
    plain_ground(
        k,
        horizon,
        "sand-plain",
        looks("sand", "ecc888/d4a864 dcb070/c0904c", pattern="wavy", size=(0.2, 0.3)),
        far=True,
    )
    return k


def forest() -> Kind:
    """A row of trees above dark ground."""
    k, horizon = _scene("forest", "ground air", 0.45, 0.68)
    open_sky(k, horizon, "a8ccb0/d4e8d0 7ca894/b8d4bc")
    far_hills(k, horizon, "4c7c5c 3c6450", "treeline", "foliage")
    conifer(k, horizon, 8)
    plain_ground(
        k, horizon, "forest-floor", looks("soil", "6c5c3c/4c6c34 5c4c30/3c5428", pattern="blotchy", size=(0.08, 0.12))
    )
    leafy_tree(k, horizon, 2)
    return k


def beach() -> Kind:
    """Sea and sand."""
    k, horizon = _scene("beach", "ground air water", 0.36, 0.5)
    open_sky(k, horizon, "9cd0f4/e4f2f8 6cacdc/cce6f4")
    sun(k)
    clouds(k, horizon)
    water_band(k, horizon, 0.18, "sea", "3c94b8/7cc4d4 2c7ca4/60b0c8")
    shore = k.joint(horizon, (0, 0.16), turn=(-5, 5), down=(-0.04, 0.06))
    k.add(
        stroke(-0.7, 0.01, -0.2, -0.01, 0.2, 0.015, 0.7, 0.0, start=0.016),
        k.paint(look("foam", "f8fcfc e4f0f0")),
        shore,
        ink=0.2,
        object="surf",
    )
    k.add(
        box(0, 0.52, 1.5, 1.02),
        k.paint(looks("sand", "f0dcac dcc088", "e4cca0 d0b078", pattern="plain")),
        shore,
        ink=0.2,
        volume=0,
        object="sand-plain",
    )
    return k


def street() -> Kind:
    """Houses, a kerb, asphalt."""
    k, horizon = _scene("street", "ground air", 0.5, 0.66)
    open_sky(k, horizon, "b4c8d8/dce4ec 8ca8c4/c8d8e4")
    distant_house(k, horizon, 6)
    plain_ground(k, horizon, "road", looks("asphalt", "686a70 54565c", "7c7c80 606064"))
    k.add(
        box(0, 0.03, 1.2, 0.06),
        k.paint(looks("stone", "b4b0a8/908c84 a09c94/7c7870", pattern="grid", size=0.09)),
        horizon,
        ink=0.4,
        object="pavement",
    )
    for x in (-0.5, -0.18, 0.14, 0.46):
        k.add(
            box(x, 0.2, 0.17, 0.022), k.paint(look("plastic", "f4f0e0 e0d8bc")), horizon, ink=0.1, object="road-marking"
        )
    return k


def harbour() -> Kind:
    """A quay and calm water."""
    k, horizon = _scene("harbour", "ground air water", 0.36, 0.5)
    open_sky(k, horizon, "a4bcd0/d8e4ec e8c4a4/f4e4d0")
    clouds(k, horizon)
    distant_house(k, horizon, 4)
    water_band(k, horizon, 0.7, "sea", "4c7c98/88acbc 3c6884/6c94a8")
    pier(k, horizon)
    return k


def garden() -> Kind:
    """A lawn, a hedge and a fence."""
    k, horizon = _scene("garden", "ground air", 0.44, 0.62)
    open_sky(k, horizon, "a0d0f4/e0f0f8 7cb8e8/c8e4f4")
    clouds(k, horizon)
    leafy_tree(k, horizon, 2)
    hedge = k.paint(looks("foliage", "4c8444 38683a", "6c9848 50783c"))
    k.add(
        blob(-0.7, 0.04, -0.5, -0.09, -0.2, -0.07, 0.1, -0.1, 0.4, -0.07, 0.7, -0.1, 0.7, 0.05),
        hedge,
        horizon,
        ink=0.5,
        object="hedge",
    )
    rail = k.joint(horizon, chance=0.7, tall=(0.8, 1.2))
    paint = k.paint(looks("wood", "f0ece0 dcd4c4", "a07c54 84623c"))
    for i in range(11):
        x = -0.5 + 0.1 * i
        k.add(
            poly(x - 0.02, 0.03, x - 0.02, -0.09, x, -0.12, x + 0.02, -0.09, x + 0.02, 0.03),
            paint,
            rail,
            "picket",
            ink=0.5,
            object="fence",
        )
    k.add(box(0, -0.05, 1.1, 0.02), paint, rail, "rail", ink=0.5, object="fence")
    plain_ground(
        k, horizon, "lawn", looks("grass", "94c45c/84b44c 7cb048/6ca03c", pattern="striped", size=0.2), far=True
    )
    return k


def farmyard() -> Kind:
    """Fields, furrows and a haystack."""
    k, horizon = _scene("farmyard", "ground air", 0.42, 0.6)
    open_sky(k, horizon, "b8d4ec/f0ece0 94b8d8/e4e8e0")
    far_hills(k, horizon, "b4a858 8c9c50", "hill", "grass")
    plain_ground(
        k,
        horizon,
        "field",
        looks("soil", "9c7c50/7c6038 8c6c44/6c5030", "b8a058/98843c a89048/887434", pattern="lined", size=(0.12, 0.18)),
        far=True,
    )
    hay = k.paint(looks("straw", "e0c068/b89448", pattern="lined", size=0.03, angle=80))
    for x in (-0.36, 0.3):
        at = k.joint(horizon, (x, 0.04), chance=0.65, right=(-0.1, 0.1), scale=(0.7, 1.3))
        k.add(blob(-0.1, 0.03, -0.08, -0.08, 0, -0.14, 0.08, -0.08, 0.1, 0.03), hay, at, ink=0.7, object="haystack")
    return k


def snowfield() -> Kind:
    """Snow, firs and a pale sky."""
    k, horizon = _scene("snowfield", "ground air", 0.42, 0.64)
    open_sky(k, horizon, "b0c4d8/e4ecf4 c8c8dc/f4ece8")
    far_hills(k, horizon, "d4e0ec b4c8dc", "snow-hill", "snow")
    conifer(k, horizon, 4)
    plain_ground(k, horizon, "snow-ground", looks("snow", "f8fafc e0e8f0", "f0f4fa d4e0ec"))
    return k


def mountain() -> Kind:
    """Peaks above a stony slope."""
    k, horizon = _scene("mountain", "ground air", 0.5, 0.68)
    open_sky(k, horizon, "84b4e4/d4e8f4 6c94c8/c4d8ec")
    clouds(k, horizon)
    rock, cap = k.paint(looks("stone", "8c8c94 6c6c78", "9c8878 7c6858")), k.paint(look("snow", "f4f8fc e0e8f4"))
    for x in (-0.38, 0.34, -0.02):
        at = k.joint(horizon, (x, 0.02), right=(-0.1, 0.1), tall=(0.7, 1.15), wide=(0.8, 1.2))
        k.add(
            poly(-0.34, 0.02, -0.16, -0.2, -0.07, -0.24, 0.02, -0.4, 0.12, -0.24, 0.2, -0.17, 0.34, 0.02),
            rock,
            at,
            ink=0.5,
            object="peak",
        )
        k.add(
            poly(-0.055, -0.26, 0.02, -0.4, 0.1, -0.27, 0.05, -0.25, 0.02, -0.29, -0.02, -0.24),
            cap,
            at,
            "snow-cap",
            ink=0.3,
            object="peak",
        )
    plain_ground(
        k,
        horizon,
        "scree",
        looks(
            "stone", "a09c90/7c786c 8c887c/6c685c", "88906c/6c7450 78805c/5c6444", pattern="flecked", size=(0.08, 0.12)
        ),
        far=True,
    )
    return k


def seabed() -> Kind:
    """Under water: light from above, sand, weeds."""
    k, horizon = _scene("seabed", "water", 0.62, 0.8)
    open_sky(k, horizon, "3c8cb4/1c5484 50b0b8/24708c", "open-water", "water")
    ray = k.paint(look("", "70b8cc 60a4bc"))
    for x in (0.2, 0.5, 0.8):
        at = k.joint(at=(x, -0.05), turn=(-14, 14), chance=0.6, right=(-0.1, 0.1), wide=(0.5, 1.4))
        k.add(poly(-0.03, 0, 0.03, 0, 0.09, 0.7, -0.07, 0.7), ray, at, ink=0, volume=0, object="sunbeam")
    sand_ripples(k, horizon)
    weed = k.paint(looks("foliage", "4c8c54 2c6c44", "8c7c3c 6c5c2c", "9c4c5c 7c3448"))
    for i in range(6):
        at = k.joint(
            horizon, (-0.45 + 0.18 * i, 0.08), turn=(-14, 14), tall=(0.6, 1.5), right=(-0.07, 0.07), chance=0.75
        )
        k.add(
            stroke(0, 0.05, -0.03, -0.08, 0.03, -0.16, 0.0, -0.26, start=0.022, end=0.008),
            weed,
            at,
            ink=0.7,
            object="seaweed",
        )
    stone = k.paint(looks("stone", "7c8890 5c6870", "b89088 946c68"))
    for x in (-0.3, 0.35):
        at = k.joint(horizon, (x, 0.1), right=(-0.1, 0.1), scale=(0.6, 1.3), chance=0.6)
        k.add(blob(-0.14, 0.05, -0.1, -0.08, 0.02, -0.11, 0.12, -0.04, 0.15, 0.05), stone, at, ink=0.7, object="reef")
    return k


def playground() -> Kind:
    """Rubber tiles, a swing and a slide."""
    k, horizon = _scene("playground", "ground air", 0.44, 0.62)
    open_sky(k, horizon, "94ccf0/dceef8 e4d4bc/f4ece0")
    leafy_tree(k, horizon, 2)
    plain_ground(
        k,
        horizon,
        "play-mat",
        looks(
            "rubber",
            "c86c54/a8543c b85c44/984834",
            "5c9cac/447c8c 4c8c9c/386c7c",
            pattern="chequered",
            size=(0.16, 0.2),
        ),
        far=True,
    )
    pole = k.paint(looks("metal", "d84c40", "3c74b8", "e8b838"))
    swing = k.joint(horizon, (-0.28, 0.1), right=(-0.12, 0.12), scale=(0.8, 1.2), chance=0.75)
    for flat in ((-0.18, 0.02, -0.12, -0.36), (0.18, 0.02, 0.12, -0.36), (-0.13, -0.36, 0.13, -0.36)):
        k.add(stroke(*flat, start=0.013), pole, swing, "swing-pole", ink=0.7, object="swing")
    seat = k.joint(swing, (0, -0.35), turn=(-20, 20))
    for x in (-0.04, 0.04):
        k.add(
            stroke(x, 0, x, 0.26, start=0.006),
            k.paint(look("straw", "b89c6c 94784c")),
            seat,
            "chain",
            ink=0.3,
            object="swing",
        )
    k.add(
        box(0, 0.27, 0.12, 0.025), k.paint(look("wood", "a8804c 84602c")), seat, "swing-seat", ink=0.6, object="swing"
    )
    slide = k.joint(horizon, (0.3, 0.1), right=(-0.12, 0.1), scale=(0.8, 1.2), chance=0.7)
    k.add(
        stroke(-0.1, -0.26, 0.0, -0.18, 0.1, -0.02, 0.2, 0.0, start=0.026),
        k.paint(looks("plastic", "f0c040", "e85c48", "48a8d8")),
        slide,
        "chute",
        ink=0.8,
        object="slide",
    )
    for x in (-0.14, -0.07):
        k.add(stroke(x, 0.02, x, -0.27, start=0.012), pole, slide, "ladder", ink=0.6, object="slide")
    return k


def night() -> Kind:
    """Stars, the moon, dark hills."""
    k, horizon = _scene("night", "ground air", 0.5, 0.7)
    open_sky(k, horizon, "101838/2c3c6c 1c2850/44507c")
    star = k.paint(look("", "fcf8e0 f4e8b0"))
    for i in range(16):
        at = k.joint(
            at=((i * 0.618) % 1.0, 0.06 + (i * 0.377) % 0.42),
            right=(-0.08, 0.08),
            down=(-0.05, 0.05),
            scale=(0.5, 1.3),
            chance=0.85,
        )
        k.add(ellipse(0, 0, 0.011), star, at, ink=0, volume=0, object="star")
    moon = k.joint(at=(0.5, 0.18), right=(-0.4, 0.4), down=(-0.08, 0.1), scale=(0.7, 1.3), chance=0.85)
    k.add(
        ellipse(0, 0, 0.085),
        k.paint(looks("stone", "f8f0cc/e0d4a4", pattern="blotchy", size=0.06)),
        moon,
        ink=0.3,
        object="moon",
    )
    far_hills(k, horizon, "283454 1c2844", "hill", "grass")
    conifer(k, horizon, 3, dark=True)
    plain_ground(k, horizon, "dark-ground", looks("grass", "2c4848 1c3438", "34405c 242c48"))
    return k


def room() -> Kind:
    """Wallpaper, a window, floor boards."""
    k, horizon = _scene("room", "floor wall", 0.54, 0.7)
    papers = (
        "e8d8bc/d8c4a0 dcc4a0/c8ac84",
        "b8ccd0/a4b8c0 a0b8c0/8ca4b0",
        "d8b8b0/c8a098 c8a098/b48c84",
        "c8d0b0/b4bc98 b4bc98/a0a884",
    )
    plain_wall(
        k,
        horizon,
        *(
            looks("paper", *papers, pattern=p, size=(0.08, 0.12))
            for p in ("striped", "polka-dotted", "crosshatched", "plain")
        ),
    )
    wall_window(k, horizon)
    plain_floor(
        k,
        horizon,
        looks(
            "wood", "b88c58/94683c a07444/805830", "8c6440/6c482c 7c5838/5c3c24", pattern="planked", size=(0.1, 0.14)
        ),
    )
    skirting(k, horizon)
    rug = k.joint(horizon, (0, 0.2), right=(-0.2, 0.2), down=(0, 0.08), wide=(0.7, 1.2), chance=0.6)
    k.add(
        ellipse(0, 0, 0.36, 0.085),
        k.paint(looks("fabric", "a84848/e0c890", "486898/d8d0b8", "588060/e0d0a0", pattern="ringed", size=0.09)),
        rug,
        ink=0.5,
        volume=0,
        object="rug",
    )
    return k


def kitchen() -> Kind:
    """Tiles, cupboards, a chequered floor."""
    k, horizon = _scene("kitchen", "floor wall", 0.56, 0.7)
    plain_wall(
        k,
        horizon,
        looks("tile", "f0ece4/c8c4bc e4e0d8/b8b4ac", "cce0dc/a8c0bc b8d4d0/98b4b0", pattern="grid", size=(0.08, 0.11)),
    )
    wood = k.paint(looks("wood", "c8a070 a88050", "e8e4dc d0ccc4", "7c9cac 64848c"))
    knob = k.paint(look("metal", "b0b0b0 88888c"))
    shelf = k.joint(at=(0.5, 0.0), down=(-0.03, 0.04), tall=(0.8, 1.1))
    for x in (-0.38, -0.13, 0.12, 0.37):
        at = k.joint(shelf, (x, 0), chance=0.7)
        k.add(box(0, 0.09, 0.24, 0.2), wood, at, ink=0.6, volume=0.3, object="cupboard")
        k.add(box(0, 0.09, 0.19, 0.15), wood, at, "cupboard-door", ink=0.4, shade=0.94, volume=0.3, object="cupboard")
        k.add(ellipse(0.07, 0.14, 0.012), knob, at, "cupboard-knob", ink=0.6, object="cupboard")
    k.add(box(0, -0.09, 1.1, 0.2), wood, horizon, ink=0.5, volume=0.2, object="counter", shade=0.92)
    k.add(
        box(0, -0.2, 1.1, 0.03),
        k.paint(looks("stone", "d0ccc4 a8a49c", "5c5854 44403c")),
        horizon,
        "counter-top",
        ink=0.5,
        object="counter",
    )
    plain_floor(
        k,
        horizon,
        looks(
            "tile", "f0ece4/484440 e0dcd4/585450", "e8dcc8/a86848 dcccb4/94583c", pattern="chequered", size=(0.14, 0.18)
        ),
    )
    return k


def warehouse() -> Kind:
    """Brick, shelves with crates, concrete."""
    k, horizon = _scene("warehouse", "floor", 0.54, 0.7)
    plain_wall(
        k,
        horizon,
        looks(
            "brick", "a8644c/c8b4a0 945440/b4a08c", "9c9488/c0bcb0 8c8478/aca89c", pattern="bricked", size=(0.07, 0.09)
        ),
    )
    steel, crate = (
        k.paint(looks("metal", "4c6c94", "d08038", "6c7074")),
        k.paint(looks("wood", "c09860/94703c a88048/7c5c30", pattern="planked", size=0.05)),
    )
    carton = k.paint(look("paper", "c8a070 a88454"))
    rack = k.joint(horizon, (0, 0), right=(-0.15, 0.15), tall=(0.85, 1.2))
    for x in (-0.4, 0.0, 0.4):
        k.add(box(x, -0.22, 0.03, 0.46), steel, rack, "upright", ink=0.6, object="shelving")
    for row, y in enumerate((-0.06, -0.24, -0.42)):
        for i, x in enumerate((-0.3, -0.13, 0.1, 0.28)):
            at = k.joint(rack, (x, y), chance=0.7, right=(-0.02, 0.02), scale=(0.75, 1.1))
            k.add(
                box(0, -0.055, 0.13, 0.11),
                carton if (i + row) % 2 else crate,
                at,
                ink=0.7,
                object="carton" if (i + row) % 2 else "crate",
            )
            if (i + row) % 2:
                k.add(box(0, -0.055, 0.13, 0.02), steel, at, "tape", ink=0.2, object="carton", shade=1.2)
        k.add(box(0, y + 0.01, 0.84, 0.025), steel, rack, "shelf-board", ink=0.6, object="shelving")
    plain_floor(k, horizon, looks("stone", "a4a4a0/8c8c88 8c8c8a/747472", pattern="grid", size=(0.2, 0.3)))
    return k
