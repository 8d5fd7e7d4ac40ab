"""What cells cost whose like is in a store: same work, another seed, or another number of epochs."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, final

from kdissect.errors import RecordError
from kdissect.records import RECORD, Store, read_fields, seconds_of
from kdissect.specs import digest

Key = Mapping[str, Any]


class Cost(NamedTuple):
    """What a cell costs.

    Attributes:
        seconds: of one process.
        bytes: on the disk.
    """

    seconds: float
    bytes: float


def kind_of_work(key: Key, find: Callable[[str], Key | None]) -> str:
    """A digest of what decides the cost of a cell: not the seed, nor the number of epochs, nor the weights.

    Args:
        key: of the cell.
        find: gives the key of a training cell by its digest.
    """

    def network(of: str | None) -> Any:
        trained = find(of) if of is not None else None
        return None if trained is None else {**trained["network"], "weights": None}

    if "measure" in key:
        parts = {name: key.get(name) for name in ("measure", "dataset", "probe")}
        return digest({**parts, "network": network(key["trained"]), "teacher": network(key.get("teacher"))})
    taught = key.get("teacher")
    teachers = [] if taught is None else [taught] if isinstance(taught, str) else list(taught)
    recipe = {name: value for name, value in key.get("recipe", {}).items() if name != "epochs"}
    parts = {"network": {**key["network"], "weights": None}, "objective": key["objective"], "dataset": key["dataset"]}
    return digest({**parts, "recipe": recipe, "teachers": [network(one) for one in teachers]})


def epochs_of(key: Key) -> int:
    """Epochs of a training cell; 1 of all others."""
    return int(key["recipe"]["epochs"]) if "recipe" in key and "measure" not in key else 1


@final
class Likes:
    """The costs of all records of a store, by kind of work.

    Args:
        store: None for none.
    """

    def __init__(self, store: Store | None) -> None:
        self._costs: dict[str, list[Cost]] = defaultdict(list)
        keys: dict[str, Key] = {}
        folders: dict[str, Path] = {}
        for name in sorted(store.done()) if store is not None else ():
            assert store is not None
            folder = store.folder(name)
            try:
                fields = read_fields(folder / RECORD)
            except (OSError, RecordError):
                continue
            keys[fields["digest"]], folders[fields["digest"]] = fields["key"], folder
        for own, key in keys.items():
            seconds = seconds_of(folders[own])
            if seconds:
                size = sum(path.stat().st_size for path in folders[own].rglob("*") if path.is_file())
                self._costs[kind_of_work(key, keys.get)].append(Cost(seconds / epochs_of(key), size))

    def cost(self, key: Key, find: Callable[[str], Key | None]) -> Cost | None:
        """The median cost of what is of the same kind; None if nothing is."""
        costs = self._costs.get(kind_of_work(key, find))
        if not costs:
            return None
        seconds = statistics.median(cost.seconds for cost in costs)
        return Cost(seconds * epochs_of(key), statistics.median(cost.bytes for cost in costs))
