"""Potted plants: blossom, leaf, stem, pot and glaze tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import CLAYS, GREENS, PETALS, on
from kdissect.data.brodenette.shapes import blob, box, ellipse, poly, star, stroke


def plants() -> Kind:
    """Tulip, sunflower, thistle and orchid."""
    k = Kind(
        "plant", "tulip sunflower thistle orchid", slots="blossom leaf stem pot glaze",
        home="meadow garden desert street", places="floor ground", tilt=7, foot=45,
    )  # fmt: skip
    body = k.joint(wide=(0.9, 1.1), tall=(0.92, 1.08))
    green = k.paint(looks("foliage", *GREENS))
    leaf = k.paint(
        slot="leaf",
        tulip=looks("foliage", *GREENS),
        sunflower=looks("foliage", *on(GREENS, "b0d08c c0dc9c"), pattern="veined", size=7, angle=90),
        thistle=looks("foliage", *on(GREENS, "dce8d0 c8dcc0"), pattern="marbled", size=12),
        orchid=looks("foliage", *on(GREENS, "2c5434 346038"), pattern="polka-dotted", size=7),
    )
    stick = k.paint(look("wood", "b89460 94703c"))
    k.shadow(24)
    stem = k.joint(body, (0, 14), turn=(-9, 9), tall=(0.88, 1.1))
    _behind(k, body, k.joint(body, (0, 14), turn=(14, 30), tall=(0.5, 0.75)), green, stick)
    _leaves(k, stem, leaf)
    k.pen(stem, green, "stem").add(stroke(0, 6, 1.2, -14, 0, -34, start=1.6))
    _stems(k, stem, green, stick, leaf)
    _blossoms(k, k.joint(stem, (0, -36), turn=(-20, 20), scale=(0.85, 1.15)), green)
    _pots(k, k.joint(body, (0, 18), wide=(0.88, 1.15), tall=(0.9, 1.1)))
    return k


def _behind(k: Kind, body: int, side: int, green: int, stick: int) -> None:
    branch = k.trait("stem", "sunflower", side, green, "stem", "branching-stem")
    branch.add(stroke(0, 6, 0, -36, start=1.6)).add(ellipse(0, -38, 5, 6), detail="bud")
    stake = stroke(3, 16, 5, -30, start=1)
    k.trait("stem", "orchid", body, stick, "stem", "staked-stem").add(stake, detail="stake")


def _stems(k: Kind, stem: int, green: int, stick: int, leaf: int) -> None:
    thorny = k.trait("stem", "thistle", stem, stick, "stem", "thorny-stem")
    for y, s in ((-5, 1), (-12, -1), (-20, 1), (-27, -1)):
        thorny.add(poly(0, y - 1.5, s * 5, y - 3, 0, y + 1.5), detail="thorn", ink=0.6)
    jointed = k.trait("stem", "tulip", stem, green, "stem", "jointed-stem", 0.8)
    jointed.add(ellipse(0.6, -4, 2.6, 1.8), ellipse(0.6, -17, 2.6, 1.8), detail="node")
    ties = (stroke(-2, y, 5, y - 0.5, start=0.9) for y in (-2, -14))
    k.trait("stem", "orchid", stem, leaf, "stem", "staked-stem", 0.5).add(*ties, detail="tie")


def _leaves(k: Kind, stem: int, leaf: int) -> None:
    for s, y, chance in ((-1, 2, 1), (1, -2, 1), (-1, -12, 0.6)):
        at = k.joint(stem, (0, y), turn=(-12, 12), wide=(0.85, 1.15), tall=(0.85, 1.15), chance=chance)
        blade = blob(0, 4, s * 6, -10, s * 12, -26, s * 14, -10, s * 8, 3)
        k.trait("leaf", "tulip", at, leaf, "leaf", "blade-leaf").add(blade)
        heart = k.trait("leaf", "sunflower", at, leaf, "leaf", "heart-leaf")
        heart.add(blob(0, 0, s * 8, -10, s * 22, -5, s * 27, 5, s * 14, 6))
        heart.add(stroke(0, 0, s * 12, -2, s * 24, 3, start=0.7), detail="midrib", shade=1.25, ink=0)
        jagged = (0, 2, s * 6, -2, s * 8, -10, s * 12, -3, s * 19, -9, s * 19, -1, s * 28, -2, s * 17, 5)
        k.trait("leaf", "thistle", at, leaf, "leaf", "jagged-leaf").add(poly(*jagged))
        strap = stroke(0, 8, s * 12, 2, s * 27, 12, start=5, end=3)
        k.trait("leaf", "orchid", at, leaf, "leaf", "strap-leaf").add(strap)


def _blossoms(k: Kind, at: int, green: int) -> None:
    lined = looks("floral", *on(PETALS, "f8ecd0"), pattern="lined", size=5, angle=(60, 120))
    petal = k.paint(lined, looks("floral", *PETALS))
    core = k.paint(look("floral", "5c3c20 e8c040", "8c6430 b88c20", "studded", 4))
    cup = k.trait("blossom", "tulip", at, petal, "blossom", "cup-blossom")
    cup.add(ellipse(-5, -4, 5.5, 12, -14), ellipse(5, -4, 5.5, 12, 14), detail="petal")
    cup.add(ellipse(0, -3.5, 5, 11.5), detail="petal", shade=1.08)
    disc = k.trait("blossom", "sunflower", at, petal, "blossom", "disc-blossom")
    disc.add(star(0, 0, 17, 10, 11), detail="petal")
    disc.add(ellipse(0, 0, 8.5), detail="seed-disc", paint=core)
    tuft = k.trait("blossom", "thistle", at, petal, "blossom", "tuft-blossom")
    for i in (-2, -1, 0, 1, 2):
        tuft.add(stroke(i * 1.2, 0, i * 4.5, abs(i) * 2 - 15, start=2, end=0.8), detail="bristle", ink=0.7)
    tuft.add(ellipse(0, 2, 7.5, 7), detail="bulb", paint=green, shade=0.85)
    wings = k.trait("blossom", "orchid", at, petal, "blossom", "wing-blossom")
    spots = ((-7, 0, 7, 5), (7, 0, 7, 5), (0, -7, 4, 7), (-4.5, 7, 3.5, 5), (4.5, 7, 3.5, 5))
    for dx, dy, r in ((0, -4, 1.0), (-13, 7, 0.75)):
        petals = (ellipse(dx + r * x, dy + r * y, r * rx, r * ry) for x, y, rx, ry in spots)
        wings.add(*petals, detail="petal", ink=0.8)
        wings.add(ellipse(dx, dy + 1, r * 3.2), detail="lip", paint=core)


def _pots(k: Kind, pot: int) -> None:
    glaze = k.paint(
        slot="glaze",
        tulip=looks("ceramic", *on(CLAYS, "f0e4d0 e0d0b8"), pattern="zigzagged", size=7),
        sunflower=looks("ceramic", *CLAYS),
        thistle=looks("ceramic", *on(CLAYS, "6c4830 54483c"), pattern="wavy", size=7),
        orchid=looks("ceramic", *on(CLAYS, "f0ece0 e0d8c8"), pattern="chequered", size=5),
    )
    soil = k.paint(look("soil", "5c4430 44301e"))
    k.pen(pot, soil, "pot").add(ellipse(0, 0, 17, 3), detail="pot-soil", ink=0.6)
    tapered = k.trait("pot", "tulip", pot, glaze, "pot", "tapered-pot")
    tapered.add(poly(-17, 0, 17, 0, 12, 27, -12, 27)).add(box(0, 2, 38, 6), detail="pot-rim", shade=0.9)
    belly = k.trait("pot", "sunflower", pot, glaze, "pot", "round-pot")
    belly.add(blob(-15, 0, -20, 12, -10, 27, 10, 27, 20, 12, 15, 0))
    for x in (-19, 19):
        handle = stroke(x * 0.85, 4, x * 1.15, 8, x * 0.8, 15, start=1.3)
        belly.add(handle, detail="pot-handle", shade=0.85)
    square = k.trait("pot", "thistle", pot, glaze, "pot", "box-pot")
    square.add(box(0, 13, 33, 26)).add(box(-13, 27.5, 5, 4), box(13, 27.5, 5, 4), detail="pot-foot", shade=0.7)
    footed = poly(-17, 0, 17, 0, 8, 14, 6, 20, 13, 28, -13, 28, -6, 20, -8, 14)
    k.trait("pot", "orchid", pot, glaze, "pot", "footed-pot").add(footed)
