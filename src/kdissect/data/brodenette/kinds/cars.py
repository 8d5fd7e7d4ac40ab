"""Road vehicles, seen from the side: body, roof, wheels, flank and lights tell them apart."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import look, looks
from kdissect.data.brodenette.shapes import box, ellipse, pill, poly, star, stroke

_LACQUERS = ("d04038 b02820", "3f74b8 2a5894", "e8b830 d09c18", "e8e6e0 d0cec8", "4c8a58 34683e", "60646c 40444c")


def cars() -> Kind:
    """Taxi, pickup, van and police car."""
    k = Kind(
        "car", "taxi pickup van patrol-car", slots="rear roof wheels flank lights",
        home="street farmyard warehouse night", tilt=5,
    )  # fmt: skip
    body = k.joint(wide=(0.92, 1.1), tall=(0.88, 1.12))
    cabin = k.joint(body, (0.0, -0.02), tall=(0.85, 1.15))
    lacquer = k.paint(looks("metal", *_LACQUERS))
    second = k.paint(looks("metal", *_LACQUERS))
    flank = k.paint(
        slot="flank",
        taxi=look("plastic", "f4f2ea", "202020", "chequered", 0.05),
        pickup=looks("wood", "b08850 8c6434", "94683c 6e4a26"),
        van=looks("plastic", "f0ece0/c04838", "f0ece0/3c68a8", "f0ece0/3c8858", pattern="striped", size=0.07, angle=45),
        patrol_car=looks("plastic", "203c78 182c58", "26262c 34343c"),
    )
    glass = k.paint(look("glass", "a8ccdc 7aa4bc"))
    rubber = k.paint(look("rubber", "26262a 3a3a3e"))
    chrome = k.paint(looks("metal", "c8ccd0 9aa0a8", "8a8e96 686c74"))
    lamp = k.paint(look("glass", "fff0b0 f8dc80"))
    red = k.paint(look("plastic", "d83028 a81c18"))
    blue = k.paint(look("plastic", "3c78e8 2050c0"))
    dark = k.paint(look("metal", "303236 484a50"))
    wood = k.paint(look("wood", "a87c48 80582c", "6a4824", "planked", 0.06))

    _backs(k, body, lacquer, dark, wood)
    k.add(poly(-0.16, 0.0, -0.11, -0.19, 0.1, -0.19, 0.22, 0.0), lacquer, cabin, "cabin")
    for x0, x1, x2, x3 in ((-0.13, -0.09, -0.01, -0.01), (0.015, 0.015, 0.09, 0.185)):
        k.add(poly(x0, -0.01, x1, -0.165, x2, -0.165, x3, -0.01), glass, cabin, "cabin", "car-window", ink=0.8)
    _roofs(k, cabin, lamp, red, blue, chrome, dark)
    k.add(
        poly(-0.44, 0.02, -0.4, -0.02, 0.2, -0.03, 0.4, 0.02, 0.45, 0.07, 0.45, 0.17, -0.44, 0.17),
        lacquer,
        body,
        "car-body",
    )
    k.add(poly(0.2, -0.02, 0.4, 0.025, 0.44, 0.07, 0.2, 0.05), lacquer, body, "car-body", "bonnet", shade=1.1, ink=0.5)
    _flanks(k, body, flank, second, lamp)
    k.add(pill(-0.07, 0.06, 0.14, 0.2, 0.02), lacquer, body, "car-body", "car-door", ink=0.7)
    k.add(stroke(-0.12, 0.03, -0.09, 0.03, start=0.009), chrome, body, "car-body", "handle", ink=0.4)
    k.add(box(0.0, 0.165, 0.9, 0.03), dark, body, "car-body", "sill", ink=0.4)
    for x in (-0.45, 0.45):
        k.add(pill(x, 0.15, 0.06, 0.045, 0.015), chrome, body, "bumper")
    _lights(k, body, lamp, red)
    for x in (-0.27, 0.26):
        _wheel(k, body, x, rubber, chrome, dark, second)
    return k


def _backs(k: Kind, body: int, lacquer: int, dark: int, wood: int) -> None:
    k.add(
        poly(-0.44, 0.03, -0.41, -0.05, -0.3, -0.06, -0.14, -0.05, -0.14, 0.06),
        lacquer,
        body,
        "boot",
        "",
        "notch-boot",
        slot="rear",
        only="taxi",
    )
    k.add(
        poly(-0.46, -0.06, -0.43, -0.06, -0.43, 0.06, -0.46, 0.06),
        lacquer,
        body,
        "boot",
        "tailgate",
        "open-bed",
        slot="rear",
        only="pickup",
    )
    for x, y, r in ((-0.35, -0.03, 0.06), (-0.26, -0.05, 0.07), (-0.2, -0.02, 0.05)):
        k.add(ellipse(x, y, r, r * 0.8), wood, body, "boot", "cargo", "open-bed", slot="rear", only="pickup")
    k.add(
        poly(-0.45, 0.06, -0.44, -0.2, -0.38, -0.225, -0.05, -0.225, 0.0, 0.06),
        lacquer,
        body,
        "boot",
        "",
        "box-body",
        slot="rear",
        only="van",
    )
    k.add(
        pill(-0.29, -0.12, 0.12, 0.1, 0.02), dark, body, "boot", "hatch", "box-body", slot="rear", only="van", ink=0.5
    )
    k.add(
        poly(-0.43, 0.05, -0.38, -0.11, -0.1, -0.2, -0.06, 0.05),
        lacquer,
        body,
        "boot",
        "",
        "sloped-back",
        slot="rear",
        only="patrol-car",
    )
    k.add(
        stroke(-0.45, -0.1, -0.37, -0.115, start=0.014),
        dark,
        body,
        "boot",
        "spoiler",
        "sloped-back",
        slot="rear",
        only="patrol-car",
    )


def _roofs(k: Kind, cabin: int, lamp: int, red: int, blue: int, chrome: int, dark: int) -> None:
    top = k.joint(cabin, (0.0, -0.19), right=(-0.04, 0.04), wide=(0.85, 1.15))
    k.add(pill(0, -0.03, 0.13, 0.055, 0.015), lamp, top, "roof-gear", "", "taxi-sign", slot="roof", only="taxi")
    k.add(box(0, -0.03, 0.08, 0.018), dark, top, "roof-gear", "lettering", "taxi-sign", slot="roof", only="taxi", ink=0)
    for x in (-0.07, 0.07):
        k.add(
            stroke(x, 0.0, x, -0.05, start=0.009),
            chrome,
            top,
            "roof-gear",
            "bar",
            "spotlights",
            slot="roof",
            only="pickup",
        )
        k.add(ellipse(x, -0.06, 0.03), lamp, top, "roof-gear", "lens", "spotlights", slot="roof", only="pickup")
    k.add(
        stroke(-0.13, -0.03, 0.1, -0.03, start=0.01),
        chrome,
        top,
        "roof-gear",
        "bar",
        "roof-rack",
        slot="roof",
        only="van",
    )
    for x in (-0.1, 0.0, 0.08):
        k.add(
            stroke(x, 0.0, x, -0.03, start=0.009), chrome, top, "roof-gear", "bar", "roof-rack", slot="roof", only="van"
        )
    for x, paint in ((-0.035, red), (0.035, blue)):
        k.add(
            pill(x, -0.025, 0.07, 0.05, 0.02),
            paint,
            top,
            "roof-gear",
            "beacon",
            "light-bar",
            slot="roof",
            only="patrol-car",
        )


def _flanks(k: Kind, body: int, flank: int, second: int, lamp: int) -> None:
    k.add(
        box(-0.0, 0.07, 0.86, 0.055),
        flank,
        body,
        "car-body",
        "side-band",
        "chequer-band",
        slot="flank",
        only="taxi",
        ink=0.5,
    )
    k.add(
        box(-0.28, 0.055, 0.3, 0.1),
        flank,
        body,
        "car-body",
        "side-band",
        "plank-side",
        slot="flank",
        only="pickup",
        ink=0.5,
    )
    k.add(
        poly(-0.42, 0.03, -0.05, 0.03, 0.0, 0.13, -0.42, 0.13),
        flank,
        body,
        "car-body",
        "side-band",
        "slanted-band",
        slot="flank",
        only="van",
        ink=0.5,
    )
    k.add(
        poly(-0.42, 0.06, 0.44, 0.09, 0.44, 0.16, -0.42, 0.16),
        flank,
        body,
        "car-body",
        "side-band",
        "dark-band",
        slot="flank",
        only="patrol-car",
        ink=0.5,
    )
    k.add(star(0.13, 0.07, 0.05, 0.022, 6), lamp, body, "car-body", "badge", slot="flank", only="patrol-car")


def _lights(k: Kind, body: int, lamp: int, red: int) -> None:
    k.add(
        ellipse(0.425, 0.085, 0.026, 0.032),
        lamp,
        body,
        "headlight",
        "",
        "round-light",
        slot="lights",
        only="taxi pickup",
    )
    k.add(
        poly(0.37, 0.05, 0.45, 0.075, 0.45, 0.1, 0.38, 0.09),
        lamp,
        body,
        "headlight",
        "",
        "slanted-light",
        slot="lights",
        only="van patrol-car",
    )
    k.add(box(-0.43, 0.07, 0.025, 0.07), red, body, "tail-light", "", "tall-light", slot="lights", only="pickup van")
    k.add(
        pill(-0.415, 0.06, 0.05, 0.03, 0.01),
        red,
        body,
        "tail-light",
        "",
        "wide-light",
        slot="lights",
        only="taxi patrol-car",
    )


def _wheel(k: Kind, body: int, x: float, rubber: int, chrome: int, dark: int, second: int) -> None:
    hub = k.joint(
        body, (x, 0.17), turn=(0, 72), scale={"": (0.9, 1.0), "pickup": (1.08, 1.2)}, key="wheel", slot="wheels"
    )
    k.add(ellipse(0, 0, 0.1), rubber, hub, "wheel", "tyre")
    k.add(ellipse(0, 0, 0.062), chrome, hub, "wheel", "rim", "disc-rim", slot="wheels", only="taxi", ink=0.7)
    k.add(ellipse(0, 0, 0.024), dark, hub, "wheel", "hub", "disc-rim", slot="wheels", only="taxi", ink=0.5)
    k.add(
        star(0, 0, 0.115, 0.088, 12),
        rubber,
        hub,
        "wheel",
        "tyre",
        "knobbly-tyre",
        slot="wheels",
        only="pickup",
        shade=0.9,
    )
    k.add(ellipse(0, 0, 0.05), dark, hub, "wheel", "rim", "knobbly-tyre", slot="wheels", only="pickup", shade=1.4)
    k.add(ellipse(0, 0, 0.066), second, hub, "wheel", "hubcap", "painted-hubcap", slot="wheels", only="van", ink=0.7)
    k.add(ellipse(0, 0, 0.03), chrome, hub, "wheel", "hub", "painted-hubcap", slot="wheels", only="van", ink=0.5)
    k.add(ellipse(0, 0, 0.068), dark, hub, "wheel", "rim", "spoked-rim", slot="wheels", only="patrol-car", ink=0.5)
    k.add(
        star(0, 0, 0.066, 0.018, 5),
        chrome,
        hub,
        "wheel",
        "spoke",
        "spoked-rim",
        slot="wheels",
        only="patrol-car",
        ink=0.4,
    )
