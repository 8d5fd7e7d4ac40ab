"""What the report needs to know of a study, as `study.json` in the store."""

import json
import shlex
import sys
from typing import Any

from kdissect.records import Store
from kdissect.study.cell import Cell
from kdissect.study.study import Study


def describe(study: Study, cells: list[Cell], store: Store) -> None:
    """Write `study.json`, and the same as `studies/NAME.json`.

    Each cell has the first 16 characters of the digests of its `sources`. Cells that look at all arms share a list of
    many: it stands once, in `groups`, and such a cell names it by its place in there (`group`).
    """
    groups: dict[tuple[str, ...], int] = {}
    what = {
        "name": study.name,
        "title": study.title,
        "size": study.size,
        "reference": study.reference,
        "seeds": list(study.seeds),
        "checkpoints": list(study.checkpoints),
        "arms": [
            {
                "name": arm.name,
                "role": arm.role,
                "formula": arm.formula,
                "teacher": " + ".join(arm.teachers) or None,
                "network": arm.network.model_dump(mode="json"),
                "place": dict(arm.place),
                "own_recipe": arm.recipe is not None or arm.objective is None,
            }
            for arm in study.arms
        ],
        "dataset": study.dataset.model_dump(mode="json"),
        "probe": study.probe.model_dump(mode="json") if study.probe else None,
        "recipe": study.recipe.model_dump(mode="json"),
        "spec": study.model_dump(mode="json"),
        "command": shlex.join(["kdissect", *sys.argv[1:]]),
    }
    lines = ",\n  ".join(json.dumps(_described(cell, groups)) for cell in cells)
    shared = json.dumps([list(group) for group in groups])
    # A cell a line: a study may have thousands.
    head = json.dumps(what, indent=1).removesuffix("\n}")
    text = f'{head},\n "groups": {shared},\n "cells": [\n  {lines}\n ]\n}}'
    text = _larger(store, study.name, {cell.digest for cell in cells}) or text
    store.write(f"studies/{study.name}.json", text)
    store.write("study.json", text)


def _larger(store: Store, name: str, digests: set[str]) -> str | None:
    """What the store says of the study already, if it has all these cells and more: a part must not hide the whole."""
    path = store.studies().get(name)
    if path is None:
        return None
    text = path.read_text(encoding="utf-8")
    try:
        there = {cell["digest"] for cell in json.loads(text)["cells"]}
    except (ValueError, KeyError, TypeError):
        return None
    return text if digests < there else None


def _described(cell: Cell, groups: dict[tuple[str, ...], int]) -> dict[str, Any]:
    """A cell in the description; its group is added to the groups."""
    among = tuple(source.digest[:16] for source in cell.among)
    others = [source.digest[:16] for source in cell.sources if source.digest[:16] not in among]
    found: dict[str, Any] = {
        "digest": cell.digest,
        "kind": cell.kind,
        "arm": cell.arm.name,
        "seed": cell.seed,
        "epoch": cell.epoch,
        "sources": others,
    }
    if among:
        found["group"] = groups.setdefault(among, len(groups))
    return found
