"""Quadrupeds, seen from the side: ears, tail, coat, snout and feet tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import EYEBALL, FURS, PUPIL, on
from kdissect.data.brodenette.shapes import blob, ellipse, poly, stroke


def quadrupeds() -> Kind:
    """Cat, fox, hound and goat."""
    k = Kind(
        "quadruped", "cat fox hound goat", slots="ears tail coat snout feet",
        home="room forest playground mountain", tilt=5, foot=43,
    )  # fmt: skip
    body = k.joint(turn=(-4, 4), wide=(0.9, 1.1), tall=(0.88, 1.12))
    neck = k.joint(body, (20, -8), turn=(-14, 14), tall={"": (0.75, 1.05), "goat": (0.9, 1.2)})
    head = k.joint(neck, (10, -17), turn=(-16, 16), scale=(0.88, 1.12))
    striped = looks("fur", *on(FURS, "3a2f2a 4a3a30"), pattern="striped", size=(8, 12), angle=(-12, 12))
    coat = k.paint(
        slot="coat",
        cat=striped,
        fox=looks("fur", *FURS),
        hound=looks("fur", *on(FURS, "f6efe4 e6dccb"), pattern="blotchy", size=(13, 20)),
        goat=looks("fleece", *on(FURS, "efe7da ded2c0"), pattern="stained", size=(6, 9)),
    )
    pale = k.paint(look("fur", "f4ece0 dfd0bb"))
    dark = k.paint(look("skin", "2a2422 4a3c38"))
    horn = k.paint(look("keratin", "d8c9a4 9c8a66", "7a6a4c", "banded", 5))

    k.shadow(38)
    for x in (20, -26):
        _leg(k, k.joint(body, (x, 4), turn=(-13, 13)), coat, pale, dark, horn, 0.72)
    _tails(k, k.joint(body, (-31, -7), turn=(-22, 22), tall=(0.85, 1.15)), coat, pale)
    torso = blob(-34, -2, -26, -14, 0, -13, 20, -17, 29, -4, 24, 10, 2, 13, -26, 13)
    k.pen(body, coat, "torso").add(torso)
    k.pen(body, pale, "torso").add(blob(-16, 10, 4, 8, 20, 6, 6, 12.5), detail="belly", ink=0.3)
    for x in (15, -22):
        _leg(k, k.joint(body, (x, 4), turn=(-13, 13)), coat, pale, dark, horn, 1.0)
    k.pen(neck, coat, "neck").add(stroke(-5, 6, 2, -6, 10, -17, start=11.5, end=8), ink=0.6)
    _head(k, head, coat, pale, dark, horn)
    face = k.pen(head, k.paint(EYEBALL), "head")
    face.add(ellipse(4.5, -3.5, 2.6, 2.4), detail="eye", ink=0.8)
    face.add(ellipse(5.2, -3.4, 1.3, 1.7), detail="pupil", paint=k.paint(PUPIL), ink=0.2)
    return k


def _leg(k: Kind, hip: int, coat: int, pale: int, dark: int, horn: int, shade: float) -> None:
    k.pen(hip, coat, "leg").add(stroke(0, 0, 1.5, 17, 0, 36, start=7.5, end=3.6), shade=shade, ink=0.7)
    paw = blob(-4, 36, 3, 34, 7.5, 38.5, 5, 41, -3, 41)
    k.trait("feet", "cat", hip, coat, "leg", "round-paw", shade).add(paw, detail="foot")
    slim = k.trait("feet", "fox", hip, dark, "leg", "slim-paw", shade)
    slim.add(stroke(1.2, 22, 0.5, 37, start=4.7, end=4), detail="sock", ink=0.5)
    slim.add(ellipse(2, 38.5, 5.5, 2.8), detail="foot")
    broad = k.trait("feet", "hound", hip, pale, "leg", "broad-paw", shade)
    broad.add(blob(-4, 36, 3, 33, 10, 37.5, 9, 41.2, -3, 41), detail="foot")
    for toe in (4, 7):
        broad.add(stroke(toe, 37.5, toe + 0.5, 40.5, start=0.6), detail="claw", paint=dark, ink=0)
    hoof = k.trait("feet", "goat", hip, horn, "leg", "cloven-foot", 0.5 * shade)
    hoof.add(poly(-3.5, 35, 3.5, 35, 5.5, 41.2, -4.5, 41.2), detail="hoof")


def _tails(k: Kind, root: int, coat: int, pale: int) -> None:
    curved = stroke(0, 0, -10, 4, -15, -10, -10, -24, -15, -30, start=3, end=2.2)
    k.trait("tail", "cat", root, coat, "tail", "curved-tail").add(curved)
    bushy = k.trait("tail", "fox", root, coat, "tail", "bushy-tail")
    bushy.add(blob(3, -2, -8, -5, -20, 3, -24, 16, -20, 24, -10, 16, 0, 5))
    bushy.add(blob(-24.5, 13, -17, 17, -19, 26, -24.5, 22), paint=pale, detail="tail-tip")
    whip = stroke(2, 0, -10, -8, -15, -22, start=2.6, end=1)
    k.trait("tail", "hound", root, coat, "tail", "whip-tail").add(whip)
    stub = blob(3, 3, -2, -6, -7, -11, -7.5, -3, -3, 4)
    k.trait("tail", "goat", root, coat, "tail", "stub-tail").add(stub)


def _head(k: Kind, head: int, coat: int, pale: int, dark: int, horn: int) -> None:
    pink = k.paint(look("skin", "e2a09a c98078"))
    far = k.joint(head, (2, -8), turn=(-10, 10), key="ear")
    near = k.joint(head, (-3, -7), turn=(-10, 10), key="ear")
    for ear, shade in ((far, 0.7), (near, 1.0)):
        small = k.trait("ears", "cat", ear, coat, "head", "pointed-ear", shade)
        small.add(poly(-5, 4, -1, -12, 5, 3), detail="ear")
        small.add(poly(-2.5, 3, -0.5, -7, 2.5, 2), detail="inner-ear", paint=pink, ink=0.2)
        tall = k.trait("ears", "fox", ear, coat, "head", "tall-ear", shade)
        tall.add(poly(-6, 4, -1, -17, 6, 3), detail="ear")
        tall.add(poly(-3, 3, -0.5, -10, 3, 2), detail="inner-ear", paint=dark, ink=0.2)
        curved = stroke(0, 2, -4, -12, -13, -20, start=3, end=0.8)
        k.trait("ears", "goat", ear, horn, "head", "curved-horn", shade).add(curved, detail="horn")
    k.pen(head, coat, "head").add(ellipse(2, -2, 10.5, 9.5))
    _snouts(k, head, coat, pale, dark, pink)
    flap = blob(-3, -2, 3, 0, 3, 12, -1, 19, -5, 12)
    k.trait("ears", "hound", near, coat, "head", "floppy-ear", 0.72).add(flap, detail="ear")
    side = blob(0, 2, -6, 3, -12, 7, -6, 7.5)
    k.trait("ears", "goat", near, coat, "head", "side-ear", 0.85).add(side, detail="ear")


def _snouts(k: Kind, head: int, coat: int, pale: int, dark: int, pink: int) -> None:
    short = k.trait("snout", "cat", head, pale, "head", "short-muzzle")
    short.add(blob(7, -3, 12, -1, 13.5, 3.5, 9, 6, 3, 5), detail="muzzle")
    short.add(stroke(9, 2, 16, -1, start=0.5), stroke(9, 4, 16, 6, start=0.5), detail="whisker", ink=0)
    short.add(ellipse(12.8, 0.5, 1.6, 1.4), detail="nose", paint=pink, ink=0.4)
    slim = k.trait("snout", "fox", head, coat, "head", "slim-muzzle")
    slim.add(poly(6, -5, 23, 3.5, 20, 6, 2, 7), detail="muzzle")
    slim.add(poly(3, 4, 20, 4.5, 18, 6.6, 0, 8), detail="cheek", paint=pale, ink=0.3)
    slim.add(ellipse(21.5, 3.5, 2, 1.7), detail="nose", paint=dark, ink=0.4)
    boxy = k.trait("snout", "hound", head, coat, "head", "boxy-muzzle")
    boxy.add(blob(5, -5, 16, -3, 21, 0, 21, 7, 13, 9, 4, 7), detail="muzzle")
    boxy.add(stroke(10, 6.5, 20, 5.5, start=0.9), detail="mouth", paint=dark, ink=0)
    boxy.add(ellipse(20.5, -1, 2.6, 2.2), detail="nose", paint=dark, ink=0.4)
    long = k.trait("snout", "goat", head, pale, "head", "long-muzzle")
    long.add(blob(5, -6, 15, 1, 18, 6, 14, 8.5, 2, 6), detail="muzzle")
    long.add(poly(9, 7, 15, 7.5, 11, 18), detail="beard")
    long.add(ellipse(16.5, 4, 1.4, 1.2), detail="nose", paint=dark, ink=0.4)
