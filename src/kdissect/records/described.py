"""What a store says of the studies that ran in it: names, arms, cells."""

import json
from pathlib import Path
from typing import Any

from kdissect.errors import RecordError, SpecError
from kdissect.records.store import Store


def described(store: Store, study: str | None = None) -> dict[str, Any]:
    """The description of one study, as `study/describe.py` writes it.

    Args:
        store: the store.
        study: name of the study; the one that ran last if None.

    Raises:
        SpecError: there is no study of that name; lists those there are.
        RecordError: no study ran in the store, or the description is damaged.
    """
    if study is None:
        return _read(store, store.path / "study.json")
    there = store.studies()
    if study not in there:
        raise SpecError(f"no study {study!r} in {store.where}; there are {', '.join(there) or 'none'}")
    return _read(store, there[study])


def descriptions(store: Store, study: str | None = None) -> list[dict[str, Any]]:
    """The descriptions of all studies of a store, by name; arguments and errors as of `described`.

    Args:
        store: the store.
        study: only the study of this name.
    """
    if study is not None:
        return [described(store, study)]
    return [_read(store, path) for path in store.studies().values()] or [described(store)]


def _read(store: Store, path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise RecordError(f"{store.where} has no study yet; kdissect run STUDY --out {store.where} begins one")
    try:
        found = json.loads(path.read_bytes())
        found["name"], found["arms"], found["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RecordError(f"{path} cannot be read ({type(error).__name__}); run the study again") from None
    return dict(found)
