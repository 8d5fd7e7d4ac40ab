"""What the report needs to know of a study, as `study.json` in the store."""

import json
import shlex
import sys

from kdissect.records import Store
from kdissect.study.cell import Cell
from kdissect.study.study import Study


def describe(study: Study, cells: list[Cell], store: Store) -> None:
    """Write `study.json`, and the same as `studies/NAME.json`."""
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
        "cells": [
            {"digest": c.digest, "kind": c.kind, "arm": c.arm.name, "seed": c.seed, "epoch": c.epoch} for c in cells
        ],
        "command": shlex.join(["kdissect", *sys.argv[1:]]),
    }
    text = json.dumps(what, indent=1)
    store.write(f"studies/{study.name}.json", text)
    store.write("study.json", text)
