"""Boats, seen from the side: hull, rig, cabin, stripe and flag tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import BRIGHT, GLASS, HULLS, STEEL, TIMBERS, on
from kdissect.data.brodenette.shapes import blob, box, ellipse, pill, poly, ring, stroke


def boats() -> Kind:
    """Sloop, ketch, tug and trawler."""
    k = Kind(
        "boat", "sloop ketch tug trawler", slots="hull rig cabin stripe flag",
        home="harbour beach seabed snowfield", places="ground water", tilt=9, foot=36,
    )  # fmt: skip
    body = k.joint(wide=(0.92, 1.1), tall=(0.92, 1.08))
    hull = k.paint(looks("wood", *HULLS), looks("metal", *HULLS))
    wood = k.paint(look("wood", "9c7444 6c4c28"))
    glass = k.paint(GLASS)
    mast = k.joint(body, (4, 14), turn=(-3, 3), tall=(0.88, 1.08), right=(-4, 4))
    _sails(k, mast, wood)
    _engines(k, mast, wood)
    _flags(k, k.joint(mast, (0, -56), turn=(-12, 12), wide=(0.8, 1.1)))
    _cabins(k, k.joint(body, (-12, 15), right=(-4, 5), wide=(0.9, 1.1), tall=(0.85, 1.1)), hull, glass, wood)
    _hulls(k, body, hull)
    _stripes(k, body, glass)
    k.pen(body, wood, "hull").add(stroke(-43, 13.5, 0, 15, 46, 12.5, start=1.4), detail="gunwale", ink=0.6)
    red = k.paint(look("foam", "e05030 c83818", "f8f4ec", "rayed", 100))
    buoy = k.trait("flag", "sloop tug", body, red, "hull", "pennant")
    buoy.add(ring(30, 25, 4, 2), detail="lifebuoy")
    return k


def _hulls(k: Kind, body: int, hull: int) -> None:
    sharp = poly(-42, 14, 48, 12, 34, 32, 20, 36, -28, 36, -36, 30)
    k.trait("hull", "sloop", body, hull, "hull", "sharp-bow").add(sharp)
    curved = blob(-46, 8, -38, 15, 0, 17, 36, 15, 50, 5, 42, 26, 20, 36, -20, 36, -40, 28)
    k.trait("hull", "ketch", body, hull, "hull", "curved-bow").add(curved)
    stout = k.trait("hull", "tug", body, hull, "hull", "round-bow")
    stout.add(blob(-44, 13, -20, 15, 20, 15, 46, 10, 46, 22, 38, 35, 0, 37, -36, 36, -46, 24))
    tyre = k.paint(look("rubber", "2c2c30 404046"))
    stout.add(*(ring(x, 27, 5, 2.4) for x in (-32, -12, 10)), detail="fender", paint=tyre)
    raised = k.trait("hull", "trawler", body, hull, "hull", "raised-bow")
    raised.add(poly(-44, 12, 18, 15, 24, 6, 50, 4, 38, 36, -38, 36))
    raised.add(stroke(36, 14, 40, 20, start=1), detail="anchor", paint=tyre)


def _stripes(k: Kind, body: int, glass: int) -> None:
    stripe = k.paint(
        slot="stripe",
        sloop=looks("plastic", "f4f0e4", "d84030", "f0c040"),
        ketch=looks("wood", *on(TIMBERS, "5c3c1c"), pattern="planked", size=5),
        tug=look("rubber", "2c2c30", "8c8c90", "studded", 5),
        trawler=looks("plastic", "f4f0e4/c04030", "f4f0e4/3058a0", pattern="striped", size=6),
    )
    band = k.joint(body, (0, 20), down=(-2, 3))
    names = {"sloop": "plain-stripe", "ketch": "plank-stripe", "tug": "rivet-stripe", "trawler": "block-stripe"}
    for name, variety in names.items():
        strip = poly(-40, -2.5, 42, -2.5, 40.5, 2, -39, 2)
        k.trait("stripe", name, band, stripe, "hull", variety).add(strip, detail="hull-stripe", ink=0.5)
    ports = k.trait("stripe", "tug trawler", body, glass, "hull", "port-row")
    ports.add(*(ellipse(x, 27.5, 2.4) for x in (-24, -10, 4, 18)), detail="porthole")


def _sails(k: Kind, mast: int, wood: int) -> None:
    cloth = looks("fabric", "f8f4ea e8e0cc", "e8d8b0 d8c490", "d8a090 c08070")
    striped = looks("fabric", *on(("f8f4ea e8e0cc", "e8d8b0 d8c490"), "c87868 8090b8"), pattern="striped", angle=90)
    sail = k.paint(slot="rig", sloop=cloth, ketch=striped, tug=cloth, trawler=cloth)
    rope = k.paint(look("straw", "d8c494 a89060"))
    pole = k.trait("rig", "sloop ketch trawler", mast, wood, "mast", "sailing-rig")
    pole.add(stroke(0, 0, 0, -60, start=1.6, end=1))
    one = k.trait("rig", "sloop", mast, sail, "sail", "one-mast")
    one.add(blob(-2, -56, -16, -30, -30, -6, -14, -3.5, -2, -5), detail="main-sail")
    one.add(poly(2.5, -52, 30, -5, 3, -8), detail="jib", shade=0.92)
    one.add(stroke(0, -4, -30, -5, start=1.2), part="boom", paint=wood)
    one.add(stroke(0, -57, 30, -6, start=0.5), part="rope", paint=rope, ink=0)
    two = k.trait("rig", "ketch", mast, sail, "sail", "two-masts")
    two.add(poly(3, -50, 26, -40, 24, -8, 3, -8), detail="square-sail")
    two.add(stroke(-24, 0, -24, -40, start=1.3, end=0.9), part="mast", paint=wood)
    two.add(poly(-26, -38, -40, -8, -26, -6), detail="mizzen-sail")
    two.add(poly(-2, -48, -20, -10, -2, -7), detail="main-sail", shade=0.9)


def _engines(k: Kind, mast: int, wood: int) -> None:
    funnel = k.trait("rig", "tug", mast, k.paint(looks("metal", *BRIGHT)), "funnel", "steam-rig")
    funnel.add(pill(-2, -30, 13, 34, 2))
    funnel.add(box(-2, -41, 13, 6), detail="funnel-band", shade=0.4, ink=0.5)
    stroke_up = (stroke(-2, -47, -2, -60, start=0.9), stroke(-6, -54, 2, -54, start=0.7))
    funnel.add(*stroke_up, part="mast", detail="aerial", paint=wood)
    net = k.paint(looks("straw", "a08858/54452c", "68808c/3c4c54", pattern="crosshatched", size=6))
    derricks = k.trait("rig", "trawler", mast, wood, "boom", "fishing-rig")
    derricks.add(stroke(0, -15, 26, -42, start=1.3), stroke(0, -15, -30, -36, start=1.3), detail="derrick")
    derricks.add(blob(-30, -36, -27, -16, -20, -2, -12, -10, -10, -22), part="net", paint=net, ink=0.7)


def _flags(k: Kind, pole: int) -> None:
    cloth = k.paint(
        slot="flag",
        sloop=looks("fabric", *BRIGHT),
        ketch=looks("fabric", *on(BRIGHT, "f8f4ea"), pattern="chequered", size=4.5),
        tug=looks("fabric", *on(BRIGHT, "f8f4ea"), pattern="striped", size=5, angle=90),
        trawler=looks("fabric", *on(BRIGHT, "f8f4ea"), pattern="crosshatched", size=6),
    )
    k.trait("flag", "sloop tug", pole, cloth, "flag", "pennant").add(poly(0, -4, 14, 0, 0, 4))
    banner = blob(0, -5, 7, -3.5, 16, -5, 16, 3, 7, 4.5, 0, 3)
    k.trait("flag", "ketch trawler", pole, cloth, "flag", "banner").add(banner)


def _cabins(k: Kind, at: int, second: int, glass: int, wood: int) -> None:
    deck = k.paint(looks("wood", "f0ece0 dcd6c6", "b8935c 94703c"), STEEL)
    low = k.trait("cabin", "sloop", at, deck, "cabin", "low-cabin")
    low.add(poly(-14, 0, -12, -7.5, 10, -7.5, 16, 0))
    low.add(*(pill(x, -3.5, 7, 3, 1.2) for x in (-7, 3)), detail="cabin-window", paint=glass)
    house = k.trait("cabin", "ketch", at, deck, "cabin", "deckhouse")
    house.add(box(-6, -9, 20, 18))
    house.add(poly(-19, -17, -15, -21, 3, -21, 7, -17), detail="cabin-roof", paint=second)
    house.add(box(-6, -10, 10, 6), detail="cabin-window", paint=glass)
    bridge = k.trait("cabin", "tug", at, deck, "cabin", "bridge")
    bridge.add(box(12, -13, 26, 26))
    bridge.add(box(12, -27.5, 32, 3), detail="cabin-roof", paint=second)
    bridge.add(*(box(x, -19, 5, 7) for x in (5, 12, 19)), detail="cabin-window", paint=glass)
    wheel = k.trait("cabin", "trawler", at, deck, "cabin", "wheelhouse")
    wheel.add(poly(-26, 0, -26, -20, -6, -23, -2, 0))
    wheel.add(poly(-22, -11, -22, -17, -8, -19, -7, -11), detail="cabin-window", paint=glass)
    wheel.add(box(-15, -3, 6, 11), detail="cabin-door", paint=wood)
