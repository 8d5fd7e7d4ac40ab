"""Quadrupeds, seen from the side: ears, tail, coat, snout and feet tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, dome, ellipse, poly, stroke

_FURS = ("c98b4a a0622d", "96918c 66645f", "e8dccb d2c3ad", "7d5a3f 553a26", "dd8d43 c46a22", "5d5752 3d3935")


def quadrupeds() -> Kind:
    """Cat, fox, hound and goat."""
    k = Kind(
        "quadruped", "cat fox hound goat", slots="ears tail coat snout feet",
        home="room forest playground mountain", tilt=5,
    )  # fmt: skip
    body = k.joint(turn=(-4, 4), wide=(0.9, 1.1), tall=(0.88, 1.12))
    neck = k.joint(body, (0.2, -0.08), turn=(-14, 14), tall={"": (0.75, 1.05), "goat": (0.9, 1.2)})
    head = k.joint(neck, (0.1, -0.17), turn=(-16, 16), scale=(0.88, 1.12))
    coat = k.paint(
        slot="coat",
        cat=[
            looks("fur", *(f"{c}/3a2f2a 4a3a30" for c in _FURS), pattern="striped", size=(0.09, 0.13), angle=(-12, 12))
        ],
        fox=looks("fur", *_FURS),
        hound=[looks("fur", *(f"{c}/f6efe4 e6dccb" for c in _FURS), pattern="blotchy", size=(0.14, 0.2))],
        goat=[looks("fleece", *(f"{c}/efe7da ded2c0" for c in _FURS), pattern="stained", size=(0.06, 0.09))],
    )
    plain = k.paint(looks("fur", *_FURS))
    pale = k.paint(look("fur", "f4ece0 dfd0bb"))
    dark = k.paint(look("skin", "2a2422 4a3c38"))
    pink = k.paint(look("skin", "e2a09a c98078"))
    horn = k.paint(look("keratin", "d8c9a4 9c8a66", "7a6a4c", "banded", 0.05))
    eye_white = k.paint(look("skin", "f4f0dc c8d070"))
    pupil = k.paint(look("glass", "101010 181414"))

    for x, shade, key in ((0.2, 0.72, "far front"), (-0.26, 0.72, "far hind")):
        _leg(k, body, coat, pale, dark, horn, x, shade, key)
    _tails(k, body, coat, pale)
    k.add(
        blob(-0.34, -0.02, -0.26, -0.14, 0.0, -0.13, 0.2, -0.17, 0.29, -0.04, 0.24, 0.1, 0.02, 0.13, -0.26, 0.13),
        coat, body, "torso",
    )  # fmt: skip
    k.add(blob(-0.16, 0.1, 0.04, 0.08, 0.2, 0.06, 0.06, 0.125), pale, body, "torso", "belly", ink=0.3)
    for x, shade, key in ((0.15, 1.0, "near front"), (-0.22, 1.0, "near hind")):
        _leg(k, body, coat, pale, dark, horn, x, shade, key)
    k.add(stroke(-0.05, 0.06, 0.02, -0.06, 0.1, -0.17, start=0.115, end=0.08), coat, neck, "neck", ink=0.6)
    _head(k, head, coat, pale, dark, pink, horn)
    k.add(ellipse(0.045, -0.035, 0.026, 0.024), eye_white, head, "head", "eye", ink=0.8)
    k.add(ellipse(0.052, -0.034, 0.013, 0.017), pupil, head, "head", "pupil", ink=0.2)
    k.add(
        stroke(-0.055, -0.05, 0.0, -0.0, 0.06, 0.0, start=0.02),
        plain,
        neck,
        "neck",
        "collar",
        only="cat hound",
        slot="feet",
    )
    return k


def _leg(k: Kind, body: int, coat: int, pale: int, dark: int, horn: int, x: float, shade: float, key: str) -> None:
    hip = k.joint(body, (x, 0.04), turn=(-13, 13), key=key)
    k.add(stroke(0, 0, 0.015, 0.17, 0.0, 0.36, start=0.075, end=0.036), coat, hip, "leg", shade=shade, ink=0.7)
    knee = (0.005, 0.37)
    k.add(
        blob(-0.04, 0.36, 0.03, 0.34, 0.075, 0.385, 0.05, 0.41, -0.03, 0.41),
        coat,
        hip,
        "leg",
        "foot",
        "round-paw",
        slot="feet",
        only="cat",
        shade=shade,
    )
    k.add(
        stroke(0.012, 0.22, *knee, start=0.047, end=0.04),
        dark,
        hip,
        "leg",
        "sock",
        "dark-sock",
        slot="feet",
        only="fox",
        shade=shade,
        ink=0.5,
    )
    k.add(
        ellipse(0.02, 0.385, 0.055, 0.028), dark, hip, "leg", "foot", "slim-paw", slot="feet", only="fox", shade=shade
    )
    k.add(
        blob(-0.04, 0.36, 0.03, 0.33, 0.1, 0.375, 0.09, 0.412, -0.03, 0.41),
        pale,
        hip,
        "leg",
        "foot",
        "broad-paw",
        slot="feet",
        only="hound",
        shade=shade,
    )
    for toe in (0.04, 0.07):
        k.add(
            stroke(toe, 0.375, toe + 0.005, 0.405, start=0.006),
            dark,
            hip,
            "leg",
            "claw",
            slot="feet",
            only="hound",
            shade=shade,
            ink=0,
        )
    k.add(
        poly(-0.035, 0.35, 0.035, 0.35, 0.055, 0.412, -0.045, 0.412),
        horn,
        hip,
        "leg",
        "foot",
        "hoof",
        slot="feet",
        only="goat",
        shade=0.5 * shade,
    )


def _tails(k: Kind, body: int, coat: int, pale: int) -> None:
    root = k.joint(body, (-0.31, -0.07), turn={"": (-22, 22), "goat": (-30, 30)}, slot="tail", tall=(0.85, 1.15))
    k.add(
        stroke(0, 0, -0.1, 0.04, -0.15, -0.1, -0.1, -0.24, -0.15, -0.3, start=0.03, end=0.022),
        coat,
        root,
        "tail",
        "",
        "curved-tail",
        slot="tail",
        only="cat",
    )
    k.add(
        blob(0.03, -0.02, -0.08, -0.05, -0.2, 0.03, -0.24, 0.16, -0.2, 0.24, -0.1, 0.16, 0.0, 0.05),
        coat,
        root,
        "tail",
        "",
        "bushy-tail",
        slot="tail",
        only="fox",
    )
    k.add(
        blob(-0.245, 0.13, -0.17, 0.17, -0.19, 0.26, -0.245, 0.22),
        pale,
        root,
        "tail",
        "tail-tip",
        "bushy-tail",
        slot="tail",
        only="fox",
    )
    k.add(
        stroke(0.02, 0.0, -0.1, -0.08, -0.15, -0.22, start=0.026, end=0.01),
        coat,
        root,
        "tail",
        "",
        "whip-tail",
        slot="tail",
        only="hound",
    )
    k.add(
        blob(0.03, 0.03, -0.02, -0.06, -0.07, -0.11, -0.075, -0.03, -0.03, 0.04),
        coat,
        root,
        "tail",
        "",
        "stub-tail",
        slot="tail",
        only="goat",
    )


def _head(k: Kind, head: int, coat: int, pale: int, dark: int, pink: int, horn: int) -> None:
    far = k.joint(head, (0.02, -0.08), turn=(-10, 10), key="ear", slot="ears")
    near = k.joint(head, (-0.03, -0.07), turn=(-10, 10), key="ear", slot="ears")
    for ear, shade in ((far, 0.7), (near, 1.0)):
        for name, height, width in (("cat", 0.12, 0.05), ("fox", 0.17, 0.06)):
            k.add(
                poly(-width, 0.04, -0.01, -height, width, 0.03),
                coat,
                ear,
                "head",
                "ear",
                "pointed-ear" if name == "cat" else "tall-ear",
                slot="ears",
                only=name,
                shade=shade,
            )
            k.add(
                poly(-0.5 * width, 0.03, -0.005, -0.6 * height, 0.5 * width, 0.02),
                pink if name == "cat" else dark,
                ear,
                "head",
                "inner-ear",
                slot="ears",
                only=name,
                shade=shade,
                ink=0.2,
            )
        if shade < 1:
            k.add(
                stroke(0.0, 0.02, -0.05, -0.12, -0.14, -0.2, start=0.028, end=0.008),
                horn,
                ear,
                "head",
                "horn",
                "curved-horn",
                slot="ears",
                only="goat",
                shade=shade,
            )
    k.add(ellipse(0.02, -0.02, 0.105, 0.095), coat, head, "head")
    k.add(
        blob(0.07, -0.03, 0.12, -0.01, 0.135, 0.035, 0.09, 0.06, 0.03, 0.05),
        pale,
        head,
        "head",
        "muzzle",
        "short-muzzle",
        slot="snout",
        only="cat",
    )
    for y in (0.02, 0.04):
        k.add(
            stroke(0.09, y, 0.16, y - 0.03 + (y - 0.02) * 3, start=0.005),
            pale,
            head,
            "head",
            "whisker",
            slot="snout",
            only="cat",
            ink=0,
        )
    k.add(
        poly(0.06, -0.05, 0.23, 0.035, 0.2, 0.06, 0.02, 0.07),
        coat,
        head,
        "head",
        "muzzle",
        "slim-muzzle",
        slot="snout",
        only="fox",
    )
    k.add(
        poly(0.03, 0.04, 0.2, 0.045, 0.18, 0.066, 0.0, 0.08),
        pale,
        head,
        "head",
        "cheek",
        slot="snout",
        only="fox",
        ink=0.3,
    )
    k.add(
        blob(0.05, -0.05, 0.16, -0.03, 0.21, 0.0, 0.21, 0.07, 0.13, 0.09, 0.04, 0.07),
        coat,
        head,
        "head",
        "muzzle",
        "boxy-muzzle",
        slot="snout",
        only="hound",
    )
    k.add(stroke(0.1, 0.065, 0.2, 0.055, start=0.009), dark, head, "head", "mouth", slot="snout", only="hound", ink=0)
    k.add(
        blob(0.05, -0.06, 0.15, 0.01, 0.18, 0.06, 0.14, 0.085, 0.02, 0.06),
        pale,
        head,
        "head",
        "muzzle",
        "long-muzzle",
        slot="snout",
        only="goat",
    )
    k.add(poly(0.09, 0.07, 0.15, 0.075, 0.11, 0.18), pale, head, "head", "beard", slot="snout", only="goat")
    for name, x, y, r in (
        ("cat", 0.128, 0.005, 0.016),
        ("fox", 0.215, 0.035, 0.02),
        ("hound", 0.205, -0.01, 0.026),
        ("goat", 0.165, 0.04, 0.014),
    ):
        k.add(
            ellipse(x, y, r, r * 0.85),
            pink if name == "cat" else dark,
            head,
            "head",
            "nose",
            slot="snout",
            only=name,
            ink=0.4,
        )
    k.add(
        blob(-0.03, -0.02, 0.03, 0.0, 0.03, 0.12, -0.01, 0.19, -0.05, 0.12),
        coat,
        near,
        "head",
        "ear",
        "floppy-ear",
        slot="ears",
        only="hound",
        shade=0.72,
    )
    k.add(
        stroke(0.0, 0.02, -0.04, -0.12, -0.12, -0.21, start=0.03, end=0.008),
        horn,
        near,
        "head",
        "horn",
        "curved-horn",
        slot="ears",
        only="goat",
    )
    k.add(
        blob(0.0, 0.02, -0.06, 0.03, -0.12, 0.07, -0.06, 0.075),
        coat,
        near,
        "head",
        "ear",
        "side-ear",
        slot="ears",
        only="goat",
        shade=0.85,
    )
    k.add(dome(-0.0, -0.06, 0.04, 0.03), pale, head, "head", "forelock", slot="ears", only="goat", ink=0.4)
