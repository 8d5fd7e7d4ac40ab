"""What scenes are made of: skies, grounds, walls, hills, trees and far houses."""

from collections.abc import Iterable

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.paints import Look, look, looks
from kdissect.data.brodenette.shapes import blob, box, ellipse, poly, stroke


def open_sky(k: Kind, horizon: int, colours: str, name: str = "sky", material: str = "") -> None:
    """A sky that changes colour towards the horizon; `colours` are `top/bottom top/bottom`."""
    pairs = [pair.split("/") for pair in colours.split()]
    top, bottom = " ".join(p[0] for p in pairs), " ".join(p[1] for p in pairs)
    paint = k.paint(look(material, top, bottom, "graded", (0.6, 0.9)))
    at = k.joint(horizon, (0, -0.35))
    k.add(box(0, 0.3, 1.2, 2.4), paint, at, ink=0, volume=0, object=name)


def sun(k: Kind) -> None:
    """Sometimes a sun with a pale ring."""
    at = k.joint(at=(0.5, 0.15), right=(-0.42, 0.42), down=(-0.08, 0.1), scale=(0.7, 1.3), chance=0.55)
    k.add(ellipse(0, 0, 0.095), k.paint(look("", "fcf0b8 f8e8a8")), at, "halo", ink=0, volume=0, object="sun")
    k.add(ellipse(0, 0, 0.065), k.paint(look("", "fcd850 f8c840")), at, "disc", ink=0.2, volume=0, object="sun")


def clouds(k: Kind, horizon: int) -> None:
    """Up to three clouds, each of a few puffs."""
    paint = k.paint(look("vapour", "fcfcfc e8ecf4"))
    for x, y in ((0.2, 0.12), (0.55, 0.22), (0.85, 0.1)):
        at = k.joint(at=(x, y), right=(-0.15, 0.15), down=(-0.06, 0.08), wide=(0.7, 1.4), tall=(0.6, 1.1), chance=0.6)
        for dx, dy, r in ((-0.07, 0.01, 0.04), (0.07, 0.012, 0.038), (0.0, -0.01, 0.06), (0.02, 0.02, 0.05)):
            k.add(
                ellipse(dx, dy, 1.25 * r, r),
                paint,
                at,
                "puff" if r > 0.05 else "",
                ink=0.12,
                volume=0.6,
                object="cloud",
            )


def far_hills(k: Kind, horizon: int, colours: str, name: str, material: str) -> None:
    """Two ridges behind the horizon."""
    for shade, rise, step in ((1.12, 1.3, 0.13), (0.95, 0.8, -0.17)):
        paint = k.paint(look(material, colours))
        at = k.joint(horizon, (step, 0.02), right=(-0.25, 0.25), tall=(0.4 * rise, 1.3 * rise), chance=0.85)
        k.add(
            blob(-1.1, 0.06, -0.8, -0.06, -0.5, -0.13, -0.2, -0.05, 0.1, -0.11, 0.4, -0.16, 0.8, -0.05, 1.1, 0.06),
            paint, at, "ridge", ink=0.3, volume=0.3, shade=shade, object=name,
        )  # fmt: skip


def plain_ground(k: Kind, horizon: int, name: str, ground: Iterable[Look], far: bool = False) -> None:
    """The ground from the horizon to the lower edge."""
    k.add(box(0, 0.55, 1.2, 1.1), k.paint(ground), horizon, ink=0.25, volume=0, object=name, far=far)


def sand_ripples(k: Kind, horizon: int) -> None:
    """A sandy bottom with a wavy edge."""
    sand = k.paint(looks("sand", "d8c090/c0a474 c4ac7c/ac9464", pattern="wavy", size=(0.16, 0.24)))
    k.add(
        blob(-0.8, 0.02, -0.4, 0.0, 0.0, 0.025, 0.4, -0.005, 0.8, 0.02, 0.9, 0.6, 0, 0.8, -0.9, 0.6),
        sand,
        horizon,
        ink=0.3,
        volume=0,
        object="sea-floor",
    )


def water_band(k: Kind, horizon: int, height: float, name: str, colours: str) -> None:
    """Water from the horizon down by `height`."""
    pairs = [pair.split("/") for pair in colours.split()]
    first, second = " ".join(p[0] for p in pairs), " ".join(p[1] for p in pairs)
    paint = k.paint(look("water", first, second, "wavy", (0.1, 0.2)), look("water", first))
    k.add(box(0, height / 2, 1.2, height), paint, horizon, ink=0.2, volume=0, object=name, far=True)


def pier(k: Kind, horizon: int) -> None:
    """A quay of stone or planks along the lower edge."""
    edge = k.joint(horizon, (0, 0.36), down=(-0.1, 0.1))
    plank = k.paint(
        looks("wood", "a88860/80603c 947450/6c5030", pattern="planked", size=(0.1, 0.14)),
        looks("stone", "b0aca4/8c8880 98948c/78746c", pattern="grid", size=(0.16, 0.22)),
    )
    k.add(box(0, 0.35, 1.3, 0.7), plank, edge, ink=0.5, volume=0, object="quay", far=True)
    post = k.paint(look("wood", "6c5438 503c24"))
    for x in (-0.38, -0.05, 0.3):
        at = k.joint(edge, (x, 0.02), right=(-0.1, 0.1), chance=0.75, tall=(0.7, 1.2))
        k.add(box(0, -0.05, 0.05, 0.13), post, at, ink=0.7, object="bollard")
        k.add(ellipse(0, -0.115, 0.034, 0.016), post, at, "bollard-head", ink=0.6, shade=1.2, object="bollard")


