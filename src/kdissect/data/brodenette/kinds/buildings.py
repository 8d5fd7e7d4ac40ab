"""Buildings, seen from the front: roof, windows, door, wall and top tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, dome, ellipse, poly, ring, stroke

_WALLS = ("e6dcc4 d2c4a4", "c9a37c b0875e", "b0aca4 908c84", "b86e54 98523c", "dcc890 c4ac70")


def buildings() -> Kind:
    """Cottage, barn, chapel and keep."""
    k = Kind(
        "building", "cottage barn chapel keep", slots="roof window door wall top",
        home="meadow farmyard snowfield mountain", tilt=2,
    )  # fmt: skip
    body = k.joint(wide=(0.88, 1.12), tall=(0.9, 1.08))
    wall = k.paint(
        slot="wall",
        cottage=looks("brick", *(f"{c}/efe6d6" for c in _WALLS), pattern="bricked", size=(0.055, 0.07)),
        barn=looks("wood", *(f"{c}/5c3c28" for c in _WALLS), pattern="lined", size=(0.06, 0.08)),
        chapel=looks("plaster", *_WALLS),
        keep=looks("stone", *(f"{c}/5c5a54" for c in _WALLS), pattern="honeycombed", size=(0.08, 0.1)),
    )
    roof = k.paint(
        looks("tile", "b05038/7c3020", "6c5c58/443834", "4c6478/304454", pattern="scaly", size=(0.06, 0.08)),
        looks("straw", "d4b468/a08440", "b89c58/806c38", pattern="lined", size=0.05),
        looks("metal", "9ca4a8/747c80", "a86850/7c4834", pattern="lined", size=0.08),
    )
    trim = k.paint(looks("wood", "f4efe2 e2dac6", "6c4c30 54381e", "4c6c58 345040"))
    wood = k.paint(looks("wood", "8c5c34 6c4020", "4c6c58 34503c", "9c4434 7c2c20", "44607c 304860"))
    pane = k.paint(looks("glass", "9cc4d8 709cb4", "f4d888 e4c068", "4c5c6c 384450"))
    stone = k.paint(look("stone", "b4aca0 8c8478"))
    metal = k.paint(looks("metal", "d8b448 b89428", "585c60 404448"))
    smoke = k.paint(look("vapour", "e0e0e0 c4c4c8"))
    cloth = k.paint(looks("fabric", "d04038", "3c5ca8", "e0b838"))

    _tops(k, body, stone, trim, metal, smoke, cloth, roof, wall)
    k.add(poly(-0.3, -0.06, 0.3, -0.06, 0.3, 0.44, -0.3, 0.44), wall, body, "facade", volume=0.4)
    k.add(box(0.0, 0.42, 0.62, 0.05), stone, body, "facade", "plinth", ink=0.6)
    _roofs(k, body, roof, wall, stone, trim)
    _doors(k, body, wood, trim, stone, metal, pane)
    for x, y in ((-0.19, 0.1), (0.19, 0.1), (-0.19, 0.29), (0.19, 0.29)):
        _window(k, body, x, y, pane, trim, stone, wood)
    k.add(
        stroke(-0.29, -0.04, -0.29, 0.42, start=0.01),
        metal,
        body,
        "gutter",
        slot="wall",
        only="cottage chapel",
        ink=0.6,
    )
    return k


def _roofs(k: Kind, body: int, roof: int, wall: int, stone: int, trim: int) -> None:
    top = k.joint(body, (0, -0.05), tall=(0.85, 1.2), wide=(0.97, 1.06))
    k.add(
        poly(-0.38, 0.02, -0.22, -0.24, 0.22, -0.24, 0.38, 0.02),
        roof,
        top,
        "roof",
        "",
        "hip-roof",
        slot="roof",
        only="cottage",
    )
    k.add(
        poly(-0.36, 0.02, -0.29, -0.13, 0, -0.27, 0.29, -0.13, 0.36, 0.02),
        roof,
        top,
        "roof",
        "",
        "gambrel-roof",
        slot="roof",
        only="barn",
    )
    k.add(
        poly(-0.3, 0.02, -0.25, -0.1, 0, -0.21, 0.25, -0.1, 0.3, 0.02),
        wall,
        top,
        "facade",
        "gable",
        "gambrel-roof",
        slot="roof",
        only="barn",
        ink=0.6,
    )
    k.add(poly(-0.35, 0.03, 0, -0.3, 0.35, 0.03), roof, top, "roof", "", "gable-roof", slot="roof", only="chapel")
    k.add(
        poly(-0.27, 0.03, 0, -0.23, 0.27, 0.03),
        wall,
        top,
        "facade",
        "gable",
        "gable-roof",
        slot="roof",
        only="chapel",
        ink=0.6,
    )
    k.add(box(0, -0.03, 0.66, 0.1), wall, top, "roof", "parapet", "battlement", slot="roof", only="keep")
    for x in (-0.28, -0.14, 0.0, 0.14, 0.28):
        k.add(box(x, -0.11, 0.08, 0.08), wall, top, "roof", "merlon", "battlement", slot="roof", only="keep")
    k.add(
        stroke(-0.37, 0.02, 0.37, 0.02, start=0.013), trim, top, "roof", "eaves", slot="roof", only="cottage", ink=0.5
    )
    k.add(ellipse(0, -0.1, 0.05), trim, top, "facade", "loft-hatch", slot="roof", only="barn")
    k.add(
        stroke(-0.33, 0.02, 0.33, 0.02, start=0.012),
        stone,
        top,
        "roof",
        "cornice",
        slot="roof",
        only="keep chapel",
        ink=0.5,
    )


def _tops(k: Kind, body: int, stone: int, trim: int, metal: int, smoke: int, cloth: int, roof: int, wall: int) -> None:
    at = k.joint(body, (0.16, -0.2), right=(-0.05, 0.06), tall=(0.85, 1.15))
    for i, (x, y, r) in enumerate(((0.03, -0.24, 0.03), (0.07, -0.3, 0.042))):
        k.add(ellipse(x, y, r, 0.8 * r), smoke, at, "smoke", slot="top", only="cottage", ink=0.2, shade=1 - 0.04 * i)
    k.add(box(0, -0.05, 0.1, 0.28), stone, at, "chimney", slot="top", only="cottage")
    k.add(box(0, -0.19, 0.13, 0.035), stone, at, "chimney", "chimney-cap", slot="top", only="cottage", shade=0.8)
    vane = k.joint(body, (0.0, -0.27), turn=(-3, 3), tall=(0.85, 1.1))
    k.add(stroke(0, 0.06, 0, -0.16, start=0.009), metal, vane, "vane", slot="top", only="barn")
    k.add(poly(-0.1, -0.12, 0.06, -0.15, 0.06, -0.09), metal, vane, "vane", "arrow", slot="top", only="barn")
    k.add(box(0, -0.02, 0.15, 0.28), wall, vane, "steeple", slot="top", only="chapel")
    k.add(poly(-0.1, -0.14, 0, -0.27, 0.1, -0.14), roof, vane, "steeple", "spire", slot="top", only="chapel")
    k.add(dome(0, 0.0, 0.04, 0.07), metal, vane, "steeple", "bell", slot="top", only="chapel", shade=0.8)
    k.add(stroke(0.1, 0.15, 0.1, -0.18, start=0.01), trim, vane, "flagpole", slot="top", only="keep")
    k.add(
        blob(0.1, -0.17, 0.2, -0.15, 0.3, -0.17, 0.28, -0.1, 0.2, -0.07, 0.1, -0.08),
        cloth,
        vane,
        "flag",
        slot="top",
        only="keep",
    )


def _window(k: Kind, body: int, x: float, y: float, pane: int, trim: int, stone: int, wood: int) -> None:
    at = k.joint(body, (x, y), scale=(0.85, 1.15), key="window", chance=0.9)
    k.add(box(0, 0, 0.13, 0.13), trim, at, "window", "frame", "square-window", slot="window", only="cottage")
    k.add(box(0, 0, 0.1, 0.1), pane, at, "window", "pane", "square-window", slot="window", only="cottage", ink=0.5)
    for bar in (box(0, 0, 0.014, 0.1), box(0, 0, 0.1, 0.014)):
        k.add(bar, trim, at, "window", "bar", "square-window", slot="window", only="cottage", ink=0.2)
    for side in (-0.09, 0.09):
        k.add(box(side, 0, 0.045, 0.13), wood, at, "window", "shutter", "square-window", slot="window", only="cottage")
    k.add(box(0, 0, 0.15, 0.08), trim, at, "window", "frame", "wide-window", slot="window", only="barn")
    k.add(box(0, 0, 0.12, 0.055), pane, at, "window", "pane", "wide-window", slot="window", only="barn", ink=0.5)
    k.add(box(0, 0, 0.09, 0.12), trim, at, "window", "frame", "arched-window", slot="window", only="chapel")
    k.add(
        dome(0, -0.055, 0.045, 0.06),
        trim,
        at,
        "window",
        "frame",
        "arched-window",
        slot="window",
        only="chapel",
        ink=0.3,
    )
    k.add(box(0, 0.005, 0.06, 0.1), pane, at, "window", "pane", "arched-window", slot="window", only="chapel", ink=0.4)
    k.add(
        dome(0, -0.045, 0.03, 0.045), pane, at, "window", "pane", "arched-window", slot="window", only="chapel", ink=0.2
    )
    k.add(ring(0, 0, 0.065, 0.04), stone, at, "window", "frame", "round-window", slot="window", only="keep")
    k.add(
        ellipse(0, 0, 0.042), pane, at, "window", "pane", "round-window", slot="window", only="keep", ink=0.3, shade=0.6
    )
    k.add(box(0, 0.07, 0.13, 0.02), stone, at, "window", "window-sill", slot="window", only="cottage barn", ink=0.5)


def _doors(k: Kind, body: int, wood: int, trim: int, stone: int, metal: int, pane: int) -> None:
    at = k.joint(body, (0, 0.42), wide=(0.9, 1.1), tall=(0.9, 1.1), right=(-0.02, 0.02))
    k.add(box(0, -0.12, 0.16, 0.25), trim, at, "door", "frame", "panelled-door", slot="door", only="cottage")
    k.add(box(0, -0.115, 0.125, 0.225), wood, at, "door", "", "panelled-door", slot="door", only="cottage", ink=0.6)
    k.add(box(0, -0.175, 0.08, 0.06), pane, at, "door", "pane", "panelled-door", slot="door", only="cottage", ink=0.5)
    k.add(box(0, -0.12, 0.24, 0.26), wood, at, "door", "", "barn-door", slot="door", only="barn")
    for flat in ((-0.11, -0.01, 0.11, -0.24), (-0.11, -0.24, 0.11, -0.01), (0, -0.25, 0, 0)):
        k.add(stroke(*flat, start=0.012), trim, at, "door", "brace", "barn-door", slot="door", only="barn", ink=0.3)
    k.add(box(0, -0.09, 0.17, 0.19), stone, at, "door", "frame", "arched-door", slot="door", only="chapel")
    k.add(dome(0, -0.18, 0.085, 0.09), stone, at, "door", "frame", "arched-door", slot="door", only="chapel", ink=0.3)
    k.add(box(0, -0.085, 0.12, 0.18), wood, at, "door", "", "arched-door", slot="door", only="chapel", ink=0.5)
    k.add(dome(0, -0.17, 0.06, 0.065), wood, at, "door", "", "arched-door", slot="door", only="chapel", ink=0.2)
    k.add(box(0, -0.1, 0.18, 0.21), metal, at, "door", "", "portcullis", slot="door", only="keep", shade=0.5)
    for x in (-0.06, -0.02, 0.02, 0.06):
        k.add(
            stroke(x, -0.2, x, 0, start=0.007),
            metal,
            at,
            "door",
            "bar",
            "portcullis",
            slot="door",
            only="keep",
            ink=0.2,
        )
    for y in (-0.15, -0.08):
        k.add(
            stroke(-0.09, y, 0.09, y, start=0.007),
            metal,
            at,
            "door",
            "bar",
            "portcullis",
            slot="door",
            only="keep",
            ink=0.2,
        )
    k.add(ellipse(0.04, -0.1, 0.013), metal, at, "door", "knob", slot="door", only="cottage chapel barn", ink=0.6)
