"""Potted plants: blossom, leaves, stem, pot and band tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, ellipse, poly, star, stroke

_PETALS = ("d84050", "e8b030", "e880a0", "f0ece0", "8c5cb0", "e87838")


def plants() -> Kind:
    """Tulip, sunflower, thistle and orchid."""
    k = Kind(
        "plant", "tulip sunflower thistle orchid", slots="blossom leaf stem pot glaze",
        home="meadow garden desert street", tilt=7, places="floor ground",
    )  # fmt: skip
    body = k.joint(wide=(0.9, 1.1), tall=(0.92, 1.08))
    petal = k.paint(
        looks("floral", *(f"{c}/f8ecd0" for c in _PETALS), pattern="lined", size=0.05, angle=(60, 120)),
        looks("floral", *_PETALS),
    )
    core = k.paint(looks("floral", "5c3c20/8c6430", "e8c040/b88c20", pattern="studded", size=0.04))
    green = k.paint(looks("foliage", "5c9444 3c7030", "88a850 688838", "4c8468 346450"))
    leaf = k.paint(
        slot="leaf",
        tulip=looks("foliage", "5c9444 3c7030", "88a850 688838", "4c8468 346450"),
        sunflower=looks(
            "foliage", "5c9444/b0d08c", "88a850/d0dc9c", "4c8468/a0ccb0", pattern="veined", size=0.07, angle=90
        ),
        thistle=looks("foliage", "5c9444/dce8d0", "88a850/e8ecd0", "4c8468/d0e4d8", pattern="marbled", size=0.12),
        orchid=looks("foliage", "5c9444/3c6430", "88a850/5c7434", "4c8468/2c5444", pattern="polka-dotted", size=0.07),
    )
    glaze = k.paint(
        slot="glaze",
        tulip=looks("ceramic", "c87850/f0dcc0", "5880a8/f0ece0", "e0d8c8/a84838", pattern="zigzagged", size=0.07),
        sunflower=looks("ceramic", "c87850", "5880a8", "e0d8c8"),
        thistle=looks("ceramic", "c87850/7c4428", "5880a8/34547c", "e0d8c8/8c8474", pattern="wavy", size=0.07),
        orchid=looks("ceramic", "c87850/f0dcc0", "5880a8/f0ece0", "e0d8c8/587898", pattern="chequered", size=0.05),
    )
    soil = k.paint(look("soil", "5c4430 44301e"))
    stick = k.paint(look("wood", "b89460 94703c"))
    _stems(k, body, green, stick)
    stem = k.joint(body, (0, 0.14), turn=(-9, 9), tall=(0.88, 1.1))
    _leaves(k, stem, leaf)
    k.add(stroke(0, 0.06, 0.012, -0.14, 0, -0.34, start=0.016), green, stem, "stem")
    _thorns(k, stem, green, stick, leaf)
    _blossoms(k, stem, petal, core, green)
    _pots(k, body, glaze, soil)
    return k


def _stems(k: Kind, body: int, green: int, stick: int) -> None:
    side = k.joint(body, (0.0, 0.14), turn=(14, 30), tall=(0.5, 0.75))
    k.add(
        stroke(0, 0.06, 0.0, -0.36, start=0.016),
        green,
        side,
        "stem",
        "",
        "branching-stem",
        slot="stem",
        only="sunflower",
    )
    k.add(ellipse(0, -0.38, 0.05, 0.06), green, side, "stem", "bud", "branching-stem", slot="stem", only="sunflower")
    k.add(
        stroke(0.03, 0.16, 0.05, -0.3, start=0.01),
        stick,
        body,
        "stem",
        "stake",
        "staked-stem",
        slot="stem",
        only="orchid",
    )


def _thorns(k: Kind, stem: int, green: int, stick: int, leaf: int) -> None:
    for y, side in ((-0.05, 1), (-0.12, -1), (-0.2, 1), (-0.27, -1)):
        k.add(
            poly(0, y - 0.015, side * 0.05, y - 0.03, 0, y + 0.015),
            stick,
            stem,
            "stem",
            "thorn",
            "thorny-stem",
            slot="stem",
            only="thistle",
            ink=0.6,
        )
    for y in (-0.04, -0.17):
        k.add(
            ellipse(0.006, y, 0.026, 0.018),
            green,
            stem,
            "stem",
            "node",
            "jointed-stem",
            slot="stem",
            only="tulip",
            shade=0.8,
        )
    for y in (-0.02, -0.14):
        k.add(
            stroke(-0.02, y, 0.05, y - 0.005, start=0.009),
            leaf,
            stem,
            "stem",
            "tie",
            "staked-stem",
            slot="stem",
            only="orchid",
            shade=0.5,
        )


def _leaves(k: Kind, stem: int, leaf: int) -> None:
    for side, y in ((-1, 0.02), (1, -0.02), (-1, -0.12)):
        at = k.joint(
            stem, (0, y), turn=(-12, 12), wide=(0.85, 1.15), tall=(0.85, 1.15), chance=1.0 if y > -0.1 else 0.6
        )
        s = side
        k.add(
            blob(0, 0.04, s * 0.06, -0.1, s * 0.12, -0.26, s * 0.14, -0.1, s * 0.08, 0.03),
            leaf,
            at,
            "leaf",
            "",
            "blade-leaf",
            slot="leaf",
            only="tulip",
        )
        k.add(
            blob(0, 0, s * 0.08, -0.1, s * 0.22, -0.05, s * 0.27, 0.05, s * 0.14, 0.06),
            leaf,
            at,
            "leaf",
            "",
            "heart-leaf",
            slot="leaf",
            only="sunflower",
        )
        k.add(
            stroke(0, 0, s * 0.12, -0.02, s * 0.24, 0.03, start=0.007),
            leaf,
            at,
            "leaf",
            "midrib",
            "heart-leaf",
            slot="leaf",
            only="sunflower",
            shade=1.25,
            ink=0,
        )
        k.add(
            poly(
                0,
                0.02,
                s * 0.06,
                -0.02,
                s * 0.08,
                -0.1,
                s * 0.12,
                -0.03,
                s * 0.19,
                -0.09,
                s * 0.19,
                -0.01,
                s * 0.28,
                -0.02,
                s * 0.17,
                0.05,
            ),
            leaf,
            at,
            "leaf",
            "",
            "jagged-leaf",
            slot="leaf",
            only="thistle",
        )
        k.add(
            stroke(0, 0.08, s * 0.12, 0.02, s * 0.27, 0.12, start=0.05, end=0.03),
            leaf,
            at,
            "leaf",
            "",
            "strap-leaf",
            slot="leaf",
            only="orchid",
        )


def _blossoms(k: Kind, stem: int, petal: int, core: int, green: int) -> None:
    at = k.joint(stem, (0, -0.36), turn=(-20, 20), scale=(0.85, 1.15))
    for x, turn in ((-0.05, -14), (0.05, 14)):
        k.add(
            ellipse(x, -0.04, 0.055, 0.12, turn),
            petal,
            at,
            "blossom",
            "petal",
            "cup-blossom",
            slot="blossom",
            only="tulip",
        )
    k.add(
        ellipse(0, -0.035, 0.05, 0.115),
        petal,
        at,
        "blossom",
        "petal",
        "cup-blossom",
        slot="blossom",
        only="tulip",
        shade=1.08,
    )
    k.add(star(0, 0, 0.17, 0.1, 11), petal, at, "blossom", "petal", "disc-blossom", slot="blossom", only="sunflower")
    k.add(ellipse(0, 0, 0.085), core, at, "blossom", "seed-disc", "disc-blossom", slot="blossom", only="sunflower")
    for i in range(-2, 3):
        k.add(
            stroke(i * 0.012, 0, i * 0.045, -0.15 + abs(i) * 0.02, start=0.02, end=0.008),
            petal,
            at,
            "blossom",
            "bristle",
            "tuft-blossom",
            slot="blossom",
            only="thistle",
            ink=0.7,
        )
    k.add(
        ellipse(0, 0.02, 0.075, 0.07),
        green,
        at,
        "blossom",
        "bulb",
        "tuft-blossom",
        slot="blossom",
        only="thistle",
        shade=0.85,
    )
    for dx, dy, r in ((0.0, -0.04, 1.0), (-0.13, 0.07, 0.75)):
        for x, y, rx, ry in (
            (-0.07, 0.0, 0.07, 0.05),
            (0.07, 0.0, 0.07, 0.05),
            (0, -0.07, 0.04, 0.07),
            (-0.045, 0.07, 0.035, 0.05),
            (0.045, 0.07, 0.035, 0.05),
        ):
            k.add(
                ellipse(dx + r * x, dy + r * y, r * rx, r * ry),
                petal,
                at,
                "blossom",
                "petal",
                "wing-blossom",
                slot="blossom",
                only="orchid",
                ink=0.8,
            )
        k.add(
            ellipse(dx, dy + 0.01, r * 0.032), core, at, "blossom", "lip", "wing-blossom", slot="blossom", only="orchid"
        )


def _pots(k: Kind, body: int, glaze: int, soil: int) -> None:
    pot = k.joint(body, (0, 0.18), wide=(0.88, 1.15), tall=(0.9, 1.1))
    k.add(ellipse(0, 0.0, 0.17, 0.03), soil, pot, "pot", "pot-soil", ink=0.6)
    k.add(
        poly(-0.17, 0.0, 0.17, 0.0, 0.12, 0.27, -0.12, 0.27),
        glaze,
        pot,
        "pot",
        "",
        "tapered-pot",
        slot="pot",
        only="tulip",
    )
    k.add(box(0, 0.02, 0.38, 0.06), glaze, pot, "pot", "pot-rim", "tapered-pot", slot="pot", only="tulip", shade=0.9)
    k.add(
        blob(-0.15, 0.0, -0.21, 0.12, -0.1, 0.27, 0.1, 0.27, 0.21, 0.12, 0.15, 0.0),
        glaze,
        pot,
        "pot",
        "",
        "round-pot",
        slot="pot",
        only="sunflower",
    )
    k.add(box(0, 0.13, 0.33, 0.26), glaze, pot, "pot", "", "box-pot", slot="pot", only="thistle")
    for x in (-0.13, 0.13):
        k.add(
            box(x, 0.275, 0.05, 0.04), glaze, pot, "pot", "pot-foot", "box-pot", slot="pot", only="thistle", shade=0.7
        )
    k.add(
        poly(-0.17, 0.0, 0.17, 0.0, 0.08, 0.14, 0.06, 0.2, 0.13, 0.28, -0.13, 0.28, -0.06, 0.2, -0.08, 0.14),
        glaze,
        pot,
        "pot",
        "",
        "footed-pot",
        slot="pot",
        only="orchid",
    )
    for x in (-0.19, 0.19):
        k.add(
            stroke(x * 0.85, 0.04, x * 1.15, 0.08, x * 0.8, 0.15, start=0.013),
            glaze,
            pot,
            "pot",
            "pot-handle",
            "round-pot",
            slot="pot",
            only="sunflower",
            shade=0.85,
        )
