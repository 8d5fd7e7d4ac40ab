"""A small store written by hand in the formats of ARCHITECTURE.md: four arms, three seeds, blobs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kdissect.records import Record, Score, Store, write_record
from kdissect.specs import digest

ARMS: tuple[dict[str, Any], ...] = (
    {"name": "teacher", "role": "teacher", "formula": "as it came", "own_recipe": True},
    {"name": "scratch", "role": "student", "formula": "CE"},
    {"name": "KD", "role": "student", "formula": "CE + T²·KL(t‖s), T=4", "teacher": "teacher"},
    {"name": "LS", "role": "student", "formula": "CE with label smoothing 0.1"},
)
SEEDS = (0, 1, 2)
EVIL = "<img src=x onerror=alert(1)>"
CONCEPTS = (
    ("red", "color"),
    ("green", "color"),
    ("blue", "color"),
    ("ball", "object"),
    ("house", "object"),
    ("tree", "object"),
    ("cat", "object"),
    ("bus", "object"),
    (EVIL, "object"),
    ("wheel", "part"),
    ("window", "part"),
    ("ear", "part"),
    ("stripes", "texture"),
    ("dots", "texture"),
    ("meadow", "scene"),
    ("street", "scene"),
    ("wood", "material"),
    ("metal", "material"),
)
CATEGORIES = ("object", "part", "scene", "material", "texture", "color")
NUM_UNITS = 48
NUM_IMAGES = 24
IMAGES_A_UNIT = 6
SIDE = 64
MAP = 7
IOU = 0.05
STRENGTH = {"teacher": 0.075, "scratch": 0.052, "KD": 0.066, "LS": 0.036}
"""Mean IoU of an arm's units."""


def write_store(
    path: Path,
    arms: tuple[dict[str, Any], ...] = ARMS,
    seeds: tuple[int, ...] = SEEDS,
    *,
    reference: str | None = "scratch",
    strength: dict[str, float] | None = None,
    leave_out: tuple[tuple[str, str, int], ...] = (),
    dissect: bool = True,
    num_units: int = NUM_UNITS,
    side: int = SIDE,
) -> Path:
    """Write a store; cells `(kind, arm, seed)` in `leave_out` belong to the study but have no record."""
    store = Store.create(path)
    kinds = ("train", "ClassSimilarity", *(("Detectors",) if dissect else ()))
    cells = []
    for arm in arms:
        for seed in seeds[:1] if arm["role"] == "teacher" else seeds:
            for kind in kinds:
                key = {"kind": kind, "arm": arm["name"], "seed": seed}
                cell = {"digest": digest(key), **key}
                cells.append(cell)
                if (kind, arm["name"], seed) in leave_out:
                    continue
                rng = np.random.default_rng(int(cell["digest"][:8], 16))
                with store.writing(cell["digest"]) as folder:
                    if kind == "train":
                        record = _train(cell, key, arm, rng)
                    elif kind == "Detectors":
                        mean = (strength or STRENGTH)[arm["name"]]
                        record = _detectors(cell, key, folder, rng, mean, num_units, side)
                    else:
                        record = _similarity(cell, key, rng)
                    write_record(folder, record)
    study = {
        "name": "synthetic",
        "title": "Blobs: does distillation keep concepts?",
        "arms": list(arms),
        "reference": reference,
        "seeds": list(seeds),
        "dataset": {"kind": "Blobs", "num_classes": 8},
        "probe": {"kind": "BlobProbe", "num_images": NUM_IMAGES},
        "recipe": {"optimizer": {"name": "sgd", "learning_rate": 0.1}, "epochs": 12, "batch_size": 64},
        "command": "kdissect run blobs.py:study --seeds 3 --out runs/blobs",
        "spec": {"name": "synthetic", "seeds": list(seeds)},
        "cells": cells,
    }
    (path / "study.json").write_text(json.dumps(study), encoding="utf-8")
    return path


def _record(cell: dict[str, Any], key: dict[str, Any], scores: list[Score], facts: dict[str, Any]) -> Record:
    return Record(
        kind=cell["kind"],
        arm=cell["arm"],
        seed=cell["seed"],
        key=key,
        digest=cell["digest"],
        scores=tuple(scores),
        facts=facts,
        seconds=61.5,
        made_by={"kdissect": "0.1.0", "torch": "2.14.1", "python": "3.11.7", "device": "x86_64", "threads": "2"},
    )


def _train(cell: dict[str, Any], key: dict[str, Any], arm: dict[str, Any], rng: np.random.Generator) -> Record:
    top = {"teacher": 0.78, "scratch": 0.70, "KD": 0.724, "LS": 0.708}.get(arm["name"], 0.7) + rng.normal(0, 0.006)
    curve = [
        {
            "epoch": float(epoch),
            "loss": round(2.1 * 0.8**epoch + 0.2 + float(rng.normal(0, 0.02)), 4),
            "val_accuracy": round(top * (1 - 0.7 * 0.65**epoch) + float(rng.normal(0, 0.006)), 4),
            "loss/CE": 1.0,
            "seconds": 5.1,
        }
        for epoch in range(1, 13)
    ]
    accuracy = Score(name="val_accuracy", value=round(float(top), 4), unit="share", direction="higher", bounds=(0, 1))
    return _record(cell, key, [accuracy], {"formula": arm["formula"], "role": arm["role"], "curve": curve})


