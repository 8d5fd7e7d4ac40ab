"""What a dissection folder may hold beside its units; whatever is missing is empty."""

import math
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

Fields = Mapping[str, Any]
"""A row of a table by column."""


@dataclass(frozen=True)
class ImageLabels:
    """Which labels the images of the probe have, sparse.

    Attributes:
        starts: labels of the i-th image are those from `starts[i]` to `starts[i + 1]`, `(b + 1,)`.
        labels: label numbers `(l,)`.
        pixels: pixels with that label in the image `(l,)`.
    """

    starts: NDArray[np.int64]
    labels: NDArray[np.int16]
    pixels: NDArray[np.int64]


@dataclass(frozen=True)
class Extras:
    """The optional files of a dissection folder.

    Attributes:
        winners: one row a unit and category for every gate, see ARCHITECTURE.md.
        concepts: one row a label number.
        bootstrap: unit to its row at the dissection's gate.
        chance: unit to its row.
        compositional: unit to its rows, the best first.
        rotation: one row a power and seed.
        images: names of the probe's images.
        image_labels: which labels they have; None if the dissection does not say.
        complaints: one sentence for each file that could not be read.
    """

    winners: tuple[Fields, ...] = ()
    concepts: tuple[Fields, ...] = ()
    bootstrap: Mapping[int, Fields] | None = None
    chance: Mapping[int, Fields] | None = None
    compositional: Mapping[int, tuple[Fields, ...]] | None = None
    rotation: tuple[Fields, ...] = ()
    images: tuple[str, ...] = ()
    image_labels: ImageLabels | None = None
    complaints: tuple[str, ...] = ()


def read_extras(folder: Path, gate: str) -> Extras:
    """Read what there is; a file that is missing is left out, a damaged one is complained about."""
    complaints: list[str] = []

    def rows(name: str, *columns: str) -> tuple[Fields, ...]:
        return read_rows(folder / f"{name}.parquet", columns, complaints)

    bootstrap = {
        int(row["unit"]): row for row in rows("bootstrap", "gate", "unit", "low", "high") if row["gate"] == gate
    }
    chance = {int(row["unit"]): row for row in rows("chance", "unit", "p", "q")}
    compositional: dict[int, list[Fields]] = {}
    for row in sorted(rows("compositional", "unit", "rank", "formula", "iou"), key=lambda row: int(row["rank"])):
        compositional.setdefault(int(row["unit"]), []).append(row)
    images = sorted(rows("images", "index", "name"), key=lambda row: int(row["index"]))
    return Extras(
        winners=rows("winners", "gate", "unit", "category", "label", "name", "iou"),
        concepts=rows("concepts", "number", "name", "category"),
        bootstrap=bootstrap or None,
        chance=chance or None,
        compositional={unit: tuple(own) for unit, own in compositional.items()} or None,
        rotation=rows("rotation", "power", "detectors", "unique_detectors"),
        images=tuple(str(row["name"]) for row in images),
        image_labels=_image_labels(folder / "contributions.npz", complaints),
        complaints=tuple(complaints),
    )


def read_rows(path: Path, columns: tuple[str, ...], complaints: list[str]) -> tuple[Fields, ...]:
    """The rows of a table that has these columns; none if there is no such file, or it cannot be used."""
    if not path.is_file():
        return ()
    try:
        table = pq.read_table(path)
    except (OSError, ValueError, pa.ArrowException) as error:
        complaints.append(f"{path.name} cannot be read ({type(error).__name__}); its numbers are left out.")
        return ()
    missing = [name for name in columns if name not in table.column_names]
    if missing:
        complaints.append(f"{path.name} has no column {', '.join(missing)}; its numbers are left out.")
        return ()
    return tuple(table.to_pylist())


def _image_labels(path: Path, complaints: list[str]) -> ImageLabels | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return ImageLabels(arrays["label_starts"], arrays["image_labels"], arrays["image_pixels"])
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        complaints.append(f"{path.name} cannot be read ({type(error).__name__}); which image holds what is left out.")
        return None


def finite(value: object) -> float | None:
    """The number; None if it is none."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None
