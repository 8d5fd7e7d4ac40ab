"""A kind of thing that can be drawn: its joints, its paints, its pieces in painter's order."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from kdissect.data.brodenette.paints import Look
from kdissect.data.brodenette.pieces import Joint, Piece, Range
from kdissect.data.brodenette.shapes import Outline, ellipse
from kdissect.errors import SpecError

PerClass = Range | float | dict[str, Range | float]
"""A value, a range, or for each class of the kind its own (`""` is for the classes not named)."""


class Kind:
    """A kind under construction: make joints and paints, then add pieces from back to front.

    All lengths are in hundredths of the object's size.

    Args:
        name: of the kind, or of the coarse group.
        classes: names of its variants, separated by spaces; clutter has one, named like the kind.
        slots: what may be borrowed from a sibling (`World.sibling_overlap`).
        home: for each class its favourite scene.
        places: where it may stand: `ground`, `floor`, `air`, `wall`, `water`.
        tilt: largest turn of the whole, degrees.
        size: range of its size, in hundredths of the frame (clutter only).
        foot: how far below its origin it touches the ground.
        horizon: range of the height of the horizon (scenes only), in hundredths from the upper edge.
    """

    def __init__(
        self,
        name: str,
        classes: str = "",
        *,
        slots: str = "",
        home: str = "",
        places: str = "ground",
        tilt: float = 4.0,
        size: Range = (12, 25),
        foot: float = 46.0,
        horizon: Range = (50, 50),
    ) -> None:
        self.name = name
        self.classes = tuple(classes.split()) or (name,)
        self.slots = tuple(slots.split())
        self.home = tuple(home.split())
        self.places = tuple(places.split())
        self.tilt = tilt
        self.size = size
        self.foot = foot
        self.horizon = horizon
        self.joints: list[Joint] = []
        self.paints: list[tuple[int, tuple[tuple[Look, ...], ...]]] = []
        self.pieces: list[Piece] = []
        self._draws: dict[str, int] = {"horizon down": 0}

    def joint(
        self,
        parent: int = -1,
        at: tuple[float, float] = (0, 0),
        *,
        turn: PerClass = 0,
        wide: PerClass = 1,
        tall: PerClass = 1,
        scale: PerClass | None = None,
        right: PerClass = 0,
        down: PerClass = 0,
        chance: PerClass = 1,
        slot: str = "",
        key: str = "",
    ) -> int:
        """A new joint; its number.

        Args:
            parent: the joint that it moves with.
            at: where it is in that one's frame.
            turn: degrees, clockwise.
            wide: stretch along its first axis.
            tall: stretch along its second axis.
            scale: sets wide and tall together.
            right: shift along the parent's first axis.
            down: shift along the parent's second axis.
            chance: probability that what hangs on it is there.
            slot: the slot whose chosen class decides between ranges per class.
            key: joints with the same key move alike.
        """
        tracks = (turn, wide, tall, right, down) if scale is None else (turn, scale, scale, right, down)
        names = ("turn", "wide", "tall" if scale is None else "wide", "right", "down")
        stem = key or f"joint {len(self.joints)}"
        per_class = []
        for name in self.classes:
            *factors, x, y = (self._for_class(track, name) for track in tracks)
            per_class.append((*factors, _hundredths(x), _hundredths(y)))
        draws = tuple(self._draw(f"{stem} {name}") for name in names)
        chances = tuple(self._for_class(chance, name)[0] for name in self.classes)
        chance_draw = self._draw(f"{stem} chance")
        place = _hundredths(at)
        self.joints.append(Joint(parent, self._slot(slot), place, tuple(per_class), draws, chances, chance_draw))
        return len(self.joints) - 1

    def paint(self, *choices: Look | Iterable[Any], slot: str = "", **per_class: Look | Iterable[Any]) -> int:
        """A new paint; its number. An instance takes one of the looks; a class may have its own.

        Class names are written with `_` for `-` here. Lists of looks may be nested.
        """
        own = {name.replace("_", "-"): tuple(_flat([given])) for name, given in per_class.items()}
        self._check_classes(own)
        options = tuple(own.get(name, tuple(_flat(choices))) for name in self.classes)
        if not all(options):
            raise SpecError(f"{self.name}: a paint has no look for one of its classes")
        self.paints.append((self._slot(slot), options))
        return len(self.paints) - 1

    def pen(
        self,
        on: int = 0,
        paint: int = 0,
        part: str = "",
        variety: str = "",
        *,
        object: str = "",  # noqa: A002 - the category's name
    ) -> "Pen":
        """A pen for pieces that every class has."""
        return Pen(self, on, paint, part, variety, object, -1, tuple(range(len(self.classes))))

    def trait(
        self, slot: str, only: str, on: int, paint: int, part: str = "", variety: str = "", shade: float = 1
    ) -> "Pen":
        """A pen for pieces that only some classes have: those whose trait `slot` is that of one in `only`."""
        self._check_classes(only.split())
        classes = tuple(self.classes.index(name) for name in only.split())
        return Pen(self, on, paint, part, variety, "", self._slot(slot), classes, shade)

    def shadow(self, width: float) -> None:
        """A soft shadow on the ground, that much to either side."""
        self.pen().add(ellipse(0, self.foot, width, 5), shadow=True, ink=0)

    def _slot(self, name: str) -> int:
        if name and name not in self.slots:
            raise SpecError(f"{self.name}: expected a slot among {', '.join(self.slots)}, got {name!r}")
        return self.slots.index(name) if name else -1

    def _check_classes(self, names: Iterable[str]) -> None:
        for name in names:
            if name and name not in self.classes:
                raise SpecError(f"{self.name}: expected a class of {', '.join(self.classes)}, got {name!r}")

    def _for_class(self, value: PerClass, name: str) -> Range:
        if isinstance(value, dict):
            self._check_classes(value)
            value = value[name] if name in value else value[""]
        return value if isinstance(value, tuple) else (float(value), float(value))

    def _draw(self, name: str) -> int:
        return self._draws.setdefault(name, len(self._draws))


@dataclass(frozen=True)
class Pen:
    """Adds pieces that share a joint, a paint and labels; made by `Kind.pen` and `Kind.trait`."""

    kind: Kind
    on: int
    paint: int
    part: str
    variety: str
    object: str
    slot: int
    classes: tuple[int, ...]
    shade: float = 1.0

    def add(
        self,
        *outlines: Outline,
        detail: str = "",
        part: str | None = None,
        paint: int | None = None,
        shade: float = 1.0,
        ink: float = 1.0,
        volume: float = 1.0,
        shadow: bool = False,
        far: bool = False,
    ) -> Self:
        """Add pieces in front of all so far; returns the pen, to go on.

        Args:
            outlines: one piece each.
            detail: what of the part it is, for the second part plane.
            part: another part than the pen's.
            paint: another paint than the pen's.
            shade: factor on the brightness.
            ink: strength of the outline.
            volume: strength of the rounding.
            shadow: only darken what is below.
            far: the pattern recedes.
        """
        parts = (self.part if part is None else part, detail, self.variety)
        for outline in outlines:
            piece = Piece(
                self.on, outline, self.paint if paint is None else paint, self.slot, self.classes,
                shade * self.shade, ink, volume, self.object, parts, shadow, far,
            )  # fmt: skip
            self.kind.pieces.append(piece)
        return self


def _hundredths(pair: Range) -> Range:
    return pair[0] / 100, pair[1] / 100


def _flat(choices: Iterable[Any]) -> list[Look]:
    """The looks of nested lists, in order."""
    found: list[Look] = []
    for choice in choices:
        found += [choice] if isinstance(choice, Look) else _flat(choice)
    return found
