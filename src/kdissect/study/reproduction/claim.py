"""A published claim: numbers, their order, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final


@final
@dataclass(frozen=True)
class Along:
    """A claim about arms along an axis: the score rises, or falls, from each to the next.

    Attributes:
        axis: a number in the arms' `place`.
        where: further places that the arms have in common.
        rises: whether the score rises with the axis.
    """

    axis: str
    where: Mapping[str, int | float | str]
    rises: bool


@final
@dataclass(frozen=True)
class Claim:
    """One score in a table or figure.

    Attributes:
        id: short name, for the JSON and for links.
        place: table or figure.
        what: what was claimed, in a few words.
        studies: studies of the catalogue whose arms can answer, the best one first; empty where none can.
        score: MEASURE.SCORE that decides whether an order holds.
        orders: chains of arms, the arm with the largest score first; neighbours are held against each other.
        along: the same along an axis, for arms that depend on the study's size.
        numbers: published values by arm, in the unit of the score.
        source: who published it.
        sure: where the numbers were seen, and how sure they are.
        note: what must be known to compare.
    """

    id: str
    place: str
    what: str
    studies: tuple[str, ...]
    score: str
    source: str
    sure: str
    orders: tuple[tuple[str, ...], ...] = ()
    along: Along | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
