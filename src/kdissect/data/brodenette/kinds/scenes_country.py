"""Scenes in the country: meadow, forest, garden, farmyard, snowfield, mountain, night."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.scenery import clouds, far_hills, firs, ground, leafy_trees, open_sky, scene, sun
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import TIMBERS
from kdissect.data.brodenette.shapes import blob, box, ellipse, poly


def meadow() -> Kind:
    """Grass under a blue sky."""
    k, horizon = scene("meadow", "ground air", (42, 66))
    open_sky(k, horizon, "8cc4f0 5c9cd8", "d8ecf8 b8dcf0")
    sun(k)
    clouds(k)
    far_hills(k, horizon, "7cac64 5c8c54", "hill", "grass")
    ground(k, horizon, "grass-field", looks("grass", "88b850 5c9440", "9cb458 74943c"))
    leafy_trees(k, horizon, 3)
    flowers = k.paint(looks("floral", "f4f0e4", "f0d048", "d870a0"))
    for x, y in ((-40, 9), (-22, 22), (-4, 12), (16, 26), (33, 11), (44, 30)):
        at = k.joint(horizon, (x, y), right=(-9, 9), down=(-4, 8), scale=(0.6, 1.3), chance=0.6)
        k.pen(at, flowers, object="daisy").add(ellipse(0, 0, 1.6), ellipse(2.4, 1, 1.3), ink=0.4)
    return k


def forest() -> Kind:
    """Firs and broad-leaved trees above dark ground."""
    k, horizon = scene("forest", "ground air", (45, 68))
    open_sky(k, horizon, "a8ccb0 7ca894", "d4e8d0 b8d4bc")
    far_hills(k, horizon, "4c7c5c 3c6450", "treeline", "foliage")
    firs(k, horizon, 8)
    litter = looks(
        "soil", "6c5c3c/4c6c34 5c4c30/3c5428", "7c5c38/5c4428 6c4c2c/4c3820", pattern="blotchy", size=(8, 12)
    )
    ground(k, horizon, "forest-floor", litter)
    leafy_trees(k, horizon, 2)
    return k


def garden() -> Kind:
    """A lawn, a hedge and a fence."""
    k, horizon = scene("garden", "ground air", (44, 62))
    open_sky(k, horizon, "a0d0f4 7cb8e8", "e0f0f8 c8e4f4")
    clouds(k)
    leafy_trees(k, horizon, 2)
    leaves = k.paint(looks("foliage", "4c8444 38683a", "6c9848 50783c"))
    hedge = blob(-70, 4, -50, -9, -20, -7, 10, -10, 40, -7, 70, -10, 70, 5)
    k.pen(horizon, leaves, object="hedge").add(hedge, ink=0.5)
    timber = k.paint(looks("wood", "f0ece0 dcd4c4", *TIMBERS))
    fence = k.pen(k.joint(horizon, chance=0.7, tall=(0.8, 1.2)), timber, "picket", object="fence")
    for x in range(-50, 51, 10):
        fence.add(poly(x - 2, 3, x - 2, -9, x, -12, x + 2, -9, x + 2, 3), ink=0.5)
    fence.add(box(0, -5, 110, 2), part="rail", ink=0.5)
    lawn = looks("grass", "94c45c/84b44c 7cb048/6ca03c", pattern="striped", size=20)
    ground(k, horizon, "lawn", lawn, far=True)
    return k


def farmyard() -> Kind:
    """Fields, furrows and haystacks."""
    k, horizon = scene("farmyard", "ground air", (42, 60))
    open_sky(k, horizon, "b8d4ec 94b8d8", "f0ece0 e4e8e0")
    far_hills(k, horizon, "b4a858 8c9c50", "hill", "grass")
    furrows = ("9c7c50/6c5030 8c6c44/5c4428", "b8a058/8c7434 a89048/7c6830")
    ground(k, horizon, "field", looks("soil", *furrows, pattern="lined", size=(12, 18)), far=True)
    straw = k.paint(looks("straw", "e0c068/b89448", pattern="lined", size=3, angle=80))
    for x in (-36, 30):
        at = k.joint(horizon, (x, 4), chance=0.65, right=(-10, 10), scale=(0.7, 1.3))
        k.pen(at, straw, object="haystack").add(blob(-10, 3, -8, -8, 0, -14, 8, -8, 10, 3), ink=0.7)
    return k


def snowfield() -> Kind:
    """Snow, firs and a pale sky."""
    k, horizon = scene("snowfield", "ground air", (42, 64))
    open_sky(k, horizon, "b0c4d8 c8c8dc", "e4ecf4 f4ece8")
    far_hills(k, horizon, "d4e0ec b4c8dc", "snow-hill", "snow")
    firs(k, horizon, 4)
    ground(k, horizon, "snow-ground", looks("snow", "f8fafc e0e8f0", "f0f4fa d4e0ec"))
    pond = k.joint(horizon, (0, 16), right=(-30, 30), down=(-4, 8), wide=(0.7, 1.3), chance=0.4)
    k.pen(pond, k.paint(look("ice", "b8dcec 90bcd4")), object="frozen-pond").add(
        ellipse(0, 0, 26, 6), ink=0.4, volume=0.3
    )
    return k


def mountain() -> Kind:
    """Peaks above a stony slope."""
    k, horizon = scene("mountain", "ground air", (50, 68))
    open_sky(k, horizon, "84b4e4 6c94c8", "d4e8f4 c4d8ec")
    clouds(k)
    rock, snow = k.paint(looks("stone", "8c8c94 6c6c78", "9c8878 7c6858")), k.paint(look("snow", "f4f8fc e0e8f4"))
    for x in (-38, 34, -2):
        at = k.joint(horizon, (x, 2), right=(-10, 10), tall=(0.7, 1.15), wide=(0.8, 1.2))
        peak = k.pen(at, rock, "slope", object="peak")
        peak.add(poly(-34, 2, -16, -20, -7, -24, 2, -40, 12, -24, 20, -17, 34, 2), ink=0.5)
        cap = poly(-5.5, -26, 2, -40, 10, -27, 5, -25, 2, -29, -2, -24)
        peak.add(cap, part="snow-cap", paint=snow, ink=0.3)
    gravel = ("a09c90/6c685c 8c887c/5c584c", "88906c/5c6444 78805c/50583c")
    ground(k, horizon, "scree", looks("stone", *gravel, pattern="flecked", size=(10, 14)), far=True)
    return k


def night() -> Kind:
    """Stars, the moon, dark hills."""
    k, horizon = scene("night", "ground air", (50, 70))
    open_sky(k, horizon, "101838 1c2850", "2c3c6c 44507c")
    gold = k.paint(look("", "fcf8e0 f4e8b0"))
    for i in range(16):
        spot = ((61.8 * i) % 100, 6 + (37.7 * i) % 42)
        at = k.joint(at=spot, right=(-8, 8), down=(-5, 5), scale=(0.5, 1.3), chance=0.85)
        k.pen(at, gold, object="star").add(ellipse(0, 0, 1.1), ink=0, volume=0)
    at = k.joint(at=(50, 18), right=(-40, 40), down=(-8, 10), scale=(0.7, 1.3), chance=0.85)
    moon = k.paint(looks("stone", "f8f0cc/e0d4a4", pattern="blotchy", size=6))
    k.pen(at, moon, object="moon").add(ellipse(0, 0, 8.5), ink=0.3)
    far_hills(k, horizon, "283454 1c2844", "hill", "grass")
    firs(k, horizon, 3, dark=True)
    ground(k, horizon, "dark-ground", looks("grass", "2c4848 1c3438", "34405c 242c48"))
    return k


COUNTRY = (meadow, forest, garden, farmyard, snowfield, mountain, night)
"""All of them."""
