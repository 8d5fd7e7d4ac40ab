"""Folders of dissections (format 2), sets and comparisons, written by hand in the formats of ARCHITECTURE.md."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from unit.report.synthetic_store import CATEGORIES, CONCEPTS, EVIL, IMAGES_A_UNIT, MAP, _bump, picture

GATES = {"region": 1.0, "image": 0.85, "none": 0.5}
"""A gate, and the share of the IoU at gate `region` that it leaves."""
EVIL_IMAGE = "<script>alert(2)</script>.png"
OPTIONAL = ("bootstrap", "chance", "compositional", "images", "contributions", "rotation", "winners")

Concepts = Sequence[tuple[str, str]]


def write_dissection(
    folder: Path,
    *,
    num_units: int = 24,
    num_images: int = 16,
    mean: float = 0.09,
    parts: Sequence[str] = OPTIONAL,
    concepts: Concepts = CONCEPTS,
    exemplars: bool = True,
    seed: int = 0,
    file_format: int = 2,
    side: int = 64,
    **header: Any,
) -> Path:
    """A dissection of blobs; `mean` is the mean IoU of its units, none overlaps anything if it is 0."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    labels = rng.choice(len(concepts), num_units) + 1 if mean else np.zeros(num_units, int)
    if mean and (EVIL, "object") in concepts:
        labels[0] = concepts.index((EVIL, "object")) + 1
    ious = rng.gamma(2.0, mean / 2, num_units).clip(0.001, 0.7) if mean else np.zeros(num_units)
    ious[0] = max(ious[0], 0.3) if mean else 0
    facts = _facts(parts, labels, ious)
    written = {**_header(num_units, num_images, file_format), **facts, **header}
    (folder / "header.json").write_text(json.dumps(written), encoding="utf-8")
    named = [("", ""), *concepts]
    _table(folder / "units.parquet", _units(named, labels, ious, rng, file_format))
    rows = [
        {"number": number, "name": _raw(name, of), "category": of or "object"}
        for number, (name, of) in enumerate(named)
    ]
    _table(folder / "concepts.parquet", rows)
    _optional(folder, parts, named, labels, ious, num_images, rng)
    if exemplars:
        _exemplars(folder, num_units, num_images, rng, side)
    return folder


def write_set(folder: Path, layers: Sequence[str] = ("layer1", "layer2", "layer3"), **settings: Any) -> Path:
    """A set with one dissection a layer, each with more detectors than the one before."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, layer in enumerate(layers):
        write_dissection(folder / layer, mean=0.03 + 0.03 * number, seed=number, layer=layer, **settings)
    members = [{"folder": layer, "layer": layer, "quantile": 0.005, "checkpoint": None} for layer in layers]
    (folder / "header.json").write_text(json.dumps({"format": 2, "kind": "set", "members": members}), encoding="utf-8")
    return folder


def write_comparison(
    folder: Path,
    others: Sequence[str] = ("KD",),
    concepts: Concepts = CONCEPTS,
    *,
    matches: bool = True,
    num_units: int = 40,
) -> Path:
    """A comparison of a teacher with others, in which concepts are kept, lost and new."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(5)
    rows, pairs, matched, facts = [], [], [], []
    for other in others:
        counts = {"kept": 0, "lost": 0, "new": 0}
        for name, category in concepts:
            a, b = (int(number) for number in rng.poisson(1.5, 2))
            if not a and not b:
                continue
            status = "kept" if a and b else "lost" if a else "new"
            counts[status] += 1
            rows.append(
                {
                    "a": "teacher", "b": other, "concept": name, "category": category,
                    "detectors_a": a, "detectors_b": b,
                    "best_iou_a": float(rng.uniform(0.05, 0.3)) if a else 0.01,
                    "best_iou_b": float(rng.uniform(0.05, 0.3)) if b else 0.01,
                    "status": status, "probability_a": min(1.0, 0.4 * a), "probability_b": min(1.0, 0.4 * b),
                }
            )  # fmt: skip
        ends = {key: {"value": num, "low": max(0, num - 2), "high": num + 2} for key, num in counts.items()}
        pairs.append({"a": "teacher", "b": other, **ends, "null_correlation": 0.31})
        for unit in range(num_units):
            ours, theirs = (concepts[number][0] for number in rng.integers(0, len(concepts), 2))
            theirs = ours if rng.random() < 0.4 else theirs
            matched.append(
                {
                    "a": "teacher", "b": other, "unit_a": unit, "unit_b": num_units - 1 - unit,
                    "correlation": float(rng.beta(4, 3)), "assigned": True,
                    "concept_a": ours, "concept_b": theirs, "same_concept": ours == theirs,
                }
            )  # fmt: skip
    facts = {"format": 2, "kind": "comparison", "layer": "layer4", "threshold": 0.05, "gate": "region", "pairs": pairs}
    (folder / "header.json").write_text(json.dumps(facts), encoding="utf-8")
    _table(folder / "concepts.parquet", rows)
    if matches:
        _table(folder / "matches.parquet", matched)
    return folder


