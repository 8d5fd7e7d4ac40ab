"""Scenes with sand or water: desert, beach, harbour, sea bed."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.scenery import (
    clouds,
    far_hills,
    far_houses,
    ground,
    open_sky,
    scene,
    sun,
    water_band,
)
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, ellipse, poly, stroke


def desert() -> Kind:
    """Dunes and heat."""
    k, horizon = scene("desert", "ground air", (40, 62))
    open_sky(k, horizon, "f0d8a8 88bce8", "f8ecd0 f4e4c0")
    sun(k)
    far_hills(k, horizon, "d8a860 c08c50", "dune", "sand")
    rippled = looks("sand", "ecc888/cc9c5c dcb070/b88844", pattern="wavy", size=(20, 30))
    ground(k, horizon, "sand-plain", rippled, far=True)
    bone = k.joint(horizon, (0, 22), right=(-40, 40), down=(-10, 10), turn=(-40, 40), chance=0.5)
    skull = k.pen(bone, k.paint(look("keratin", "f4ecd8 e0d4b8")), object="bone")
    skull.add(stroke(-4, 0, 4, 0, start=0.9)).add(
        *(ellipse(x, y, 1.2) for x in (-4.5, 4.5) for y in (-0.9, 0.9)), ink=0.5
    )
    return k


def beach() -> Kind:
    """Sea, surf and sand."""
    k, horizon = scene("beach", "ground air water", (36, 50))
    open_sky(k, horizon, "9cd0f4 6cacdc", "e4f2f8 cce6f4")
    sun(k)
    clouds(k)
    water_band(k, horizon, 18, "sea", "3c94b8 2c7ca4", "7cc4d4 60b0c8")
    shore = k.joint(horizon, (0, 16), turn=(-5, 5), down=(-4, 6))
    foam = k.paint(look("foam", "f8fcfc e4f0f0"))
    k.pen(shore, foam, object="surf").add(stroke(-70, 1, -20, -1, 20, 1.5, 70, 0, start=1.6), ink=0.2)
    sand = k.paint(looks("sand", "f0dcac dcc088", "e4cca0 d0b078"))
    k.pen(shore, sand, object="sand-plain").add(box(0, 52, 150, 102), ink=0.2, volume=0)
    towel = k.joint(shore, (0, 14), right=(-35, 35), down=(-4, 12), turn=(-10, 10), chance=0.5)
    stripes = looks("fabric", "e05848/f4ecd8", "4888c0/f4ecd8", "e8b840/f4ecd8", pattern="striped", size=5)
    k.pen(towel, k.paint(stripes), object="towel").add(poly(-11, -3, 9, -3, 12, 4, -9, 4), ink=0.5, volume=0.2)
    return k


def harbour() -> Kind:
    """A quay and calm water."""
    k, horizon = scene("harbour", "ground air water", (36, 50))
    open_sky(k, horizon, "a4bcd0 e8c4a4", "d8e4ec f4e4d0")
    clouds(k)
    far_houses(k, horizon, 4)
    water_band(k, horizon, 70, "sea", "4c7c98 3c6884", "88acbc 6c94a8")
    edge = k.joint(horizon, (0, 36), down=(-10, 10))
    planks = looks("wood", "a88860/80603c 947450/6c5030", pattern="planked", size=(10, 14))
    slabs = looks("stone", "b0aca4/8c8880 98948c/78746c", pattern="grid", size=(16, 22))
    k.pen(edge, k.paint(planks, slabs), object="quay").add(box(0, 35, 130, 70), ink=0.5, volume=0, far=True)
    timber = k.paint(look("wood", "6c5438 503c24"))
    for x in (-38, -5, 30):
        at = k.joint(edge, (x, 2), right=(-10, 10), chance=0.75, tall=(0.7, 1.2))
        post = k.pen(at, timber, "bollard-post", object="bollard").add(box(0, -5, 5, 13), ink=0.7)
        post.add(ellipse(0, -11.5, 3.4, 1.6), part="bollard-head", ink=0.6, shade=1.2)
    return k


def seabed() -> Kind:
    """Under water: light from above, sand, weeds, reefs."""
    k, horizon = scene("seabed", "water", (62, 80))
    open_sky(k, horizon, "3c8cb4 50b0b8", "1c5484 24708c", "open-water", "water")
    ray = k.paint(look("", "70b8cc 60a4bc"))
    for x in (20, 50, 80):
        at = k.joint(at=(x, -5), turn=(-14, 14), chance=0.6, right=(-10, 10), wide=(0.5, 1.4))
        k.pen(at, ray, object="sunbeam").add(poly(-3, 0, 3, 0, 9, 70, -7, 70), ink=0, volume=0)
    sand = k.paint(looks("sand", "d8c090/c0a474 c4ac7c/ac9464", pattern="wavy", size=(16, 24)))
    floor = blob(-80, 2, -40, 0, 0, 2.5, 40, -0.5, 80, 2, 90, 60, 0, 80, -90, 60)
    k.pen(horizon, sand, object="sea-floor").add(floor, ink=0.3, volume=0)
    weed = k.paint(looks("foliage", "4c8c54 2c6c44", "8c7c3c 6c5c2c", "9c4c5c 7c3448"))
    for x in range(-45, 50, 18):
        at = k.joint(horizon, (x, 8), turn=(-14, 14), tall=(0.6, 1.5), right=(-7, 7), chance=0.75)
        k.pen(at, weed, object="seaweed").add(stroke(0, 5, -3, -8, 3, -16, 0, -26, start=2.2, end=0.8), ink=0.7)
    stone = k.paint(looks("stone", "7c8890 5c6870", "b89088 946c68"))
    for x in (-30, 35):
        at = k.joint(horizon, (x, 10), right=(-10, 10), scale=(0.6, 1.3), chance=0.6)
        k.pen(at, stone, object="reef").add(blob(-14, 5, -10, -8, 2, -11, 12, -4, 15, 5), ink=0.7)
    bubble = k.paint(look("glass", "c8e8f0 a8d4e0"))
    for x, y in ((20, 30), (24, 20), (70, 40), (66, 28)):
        at = k.joint(at=(x, y), right=(-15, 15), down=(-10, 10), scale=(0.5, 1.3), chance=0.6)
        k.pen(at, bubble, object="bubble").add(ellipse(0, 0, 1.6), ink=0.6)
    return k


SHORE = (desert, beach, harbour, seabed)
"""All of them."""
