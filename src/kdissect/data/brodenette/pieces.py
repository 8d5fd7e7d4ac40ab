"""What kinds are made of: joints that move, and painted pieces that hang on them."""

from typing import NamedTuple

from kdissect.data.brodenette.shapes import Outline

Range = tuple[float, float]


class Joint(NamedTuple):
    """A movable frame.

    Attributes:
        parent: number of the joint it moves with, -1 for the whole object's frame.
        slot: the slot that decides which class's ranges hold, -1 for the object's own class.
        at: where it is in its parent's frame.
        ranges: per class the ranges of: turn (degrees), wide, tall (factors), right, down (shifts).
        draws: which random number moves each of the five; equal numbers move together.
        chance: per class, the probability that what hangs on it is there.
        chance_draw: the random number that decides it.
    """

    parent: int
    slot: int
    at: tuple[float, float]
    ranges: tuple[tuple[Range, ...], ...]
    draws: tuple[int, ...]
    chance: tuple[float, ...]
    chance_draw: int


class Piece(NamedTuple):
    """One painted outline on a joint, and what its pixels are labelled.

    Attributes:
        joint, paint: numbers of its joint and its paint.
        slot, classes: it is there when the class chosen for the slot is among these.
        shade: factor on its brightness. ink: strength of its outline. volume: of its rounding.
        object: its own object label, or empty for that of the whole.
        parts: labels on the three part planes, empty for none.
        shadow: it darkens what is below instead of covering it.
        far: its pattern recedes, as on a floor seen from the side.
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
