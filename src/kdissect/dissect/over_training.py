"""Dissecting the checkpoints of a training run, one after the other."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Unpack

from torch import nn

from kdissect import __version__
from kdissect.data.probe import Probe
from kdissect.dissect.dissecting import Options, dissect_layers
from kdissect.dissect.dissections import Dissections
from kdissect.errors import RecordError, SpecError
from kdissect.models import Checkpoint, load_weights
from kdissect.records import file_digest, write_text
from kdissect.specs import digest

DONE = "checkpoints.json"
"""Beside the results: which checkpoint, probe and options each was made of."""
_NO_RESULT = ("progress", "memory_budget", "work", "shard_images", "checkpoint")
"""Options that change no result."""


def dissect_checkpoints(
    network: nn.Module,
    checkpoints: Sequence[Checkpoint],
    layers: Sequence[str],
    probe: Probe,
    *,
    out: Path | str | None = None,
    load: Callable[[nn.Module, Path], None] = load_weights,
    done: Callable[[Checkpoint, Dissections], object] | None = None,
    **options: Unpack[Options],
) -> Dissections:
    """Dissect a network with the weights of each checkpoint.

    With a folder for the results a run that was stopped goes on: what was made of the same weights, probe, layers and
    options by the same version is read, not made again. There is one set of dissections a checkpoint, under its name.
    Of the network its modules and their sizes are looked at, not its code: take another folder when that changed.

    Args:
        network: takes the weights, and has those of the last checkpoint afterwards.
        checkpoints: from `find_checkpoints`, at least one.
        layers: as in `dissect_layers`.
        probe: images and labels.
        out: folder for the results; None keeps them in memory only.
        load: puts a file's weights into the network.
        done: called after each checkpoint.
        options: as in `dissect`; `checkpoint` is set here. The bytes of a `work` folder are for each checkpoint apart.

    Returns:
        The dissections, checkpoint by checkpoint, with `checkpoint` its name.

    Raises:
        SpecError: there is no checkpoint, two have one name, or an argument is out of range.
        DataError: weights are damaged, would run code when read, or do not fit the network.
        RecordError: the folder holds something else.
    """
    names = [one.name for one in checkpoints]
    if not names or len(set(names)) < len(names):
        raise SpecError(f"expected checkpoints of different names, at least one, got {', '.join(names) or 'none'}")
    found = []
    results = None if out is None else Path(out)
    for one in checkpoints:
        own = options | {"checkpoint": one.name}
        if options.get("work") is not None:
            own["work"] = Path(str(options["work"])) / one.name
        key = digest(_key(network, one, layers, probe, options))
        members = None if results is None else _made(results, one.name, key)
        if members is None:
            load(network, one.path)
            members = dissect_layers(network, layers, probe, **own)
            if results is not None:
                members.save(results / one.name)
                write_text(results / DONE, json.dumps(_done(results) | {one.name: key}, indent=1))
        if done is not None:
            done(one, members)
        found += list(members)
    return Dissections(tuple(found))


def _key(
    network: nn.Module, checkpoint: Checkpoint, layers: Sequence[str], probe: Probe, options: Options
) -> dict[str, Any]:
    """All that decides the result."""
    return {
        "kdissect": __version__,
        "weights": file_digest(checkpoint.path),
        "network": str(network),  # the modules and their sizes
        "layers": [layers] if isinstance(layers, str) else list(layers),
        "probe": [probe.name, probe.digest, len(probe)],
        "options": {name: repr(value) for name, value in sorted(options.items()) if name not in _NO_RESULT},
    }


def _made(results: Path, name: str, key: str) -> Dissections | None:
    """What an earlier run made of the same, or None."""
    if _done(results).get(name) != key:
        return None
    try:
        return Dissections.load(results / name)
    except RecordError:  # removed, or damaged: made again
        return None


def _done(results: Path) -> dict[str, str]:
    try:
        found = json.loads((results / DONE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return dict(found) if isinstance(found, dict) else {}


def remove_results(results: Path) -> None:
    """Delete a folder that `dissect_checkpoints` made, once its results are elsewhere; others are left alone."""
    if (results / DONE).is_file():
        shutil.rmtree(results, ignore_errors=True)
