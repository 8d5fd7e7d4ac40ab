"""Writing a probe: drawn images and their labels in Broden's directory format."""

import csv
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kdissect.data.brodenette.atlas import CATEGORIES
from kdissect.data.brodenette.drawing import Drawing, default_threads, draw
from kdissect.data.brodenette.world import World
from kdissect.errors import DataError, SpecError

SOURCE = "brodenette"
_CHUNK = 64


def write_probe(
    world: World, folder: Path | str, num_images: int, *, split: str = "probe", num_threads: int | None = None
) -> None:
    """Draw `num_images` images and write them with their labels as a Broden directory.

    The folder appears when it is complete. Every label of the world is listed; frequency (images) and
    coverage (sum over images of the share of cells) are counted. Scenes are whole-image numbers, `part`
    has up to three planes (parts; parts of parts; varieties), and a plane without a label is left out.

    Args:
        world: the world.
        folder: where to; it must not exist, or be empty.
        num_images: how many images, from index 0 on.
        split: the set of images, and what the `split` column says.
        num_threads: threads to use; as many as there are cores if left out.

    Raises:
        SpecError: `num_images` is below 1.
        DataError: the folder has something in it.
    """
    folder = Path(folder)
    if num_images < 1:
        raise SpecError(f"num_images must be at least 1, got {num_images}")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError(f"expected no folder or an empty one, {folder} has something in it; choose another")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(world, draft, num_images, split, num_threads or default_threads())
        draft.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _write(world: World, draft: Path, num_images: int, split: str, threads: int) -> None:
    (draft / "images" / SOURCE).mkdir(parents=True)
    frequency = np.zeros(len(world.labels) + 1, np.int64)
    coverage = np.zeros(len(world.labels) + 1)
    rows: list[list[object]] = []
    with ThreadPoolExecutor(threads) as pool:
        for first in range(0, num_images, _CHUNK):
            indices = np.arange(first, min(first + _CHUNK, num_images))
            drawing = draw(world, split, indices, num_threads=threads)
            numbers = range(len(indices))
            rows += pool.map(lambda i: _write_image(draft, drawing, i, first + i, split), numbers)  # noqa: B023 - done within the turn
            for i in numbers:
                _count(drawing, i, frequency, coverage)
    header = ["image", "split", "ih", "iw", "sh", "sw", *CATEGORIES]
    _write_csv(draft / "index.csv", header, rows)
    _write_tables(draft, world, frequency, coverage)


def _write_image(draft: Path, drawing: Drawing, i: int, number: int, split: str) -> list[object]:
    """Write one image with its label maps; its row of `index.csv`."""
    stem = f"{SOURCE}/{number:06d}"
    images = draft / "images"
    size, half = drawing.images.shape[2], drawing.color.shape[1]
    Image.fromarray(np.ascontiguousarray(drawing.images[i].transpose(1, 2, 0))).save(
        images / f"{stem}.png", compress_level=1
    )
    cells = {"scene": str(drawing.scene[i])}
    for category in ("color", "object", "material", "texture"):
        path = f"{stem}_{category}.png"
        plane = getattr(drawing, category)[i]
        cells[category] = path if plane.any() else ""
        if plane.any():
            _write_plane(images / path, plane)
    parts = []
    for k, plane in enumerate(drawing.part[i]):
        if plane.any():
            parts.append(f"{stem}_part_{k + 1}.png")
            _write_plane(images / parts[-1], plane)
    cells["part"] = ";".join(parts)
    return [f"{stem}.png", split, size, size, half, half, *(cells[category] for category in CATEGORIES)]


def _write_plane(path: Path, plane: NDArray[np.int16]) -> None:
    """A label map: red + 256 * green is the label's number."""
    pixels = np.zeros((*plane.shape, 3), np.uint8)
    pixels[..., 0], pixels[..., 1] = plane & 255, plane >> 8
    Image.fromarray(pixels).save(path, compress_level=1)


def _count(drawing: Drawing, i: int, frequency: NDArray[np.int64], coverage: NDArray[np.float64]) -> None:
    """Add one image to the number of images and to the covered share of every label."""
    planes = [drawing.color[i], drawing.object[i], drawing.material[i], drawing.texture[i], *drawing.part[i]]
    cells = np.bincount(np.stack(planes).ravel(), minlength=len(frequency))
    cells[drawing.scene[i]] = drawing.color[i].size
    cells[0] = 0
    frequency += cells > 0
    coverage += cells / drawing.color[i].size


def _write_tables(draft: Path, world: World, frequency: NDArray[np.int64], coverage: NDArray[np.float64]) -> None:
    """label.csv, category.csv and a c_<category>.csv for each category."""
    labels = world.labels
    _write_csv(
        draft / "label.csv",
        ["number", "name", "category", "frequency", "coverage", "syns"],
        [
            [n, name, f"{category}({frequency[n]})", frequency[n], f"{coverage[n]:.6f}", ""]
            for n, name, category in labels
        ],
    )
    summary = []
    for category in CATEGORIES:
        own = [label for label in labels if label.category == category]
        total = sum(int(frequency[label.number]) for label in own)
        summary.append([category, own[0].number, own[-1].number, len(own), total])
        table = [
            [code + 1, label.number, label.name, frequency[label.number], f"{coverage[label.number]:.6f}"]
            for code, label in enumerate(own)
        ]
        _write_csv(draft / f"c_{category}.csv", ["code", "number", "name", "frequency", "coverage"], table)
    _write_csv(draft / "category.csv", ["name", "first", "last", "count", "frequency"], summary)


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
