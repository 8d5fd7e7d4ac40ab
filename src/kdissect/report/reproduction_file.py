"""`reproduction.json`: what was published against what is in the store, as `kdissect run` leaves it."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kdissect.errors import RecordError
from kdissect.specs import one_line

FILE = "reproduction.json"
FORMAT = 1
Outcome = Literal["reproduced", "contradicted", "undecided", "one seed", "not run"]
OUTCOMES: dict[Outcome, str] = {
    "reproduced": "the 95 % interval of every difference lies on the published side of 0",
    "contradicted": "the 95 % interval of a difference lies on the other side of 0",
    "undecided": "an interval holds 0, or a part of the order has not run",
    "one seed": "one seed says nothing about chance",
    "not run": "no study in the store answers it",
}
"""What can become of a published order, and what it means."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class ClaimArm(_Read):
    """A score of an arm: the published value, and ours with its 95 % interval."""

    arm: str
    published: float | None = None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    seeds: int = 0


class ClaimStep(_Read):
    """Two neighbours in a published order, the arm with the larger published score first; ours is their difference."""

    above: str
    below: str
    published: float | None = None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    outcome: Outcome
    why: str = ""


class ClaimRow(_Read):
    """A published claim and what became of it; `kdissect.study.reproduction.row` says what the fields mean."""

    id: str
    place: str
    what: str
    source: str
    sure: str
    score: str = ""
    unit: str = ""
    study: str | None = None
    size: str | None = None
    reference: str | None = None
    arms: tuple[ClaimArm, ...] = ()
    steps: tuple[ClaimStep, ...] = ()
    outcome: Outcome
    family: str | None = None
    verdicts: dict[str, str] = Field(default_factory=dict)
    note: str = ""
    notes: tuple[str, ...] = ()

    def arm(self, name: str) -> ClaimArm | None:
        """The arm of that name."""
        return next((one for one in self.arms if one.arm == name), None)


class _File(_Read):
    format: Literal[1]
    rows: tuple[ClaimRow, ...]


def read_reproduction(store: Path) -> tuple[ClaimRow, ...]:
    """The rows of a store's `reproduction.json`; none if there is no such file.

    Raises:
        RecordError: the file cannot be read.
    """
    path = store / FILE
    if not path.is_file():
        return ()
    try:
        return _File.model_validate_json(path.read_text(encoding="utf-8")).rows
    except (ValidationError, OSError, UnicodeDecodeError) as error:
        why = one_line(error) if isinstance(error, ValidationError) else str(error)
        raise RecordError(f"{path} is no reproduction table of format {FORMAT}: {why}; run a study again") from None