def _similarity(cell: dict[str, Any], key: dict[str, Any], rng: np.random.Generator) -> Record:
    mean = {"teacher": 0.61, "scratch": 0.55, "KD": 0.66, "LS": 0.41}.get(cell["arm"], 0.5)
    value = round(float(mean + rng.normal(0, 0.02)), 4)
    nats: dict[str, Any] = {"unit": "nats", "bounds": (0.0, 1.386)}
    scores = [
        Score(name="entropy", value=value, direction="higher", **nats),
        Score(name="entropy/correct", value=round(value * 0.8, 4), direction="higher", **nats),
        Score(name="entropy/matched", value=round(value * 0.9, 4), direction="higher", **nats),
        Score(name="group_accuracy", value=0.91, unit="share", direction="higher", bounds=(0, 1)),
        Score(name="group_mass", value=None, unit="share", bounds=(0, 1)),
    ]
    return _record(cell, key, scores, {})


def _detectors(
    cell: dict[str, Any],
    key: dict[str, Any],
    folder: Path,
    rng: np.random.Generator,
    mean: float,
    num_units: int,
    side: int,
) -> Record:
    concepts = rng.permutation(len(CONCEPTS))[: len(CONCEPTS) - 4]
    chosen = rng.choice(concepts, num_units)
    ious = rng.gamma(3.0, mean / 3.0, num_units).clip(0.001, 0.6) if mean else np.zeros(num_units)
    write_dissection(folder / "dissection", chosen, ious, rng, side)
    hits = [CONCEPTS[concept] for concept, iou in zip(chosen, ious, strict=True) if iou >= IOU]
    count: dict[str, Any] = {"unit": "units", "direction": "higher", "bounds": (0, num_units)}
    scores = [
        Score(name="detectors", value=len(hits), **count),
        Score(name="unique_detectors", value=len(set(hits)), unit="concepts", direction="higher", bounds=(0, None)),
        Score(name="detector_share", value=len(hits) / num_units, unit="share", direction="higher", bounds=(0, 1)),
    ]
    for category in CATEGORIES:
        own = [name for name, of in hits if of == category]
        scores.append(Score(name=f"detectors/{category}", value=len(own), **count))
        scores.append(Score(name=f"unique/{category}", value=len(set(own)), unit="concepts", direction="higher"))
    return _record(cell, key, scores, {"units": num_units, "iou": IOU, "gate": "image", "layer": "layer4"})


def write_dissection(
    folder: Path, concepts: np.ndarray, ious: np.ndarray, rng: np.random.Generator, side: int = SIDE
) -> None:
    """A dissection folder with one unit for each IoU; a unit with IoU 0 has no label."""
    folder.mkdir(parents=True)
    num = len(ious)
    header = {
        "format": 1,
        "network": "resnet8",
        "layer": "layer4",
        "probe": {"name": "blobs", "digest": "b10b" * 16, "num_images": NUM_IMAGES, "categories": list(CATEGORIES)},
        "quantile": 0.995,
        "rule": "image",
        "label_zero": False,
        "gate": "region",
        "gates": ["image", "region"],
        "num_units": num,
        "map_shape": [MAP, MAP],
        "threshold": IOU,
        "made_by": {"kdissect": "0.1.0"},
    }
    (folder / "header.json").write_text(json.dumps(header), encoding="utf-8")
    rows = [
        {
            "gate": gate,
            "unit": unit,
            "label": int(concepts[unit]) + 1 if iou else 0,
            "name": CONCEPTS[concepts[unit]][0] if iou else "",
            "category": CONCEPTS[concepts[unit]][1] if iou else "",
            "iou": float(iou) * (1.0 if gate == "image" else 1.2),
            "threshold": 1.0,
        }
        for gate in header["gates"]
        for unit, iou in enumerate(ious)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "units.parquet")
    images = np.stack([rng.permutation(NUM_IMAGES)[:IMAGES_A_UNIT] for _ in range(num)]).astype(np.int64)
    peaks = np.sort(rng.uniform(1.2, 3.0, (num, IMAGES_A_UNIT)).astype(np.float32))[:, ::-1]
    maps = np.stack(
        [
            [_bump(int(image)) * peak for image, peak in zip(*pair, strict=True)]
            for pair in zip(images, peaks, strict=True)
        ]
    )
    index = np.unique(images)
    np.savez(
        folder / "exemplars.npz",
        images=images,
        peaks=peaks,
        maps=maps.astype(np.float16),
        picture_index=index,
        pictures=np.stack([picture(int(image), side) for image in index]),
    )


def picture(image: int, side: int = SIDE) -> np.ndarray:
    """A soft background with a colored blob, `(side side 3)`, uint8."""
    rng = np.random.default_rng(image)
    y, x = np.mgrid[:side, :side] / side
    back = rng.uniform(90, 200, 3) + (x * rng.uniform(-40, 40) + y * rng.uniform(-40, 40))[..., None]
    cy, cx, radius = _blob(image)
    inside = (np.hypot(y - cy, x - cx) < radius)[..., None]
    return (
        np.where(inside, rng.uniform(0, 255, 3), back + rng.normal(0, 6, (side, side, 1))).clip(0, 255).astype(np.uint8)
    )


def _blob(image: int) -> tuple[float, float, float]:
    rng = np.random.default_rng(1000 + image)
    return float(rng.uniform(0.25, 0.75)), float(rng.uniform(0.25, 0.75)), float(rng.uniform(0.12, 0.22))


def _bump(image: int) -> np.ndarray:
    """A map that is 1 at the blob and falls off around it."""
    cy, cx, radius = _blob(image)
    at = (np.arange(MAP) + 0.5) / MAP
    return np.exp(-((at[:, None] - cy) ** 2 + (at[None, :] - cx) ** 2) / (2 * radius**2))
