"""What tables need of one record, by columns."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from kdissect.records import RUN, read_fields

MADE_BY = ("kdissect", "torch", "python", "device")


@final
@dataclass(frozen=True)
class OneRecord:
    """What tables need of a record; the rest of its JSON, its key above all, is let go at once.

    Attributes:
        digest: the record's.
        scores: names, values, units, directions, lower and upper bounds.
        curve: of a training, the epochs, names and values of its curve's numbers.
        seconds: of the work; None if nobody knows.
        made_by: versions and device, as in `MADE_BY`.
    """

    digest: str
    scores: tuple[list[Any], ...]
    curve: tuple[list[Any], ...]
    seconds: float | None
    made_by: tuple[str | None, ...]

    @classmethod
    def read(cls, path: Path) -> "OneRecord":
        """What is in a `record.json` and beside it.

        Raises:
            RecordError: it is not as it was written.
            OSError: there is none.
            KeyError, TypeError: a part of it is missing.
        """
        fields = read_fields(path)
        scores, made_by = fields["scores"], fields["made_by"]
        bounds = [score["bounds"] for score in scores]
        return cls(
            fields["digest"],
            (
                *([score[name] for score in scores] for name in ("name", "value", "unit", "direction")),
                [low for low, _ in bounds],
                [high for _, high in bounds],
            ),
            _curve(fields["facts"].get("curve") if fields["kind"] == "train" else None),
            _seconds(path.with_name(RUN)),
            tuple(made_by.get(name) for name in MADE_BY),
        )


def _seconds(path: Path) -> float | None:
    """Seconds of the work, which lie beside the record; no result depends on them."""
    try:
        found = json.loads(path.read_bytes()).get("seconds")
    except (OSError, ValueError, AttributeError):
        return None
    return float(found) if isinstance(found, int | float) else None


def _curve(curve: Any) -> tuple[list[int], list[str], list[float]]:
    epochs, names, values = [], [], []
    for place, point in enumerate(curve or (), start=1):
        epoch = int(point.get("epoch", place))
        for name, value in point.items():
            if name != "epoch" and isinstance(value, int | float):
                epochs.append(epoch)
                names.append(name)
                values.append(float(value))
    return epochs, names, values