def _header(num_units: int, num_images: int, file_format: int) -> dict[str, Any]:
    facts = {
        "format": file_format,
        "network": "resnet8",
        "layer": "layer3",
        "probe": {"name": "blobs", "digest": "b10b" * 16, "num_images": num_images, "categories": list(CATEGORIES)},
        "quantile": 0.005,
        "rule": "netdissect",
        "label_zero": True,
        "gate": "region",
        "gates": list(GATES),
        "num_units": num_units,
        "map_shape": [MAP, MAP],
        "threshold": 0.05,
        "made_by": {"kdissect": "0.2.0", "torch": "2.14.1"},
    }
    new = {
        "kind": "dissection",
        "preset": "parity",
        "normalization": {"name": "network", "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
        "input_size": [64, 64],
        "checkpoint": None,
    }
    return facts if file_format == 1 else {**facts, **new}


def _facts(parts: Sequence[str], labels: np.ndarray, ious: np.ndarray) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if "bootstrap" in parts:
        gates = {}
        for gate, share in GATES.items():
            found = int((ious * share >= 0.05).sum())
            concepts = len(set(labels[ious * share >= 0.05].tolist()))
            around = {"value": found, "low": max(0, found - 3), "high": min(len(ious), found + 2)}
            gates[gate] = {
                "detectors": around,
                "unique_detectors": {"value": concepts, "low": concepts - 2, "high": concepts},
            }
        facts["bootstrap"] = {"replicates": 1000, "seed": 0, "confidence": 0.95, "threshold": 0.05, "gates": gates}
    if "chance" in parts:
        facts["chance"] = {
            "permutations": 200, "seed": 0, "within": "source", "gate": "region", "threshold": 0.05,
            "detectors": int((ious >= 0.05).sum()), "chance_detectors": {"mean": 2.4, "low": 1, "high": 5},
            "false_discovery_rate": 0.05, "num_discovered": int((ious >= 0.06).sum()),
        }  # fmt: skip
    if "compositional" in parts:
        facts["compositional"] = {"length": 3, "beam": 10}
    return facts


def _units(
    named: Concepts, labels: np.ndarray, ious: np.ndarray, rng: np.random.Generator, file_format: int
) -> list[dict[str, Any]]:
    rows = []
    for gate, share in GATES.items():
        for unit, (label, iou) in enumerate(zip(labels, ious, strict=True)):
            name, category = named[label]
            row = {
                "gate": gate, "unit": unit, "label": int(label), "name": _raw(name, category),
                "category": category or "object", "iou": float(iou * share), "threshold": 1.0,
            }  # fmt: skip
            more = {"precision": float(min(1.0, 2 * iou)), "recall": float(min(1.0, 1.5 * iou))}
            rows.append(row if file_format == 1 else {**row, **more})
    return rows


def _optional(
    folder: Path,
    parts: Sequence[str],
    named: Concepts,
    labels: np.ndarray,
    ious: np.ndarray,
    num_images: int,
    rng: np.random.Generator,
) -> None:
    units = list(enumerate(zip(labels.tolist(), ious.tolist(), strict=True)))
    if "winners" in parts:
        rows = []
        for gate, share in GATES.items():
            for unit, (label, iou) in units:
                rows.append(_winner(gate, unit, int(label), named[label], iou * share))
                second = int(rng.integers(1, len(named)))
                if named[second][1] != named[label][1]:
                    rows.append(_winner(gate, unit, second, named[second], 0.7 * iou * share))
        _table(folder / "winners.parquet", rows)
    if "bootstrap" in parts:
        rows = [
            {
                "gate": gate, "unit": unit, "label": int(label), "iou": iou * share, "low": iou * share * 0.8,
                "high": iou * share * 1.2, "detector_share": float(np.clip(10 * iou * share, 0, 1)),
                "label_share": float(rng.beta(9, 1)),
            }
            for gate, share in GATES.items()
            for unit, (label, iou) in units
        ]  # fmt: skip
        _table(folder / "bootstrap.parquet", rows)
    if "chance" in parts:
        rows = [
            {
                "unit": unit, "iou": iou, "chance_iou": 0.02, "p": float(np.exp(-60 * iou)),
                "q": float(np.exp(-50 * iou)), "discovered": iou >= 0.06,
            }
            for unit, (_, iou) in units
        ]  # fmt: skip
        _table(folder / "chance.parquet", rows)
    if "compositional" in parts:
        rows = [
            {
                "unit": unit, "rank": rank, "length": 3 - rank,
                "formula": f"({named[label][0] or 'ball'} OR wheel) AND NOT red",
                "iou": (iou + 0.03) / (1 + rank), "intersection": 10, "area": 40, "unit_area": 30, "base_iou": iou,
            }
            for unit, (label, iou) in units
            for rank in (1, 0)
        ]  # fmt: skip
        _table(folder / "compositional.parquet", rows)
    if "images" in parts:
        names = [EVIL_IMAGE, *(f"blobs/image_{index:04d}.jpg" for index in range(1, num_images))]
        _table(
            folder / "images.parquet", [{"index": i, "name": name, "source": "blobs"} for i, name in enumerate(names)]
        )
    if "contributions" in parts:
        held = [
            np.sort(rng.choice(np.arange(1, len(named)), min(4, len(named) - 1), replace=False))
            for _ in range(num_images)
        ]
        np.savez(
            folder / "contributions.npz",
            label_starts=np.concatenate([[0], np.cumsum([len(own) for own in held])]).astype(np.int64),
            image_labels=np.concatenate(held).astype(np.int16),
            image_pixels=rng.integers(1, 900, sum(len(own) for own in held)).astype(np.int64),
        )
    if "rotation" in parts:
        rows = [
            {
                "power": power,
                "seed": seed,
                "detectors": int(20 - 9 * power + seed),
                "unique_detectors": int(9 - 6 * power),
            }
            for power in (0.0, 0.25, 0.5, 0.75, 1.0)
            for seed in range(3)
        ]
        _table(folder / "rotation.parquet", rows)


def _winner(gate: str, unit: int, label: int, concept: tuple[str, str], iou: float) -> dict[str, Any]:
    name, category = concept
    return {
        "gate": gate, "unit": unit, "category": category or "object", "label": label, "name": _raw(name, category),
        "iou": float(iou), "intersection": 10, "label_area": 40, "activation_area": 30,
    }  # fmt: skip


def _raw(name: str, category: str) -> str:
    """The name as Broden has it."""
    return f"{name}{ {'scene': '-s', 'color': '-c'}.get(category, '') }"


def _exemplars(folder: Path, num_units: int, num_images: int, rng: np.random.Generator, side: int) -> None:
    most = min(IMAGES_A_UNIT, num_images)
    images = np.full((num_units, IMAGES_A_UNIT), -1, np.int64)
    for unit in range(num_units):
        images[unit, :most] = rng.permutation(num_images)[:most]
    peaks = np.where(images >= 0, np.sort(rng.uniform(1.2, 3.0, images.shape))[:, ::-1], 0).astype(np.float32)
    bumps = np.stack([_bump(image) for image in range(num_images)])
    index = np.unique(images[images >= 0])
    np.savez(
        folder / "exemplars.npz",
        images=images,
        peaks=peaks,
        maps=(bumps[images] * peaks[..., None, None]).astype(np.float16),
        picture_index=index,
        pictures=np.stack([picture(int(image), side) for image in index]),
    )


def _table(path: Path, rows: list[dict[str, Any]]) -> None:
    pq.write_table(pa.Table.from_pylist(rows), path)
