"""Scenes in town: street, playground, room, kitchen, warehouse."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.scenery import far_houses, ground, leafy_trees, open_sky, scene
from kdissect.data.brodenette.paints import Look, look, looks
from kdissect.data.brodenette.palettes import BRIGHT, STEEL, WOOD, on
from kdissect.data.brodenette.shapes import box, ellipse, poly, stroke


def street() -> Kind:
    """Houses, a pavement, asphalt."""
    k, horizon = scene("street", "ground air", (50, 66))
    open_sky(k, horizon, "b4c8d8 8ca8c4", "dce4ec c8d8e4")
    far_houses(k, horizon, 6)
    ground(k, horizon, "road", looks("asphalt", "686a70 54565c", "7c7c80 606064"))
    slabs = looks("stone", "b4b0a8/908c84 a09c94/7c7870", pattern="grid", size=9)
    k.pen(horizon, k.paint(slabs), object="pavement").add(box(0, 3, 120, 6), ink=0.4)
    white = k.pen(k.joint(horizon, down=(-3, 5)), k.paint(look("plastic", "f4f0e0 e0d8bc")), object="road-marking")
    white.add(*(box(x, 20, 17, 2.2) for x in (-50, -18, 14, 46)), ink=0.1)
    cover = k.joint(horizon, (0, 29), right=(-40, 40), down=(-4, 4), chance=0.5)
    iron = k.paint(look("metal", "4c4c50", "68686c", "chequered", 2))
    k.pen(cover, iron, object="manhole").add(ellipse(0, 0, 7, 2.4), ink=0.5, volume=0)
    return k


def playground() -> Kind:
    """Rubber tiles, a swing and a slide."""
    k, horizon = scene("playground", "ground air", (44, 62))
    open_sky(k, horizon, "94ccf0 e4d4bc", "dceef8 f4ece0")
    leafy_trees(k, horizon, 2)
    tiles = ("c86c54/a04c34 b85c44/903c28", "5c9cac/3c7080 4c8c9c/306070")
    ground(k, horizon, "play-mat", looks("rubber", *tiles, pattern="chequered", size=(16, 20)), far=True)
    pole = k.paint(looks("metal", *BRIGHT))
    at = k.joint(horizon, (-28, 10), right=(-12, 12), scale=(0.8, 1.2), chance=0.75)
    frame = k.pen(at, pole, "swing-pole", object="swing")
    for flat in ((-18, 2, -12, -36), (18, 2, 12, -36), (-13, -36, 13, -36)):
        frame.add(stroke(*flat, start=1.3), ink=0.7)
    hanging = k.pen(k.joint(at, (0, -35), turn=(-20, 20)), k.paint(STEEL), "chain", object="swing")
    hanging.add(*(stroke(x, 0, x, 26, start=0.6) for x in (-4, 4)), ink=0.3)
    hanging.add(box(0, 27, 12, 2.5), part="swing-seat", paint=k.paint(look("wood", "a8804c 84602c")), ink=0.6)
    at = k.joint(horizon, (30, 10), right=(-12, 10), scale=(0.8, 1.2), chance=0.7)
    slide = k.pen(at, k.paint(looks("plastic", *BRIGHT)), "chute", object="slide")
    slide.add(stroke(-10, -26, 0, -18, 10, -2, 20, 0, start=2.6), ink=0.8)
    slide.add(*(stroke(x, 2, x, -27, start=1.2) for x in (-14, -7)), part="ladder", paint=pole, ink=0.6)
    slide.add(*(box(-10.5, y, 8, 1.4) for y in (-20, -13, -6)), part="ladder", detail="rung", paint=pole, ink=0.4)
    return k


def room() -> Kind:
    """Wallpaper, a window, floor boards, a rug."""
    k, horizon = scene("room", "floor wall", (54, 70))
    papers = (
        "e8d8bc/d0b890 dcc4a0/c0a078",
        "b8ccd0/98b0b8 a0b8c0/809cac",
        "d8b8b0/b89088 c8a098/a87c74",
        "c8d0b0/a8b488 b4bc98/949c74",
    )
    patterns = ("striped", "polka-dotted", "crosshatched", "plain")
    _wall(k, horizon, *(looks("paper", *papers, pattern=name, size=(8, 12)) for name in patterns))
    _window(
        k, k.joint(horizon, (0, -36), right=(-30, 30), down=(-6, 6), wide=(0.8, 1.2), tall=(0.8, 1.15), chance=0.65)
    )
    boards = looks(
        "wood", "b88c58/80582c a07444/6c4820", "8c6440/583c1c 7c5838/4c3018", pattern="planked", size=(10, 14)
    )
    ground(k, horizon, "floor", boards, far=True)
    trim = k.paint(looks("wood", "f0ece0 dcd4c4", "8c6844 6c4c30"))
    k.pen(horizon, trim, object="skirting-board").add(box(0, -1.2, 120, 3.5), ink=0.4)
    at = k.joint(horizon, (0, 20), right=(-20, 20), down=(0, 8), wide=(0.7, 1.2), tall=(0.22, 0.28), chance=0.6)
    rings = looks("fabric", "a84848/e0c890", "486898/d8d0b8", "588060/e0d0a0", pattern="ringed", size=9)
    k.pen(at, k.paint(rings), object="rug").add(ellipse(0, 0, 36), ink=0.5, volume=0)
    return k


def kitchen() -> Kind:
    """Tiles, cupboards, a counter, a chequered floor."""
    k, horizon = scene("kitchen", "floor wall", (56, 70))
    glazed = ("f0ece4/b4b0a8 e4e0d8/a8a49c", "cce0dc/90aca8 b8d4d0/7c9c98")
    _wall(k, horizon, looks("tile", *glazed, pattern="grid", size=(8, 11)))
    wood = k.paint(looks("wood", "c8a070 a88050", "e8e4dc d0ccc4", "7c9cac 64848c"))
    knob = k.paint(STEEL)
    shelf = k.joint(at=(50, 0), down=(-3, 4), tall=(0.8, 1.1))
    for x in (-38, -13, 12, 37):
        cupboard = k.pen(k.joint(shelf, (x, 0), chance=0.7), wood, object="cupboard")
        cupboard.add(box(0, 9, 24, 20), ink=0.6, volume=0.3)
        cupboard.add(box(0, 9, 19, 15), part="cupboard-door", ink=0.4, shade=0.94, volume=0.3)
        cupboard.add(ellipse(7, 14, 2), part="cupboard-door", detail="cupboard-knob", paint=knob, ink=0.6)
    counter = k.pen(horizon, wood, "drawer-front", object="counter")
    counter.add(box(0, -9, 110, 20), ink=0.5, volume=0.2, shade=0.92)
    counter.add(*(box(x, -13, 8, 1.4) for x in (-40, -13, 14, 41)), detail="drawer-pull", paint=knob, ink=0.4)
    top = k.paint(looks("stone", "d0ccc4 a8a49c", "5c5854 44403c"))
    counter.add(box(0, -20, 110, 3), part="counter-top", paint=top, ink=0.5)
    tiles = ("f0ece4/484440 e0dcd4/585450", "e8dcc8/a86848 dcccb4/94583c")
    ground(k, horizon, "floor", looks("tile", *tiles, pattern="chequered", size=(14, 18)), far=True)
    return k


def warehouse() -> Kind:
    """Brick, shelves with crates and cartons, concrete."""
    k, horizon = scene("warehouse", "floor", (54, 70))
    bricks = ("a8644c/c8b4a0 945440/b4a08c", "9c9488/c0bcb0 8c8478/aca89c")
    _wall(k, horizon, looks("brick", *bricks, pattern="bricked", size=(7, 9)))
    steel = k.paint(looks("metal", "4c6c94", "d08038", "6c7074"))
    crate = k.paint(looks("wood", "c09860/94703c a88048/7c5c30", pattern="planked", size=5))
    carton, tape = k.paint(look("paper", "c8a070 a88454")), k.paint(look("plastic", "e8d4a8 d8c090"))
    rack = k.joint(horizon, right=(-15, 15), tall=(0.85, 1.2))
    shelving = k.pen(rack, steel, "upright", object="shelving")
    shelving.add(*(box(x, -22, 3, 46) for x in (-40, 0, 40)), ink=0.6)
    for row, y in enumerate((-6, -24, -42)):
        for i, x in enumerate((-30, -13, 10, 28)):
            at = k.joint(rack, (x, y), chance=0.7, right=(-2, 2), scale=(0.75, 1.1))
            if (i + row) % 2:
                packed = k.pen(at, carton, object="carton").add(box(0, -5.5, 13, 11), ink=0.7)
                packed.add(box(0, -5.5, 13, 2), part="tape", paint=tape, ink=0.2)
            else:
                k.pen(at, crate, object="crate").add(box(0, -5.5, 13, 11), ink=0.7)
        shelving.add(box(0, y + 1, 84, 2.5), part="shelf-board", ink=0.6)
    slabs = looks("stone", "a4a4a0/7c7c78 8c8c8a/646462", pattern="grid", size=(20, 30))
    ground(k, horizon, "floor", slabs, far=True)
    return k


def _wall(k: Kind, horizon: int, *paints: list[Look]) -> None:
    k.pen(horizon, k.paint(*paints), object="wall").add(box(0, -20, 120, 260), ink=0, volume=0)


def _window(k: Kind, at: int) -> None:
    wood = k.paint(WOOD, look("wood", "f4f0e8 e0dcd0"))
    casement = k.pen(at, wood, "casement", object="wall-window").add(box(0, 0, 30, 32), ink=0.6)
    day = k.paint(looks("glass", "b0dcf4", "2c3860", "f4d0a0"))
    panes = (box(x, y, 11.8, 13) for x in (-6.8, 6.8) for y in (-7.5, 7.5))
    casement.add(*panes, detail="window-glass", paint=day, ink=0.4)
    folds = looks("fabric", *on(("c85c54", "5c84a8", "d8b860"), "f0e0c4"), pattern="lined", size=4.5)
    curtain = k.pen(at, k.paint(folds), "drape", object="curtain")
    for s in (-1, 1):
        curtain.add(poly(s * 10, -19, s * 22, -19, s * 24, 22, s * 15, 22), ink=0.6)
    curtain.add(stroke(-25, -19, 25, -19, start=1), part="curtain-rod", paint=wood, ink=0.5)


TOWN = (street, playground, room, kitchen, warehouse)
"""All of them."""
