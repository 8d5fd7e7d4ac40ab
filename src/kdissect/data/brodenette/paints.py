"""Looks: a material, a pattern and the colours that an instance may have."""

from typing import NamedTuple

from kdissect.data.brodenette.patterns import PATTERNS
from kdissect.errors import SpecError

Colour = tuple[float, float, float]
Range = tuple[float, float]


class Grain(NamedTuple):
    """How a material's surface modulates brightness.

    Attributes:
        along: noise features a unit along u; across: along v; in units of the object's size.
        amount: relative change of brightness.
        gloss: strength of a bright band, as on metal and glass.
    """

    along: float
    across: float
    amount: float
    gloss: float = 0.0


MATERIALS = {
    "asphalt": Grain(90, 90, 0.22),
    "bark": Grain(9, 60, 0.35),
    "brick": Grain(40, 40, 0.14),
    "ceramic": Grain(3, 3, 0.05, 0.35),
    "cork": Grain(45, 45, 0.3),
    "fabric": Grain(70, 70, 0.16),
    "feather": Grain(14, 60, 0.22),
    "fleece": Grain(22, 22, 0.25),
    "foam": Grain(30, 12, 0.12),
    "foliage": Grain(26, 26, 0.28),
    "fur": Grain(12, 70, 0.24),
    "glass": Grain(3, 3, 0.03, 0.6),
    "grass": Grain(70, 16, 0.3),
    "keratin": Grain(50, 8, 0.15, 0.15),
    "ice": Grain(6, 6, 0.08, 0.3),
    "leather": Grain(32, 32, 0.16, 0.12),
    "metal": Grain(3, 40, 0.06, 0.4),
    "paper": Grain(30, 30, 0.05),
    "floral": Grain(10, 30, 0.16),
    "plaster": Grain(24, 24, 0.1),
    "plastic": Grain(3, 3, 0.03, 0.28),
    "rubber": Grain(45, 45, 0.12),
    "sand": Grain(80, 80, 0.16),
    "scale": Grain(16, 30, 0.14, 0.2),
    "shell": Grain(12, 40, 0.12, 0.2),
    "skin": Grain(20, 20, 0.1),
    "snow": Grain(18, 18, 0.07),
    "soil": Grain(36, 36, 0.32),
    "stone": Grain(22, 22, 0.24),
    "straw": Grain(10, 80, 0.35),
    "tile": Grain(6, 6, 0.05, 0.12),
    "vapour": Grain(7, 9, 0.1),
    "water": Grain(7, 45, 0.16),
    "wax": Grain(5, 5, 0.06, 0.2),
    "wood": Grain(7, 55, 0.24),
}
"""Every material with its surface."""


class Look(NamedTuple):
    """One way to paint: an instance takes a point between the two ends of each colour.

    Attributes:
        material: a key of `MATERIALS`, or an empty string (no material label, as for the sky).
        first: two ends of the range of the first colour, RGB in 0..1; second: of the other.
        pattern: number of the pattern; size: range of its period; angle: range of its turn, degrees.
    """

    material: str
    first: tuple[Colour, Colour]
    second: tuple[Colour, Colour]
    pattern: int
    size: Range
    angle: Range


def look(
    material: str,
    first: str,
    second: str | None = None,
    pattern: str = "plain",
    size: Range | float = (9, 13),
    angle: Range | float = 0.0,
) -> Look:
    """A look; colours are `rrggbb` or, for a range, `rrggbb rrggbb`; `size` is in hundredths.

    Raises:
        SpecError: no such material or pattern.
    """
    if material and material not in MATERIALS:
        raise SpecError(f"expected a material among {', '.join(MATERIALS)}, got {material!r}")
    if pattern not in PATTERNS:
        raise SpecError(f"expected a pattern among {', '.join(PATTERNS)}, got {pattern!r}")
    low, high = _range(size)
    ends = _ends(first)
    number = PATTERNS.index(pattern)
    return Look(material, ends, _ends(second) if second else ends, number, (low / 100, high / 100), _range(angle))


def looks(
    material: str,
    *colours: str,
    pattern: str = "plain",
    size: Range | float = (9, 13),
    angle: Range | float = 0.0,
) -> list[Look]:
    """Several looks that differ in colour; `first/second` gives both colours."""
    made = []
    for both in colours:
        first, _, second = both.partition("/")
        made.append(look(material, first, second or None, pattern, size, angle))
    return made


def _ends(colours: str) -> tuple[Colour, Colour]:
    ends = [(int(c[0:2], 16) / 255, int(c[2:4], 16) / 255, int(c[4:6], 16) / 255) for c in colours.split()]
    return ends[0], ends[-1]


def _range(value: Range | float) -> Range:
    return value if isinstance(value, tuple) else (value, value)