def leafy_tree(k: Kind, horizon: int, many: int) -> None:
    """Broad-leaved trees at the horizon."""
    bark = k.paint(look("bark", "7c5c3c 5c4028"))
    for i in range(many):
        crown = k.paint(looks("foliage", "5c9c4c 407c3c", "84ac48 64903c", "c89040 a86c34"))
        at = k.joint(
            horizon, (-0.4 + 0.8 * i / max(1, many - 1), 0.03), right=(-0.16, 0.16), scale=(0.6, 1.35), chance=0.7
        )
        k.add(stroke(0, 0.02, 0, -0.14, start=0.02, end=0.014), bark, at, "trunk", ink=0.6, object="tree")
        k.add(stroke(0, -0.08, 0.05, -0.14, start=0.01), bark, at, "trunk", "branch", ink=0.5, object="tree")
        k.add(
            blob(-0.11, -0.14, -0.09, -0.24, 0.0, -0.3, 0.09, -0.25, 0.12, -0.15, 0.04, -0.11, -0.06, -0.11),
            crown,
            at,
            "crown",
            ink=0.6,
            object="tree",
        )


def conifer(k: Kind, horizon: int, many: int, dark: bool = False) -> None:
    """Firs at the horizon."""
    bark = k.paint(look("bark", "6c4c34 503824"))
    greens = ("28403c 1c302c",) if dark else ("3c7050 285038", "4c8058 346044", "547450 3c5838")
    for i in range(many):
        needles = k.paint(looks("foliage", *greens))
        at = k.joint(horizon, (-0.5 + (i * 0.618) % 1.0, 0.04), right=(-0.08, 0.08), scale=(0.6, 1.4), chance=0.8)
        k.add(box(0, -0.03, 0.03, 0.09), bark, at, "trunk", ink=0.5, object="fir")
        for y, w in ((-0.06, 0.1), (-0.14, 0.085), (-0.22, 0.06)):
            k.add(poly(-w, y, 0, y - 0.15, w, y), needles, at, "crown", "fir-tier", ink=0.5, object="fir")


def distant_house(k: Kind, horizon: int, many: int) -> None:
    """A row of houses at the horizon."""
    pane = k.paint(looks("glass", "f0dc90", "88a8b8", "4c5c68"))
    for i in range(many):
        wall = k.paint(
            looks("plaster", "e0cca8 c8b088", "c89080 b07868", "a8b4b8 8c989c", "d8d4cc c0bcb4"),
            looks("brick", "b8684c/d0b8a0", pattern="bricked", size=0.035),
        )
        roof = k.paint(looks("tile", "a05040 84402f", "5c5458 48404a"))
        at = k.joint(
            horizon,
            (-0.5 + i / max(1, many - 1), 0.02),
            right=(-0.05, 0.05),
            tall=(0.7, 1.5),
            wide=(0.85, 1.2),
            chance=0.85,
        )
        k.add(box(0, -0.12, 0.19, 0.27), wall, at, "house-wall", ink=0.5, volume=0.2, object="house-far")
        k.add(poly(-0.12, -0.25, 0, -0.35, 0.12, -0.25), roof, at, "house-roof", ink=0.5, object="house-far")
        for x in (-0.05, 0.05):
            for y in (-0.18, -0.08):
                k.add(box(x, y, 0.045, 0.055), pane, at, "house-window", ink=0.4, object="house-far")


def plain_wall(k: Kind, horizon: int, *paints: Iterable[Look]) -> None:
    """The wall of a room."""
    k.add(box(0, -0.2, 1.2, 2.6), k.paint(*paints), horizon, ink=0, volume=0, object="wall")


def plain_floor(k: Kind, horizon: int, *paints: Iterable[Look]) -> None:
    """The floor of a room."""
    k.add(box(0, 0.55, 1.2, 1.1), k.paint(*paints), horizon, ink=0.5, volume=0, object="floor", far=True)


def skirting(k: Kind, horizon: int) -> None:
    """A board where wall and floor meet."""
    k.add(
        box(0, -0.012, 1.2, 0.035),
        k.paint(looks("wood", "f0ece0 dcd4c4", "8c6844 6c4c30")),
        horizon,
        ink=0.4,
        object="skirting-board",
    )


def wall_window(k: Kind, horizon: int) -> None:
    """A window with curtains, now and then."""
    at = k.joint(
        horizon, (0, -0.36), right=(-0.3, 0.3), down=(-0.06, 0.06), wide=(0.8, 1.2), tall=(0.8, 1.15), chance=0.65
    )
    frame, day = (
        k.paint(looks("wood", "f4f0e8 e0dcd0", "a07848 805c34")),
        k.paint(looks("glass", "b0dcf4", "2c3860", "f4d0a0")),
    )
    k.add(box(0, 0, 0.3, 0.32), frame, at, "casement", ink=0.6, object="wall-window")
    for x in (-0.068, 0.068):
        for y in (-0.075, 0.075):
            k.add(box(x, y, 0.118, 0.13), day, at, "window-glass", ink=0.4, object="wall-window")
    cloth = k.paint(looks("fabric", "c85c54/e8c8b0", "5c84a8/d8e0e4", "d8b860/f0e4c0", pattern="lined", size=0.045))
    for side in (-1, 1):
        k.add(
            poly(side * 0.1, -0.19, side * 0.22, -0.19, side * 0.24, 0.22, side * 0.15, 0.22),
            cloth,
            at,
            "drape",
            ink=0.6,
            object="curtain",
        )
    k.add(stroke(-0.25, -0.19, 0.25, -0.19, start=0.01), frame, at, "curtain-rod", ink=0.5, object="curtain")
