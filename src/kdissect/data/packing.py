"""Packing: any probe written as a packed one, shard by shard."""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

from kdissect import __version__
from kdissect.data.broden import Broden
from kdissect.data.packed import FORMAT, HEADER
from kdissect.data.probe import Probe
from kdissect.data.runs import Runs
from kdissect.errors import DataError
from kdissect.records import file_digest, write_text, writing_folder

IMAGES_A_SHARD = 2048
MARKER = "unfinished.json"


def pack(
    probe: Probe,
    out: Path | str,
    *,
    made_from: Mapping[str, Any] | None = None,
    check: Callable[[dict[str, int]], None] | None = None,
    shard_images: int = IMAGES_A_SHARD,
    progress: Callable[[int, int], object] | None = None,
) -> Path:
    """Write a probe as a packed one; a run that was stopped goes on after its last finished shard.

    Args:
        probe: what to pack.
        out: the folder; made whole under the name OUT.partial, and then renamed.
        made_from: what the probe was made from, kept in the header.
        check: is given the pixels of each label by name (of label 0 under the empty name), and may refuse.
        shard_images: images a shard, at least 1.
        progress: called with the number of images done and of all.

    Raises:
        DataError: the probe has a damaged file, `out` is in use, or `check` refuses.
    """
    out = Path(out)
    refuse_in_use(out)
    partial = out.with_name(f"{out.name}.partial")
    seen = probe.stamp if isinstance(probe, Broden) else probe.digest  # a file that was replaced is noticed
    key = {"format": FORMAT, "probe": seen, "num_images": len(probe), "shard_images": shard_images}
    _begin(partial, key)
    size = len(probe)
    ranges = [range(k, min(k + shard_images, size)) for k in range(0, size, shard_images)]
    for number, images in enumerate(ranges):
        folder = partial / f"shard-{number:05d}"
        if not folder.is_dir():
            with writing_folder(folder) as temporary:
                _write_shard(probe, images, temporary)
        if progress is not None:
            progress(images.stop, size)
    shards = [_facts(partial / f"shard-{number:05d}", len(images)) for number, images in enumerate(ranges)]
    totals = _totals(probe, partial, len(ranges))
    if check is not None:
        check(totals)
    _write_tables(probe, partial)
    tables = {name: file_digest(partial / name) for name in ("concepts.parquet", "images.parquet")}
    content = json.dumps([FORMAT, [shard["digests"] for shard in shards], tables, probe.categories])
    height, width = probe.pictures([0]).shape[2:]
    header = {
        "format": FORMAT,
        "kind": "probe",
        "name": probe.name,
        "num_images": size,
        "picture_shape": (height, width),
        "plane_shape": probe.plane_shape,
        "categories": probe.categories,
        "made_from": dict(made_from or {}),
        "made_by": {"kdissect": __version__},
        "digest": hashlib.sha256(content.encode()).hexdigest(),
        "shards": shards,
    }
    write_text(partial / HEADER, json.dumps(header, indent=1))
    (partial / MARKER).unlink()
    if out.exists():
        out.rmdir()
    partial.rename(out)
    return out


def refuse_in_use(out: Path) -> None:
    """A folder for a result must be new or empty.

    Raises:
        DataError: it is not.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"{out} is not empty; choose another folder (nothing was changed)")


def _begin(partial: Path, key: Mapping[str, Any]) -> None:
    """An empty folder, or the one of the same work."""
    marker, text = partial / MARKER, json.dumps(key)
    if marker.is_file() and marker.read_text(encoding="utf-8") != text:
        shutil.rmtree(partial)  # of another version of the probe
    elif partial.exists() and not marker.is_file() and any(partial.iterdir()):
        raise DataError(f"{partial} holds something else than an unfinished probe; move it away")
    partial.mkdir(parents=True, exist_ok=True)
    for left in partial.glob(".writing-*"):
        shutil.rmtree(left, ignore_errors=True)
    write_text(marker, text)


def _write_shard(probe: Probe, images: range, folder: Path) -> None:
    """Pictures and labels of some images as arrays."""
    shape = probe.pictures([images[0]]).shape
    pictures = np.lib.format.open_memmap(folder / "pictures.npy", "w+", np.uint8, (len(images), shape[2], shape[3], 3))
    for k in range(0, len(images), 64):
        found = probe.pictures(images[k : k + 64])
        pictures[k : k + len(found)] = found.permute(0, 2, 3, 1).numpy()
    pictures.flush()
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        notes = list(pool.map(lambda image: _note(probe, image), images))
    runs = [run for _, run in notes]
    arrays = {
        "plane_starts": _starts([len(run.starts) - 1 for run in runs]),
        "plane_categories": np.concatenate([note[0] for note, _ in notes]),
        "run_starts": _starts(np.concatenate([np.diff(run.starts) for run in runs])),
        "run_labels": np.concatenate([run.labels for run in runs]),
        "run_lengths": np.concatenate([run.lengths for run in runs]),
        "scalar_starts": _starts([len(note[1]) for note, _ in notes]),
        "scalars": np.concatenate([note[1] for note, _ in notes]),
        "scalar_categories": np.concatenate([note[2] for note, _ in notes]),
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def _note(probe: Probe, image: int) -> tuple[tuple[Any, Any, Any], Runs]:
    note = probe.annotation(image)
    return (note.plane_categories, note.scalars, note.scalar_categories), Runs.of(note.planes)


def _starts(counts: Any) -> Any:
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)


def _facts(folder: Path, num_images: int) -> dict[str, Any]:
    files = sorted(folder.iterdir())
    return {
        "num_images": num_images,
        "bytes": {path.name: path.stat().st_size for path in files},
        "digests": {path.name: file_digest(path) for path in files},
    }


def _totals(probe: Probe, partial: Path, num_shards: int) -> dict[str, int]:
    """Pixels of each label; a whole-image label has those of the whole image."""
    totals = np.zeros(len(probe.primary), np.int64)
    pixels = probe.plane_shape[0] * probe.plane_shape[1]
    for number in range(num_shards):
        folder = partial / f"shard-{number:05d}"
        labels, lengths, scalars = (np.load(folder / f"{n}.npy") for n in ("run_labels", "run_lengths", "scalars"))
        kept = labels != 0
        totals += np.bincount(labels[kept], lengths[kept], len(totals)).astype(np.int64)
        totals += np.bincount(scalars.astype(np.int64), minlength=len(totals)) * pixels
    return {concept.name: int(total) for concept, total in zip(probe.concepts, totals, strict=True)}


def _write_tables(probe: Probe, folder: Path) -> None:
    names = [probe.image_name(k) for k in range(len(probe))]
    pq.write_table(pa.table({"name": names, "source": probe.sources}), folder / "images.parquet")
    concepts = {
        "number": [concept.number for concept in probe.concepts],
        "name": [concept.name for concept in probe.concepts],
        "categories": pa.array([list(concept.categories) for concept in probe.concepts], pa.list_(pa.string())),
        "primary": probe.primary,
    }
    pq.write_table(pa.table(concepts), folder / "concepts.parquet")
