"""A record: what a cell of a study left behind, sealed.

`record.json` is a pure function of the record's key, and its last line is a SHA-256 of all that is before it: a record
that was cut short or edited by hand does not answer. What differs from run to run (seconds, host, times) lies beside
it in `run.json`.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from kdissect.errors import RecordError
from kdissect.records.files import file_digest, write_text
from kdissect.specs import one_line

FORMAT = 2
RECORD = "record.json"
RUN = "run.json"
_SEAL = b',\n "seal": "'
_VARYING = ("seconds", "timing")
Direction = Literal["higher", "lower", "neither"]


class Score(BaseModel):
    """One number that carries its meaning.

    Attributes:
        name: for example `detectors` or `detectors/object`.
        value: the number; None where it is not defined (a group without classes, say).
        unit: for example `units`, `share`, `nats`.
        direction: which way is more interpretable (or better); `neither` if the measure does not say.
        bounds: smallest and largest value possible; None where there is none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    value: float | None
    unit: str
    direction: Direction = "neither"
    bounds: tuple[float | None, float | None] = (None, None)


class Record(BaseModel):
    """What a cell of a study left behind.

    Attributes:
        kind: `train`, or the name of the measure.
        arm: the arm's name; seed: the training seed.
        epoch: epochs that the measured weights had; None for the last ones.
        key: everything that made the result: specs, seed and code versions. Its digest names the record.
        scores: the numbers.
        facts: further JSON (a training curve, the resolved formula, ...), for the report.
        files: file name (relative to the record's folder) to its SHA-256.
        sizes: the same to its bytes: a file that was cut short is found without reading it.
        made_by: versions of kdissect, torch and Python, and the device.
        seconds: wall-clock time of the work.
        timing: what else differs from run to run: speed, host, time of day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: int = FORMAT
    kind: str
    arm: str
    seed: int
    epoch: int | None = None
    key: dict[str, Any]
    digest: str
    scores: tuple[Score, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)
    files: dict[str, str] = Field(default_factory=dict)
    sizes: dict[str, int] = Field(default_factory=dict)
    made_by: dict[str, str] = Field(default_factory=dict)
    seconds: float = 0.0
    timing: dict[str, Any] = Field(default_factory=dict)

    def score(self, name: str) -> Score:
        """The score of that name.

        Raises:
            RecordError: there is none; lists those there are.
        """
        for score in self.scores:
            if score.name == name:
                return score
        names = ", ".join(score.name for score in self.scores)
        raise RecordError(f"expected a score named {name!r} in the {self.kind} record, there are: {names}")


def write_record(folder: Path, record: Record) -> Record:
    """Write `record.json` and `run.json` into `folder`; returns the record, with the digests of all other files."""
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (RECORD, RUN)]
    files = {path.relative_to(folder).as_posix(): file_digest(path) for path in paths}
    sizes = {path.relative_to(folder).as_posix(): path.stat().st_size for path in paths}
    complete = record.model_copy(update={"files": files, "sizes": sizes})
    write_text(folder / RUN, complete.model_dump_json(include=set(_VARYING), indent=1))
    body = complete.model_dump_json(exclude=set(_VARYING), indent=1).removesuffix("\n}")
    seal = hashlib.sha256(body.encode()).hexdigest()
    write_text(folder / RECORD, f'{body}{_SEAL.decode()}{seal}"\n}}')
    return complete


def read_record(path: Path) -> Record:
    """The record in a `record.json`.

    Raises:
        RecordError: it cannot be read, is of another format, or is not as it was written.
    """
    try:
        run = json.loads(path.with_name(RUN).read_bytes())
    except (OSError, ValueError):
        run = {}  # no result depends on it
    return _validated(path, read_fields(path) | {name: run[name] for name in _VARYING if name in run})


def seconds_of(folder: Path) -> float | None:
    """What the record in a folder took, of `run.json` alone; None if that is not known."""
    try:
        return float(json.loads((folder / RUN).read_bytes())["seconds"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_fields(path: Path) -> dict[str, Any]:
    """The fields of a `record.json`, unsealed but not validated, for readers of many.

    Raises:
        RecordError: it cannot be read, or is not as it was written.
    """
    body, seal, rest = path.read_bytes().rpartition(_SEAL)
    if not seal or hashlib.sha256(body).hexdigest().encode() != rest[:64] or rest[64:] != b'"\n}':
        raise RecordError(
            f"{path} is not as it was written (cut short, edited, or of another format than {FORMAT}); delete its "
            "folder, or run the study again, which makes it anew"
        )
    found = from_json(body + b"\n}")  # in half the time of json.loads
    if found.get("format") != FORMAT:
        raise RecordError(f"{path} has format {found.get('format')}, this kdissect reads format {FORMAT}")
    return dict(found)


def flaws_of(folder: Path, digest: str, *, every_byte: bool) -> list[str]:
    """What is wrong with a record's folder; nothing if all is as it was written.

    Args:
        folder: of the record.
        digest: that the record should have, or the first characters of it.
        every_byte: read its files, too; else only their sizes are looked at.
    """
    try:
        record = read_record(folder / RECORD)
    except FileNotFoundError:
        return [f"{folder} has no {RECORD}"]
    except (OSError, RecordError) as error:
        return [str(error)]
    found = []
    if not record.digest.startswith(digest):
        found.append(f"{folder} holds the record of {record.digest[:16]}")
    for name, expected in record.files.items():
        path = folder / name
        try:
            whole = path.stat().st_size == record.sizes.get(name) and (not every_byte or file_digest(path) == expected)
        except OSError as error:
            found.append(f"{path} cannot be read: {error.strerror}")
            continue
        if not whole:
            found.append(f"{path} is not as it was written (cut short, or edited)")
    return found


def _validated(path: Path, fields: dict[str, Any]) -> Record:
    try:
        return Record.model_validate(fields)
    except ValidationError as error:
        raise RecordError(f"{path} is no record of format {FORMAT}: {one_line(error)}; delete its folder") from None
