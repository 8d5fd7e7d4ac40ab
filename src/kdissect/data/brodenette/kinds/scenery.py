"""What outdoor scenes are made of: skies, grounds, hills, trees, far houses, water."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import Look, look, looks
from kdissect.data.brodenette.palettes import WALLS, on
from kdissect.data.brodenette.shapes import blob, box, ellipse, poly, stroke


def scene(name: str, places: str, horizon: tuple[float, float]) -> tuple[Kind, int]:
    """An empty scene, and its joint at the middle of the horizon."""
    k = Kind(name, places=places, horizon=horizon)
    k.joint()
    return k, k.joint(at=(50, 0), down=horizon, key="horizon")


def open_sky(k: Kind, horizon: int, top: str, bottom: str, name: str = "sky", material: str = "") -> None:
    """A sky that goes from one colour to another towards the horizon."""
    paint = k.paint(look(material, top, bottom, "graded", (60, 90)))
    k.pen(k.joint(horizon, (0, -35)), paint, object=name).add(box(0, 30, 120, 240), ink=0, volume=0)


def sun(k: Kind) -> None:
    """Sometimes a sun with a halo."""
    at = k.joint(at=(50, 15), right=(-42, 42), down=(-8, 10), scale=(0.7, 1.3), chance=0.55)
    disc = k.pen(at, k.paint(look("", "fcd850 f8c840")), object="sun")
    halo = k.paint(look("", "fcf0b8 f8e8a8"))
    disc.add(ellipse(0, 0, 9.5), part="halo", paint=halo, ink=0, volume=0)
    disc.add(ellipse(0, 0, 6.5), part="sun-disc", ink=0.2, volume=0)


def clouds(k: Kind) -> None:
    """Up to three clouds, each of a few puffs."""
    white = k.paint(look("vapour", "fcfcfc e8ecf4"))
    for x, y in ((20, 12), (55, 22), (85, 10)):
        at = k.joint(at=(x, y), right=(-15, 15), down=(-6, 8), wide=(0.7, 1.4), tall=(0.6, 1.1), chance=0.6)
        puffs = ((-7, 1, 4), (7, 1.2, 3.8), (0, -1, 6), (2, 2, 5))
        puff = k.pen(at, white, "puff", object="cloud")
        puff.add(*(ellipse(dx, dy, 1.25 * r, r) for dx, dy, r in puffs), ink=0.12, volume=0.6)


def far_hills(k: Kind, horizon: int, colours: str, name: str, material: str) -> None:
    """Two ridges behind the horizon."""
    ridge = (-110, 6, -80, -6, -50, -13, -20, -5, 10, -11, 40, -16, 80, -5, 110, 6)
    for shade, rise, step in ((1.12, 1.3, 13), (0.95, 0.8, -17)):
        at = k.joint(horizon, (step, 2), right=(-25, 25), tall=(0.4 * rise, 1.3 * rise), chance=0.85)
        hill = k.pen(at, k.paint(look(material, colours)), "ridge", object=name)
        hill.add(blob(*ridge), ink=0.3, volume=0.3, shade=shade)


def ground(k: Kind, horizon: int, name: str, paint: list[Look], far: bool = False) -> None:
    """The ground, or a floor, from the horizon to the lower edge."""
    k.pen(horizon, k.paint(paint), object=name).add(box(0, 55, 120, 110), ink=0.3, volume=0, far=far)


def water_band(k: Kind, horizon: int, height: float, name: str, first: str, second: str) -> None:
    """Water from the horizon down by `height`."""
    paint = k.paint(look("water", first, second, "wavy", (10, 20)), look("water", first))
    k.pen(horizon, paint, object=name).add(box(0, height / 2, 120, height), ink=0.2, volume=0, far=True)


def leafy_trees(k: Kind, horizon: int, many: int) -> None:
    """Broad-leaved trees at the horizon."""
    bark = k.paint(look("bark", "7c5c3c 5c4028"))
    for i in range(many):
        leaves = k.paint(looks("foliage", "5c9c4c 407c3c", "84ac48 64903c", "c89040 a86c34"))
        x = 80 * i / max(1, many - 1) - 40
        at = k.joint(horizon, (x, 3), right=(-16, 16), scale=(0.6, 1.35), chance=0.7)
        tree = k.pen(at, bark, "trunk", object="tree")
        tree.add(stroke(0, 2, 0, -14, start=2, end=1.4), ink=0.6)
        tree.add(stroke(0, -8, 5, -14, start=1), detail="branch", ink=0.5)
        crown = blob(-11, -14, -9, -24, 0, -30, 9, -25, 12, -15, 4, -11, -6, -11)
        tree.add(crown, part="crown", paint=leaves, ink=0.6)


def firs(k: Kind, horizon: int, many: int, dark: bool = False) -> None:
    """Firs at the horizon."""
    bark = k.paint(look("bark", "6c4c34 503824"))
    greens = ("28403c 1c302c",) if dark else ("3c7050 285038", "4c8058 346044", "547450 3c5838")
    for i in range(many):
        needles = k.paint(looks("foliage", *greens))
        at = k.joint(horizon, ((61.8 * i) % 100 - 50, 4), right=(-8, 8), scale=(0.6, 1.4), chance=0.8)
        tree = k.pen(at, bark, "trunk", object="fir").add(box(0, -3, 3, 9), ink=0.5)
        for y, w in ((-6, 10), (-14, 8.5), (-22, 6)):
            tree.add(poly(-w, y, 0, y - 15, w, y), part="crown", detail="fir-tier", paint=needles, ink=0.5)


def far_houses(k: Kind, horizon: int, many: int) -> None:
    """A row of houses at the horizon."""
    pane = k.paint(looks("glass", "f0dc90", "88a8b8", "4c5c68"))
    bricks = looks("brick", *on(WALLS, "d0b8a0"), pattern="bricked", size=3.5)
    for i in range(many):
        roof = k.paint(looks("tile", "a05040 84402f", "5c5458 48404a"))
        x = 100 * i / max(1, many - 1) - 50
        at = k.joint(horizon, (x, 2), right=(-5, 5), tall=(0.7, 1.5), wide=(0.85, 1.2), chance=0.85)
        house = k.pen(at, k.paint(looks("plaster", *WALLS), bricks), "house-wall", object="house-far")
        house.add(box(0, -12, 19, 27), ink=0.5, volume=0.2)
        house.add(poly(-12, -25, 0, -35, 12, -25), part="house-roof", paint=roof, ink=0.5)
        windows = (box(x, y, 4.5, 5.5) for x in (-5, 5) for y in (-18, -8))
        house.add(*windows, detail="house-window", paint=pane, ink=0.4)
