"""Birds, seen from the side: beak, crest, tail, plumage and feet tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import EYEBALL, PLUMES, PUPIL, on
from kdissect.data.brodenette.shapes import blob, ellipse, poly, stroke


def birds() -> Kind:
    """Finch, parrot, duck and hoopoe."""
    k = Kind(
        "bird", "finch parrot duck hoopoe", slots="beak crest tail plumage feet",
        home="garden forest harbour desert", places="ground air", tilt=10, foot=42,
    )  # fmt: skip
    body = k.joint(turn=(-12, 8), wide=(0.9, 1.12), tall=(0.88, 1.1))
    neck = k.joint(body, (18, -10), turn=(-12, 12))
    head = k.joint(neck, (8, -14), turn=(-12, 12), scale=(0.9, 1.12))
    barred = looks("feather", *on(PLUMES, "f4efe4 e0d8c8"), pattern="lined", size=(8, 11), angle=(70, 110))
    plumage = k.paint(
        slot="plumage",
        finch=looks("feather", *on(PLUMES, "f2e6d0 e0d0b4"), pattern="flecked", size=(6, 8)),
        parrot=looks("feather", *on(PLUMES, "2f3540 3d4450"), pattern="scaly", size=(7, 9)),
        duck=looks("feather", *PLUMES),
        hoopoe=barred,
    )
    coverts = k.paint(looks("feather", *PLUMES))
    breast = k.paint(looks("feather", "f1e7d4 e0d2b8", "d9955a c57a3c", "c9c4bc aaa49a", "e3c766 cfae48"))
    foot = k.paint(look("skin", "d89040 8a6a50"))

    for x, shade in ((-6, 0.75), (4, 1.0)):
        _leg(k, k.joint(body, (x, 16), turn=(-12, 12)), foot, shade)
    _tails(k, k.joint(body, (-22, 3), turn=(-14, 14), wide=(0.85, 1.2)), plumage, coverts)
    torso = k.pen(body, plumage, "torso")
    torso.add(blob(-28, 2, -12, -12, 10, -16, 23, -10, 26, 4, 12, 18, -10, 18))
    torso.add(blob(24, -6, 26, 6, 12, 18, -6, 18, 8, 10), detail="breast", paint=breast, ink=0.5)
    wing = k.pen(k.joint(body, (10, -6), turn=(-14, 14), wide=(0.85, 1.15)), coverts, "wing")
    wing.add(blob(5, -3, -10, -8, -34, 6, -20, 12, 0, 10))
    wing.add(blob(0, -2, -12, -5, -20, 3, -8, 6), detail="wing-covert", paint=plumage, ink=0.6)
    quills = (stroke(-8, y, -20, y + 1, -31, y + 0.5, start=0.8) for y in (5, 8))
    wing.add(*quills, detail="quill", paint=plumage, shade=0.6, ink=0.5)
    k.pen(neck, plumage, "neck").add(stroke(-3, 8, 3, -4, 8, -14, start=12, end=8.5), ink=0.4)
    collar = k.trait("plumage", "duck", neck, breast, "neck", "plain-plumage")
    collar.add(stroke(-4, -2, 3, 3, 11, 2, start=1.8), detail="neck-ring", ink=0.4)
    top = k.joint(head, (-2, -10), turn=(-12, 12), scale=(0.85, 1.15))
    _crests(k, top, coverts, plumage)
    k.pen(head, plumage, "head").add(ellipse(1, -2, 11.5, 10.5))
    cap = blob(-7, 2, 0, -2.5, 9, 2, 8.5, 5, -5, 5)
    k.trait("crest", "finch", top, coverts, "head", "dark-cap", 0.55).add(cap, detail="cap", ink=0.5)
    stripe = stroke(3, 7, 8, 6, 14, 6.5, start=1.6)
    k.trait("crest", "duck", top, breast, "head", "eye-stripe").add(stripe, detail="brow", ink=0.3)
    _beaks(k, k.joint(head, (10, -0.5), turn=(-6, 6), scale=(0.9, 1.15)))
    face = k.pen(head, k.paint(EYEBALL), "head")
    face.add(ellipse(4.5, -4, 3, 2.9), detail="eye", ink=0.8)
    face.add(ellipse(5, -4, 1.7), detail="pupil", paint=k.paint(PUPIL), ink=0.2)
    return k


def _leg(k: Kind, leg: int, foot: int, shade: float) -> None:
    k.pen(leg, foot, "leg").add(stroke(0, 0, 1, 22, start=1.6, end=1.3), shade=shade, ink=0.7)
    perching = k.trait("feet", "finch hoopoe", leg, foot, "leg", "perching-foot", shade)
    perching.add(*(stroke(1, 22, x, 25.5, start=1.1, end=0.8) for x in (-5, 3, 8)), detail="toe", ink=0.7)
    climbing = k.trait("feet", "parrot", leg, foot, "leg", "climbing-foot", shade)
    climbing.add(*(stroke(1, 22, x, 25, start=2.2, end=1.8) for x in (-4, 6)), detail="toe")
    webbed = k.trait("feet", "duck", leg, foot, "leg", "webbed-foot", shade)
    webbed.add(poly(0, 20, 12, 25.5, 6, 25, 3, 26.5, -3, 25), detail="web")


def _tails(k: Kind, root: int, plumage: int, coverts: int) -> None:
    square = k.trait("tail", "finch", root, coverts, "tail", "square-tail", 0.85)
    square.add(poly(4, -6, -22, -4, -22, 4, 4, 7))
    streamers = k.trait("tail", "parrot", root, plumage, "tail", "streamer-tail", 0.9)
    for y in (-3, 2, 7):
        streamers.add(stroke(2, 0, -14, y, -32, 2.2 * y, start=3.2, end=0.8), detail="tail-feather")
    upturned = k.trait("tail", "duck", root, coverts, "tail", "upturned-tail")
    upturned.add(blob(5, -6, -10, -8, -17, -14, -15, -3, -2, 7))
    upturned.add(stroke(-10, -9, -13, -15, -8, -16, start=1.4, end=0.8), detail="curl", paint=plumage)
    fan = k.trait("tail", "hoopoe", root, coverts, "tail", "fan-tail", 0.85)
    fan.add(*(stroke(2, 0, -22, y, start=2, end=3.6) for y in (-9, -3, 3, 9)), detail="tail-feather")


def _crests(k: Kind, top: int, coverts: int, plumage: int) -> None:
    swept = k.trait("crest", "parrot", top, coverts, "head", "swept-crest")
    swept.add(*(stroke(0, 3, x - 5, -6, x - 10, -7, start=2.5, end=0.8) for x in (-4, 1)), detail="crest")
    fan = k.trait("crest", "hoopoe", top, coverts, "head", "fan-crest")
    for x, y in ((-8, -10), (-2, -13), (4, -10)):
        fan.add(stroke(0, 4, x, y, start=1.8, end=3), detail="crest")
        fan.add(ellipse(x, y, 2.2), detail="crest-tip", paint=plumage, shade=0.4)


def _beaks(k: Kind, bill: int) -> None:
    beak = k.paint(looks("keratin", "e0a030 c88420", "4a4540 35302c", "d8c8a8 c0ae8c"))
    cone = k.trait("beak", "finch", bill, beak, "head", "cone-beak")
    cone.add(poly(-1, -4.5, 10, 0.5, -1, 5), detail="beak")
    cone.add(stroke(0, 0.5, 8.5, 0.5, start=0.6), detail="gape", shade=0.4, ink=0)
    hooked = k.trait("beak", "parrot", bill, beak, "head", "hooked-beak")
    hooked.add(blob(-2, -6, 6, -5, 10, 3, 7, 9, 5.5, 3, -2, 4), detail="beak")
    hooked.add(ellipse(1.5, -2.5, 1.2), detail="nostril", shade=0.4, ink=0)
    flat = k.trait("beak", "duck", bill, beak, "head", "flat-bill")
    flat.add(blob(-2, -3.5, 6, -1, 15, -1, 16, 3, 6, 4.5, -2, 4), detail="beak")
    flat.add(stroke(0, 2, 14, 1.5, start=0.6), detail="gape", shade=0.45, ink=0)
    thin = stroke(-2, -1, 12, 1, 25, 7, start=2.8, end=0.6)
    k.trait("beak", "hoopoe", bill, beak, "head", "long-bill").add(thin, detail="beak")
