"""What a store says of the studies that ran in it."""

import json
from pathlib import Path
from typing import Any

from kdissect.errors import RecordError, SpecError
from kdissect.records import Store


def descriptions(store: Store, study: str | None = None) -> list[dict[str, Any]]:
    """The descriptions of all studies of a store, by name; of stores that keep only the last one, that one.

    Args:
        store: the store.
        study: only the study of this name.

    Raises:
        RecordError: no study ran in it, or a description is damaged.
        SpecError: there is no study of that name; lists those there are.
    """
    paths = list(store.studies().values()) or [store.path / "study.json"]
    found = [_read(path) for path in paths]
    if study is None:
        return found
    chosen = [one for one in found if one["name"] == study]
    if not chosen:
        names = ", ".join(one["name"] for one in found)
        raise SpecError(f"no study {study!r} in {store.where}; there are {names}")
    return chosen


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        found["name"], found["arms"], found["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{path} cannot be read ({type(error).__name__}); run the study again") from None
    return dict(found)
