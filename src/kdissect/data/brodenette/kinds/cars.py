"""Road vehicles, seen from the side: rear, roof, wheels, flank and lights tell them apart."""

from kdissect.data.brodenette.kind import Kind, PerClass
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.palettes import CREAM, GLASS, IRON, LACQUERS, LAMP, RUBBER, STEEL, WOOD
from kdissect.data.brodenette.shapes import box, ellipse, pill, poly, star, stroke


def cars() -> Kind:
    """Taxi, pickup, van and patrol car."""
    k = Kind(
        "car", "taxi pickup van patrol-car", slots="rear roof wheels flank lights",
        home="street farmyard warehouse night", tilt=5, foot=27,
    )  # fmt: skip
    body = k.joint(wide=(0.92, 1.1), tall=(0.88, 1.12))
    cabin = k.joint(body, (0, -2), tall=(0.85, 1.15))
    lacquer = k.paint(looks("metal", *LACQUERS))
    glass, steel, iron, lamp = k.paint(GLASS), k.paint(STEEL), k.paint(IRON), k.paint(LAMP)
    red = k.paint(look("plastic", "d83028 a81c18"))

    k.shadow(48)
    _rears(k, body, lacquer, iron)
    k.pen(cabin, lacquer, "cabin").add(poly(-16, 0, -11, -19, 10, -19, 22, 0))
    panes = (poly(-13, -1, -9, -16.5, -1, -16.5, -1, -1), poly(1.5, -1, 1.5, -16.5, 9, -16.5, 18.5, -1))
    k.pen(cabin, glass, "cabin").add(*panes, detail="car-window", ink=0.8)
    _roofs(k, k.joint(cabin, (0, -19), right=(-4, 4), wide=(0.85, 1.15)), lamp, red, steel, iron)
    shell = k.pen(body, lacquer, "car-body")
    shell.add(poly(-44, 2, -40, -2, 20, -3, 40, 2, 45, 7, 45, 17, -44, 17))
    shell.add(poly(20, -2, 40, 2.5, 44, 7, 20, 5), detail="bonnet", shade=1.1, ink=0.5)
    _flanks(k, body, lamp)
    shell.add(pill(-7, 6, 14, 20, 2), detail="car-door", ink=0.7)
    shell.add(stroke(-12, 3, -9, 3, start=0.9), detail="handle", paint=steel, ink=0.4)
    shell.add(box(0, 16.5, 90, 3), detail="sill", paint=iron, ink=0.4)
    k.pen(body, steel, "bumper").add(*(pill(x, 15, 6, 4.5, 1.5) for x in (-45, 45)))
    _lights(k, body, lamp, red)
    hubcap = k.paint(looks("metal", *LACQUERS))
    for x in (-27, 26):
        scale: PerClass = {"": (0.9, 1.0), "pickup": (1.08, 1.2)}
        hub = k.joint(body, (x, 17), turn=(0, 72), scale=scale, key="wheel", slot="wheels")
        _wheel(k, hub, k.paint(RUBBER), steel, iron, hubcap)
    return k


def _rears(k: Kind, body: int, lacquer: int, iron: int) -> None:
    notch = poly(-44, 3, -41, -5, -30, -6, -14, -5, -14, 6)
    k.trait("rear", "taxi", body, lacquer, "boot", "notch-back").add(notch)
    bed = k.trait("rear", "pickup", body, lacquer, "boot", "open-bed")
    bed.add(box(-44.5, 0, 3, 12), detail="tailgate")
    cargo = k.paint(look("wood", "a87c48 80582c", "6a4824", "ringed", 3), look("straw", "d8b860 b08c40"))
    load = (ellipse(-35, -3, 6, 5), ellipse(-26, -5, 7, 5.6), ellipse(-20, -2, 5, 4))
    bed.add(*load, detail="cargo", paint=cargo)
    box_body = k.trait("rear", "van", body, lacquer, "boot", "box-body")
    box_body.add(poly(-45, 6, -44, -20, -38, -22.5, -5, -22.5, 0, 6))
    box_body.add(pill(-29, -12, 12, 10, 2), detail="hatch", paint=iron, ink=0.5)
    sloped = k.trait("rear", "patrol-car", body, lacquer, "boot", "fast-back")
    sloped.add(poly(-43, 5, -38, -11, -10, -20, -6, 5))
    sloped.add(stroke(-45, -10, -37, -11.5, start=1.4), detail="spoiler", paint=iron)


