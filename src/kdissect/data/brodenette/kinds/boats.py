"""Boats, seen from the side: hull, rig, cabin, stripe and flag tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import blob, box, ellipse, pill, poly, ring, stroke

_HULLS = ("b83c34 982820", "34609c 24487c", "e8e4d8 d0ccc0", "3c7c68 286050", "48484e 34343a", "d8a038 b88420")


def boats() -> Kind:
    """Sloop, ketch, tug and trawler."""
    k = Kind(
        "boat", "sloop ketch tug trawler", slots="hull rig cabin stripe flag",
        home="harbour beach seabed snowfield", tilt=9, places="ground water",
    )  # fmt: skip
    body = k.joint(wide=(0.92, 1.1), tall=(0.92, 1.08))
    hull_paint = k.paint(looks("wood", *_HULLS), looks("metal", *_HULLS))
    stripe = k.paint(
        slot="stripe",
        sloop=looks("plastic", "f4f0e4", "d84030", "f0c040"),
        ketch=looks("wood", "c09858/7a5428", "a87c44/5c3c1c", pattern="planked", size=0.05),
        tug=look("rubber", "2c2c30", "5c5c60", "studded", 0.05),
        trawler=looks("plastic", "f4f0e4/c04030", "f4f0e4/3058a0", pattern="striped", size=0.06),
    )
    sail = k.paint(
        slot="rig",
        sloop=looks("fabric", "f8f4ea e8e0cc", "e8d8b0 d8c490"),
        ketch=looks("fabric", "f8f4ea/d08878", "e8d8b0/8090b8", pattern="striped", size=0.1, angle=90),
        tug=looks("metal", "d05038 b03820", "e8e4d8 c8c4b8"),
        trawler=looks("fabric", "a08858/54452c", "68808c/3c4c54", pattern="crosshatched", size=0.06),
    )
    wood = k.paint(look("wood", "9c7444 6c4c28"))
    deck = k.paint(looks("wood", "f0ece0 dcd6c6", "b8935c 94703c"))
    glass = k.paint(look("glass", "90bcd0 5c8ca8"))
    cloth = k.paint(
        slot="flag",
        sloop=looks("fabric", "d83c34", "3858a8"),
        ketch=looks("fabric", "d83c34/f8f4ea", "3858a8/f8f4ea", pattern="chequered", size=0.045),
        tug=looks("fabric", "f0c838/303030", "f8f4ea/d83c34", pattern="striped", size=0.05, angle=90),
        trawler=looks("fabric", "f8f4ea/d83c34", "3858a8/f0c838", pattern="crosshatched", size=0.06),
    )
    rope = k.paint(look("straw", "d8c494 a89060"))
    red = k.paint(look("foam", "e05030 c83818", "f8f4ea", "rayed", 1.0))

    _rigs(k, body, sail, wood, cloth, rope)
    _cabins(k, body, deck, hull_paint, glass, wood)
    _hulls(k, body, hull_paint)
    band = k.joint(body, (0, 0.2), down=(-0.02, 0.03))
    k.add(
        poly(-0.4, -0.025, 0.42, -0.025, 0.405, 0.02, -0.39, 0.02),
        stripe,
        band,
        "hull",
        "hull-stripe",
        slot="stripe",
        ink=0.5,
    )
    k.add(stroke(-0.43, 0.135, 0.0, 0.15, 0.46, 0.125, start=0.014), wood, body, "hull", "gunwale", ink=0.6)
    for x in (-0.24, -0.1, 0.04, 0.18):
        k.add(ellipse(x, 0.275, 0.024), glass, body, "hull", "porthole", slot="stripe", only="tug trawler")
    k.add(ring(0.3, 0.25, 0.04, 0.02), red, body, "hull", "lifebuoy", slot="flag", only="sloop tug")
    for x in (-0.3, 0.1):
        k.add(ring(x, 0.26, 0.05, 0.024), rope, body, "hull", "fender", slot="hull", only="tug", shade=0.4)
    return k


def _hulls(k: Kind, body: int, paint: int) -> None:
    k.add(
        poly(-0.42, 0.14, 0.48, 0.12, 0.34, 0.32, 0.2, 0.36, -0.28, 0.36, -0.36, 0.3),
        paint,
        body,
        "hull",
        "",
        "sharp-bow",
        slot="hull",
        only="sloop",
    )
    k.add(
        blob(-0.46, 0.08, -0.38, 0.15, 0.0, 0.17, 0.36, 0.15, 0.5, 0.05, 0.42, 0.26, 0.2, 0.36, -0.2, 0.36, -0.4, 0.28),
        paint,
        body,
        "hull",
        "",
        "curved-bow",
        slot="hull",
        only="ketch",
    )
    k.add(
        blob(
            -0.44, 0.13, -0.2, 0.15, 0.2, 0.15, 0.46, 0.1, 0.46, 0.22, 0.38, 0.35, 0.0, 0.37, -0.36, 0.36, -0.46, 0.24
        ),
        paint,
        body,
        "hull",
        "",
        "round-bow",
        slot="hull",
        only="tug",
    )
    k.add(
        poly(-0.44, 0.12, 0.18, 0.15, 0.24, 0.06, 0.5, 0.04, 0.38, 0.36, -0.38, 0.36),
        paint,
        body,
        "hull",
        "",
        "raised-bow",
        slot="hull",
        only="trawler",
    )


def _rigs(k: Kind, body: int, sail: int, wood: int, cloth: int, rope: int) -> None:
    mast = k.joint(body, (0.04, 0.14), turn=(-3, 3), tall=(0.88, 1.08), right=(-0.04, 0.04))
    k.add(stroke(0, 0, 0, -0.6, start=0.016, end=0.01), wood, mast, "mast", slot="rig", only="sloop ketch trawler")
    k.add(
        blob(-0.02, -0.56, -0.16, -0.3, -0.3, -0.06, -0.14, -0.035, -0.02, -0.05),
        sail,
        mast,
        "sail",
        "",
        "main-sail",
        slot="rig",
        only="sloop",
    )
    k.add(
        poly(0.025, -0.52, 0.3, -0.05, 0.03, -0.08), sail, mast, "sail", "", "jib", slot="rig", only="sloop", shade=0.92
    )
    k.add(stroke(0.0, -0.04, -0.3, -0.05, start=0.012), wood, mast, "boom", slot="rig", only="sloop")
    k.add(
        poly(0.03, -0.5, 0.26, -0.4, 0.24, -0.08, 0.03, -0.08),
        sail,
        mast,
        "sail",
        "",
        "square-sail",
        slot="rig",
        only="ketch",
    )
    k.add(stroke(-0.24, 0, -0.24, -0.4, start=0.013, end=0.009), wood, mast, "mast", slot="rig", only="ketch")
    k.add(
        poly(-0.26, -0.38, -0.4, -0.08, -0.26, -0.06), sail, mast, "sail", "", "mizzen-sail", slot="rig", only="ketch"
    )
    k.add(
        poly(-0.02, -0.48, -0.2, -0.1, -0.02, -0.07),
        sail,
        mast,
        "sail",
        "",
        "main-sail",
        slot="rig",
        only="ketch",
        shade=0.9,
    )
    k.add(pill(-0.02, -0.3, 0.13, 0.34, 0.02), sail, mast, "funnel", slot="rig", only="tug")
    k.add(
        box(-0.02, -0.41, 0.13, 0.06), wood, mast, "funnel", "funnel-band", slot="rig", only="tug", shade=0.4, ink=0.5
    )
    k.add(stroke(0.0, -0.15, 0.26, -0.42, start=0.013), wood, mast, "boom", "derrick", slot="rig", only="trawler")
    k.add(stroke(0.0, -0.15, -0.3, -0.36, start=0.013), wood, mast, "boom", "derrick", slot="rig", only="trawler")
    k.add(
        blob(-0.3, -0.36, -0.27, -0.16, -0.2, -0.02, -0.12, -0.1, -0.1, -0.22),
        sail,
        mast,
        "net",
        slot="rig",
        only="trawler",
        ink=0.7,
    )
    k.add(stroke(0, -0.57, 0.3, -0.06, start=0.005), rope, mast, "rope", ink=0, slot="rig", only="sloop trawler")
    pole = k.joint(mast, (0.0, -0.56), turn=(-12, 12), wide=(0.8, 1.1))
    k.add(poly(0, -0.04, 0.14, 0.0, 0, 0.04), cloth, pole, "flag", "", "pennant", slot="flag", only="sloop tug")
    k.add(
        blob(0, -0.05, 0.07, -0.035, 0.16, -0.05, 0.16, 0.03, 0.07, 0.045, 0, 0.03),
        cloth,
        pole,
        "flag",
        "",
        "banner",
        slot="flag",
        only="ketch trawler",
    )


def _cabins(k: Kind, body: int, deck: int, second: int, glass: int, wood: int) -> None:
    at = k.joint(body, (-0.12, 0.15), right=(-0.04, 0.05), wide=(0.9, 1.1), tall=(0.85, 1.1))
    k.add(
        poly(-0.14, 0.0, -0.12, -0.075, 0.1, -0.075, 0.16, 0.0),
        deck,
        at,
        "cabin",
        "",
        "low-cabin",
        slot="cabin",
        only="sloop",
    )
    for x in (-0.07, 0.03):
        k.add(
            pill(x, -0.035, 0.07, 0.03, 0.012),
            glass,
            at,
            "cabin",
            "cabin-window",
            "low-cabin",
            slot="cabin",
            only="sloop",
        )
    k.add(box(-0.06, -0.09, 0.2, 0.18), deck, at, "cabin", "", "deckhouse", slot="cabin", only="ketch")
    k.add(
        poly(-0.19, -0.17, -0.15, -0.21, 0.03, -0.21, 0.07, -0.17),
        second,
        at,
        "cabin",
        "cabin-roof",
        "deckhouse",
        slot="cabin",
        only="ketch",
    )
    k.add(box(-0.06, -0.1, 0.1, 0.06), glass, at, "cabin", "cabin-window", "deckhouse", slot="cabin", only="ketch")
    k.add(box(0.12, -0.13, 0.26, 0.26), deck, at, "cabin", "", "bridge", slot="cabin", only="tug")
    k.add(box(0.12, -0.275, 0.32, 0.03), second, at, "cabin", "cabin-roof", "bridge", slot="cabin", only="tug")
    for x in (0.05, 0.12, 0.19):
        k.add(box(x, -0.19, 0.05, 0.07), glass, at, "cabin", "cabin-window", "bridge", slot="cabin", only="tug")
    k.add(
        poly(-0.26, 0.0, -0.26, -0.2, -0.06, -0.23, -0.02, 0.0),
        deck,
        at,
        "cabin",
        "",
        "wheelhouse",
        slot="cabin",
        only="trawler",
    )
    k.add(
        poly(-0.22, -0.11, -0.22, -0.17, -0.08, -0.19, -0.07, -0.11),
        glass,
        at,
        "cabin",
        "cabin-window",
        "wheelhouse",
        slot="cabin",
        only="trawler",
    )
    k.add(box(-0.15, -0.03, 0.06, 0.11), wood, at, "cabin", "cabin-door", "wheelhouse", slot="cabin", only="trawler")
