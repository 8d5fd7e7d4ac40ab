"""Fish: tail fin, back fin, skin, mouth and proportions tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, ellipse, poly, stroke

_SKINS = ("e0803a c8601e", "5f8fc0 3e6c9e", "c9b25a a8903c", "8fa3a8 6c8288", "c0506a 9c3650", "6aa88a 468468")


def fish() -> Kind:
    """Perch, carp, tuna and angelfish."""
    k = Kind(
        "fish", "perch carp tuna angelfish", slots="tail back skin mouth build",
        home="seabed kitchen beach night", tilt=24, places="water air",
    )  # fmt: skip
    body = k.joint(
        slot="build", wide={"": (0.95, 1.1), "angelfish": (0.8, 0.95)},
        tall={"perch": (0.8, 1.0), "carp": (0.9, 1.15), "tuna": (0.68, 0.88), "angelfish": (1.15, 1.4)},
    )  # fmt: skip
    skin = k.paint(
        slot="skin",
        perch=[looks("scale", *(f"{c}/2c3c38 384840" for c in _SKINS), pattern="banded", size=(0.17, 0.21))],
        carp=[looks("scale", *(f"{c}/4a3420 5c4630" for c in _SKINS), pattern="scaly", size=(0.085, 0.105))],
        tuna=[looks("scale", *(f"{c}/f0f0ea dce0e0" for c in _SKINS), pattern="graded", size=(0.16, 0.22))],
        angelfish=[looks("scale", *(f"{c}/f8f4e8 2c2c38" for c in _SKINS), pattern="polka-dotted", size=(0.09, 0.12))],
    )
    fin = k.paint(looks("skin", *(f"{c}/f4e4c8" for c in _SKINS), pattern="lined", size=0.045, angle=(70, 110)))
    gill = k.paint(looks("scale", *_SKINS))
    lip = k.paint(look("skin", "d0a090 8a6a60"))
    eye_white = k.paint(look("skin", "f8f4e0 f0dc80"))
    pupil = k.paint(look("glass", "0c0c10 181414"))

    tail = k.joint(body, (-0.3, 0.0), turn=(-12, 12), wide=(0.85, 1.15), tall=(0.85, 1.1))
    k.add(
        blob(0.04, -0.03, -0.08, -0.11, -0.16, -0.12, -0.18, 0.0, -0.16, 0.12, -0.08, 0.11, 0.04, 0.03),
        fin,
        tail,
        "tail-fin",
        "",
        "round-fin",
        slot="tail",
        only="perch",
    )
    k.add(
        poly(0.06, -0.03, -0.16, -0.17, -0.09, 0.0, -0.16, 0.17, 0.06, 0.03),
        fin,
        tail,
        "tail-fin",
        "",
        "forked-fin",
        slot="tail",
        only="carp",
    )
    for side in (-1, 1):
        k.add(
            stroke(0.05, 0.0, -0.04, side * 0.1, -0.15, side * 0.22, start=0.035, end=0.008),
            fin,
            tail,
            "tail-fin",
            "fin-lobe",
            "crescent-fin",
            slot="tail",
            only="tuna",
        )
        k.add(
            poly(0.05, side * -0.01, -0.1, side * 0.05, -0.2, side * 0.2, -0.02, side * 0.07),
            fin,
            tail,
            "tail-fin",
            "fin-lobe",
            "trailing-fin",
            slot="tail",
            only="angelfish",
        )
    _back_fins(k, body, fin)
    k.add(
        blob(
            0.4,
            0.02,
            0.3,
            -0.09,
            0.1,
            -0.17,
            -0.12,
            -0.14,
            -0.32,
            -0.04,
            -0.32,
            0.04,
            -0.12,
            0.14,
            0.12,
            0.17,
            0.32,
            0.1,
        ),
        skin,
        body,
        "torso",
    )
    k.add(blob(0.39, 0.0, 0.3, -0.085, 0.2, -0.13, 0.16, 0.0, 0.2, 0.15, 0.33, 0.09), gill, body, "head", ink=0.5)
    k.add(stroke(0.19, -0.12, 0.15, 0.0, 0.18, 0.12, start=0.014), gill, body, "head", "gill", shade=0.55, ink=0.3)
    flap = k.joint(body, (0.1, 0.04), turn=(-25, 25), scale=(0.85, 1.2))
    k.add(blob(0.03, -0.03, -0.12, -0.02, -0.14, 0.07, 0.0, 0.05), fin, flap, "side-fin")
    k.add(poly(0.08, 0.14, 0.0, 0.28, -0.04, 0.13), fin, body, "belly-fin", shade=0.9)
    _mouths(k, body, lip, gill)
    k.add(ellipse(0.29, -0.035, 0.034, 0.03), eye_white, body, "head", "eye", ink=0.8)
    k.add(ellipse(0.296, -0.035, 0.018, 0.017), pupil, body, "head", "pupil", ink=0.1)
    return k


def _back_fins(k: Kind, body: int, fin: int) -> None:
    back = k.joint(body, (0.02, -0.12), tall=(0.8, 1.2), wide=(0.85, 1.1))
    for x in (-0.18, -0.12, -0.06, 0.0, 0.06):
        k.add(
            poly(x - 0.035, 0.05, x - 0.025, -0.11 + abs(x) * 0.3, x + 0.04, 0.05),
            fin,
            back,
            "back-fin",
            "spine",
            "spiny-fin",
            slot="back",
            only="perch",
        )
    k.add(
        blob(0.14, 0.02, 0.0, -0.09, -0.18, -0.05, -0.22, 0.04, -0.05, 0.05),
        fin,
        back,
        "back-fin",
        "",
        "long-fin",
        slot="back",
        only="carp",
    )
    k.add(poly(0.1, 0.03, 0.0, -0.17, -0.04, 0.03), fin, back, "back-fin", "", "shark-fin", slot="back", only="tuna")
    k.add(poly(-0.1, 0.03, -0.18, -0.06, -0.19, 0.04), fin, back, "back-fin", "", "shark-fin", slot="back", only="tuna")
    k.add(
        poly(0.08, 0.02, -0.1, -0.2, -0.22, -0.16, -0.12, 0.04),
        fin,
        back,
        "back-fin",
        "",
        "sail-fin",
        slot="back",
        only="angelfish",
    )


def _mouths(k: Kind, body: int, lip: int, gill: int) -> None:
    k.add(
        stroke(0.4, 0.03, 0.33, 0.045, start=0.01),
        lip,
        body,
        "head",
        "mouth",
        "straight-mouth",
        slot="mouth",
        only="perch",
        shade=0.5,
        ink=0,
    )
    k.add(ellipse(0.4, 0.025, 0.028, 0.035), lip, body, "head", "mouth", "thick-lips", slot="mouth", only="carp")
    for x in (0.37, 0.34):
        k.add(
            stroke(x, 0.06, x + 0.02, 0.11, x + 0.05, 0.13, start=0.01, end=0.006),
            lip,
            body,
            "head",
            "barbel",
            slot="mouth",
            only="carp",
        )
    k.add(
        poly(0.34, -0.03, 0.48, 0.02, 0.34, 0.07),
        gill,
        body,
        "head",
        "mouth",
        "pointed-mouth",
        slot="mouth",
        only="tuna",
        ink=0.6,
    )
    k.add(
        stroke(0.38, 0.0, 0.43, 0.0, start=0.028, end=0.018),
        gill,
        body,
        "head",
        "mouth",
        "small-mouth",
        slot="mouth",
        only="angelfish",
    )
