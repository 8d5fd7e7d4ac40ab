"""Fish: tail fin, back fin, skin, mouth and build tell them apart."""

from kdissect.data.brodenette.kind import Kind, PerClass
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import EYEBALL, PUPIL, SKINS, on
from kdissect.data.brodenette.shapes import blob, ellipse, poly, stroke


def fish() -> Kind:
    """Perch, carp, tuna and angelfish."""
    k = Kind(
        "fish", "perch carp tuna angelfish", slots="tail back skin mouth build",
        home="seabed kitchen beach night", places="water air", tilt=24, foot=20,
    )  # fmt: skip
    heights: PerClass = {"perch": (0.8, 1.0), "carp": (0.9, 1.15), "tuna": (0.68, 0.88), "angelfish": (1.15, 1.4)}
    body = k.joint(slot="build", wide={"": (0.95, 1.1), "angelfish": (0.8, 0.95)}, tall=heights)
    skin = k.paint(
        slot="skin",
        perch=looks("scale", *on(SKINS, "2c3c38 384840"), pattern="banded", size=(16, 21)),
        carp=looks("scale", *on(SKINS, "4a3420 5c4630"), pattern="scaly", size=(8, 10)),
        tuna=looks("scale", *on(SKINS, "f0f0ea dce0e0"), pattern="graded", size=(15, 22)),
        angelfish=looks("scale", *on(SKINS, "f8f4e8 e8e0d0"), pattern="polka-dotted", size=(8, 11)),
    )
    fin = k.paint(looks("skin", *on(SKINS, "f4e4c8 e4d0b0"), pattern="lined", size=4.5, angle=(70, 110)))
    _tails(k, k.joint(body, (-30, 0), turn=(-12, 12), wide=(0.85, 1.15), tall=(0.85, 1.1)), fin)
    _back_fins(k, k.joint(body, (2, -12), tall=(0.8, 1.2), wide=(0.85, 1.1)), fin)
    flank = blob(40, 2, 30, -9, 10, -17, -12, -14, -32, -4, -32, 4, -12, 14, 12, 17, 32, 10)
    k.pen(body, skin, "torso").add(flank)
    face = k.pen(body, skin, "head")
    face.add(blob(39, 0, 30, -8.5, 20, -13, 16, 0, 20, 15, 33, 9), shade=0.9, ink=0.6)
    face.add(stroke(19, -12, 15, 0, 18, 12, start=1.4), detail="gill", shade=0.55, ink=0.3)
    flap = k.joint(body, (10, 4), turn=(-25, 25), scale=(0.85, 1.2))
    k.pen(flap, fin, "side-fin").add(blob(3, -3, -12, -2, -14, 7, 0, 5))
    k.pen(body, fin, "belly-fin").add(poly(8, 14, 0, 28, -4, 13), shade=0.9)
    _mouths(k, body, k.paint(look("skin", "d0a090 8a6a60")), skin)
    face.add(ellipse(29, -3.5, 3.4, 3), detail="eye", paint=k.paint(EYEBALL), ink=0.8)
    face.add(ellipse(29.6, -3.5, 1.8, 1.7), detail="pupil", paint=k.paint(PUPIL), ink=0.1)
    return k


def _tails(k: Kind, root: int, fin: int) -> None:
    paddle = blob(4, -3, -8, -11, -16, -12, -18, 0, -16, 12, -8, 11, 4, 3)
    k.trait("tail", "perch", root, fin, "tail-fin", "round-fin").add(paddle)
    forked = poly(6, -3, -16, -17, -9, 0, -16, 17, 6, 3)
    k.trait("tail", "carp", root, fin, "tail-fin", "forked-fin").add(forked)
    crescent = k.trait("tail", "tuna", root, fin, "tail-fin", "crescent-fin")
    trailing = k.trait("tail", "angelfish", root, fin, "tail-fin", "trailing-fin")
    for s in (-1, 1):
        crescent.add(stroke(5, 0, -4, s * 10, -15, s * 22, start=3.5, end=0.8), detail="fin-lobe")
        trailing.add(poly(5, s * -1, -10, s * 5, -20, s * 20, -2, s * 7), detail="fin-lobe")


def _back_fins(k: Kind, back: int, fin: int) -> None:
    spiny = k.trait("back", "perch", back, fin, "back-fin", "spiny-fin")
    for x in (-18, -12, -6, 0, 6):
        spiny.add(poly(x - 3.5, 5, x - 2.5, abs(x) * 0.3 - 11, x + 4, 5), detail="spine")
    long = blob(14, 2, 0, -9, -18, -5, -22, 4, -5, 5)
    k.trait("back", "carp", back, fin, "back-fin", "long-fin").add(long)
    double = k.trait("back", "tuna", back, fin, "back-fin", "double-fin")
    double.add(poly(10, 3, 0, -17, -4, 3), detail="fore-fin").add(poly(-10, 3, -18, -6, -19, 4))
    sail = poly(8, 2, -10, -20, -22, -16, -12, 4)
    k.trait("back", "angelfish", back, fin, "back-fin", "sail-fin").add(sail)


def _mouths(k: Kind, body: int, lip: int, skin: int) -> None:
    line = stroke(40, 3, 33, 4.5, start=1)
    k.trait("mouth", "perch", body, lip, "head", "straight-mouth", 0.5).add(line, detail="mouth", ink=0)
    thick = k.trait("mouth", "carp", body, lip, "head", "bearded-mouth")
    thick.add(ellipse(40, 2.5, 2.8, 3.5), detail="mouth")
    for x in (37, 34):
        thick.add(stroke(x, 6, x + 2, 11, x + 5, 13, start=1, end=0.6), detail="barbel")
    pointed = poly(34, -3, 48, 2, 34, 7)
    k.trait("mouth", "tuna", body, skin, "head", "pointed-mouth", 0.9).add(pointed, detail="mouth", ink=0.6)
    tube = stroke(38, 0, 43, 0, start=2.8, end=1.8)
    k.trait("mouth", "angelfish", body, lip, "head", "tube-mouth").add(tube, detail="mouth")
