"""A kind of thing that can be drawn: joints that move, paints that vary, pieces in painter's order."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from kdissect.data.brodenette.paints import Look
from kdissect.data.brodenette.shapes import Outline
from kdissect.errors import SpecError

Range = tuple[float, float]
Spread = Range | float
Looks = Look | Iterable[Look | Iterable[Look]]
PerClass = Spread | dict[str, Spread]
"""A range, or for each class of the kind its own (`""` is for the classes not named)."""


class Joint(NamedTuple):
    """A movable frame. Ranges are per class: `(low, high)`.

    Attributes:
        parent: number of the joint it moves with, -1 for the whole object's frame.
        slot: the slot that decides which class's ranges hold, -1 for the object's own class.
        at: where it is in its parent's frame.
        ranges: per class: turn (degrees), wide, tall (factors), right, down (shifts).
        draws: which random number moves each of the five; equal numbers move together.
        chance: per class, the probability that what hangs on it is there; and the number it is drawn by.
    """

    parent: int
    slot: int
    at: tuple[float, float]
    ranges: tuple[tuple[Range, ...], ...]
    draws: tuple[int, ...]
    chance: tuple[float, ...]
    chance_draw: int


class Piece(NamedTuple):
    """One painted outline on a joint, with what its pixels are labelled.

    Attributes:
        slot, classes: drawn when the class chosen for the slot is among these.
        shade: factor on its brightness; ink: strength of its outline; volume: of its rounding.
        object: its own object label, or empty for that of the whole.
        parts: labels on the part planes: part, part of the part, and its variety; empty for none.
        shadow: it darkens what is below instead of covering it.
        far: its pattern shrinks towards the joint's origin line, as a floor seen from the side.
    """

    joint: int
    outline: Outline
    paint: int
    slot: int
    classes: tuple[int, ...]
    shade: float
    ink: float
    volume: float
    object: str
    parts: tuple[str, str, str]
    shadow: bool
    far: bool


class Kind:
    """A kind under construction: call `joint`, `paint` and `add` in painter's order.

    Attributes:
        name: of the kind, or of the coarse group.
        classes: names of its variants; a clutter kind has one.
        slots: what may be borrowed from a sibling (`World.sibling_overlap`).
        home: per class its favourite scene. tilt: largest turn of the whole, degrees.
        places: where it may stand: `ground`, `floor`, `air`, `wall`, `water`.
        size: range of its size, in shares of the frame (clutter only).
    """

    def __init__(
        self,
        name: str,
        classes: str = "",
        *,
        slots: str = "",
        home: str = "",
        tilt: float = 4.0,
        places: str = "ground",
        size: Range = (0.12, 0.25),
        horizon: Range = (0.5, 0.5),
    ) -> None:
        self.name = name
        self.classes = tuple(classes.split()) or (name,)
        self.slots = tuple(slots.split())
        self.home = tuple(home.split())
        self.tilt = tilt
        self.places = tuple(places.split())
        self.size = size
        self.horizon = horizon
        self.joints: list[Joint] = []
        self.paints: list[tuple[int, tuple[tuple[Look, ...], ...]]] = []
        self.pieces: list[Piece] = []
        self._draws: dict[str, int] = {"horizon down": 0}

    def joint(
        self,
        parent: int = -1,
        at: tuple[float, float] = (0.0, 0.0),
        *,
        turn: PerClass = 0.0,
        wide: PerClass = 1.0,
        tall: PerClass = 1.0,
        scale: PerClass | None = None,
        right: PerClass = 0.0,
        down: PerClass = 0.0,
        chance: float | dict[str, float] = 1.0,
        slot: str = "",
        key: str = "",
    ) -> int:
        """A new joint; its number. `scale` sets wide and tall together; joints of one `key` move alike."""
        if scale is not None:
            wide = tall = scale
        tracks = (turn, wide, tall, right, down)
        ranges = tuple(tuple(self._for_class(track, name) for track in tracks) for name in self.classes)
        stem = key or f"joint {len(self.joints)}"
        names = ("turn", "wide", "wide" if scale is not None else "tall", "right", "down")
        draws = tuple(self._draw(f"{stem} {name}") for name in names)
        chances = tuple(self._for_class(chance, name)[0] for name in self.classes)  # type: ignore[arg-type]
        self.joints.append(Joint(parent, self._slot(slot), at, ranges, draws, chances, self._draw(f"{stem} chance")))
        return len(self.joints) - 1

    def paint(self, *choices: Looks, slot: str = "", **per_class: Looks) -> int:
        """A new paint; its number. An instance takes one of the looks; classes may have their own.

        Class names are written with `_` for `-` here.
        """
        shared = tuple(_flat(choices))
        own = {name.replace("_", "-"): tuple(_flat([given])) for name, given in per_class.items()}
        self._check_classes(own)
        options = tuple(own.get(name, shared) for name in self.classes)
        if not all(options):
            raise SpecError(f"{self.name}: a paint has no look for one of its classes")
        self.paints.append((self._slot(slot), options))
        return len(self.paints) - 1

    def add(
        self,
        outline: Outline,
        paint: int = 0,
        on: int = 0,
        part: str = "",
        detail: str = "",
        variety: str = "",
        *,
        slot: str = "",
        only: str = "",
        shade: float = 1.0,
        ink: float = 1.0,
        volume: float = 1.0,
        object: str = "",  # noqa: A002  the label's category is called object
        shadow: bool = False,
        far: bool = False,
    ) -> None:
        """A piece on joint `on`, in front of all pieces so far; `only` names the classes that have it."""
        names = only.split()
        self._check_classes(names)
        classes = tuple(self.classes.index(name) for name in names) or tuple(range(len(self.classes)))
        self.pieces.append(
            Piece(
                on, outline, paint, self._slot(slot), classes, shade, ink, volume, object,
                (part, detail, variety), shadow, far,
            )
        )  # fmt: skip

    def _slot(self, name: str) -> int:
        if name and name not in self.slots:
            raise SpecError(f"{self.name}: expected a slot among {', '.join(self.slots)}, got {name!r}")
        return self.slots.index(name) if name else -1

    def _check_classes(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self.classes:
                raise SpecError(f"{self.name}: expected a class among {', '.join(self.classes)}, got {name!r}")

    def _for_class(self, value: PerClass, name: str) -> Range:
        if isinstance(value, dict):
            self._check_classes(key for key in value if key)
            value = value[name] if name in value else value[""]
        return value if isinstance(value, tuple) else (float(value), float(value))

    def _draw(self, name: str) -> int:
        return self._draws.setdefault(name, len(self._draws))


def _flat(choices: Iterable[Any]) -> list[Look]:
    """The looks of nested lists, in order."""
    found: list[Look] = []
    for choice in choices:
        if isinstance(choice, Look):
            found.append(choice)
        else:
            found += _flat(choice)
    return found
