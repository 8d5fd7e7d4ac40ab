"""Buildings, seen from the front: roof, windows, door, wall and top tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.kinds.openings import doors, window
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import BRASS, BRIGHT, IRON, STONE, WALLS, on
from kdissect.data.brodenette.shapes import blob, box, dome, ellipse, poly, stroke


def buildings() -> Kind:
    """Cottage, barn, chapel and keep."""
    k = Kind(
        "building", "cottage barn chapel keep", slots="roof window door wall top",
        home="meadow farmyard snowfield mountain", tilt=2, foot=44,
    )  # fmt: skip
    body = k.joint(wide=(0.88, 1.12), tall=(0.9, 1.08))
    wall = k.paint(
        slot="wall",
        cottage=looks("brick", *on(WALLS, "efe6d6 dcd0bc"), pattern="bricked", size=(5, 7)),
        barn=looks("wood", *on(WALLS, "6c4c34 543822"), pattern="lined", size=(6, 8)),
        chapel=looks("plaster", *WALLS),
        keep=looks("stone", *on(WALLS, "7c7870 605c56"), pattern="honeycombed", size=(8, 10)),
    )
    roof = k.paint(
        looks("tile", "b05038/7c3020", "6c5c58/443834", "4c6478/304454", pattern="scaly", size=(6, 8)),
        looks("straw", "d4b468/a08440", "b89c58/806c38", pattern="lined", size=5),
        looks("metal", "9ca4a8/747c80", "a86850/7c4834", pattern="lined", size=8),
    )
    stone, metal = k.paint(STONE), k.paint(BRASS, IRON)
    trim = k.paint(looks("wood", "f4efe2 e2dac6", "6c4c30 54381e", "4c6c58 345040"))
    timber = k.paint(looks("wood", "8c5c34 6c4020", "4c6c58 34503c", "9c4434 7c2c20", "44607c 304860"))
    pane = k.paint(looks("glass", "9cc4d8 709cb4", "f4d888 e4c068", "4c5c6c 384450"))

    k.shadow(42)
    _tops(k, body, stone, metal, wall, roof)
    k.pen(body, wall, "facade").add(box(0, 19, 60, 50), volume=0.4)
    k.pen(body, stone, "facade").add(box(0, 42, 62, 5), detail="plinth", ink=0.6)
    _roofs(k, k.joint(body, (0, -5), tall=(0.85, 1.2), wide=(0.97, 1.06)), roof, wall, stone, trim)
    doors(k, k.joint(body, (0, 42), wide=(0.9, 1.1), tall=(0.9, 1.1)), timber, trim, stone, metal, pane)
    for x, y in ((-19, 10), (19, 10), (-19, 29), (19, 29)):
        at = k.joint(body, (x, y), scale=(0.85, 1.15), key="window")
        window(k, k.joint(at, chance=0.9), pane, trim, stone, timber)
    gutter = k.trait("wall", "cottage chapel", body, metal, "gutter")
    gutter.add(stroke(-29, -4, -29, 42, start=1), ink=0.6)
    beams = k.trait("wall", "barn", body, trim, "facade", "board-wall")
    beams.add(box(0, 17, 60, 2), detail="beam", ink=0.4)
    quoins = k.trait("wall", "keep", body, stone, "facade", "stone-wall")
    quoins.add(*(box(x, y, 5, 4) for x in (-28, 28) for y in (2, 12, 22, 32)), detail="quoin", ink=0.5)
    return k


def _roofs(k: Kind, top: int, roof: int, wall: int, stone: int, trim: int) -> None:
    hip = k.trait("roof", "cottage", top, roof, "roof", "hip-roof")
    hip.add(poly(-38, 2, -22, -24, 22, -24, 38, 2))
    hip.add(stroke(-37, 2, 37, 2, start=1.3), detail="eaves", paint=trim, ink=0.5)
    gambrel = k.trait("roof", "barn", top, roof, "roof", "gambrel-roof")
    gambrel.add(poly(-36, 2, -29, -13, 0, -27, 29, -13, 36, 2))
    gambrel.add(poly(-30, 2, -25, -10, 0, -21, 25, -10, 30, 2), part="facade", detail="gable", paint=wall, ink=0.6)
    gambrel.add(ellipse(0, -9, 5), part="facade", detail="loft-hatch", paint=trim)
    steep = k.trait("roof", "chapel", top, roof, "roof", "gable-roof")
    steep.add(poly(-35, 3, 0, -30, 35, 3))
    steep.add(poly(-27, 3, 0, -23, 27, 3), part="facade", detail="gable", paint=wall, ink=0.6)
    steep.add(ellipse(0, -6, 4.5), part="facade", detail="rose-window", paint=stone)
    flat = k.trait("roof", "keep", top, wall, "roof", "battlement")
    flat.add(box(0, -3, 66, 10), detail="parapet")
    flat.add(*(box(x, -11, 8, 8) for x in (-28, -14, 0, 14, 28)), detail="merlon")
    flat.add(stroke(-33, 2, 33, 2, start=1.2), detail="cornice", paint=stone, ink=0.5)


def _tops(k: Kind, body: int, stone: int, metal: int, wall: int, roof: int) -> None:
    smoke = k.paint(look("vapour", "e4e4e4 c4c4c8"))
    at = k.joint(body, (16, -20), right=(-5, 6), tall=(0.85, 1.15))
    stack = k.trait("top", "cottage", at, stone, "chimney", "smoking-top")
    stack.add(ellipse(3, -24, 3, 2.4), ellipse(7, -30, 4.2, 3.4), part="smoke", paint=smoke, ink=0.2)
    stack.add(box(0, -5, 10, 28)).add(box(0, -19, 13, 3.5), detail="chimney-cap", shade=0.8)
    ridge = k.joint(body, (0, -27), turn=(-3, 3), tall=(0.85, 1.1))
    vane = k.trait("top", "barn", ridge, metal, "vane", "vane-top")
    vane.add(stroke(0, 6, 0, -16, start=0.9)).add(poly(-10, -12, 6, -15, 6, -9), detail="arrow")
    steeple = k.trait("top", "chapel", ridge, wall, "steeple", "steeple-top")
    steeple.add(box(0, -2, 15, 28)).add(poly(-10, -14, 0, -27, 10, -14), detail="spire", paint=roof)
    steeple.add(dome(0, 0, 4, 7), detail="bell", paint=metal, shade=0.8)
    pole = k.trait("top", "keep", ridge, metal, "flagpole", "flag-top")
    pole.add(stroke(10, 15, 10, -18, start=1))
    cloth = k.paint(looks("fabric", *BRIGHT))
    pole.add(blob(10, -17, 20, -15, 30, -17, 28, -10, 20, -7, 10, -8), part="flag", paint=cloth)
