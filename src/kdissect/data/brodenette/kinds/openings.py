"""Windows and doors of buildings."""

from kdissect.data.brodenette.kind import Kind
from kdissect.data.brodenette.shapes import box, dome, ellipse, ring, stroke


def window(k: Kind, at: int, pane: int, trim: int, stone: int, timber: int) -> None:
    """A window of each class around the joint `at`."""
    square = k.trait("window", "cottage", at, trim, "window", "square-window")
    square.add(box(0, 0, 13, 13), detail="frame")
    square.add(box(0, 0, 10, 10), detail="pane", paint=pane, ink=0.5)
    square.add(box(0, 0, 1.4, 10), box(0, 0, 10, 1.4), detail="glazing-bar", ink=0.2)
    square.add(box(-9, 0, 4.5, 13), box(9, 0, 4.5, 13), detail="shutter", paint=timber)
    wide = k.trait("window", "barn", at, trim, "window", "wide-window")
    wide.add(box(0, 0, 16, 8), detail="frame")
    wide.add(box(0, 0, 13, 5.5), detail="pane", paint=pane, ink=0.5)
    arched = k.trait("window", "chapel", at, trim, "window", "arched-window")
    arched.add(box(0, 0, 9, 12), dome(0, -5.5, 4.5, 6), detail="frame", ink=0.4)
    arched.add(box(0, 0.5, 6, 10), dome(0, -4.5, 3, 4.5), detail="pane", paint=pane, ink=0.2)
    round_one = k.trait("window", "keep", at, stone, "window", "round-window")
    round_one.add(ring(0, 0, 6.5, 4), detail="frame")
    round_one.add(ellipse(0, 0, 4.2), detail="pane", paint=pane, ink=0.3, shade=0.6)
    sill = k.trait("window", "cottage barn", at, stone, "window")
    sill.add(box(0, 7, 13, 2), detail="window-sill", ink=0.5)


def doors(k: Kind, at: int, timber: int, trim: int, stone: int, metal: int, pane: int) -> None:
    """The door of each class, standing on the joint `at`."""
    panelled = k.trait("door", "cottage", at, trim, "door", "panelled-door")
    panelled.add(box(0, -12, 16, 25), detail="door-frame")
    panelled.add(box(0, -11.5, 12.5, 22.5), detail="door-leaf", paint=timber, ink=0.6)
    panelled.add(box(0, -17.5, 8, 6), detail="pane", paint=pane, ink=0.5)
    barn = k.trait("door", "barn", at, timber, "door", "barn-door")
    barn.add(box(0, -12, 24, 26), detail="door-leaf")
    for flat in ((-11, -1, 11, -24), (-11, -24, 11, -1), (0, -25, 0, 0)):
        barn.add(stroke(*flat, start=1.2), detail="brace", paint=trim, ink=0.3)
    arched = k.trait("door", "chapel", at, stone, "door", "arched-door")
    arched.add(box(0, -9, 17, 19), dome(0, -18, 8.5, 9), detail="door-frame", ink=0.4)
    arched.add(box(0, -8.5, 12, 18), dome(0, -17, 6, 6.5), detail="door-leaf", paint=timber, ink=0.2)
    grid = k.trait("door", "keep", at, metal, "door", "portcullis")
    grid.add(box(0, -10, 18, 21), detail="door-leaf", shade=0.4)
    grid.add(*(stroke(x, -20, x, 0, start=0.7) for x in (-6, -2, 2, 6)), detail="bar", ink=0.2)
    grid.add(*(stroke(-9, y, 9, y, start=0.7) for y in (-15, -8)), detail="bar", ink=0.2)
    knob = k.trait("door", "cottage chapel barn", at, metal, "door")
    knob.add(ellipse(4, -10, 1.3), detail="knob", ink=0.6)
