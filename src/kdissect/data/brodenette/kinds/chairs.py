"""Chairs, seen slightly from the side: backrest, legs, cushion, arms and cover tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import looks
from kdissect.data.brodenette.palettes import CLOTHS, RUBBER, STEEL, TIMBERS, WOOD, on
from kdissect.data.brodenette.shapes import blob, box, ellipse, pill, poly, ring, stroke


def chairs() -> Kind:
    """Kitchen chair, armchair, rocking chair and office chair."""
    k = Kind(
        "chair", "kitchen-chair armchair rocking-chair office-chair",
        slots="backrest legs cushion arms cover", home="kitchen room playground warehouse",
        places="floor ground", tilt=5, foot=45,
    )  # fmt: skip
    body = k.joint(wide=(0.88, 1.12), tall=(0.9, 1.1))
    wood = k.paint(WOOD, STEEL, looks("plastic", *TIMBERS))
    cover = k.paint(
        slot="cover",
        kitchen_chair=looks("fabric", *on(CLOTHS, "f0e8d8"), pattern="chequered", size=(6, 8)),
        armchair=looks("fabric", *on(CLOTHS, "f0e0b8"), pattern="polka-dotted", size=(6, 8)),
        rocking_chair=looks("fabric", *on(CLOTHS, "f0e8d8"), pattern="knitted", size=(6, 8)),
        office_chair=looks("leather", *CLOTHS),
    )
    steel, rubber = k.paint(STEEL), k.paint(RUBBER)
    k.shadow(34)
    _legs(k, body, wood, 5, 0.7)
    _backs(k, k.joint(body, (-16, 8), turn=(-7, 5), tall=(0.88, 1.12)), wood, cover, steel)
    _arms(k, k.joint(body, (0, -2), down=(-3, 2), key="arm"), wood, cover, steel, rubber, 0.75)
    k.pen(body, wood, "seat").add(poly(-20, 6, 16, 6, 25, 12, 25, 15.5, -20, 15.5), ink=0.8)
    _cushions(k, body, cover, wood)
    _legs(k, body, wood, 0, 1.0)
    _undercarriage(k, body, wood, steel, rubber)
    _arms(k, k.joint(body, (0, 3), down=(-3, 2), key="arm"), wood, cover, steel, rubber, 1.0)
    return k


def _backs(k: Kind, back: int, wood: int, cover: int, steel: int) -> None:
    posts = k.trait("backrest", "kitchen-chair rocking-chair", back, wood, "backrest")
    for x in (-5, 7):
        posts.add(stroke(x, 4, x - 3, -44, start=2, end=1.6), detail="post")
        posts.add(ellipse(x - 3, -46, 2.6), detail="finial")
    ladder = k.trait("backrest", "kitchen-chair", back, wood, "backrest", "ladder-back")
    ladder.add(*(stroke(-6, y, 5, y, start=2.6) for y in (-12, -24, -36)), detail="slat", ink=0.8)
    padded = k.trait("backrest", "armchair", back, cover, "backrest", "padded-back")
    padded.add(blob(-10, 6, -13, -30, -6, -44, 6, -42, 10, -20, 12, 6))
    studs = (ellipse(x, y, 1.5) for x, y in ((-4, -30), (3, -22), (-3, -12), (4, -34)))
    padded.add(*studs, detail="button", paint=wood, ink=0.6)
    spindles = k.trait("backrest", "rocking-chair", back, wood, "backrest", "spindle-back")
    for x in (-3, 0, 3):
        spindles.add(stroke(x + 1.2, 4, x - 1, -36, start=0.9), detail="spindle", ink=0.6)
    spindles.add(stroke(-9, -37, 0, -39, 6, -37, start=3), detail="top-rail")
    swivel = k.trait("backrest", "office-chair", back, cover, "backrest", "swivel-back")
    swivel.add(stroke(0, 6, -3, -14, start=2.6), detail="post", paint=steel)
    swivel.add(pill(-2, -26, 15, 30, 5)).add(pill(-3, -47, 12, 9, 4), detail="headrest")


def _cushions(k: Kind, body: int, cover: int, wood: int) -> None:
    pad = poly(-18, 4, 15, 4, 23.5, 10, 23, 12.5, -18, 12.5)
    k.trait("cushion", "kitchen-chair", body, cover, "cushion", "flat-pad").add(pad)
    thick = k.trait("cushion", "armchair", body, cover, "cushion", "thick-cushion")
    thick.add(pill(7, 6, 48, 13, 5))
    thick.add(stroke(-15, 7, 29, 7, start=1.1), detail="seam", paint=wood, ink=0)
    loose = k.trait("cushion", "rocking-chair", body, cover, "cushion", "loose-cushion")
    loose.add(blob(-18, 9, -8, 4, 8, 5, 22, 9, 10, 13, -10, 13))
    loose.add(*(stroke(x, 10, x + 3, 19, start=0.9) for x in (-16, 20)), detail="tassel")
    bucket = blob(-20, 3, 0, 6, 18, 3, 27, 9, 24, 16, 0, 16, -20, 14)
    k.trait("cushion", "office-chair", body, cover, "cushion", "moulded-seat").add(bucket)


def _arms(k: Kind, at: int, wood: int, cover: int, steel: int, rubber: int, shade: float) -> None:
    bare = k.trait("arms", "rocking-chair", at, wood, "armrest", "bare-arm", shade)
    bare.add(stroke(16, 10, 16, -8, start=1.6), detail="arm-post")
    bare.add(stroke(-20, -10, 0, -10, 22, -8, start=2.2))
    stuffed = k.trait("arms", "armchair", at, cover, "armrest", "stuffed-arm", shade)
    stuffed.add(pill(2, 3, 42, 16, 5)).add(ellipse(20, 0, 7, 6.5), detail="scroll", shade=0.9)
    tee = k.trait("arms", "office-chair", at, steel, "armrest", "t-arm", shade)
    tee.add(stroke(5, 13, 7, -3, start=1.3), detail="arm-post").add(pill(6, -5, 22, 4.5, 2), paint=rubber)


def _legs(k: Kind, body: int, wood: int, inset: float, shade: float) -> None:
    straight = k.trait("legs", "kitchen-chair", body, wood, "chair-leg", "straight-leg", shade)
    rocker = k.trait("legs", "rocking-chair", body, wood, "chair-leg", "rocker", shade)
    bun = k.trait("legs", "armchair", body, wood, "chair-leg", "bun-foot", shade)
    for x, foot in ((inset - 17, inset - 20), (20 - inset, 22 - inset)):
        straight.add(stroke(x, 14, foot, 45, start=2.2, end=1.5))
        rocker.add(stroke(x, 14, x, 36, start=1.8))
        bun.add(stroke(x, 16, x, 30, start=4, end=2.5))
        bun.add(ellipse(x, 32, 4, 3.5), detail="foot-bun", shade=0.9)


def _undercarriage(k: Kind, body: int, wood: int, steel: int, rubber: int) -> None:
    straight = k.trait("legs", "kitchen-chair", body, wood, "chair-leg", "straight-leg", 0.85)
    straight.add(stroke(-19, 32, 20, 32, start=1.2), detail="stretcher")
    k.trait("legs", "armchair", body, wood, "chair-leg", "bun-foot").add(pill(2, 20, 42, 12, 2), detail="apron")
    rocker = k.trait("legs", "rocking-chair", body, wood, "chair-leg", "rocker")
    rocker.add(stroke(-34, 34, -18, 41, 2, 43, 22, 41, 36, 33, start=2.2), detail="rocker-rail")
    castors = k.trait("legs", "office-chair", body, steel, "chair-leg", "castor-base")
    castors.add(stroke(2, 15, 2, 34, start=2.8), detail="column")
    for x in (-20, 2, 24):
        castors.add(stroke(2, 33, x, 39, start=2.4, end=1.6), detail="base-arm")
        castors.add(ring(x, 42.5, 3.5, 1.2), detail="castor", paint=rubber)
    castors.add(box(2, 16.5, 10, 3), detail="bracket", ink=0.4)