def _roofs(k: Kind, top: int, lamp: int, red: int, steel: int, iron: int) -> None:
    sign = k.trait("roof", "taxi", top, lamp, "roof-gear", "taxi-sign")
    sign.add(pill(0, -3, 13, 5.5, 1.5)).add(box(0, -3, 8, 1.8), detail="lettering", paint=iron, ink=0)
    spots = k.trait("roof", "pickup", top, steel, "roof-gear", "spotlights")
    for x in (-7, 7):
        spots.add(stroke(x, 0, x, -5, start=0.9), detail="strut")
        spots.add(ellipse(x, -6, 3), detail="lens", paint=lamp)
    rack = k.trait("roof", "van", top, steel, "roof-gear", "roof-rack")
    rack.add(stroke(-13, -3, 10, -3, start=1), detail="rack-rail")
    rack.add(*(stroke(x, 0, x, -3, start=0.9) for x in (-10, 0, 8)), detail="strut")
    bar = k.trait("roof", "patrol-car", top, red, "roof-gear", "light-bar")
    bar.add(pill(-3.5, -2.5, 7, 5, 2), detail="beacon")
    bar.add(pill(3.5, -2.5, 7, 5, 2), detail="beacon", paint=k.paint(look("plastic", "3c78e8 2050c0")))


def _flanks(k: Kind, body: int, lamp: int) -> None:
    flank = k.paint(
        slot="flank",
        taxi=look("plastic", "f4f2ea", "202020", "chequered", 5),
        pickup=WOOD,
        van=looks("plastic", "f0ece0/c04838", "f0ece0/3c68a8", "f0ece0/3c8858", pattern="striped", size=7, angle=45),
        patrol_car=looks("plastic", "203c78 182c58", "26262c 34343c"),
    )
    k.trait("flank", "taxi", body, flank, "car-body", "chequer-band").add(
        box(0, 7, 86, 5.5), detail="side-band", ink=0.5
    )
    planks = k.trait("flank", "pickup", body, flank, "car-body", "plank-side")
    planks.add(*(box(-28, y, 30, 4) for y in (2, 7, 12)), detail="side-board", ink=0.6)
    slanted = poly(-42, 3, -5, 3, 0, 13, -42, 13)
    k.trait("flank", "van", body, flank, "car-body", "candy-band").add(slanted, detail="side-band", ink=0.5)
    dark = k.trait("flank", "patrol-car", body, flank, "car-body", "dark-band")
    dark.add(poly(-42, 6, 44, 9, 44, 16, -42, 16), detail="side-band", ink=0.5)
    dark.add(star(13, 7, 5, 2.2, 6), detail="badge", paint=lamp)
    cream = k.paint(CREAM)
    k.trait("flank", "van", body, cream, "car-body", "candy-band").add(
        ellipse(-28, 8, 4.5, 3.2), detail="emblem", ink=0.4
    )


def _lights(k: Kind, body: int, lamp: int, red: int) -> None:
    round_lamp = ellipse(42.5, 8.5, 2.8, 3.4)
    k.trait("lights", "taxi pickup", body, lamp, "headlight", "round-light").add(round_lamp)
    slanted = poly(36, 4.5, 45, 7.5, 45, 10.5, 37, 9)
    k.trait("lights", "van patrol-car", body, lamp, "headlight", "slanted-light").add(slanted)
    k.trait("lights", "pickup van", body, red, "tail-light", "tall-light").add(box(-43, 7, 2.8, 8))
    k.trait("lights", "taxi patrol-car", body, red, "tail-light", "wide-light").add(pill(-41, 6, 6, 3.2, 1))


def _wheel(k: Kind, hub: int, rubber: int, steel: int, iron: int, hubcap: int) -> None:
    k.pen(hub, rubber, "wheel").add(ellipse(0, 0, 10), detail="tyre")
    disc = k.trait("wheels", "taxi", hub, steel, "wheel", "disc-wheel")
    disc.add(ellipse(0, 0, 6.2), detail="rim", ink=0.7)
    disc.add(ellipse(0, 0, 2.4), detail="hub", paint=iron, ink=0.5)
    knobbly = k.trait("wheels", "pickup", hub, rubber, "wheel", "knobbly-wheel")
    knobbly.add(star(0, 0, 11.5, 8.8, 12), detail="tyre", shade=0.9)
    knobbly.add(ellipse(0, 0, 5), detail="rim", paint=iron, shade=1.4)
    painted = k.trait("wheels", "van", hub, hubcap, "wheel", "painted-wheel")
    painted.add(ellipse(0, 0, 6.6), detail="hubcap", ink=0.7)
    painted.add(ellipse(0, 0, 3), detail="hub", paint=steel, ink=0.5)
    spoked = k.trait("wheels", "patrol-car", hub, iron, "wheel", "spoked-wheel")
    spoked.add(ellipse(0, 0, 6.8), detail="rim", ink=0.5)
    spoked.add(star(0, 0, 6.6, 1.8, 5), detail="wheel-spoke", paint=steel, ink=0.4)
