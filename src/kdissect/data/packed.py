"""Packed probes: pictures and label maps in memory-mapped arrays, read at the speed of the disk.

::

    NAME.probe/header.json              format, sizes, categories, what it was made from, digests
    NAME.probe/concepts.parquet         number, name, categories, primary
    NAME.probe/images.parquet           name, source
    NAME.probe/shard-00000/pictures.npy (n h w 3) uint8
    NAME.probe/shard-00000/*.npy        labels of the n images, see `LABELS`
"""

import bisect
import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray
from torch.nn import functional

from kdissect.data.probe import Annotation, Concept, Probe
from kdissect.data.runs import Runs
from kdissect.errors import DataError, SpecError
from kdissect.types import Pictures

FORMAT = 1
HEADER = "header.json"
LABELS = (
    "plane_starts",  # (n + 1,) planes of each image
    "plane_categories",  # (p,) index of the category
    "run_starts",  # (p + 1,) runs of each plane
    "run_labels",  # (r,) int16
    "run_lengths",  # (r,) int32
    "scalar_starts",  # (n + 1,) whole-image labels of each image
    "scalars",  # (s,) label numbers
    "scalar_categories",  # (s,)
)


class PackedProbe(Probe):
    """A probe as `pack` wrote it.

    Nothing is kept in memory but the tables: pictures and labels are read from the disk, or from the system's cache.

    Args:
        path: the folder.
        size: height and width of the pictures, or one number for both; others are resized when they are read
            (bilinear, antialiased). None leaves them. Label maps keep their own size.

    Raises:
        DataError: the folder holds no packed probe, or is incomplete.
        SpecError: the size is below 1.
    """

    def __init__(self, path: Path | str, *, size: int | tuple[int, int] | None = None) -> None:
        self.path = Path(path)
        self.header = read_header(self.path)
        try:
            self._shape: tuple[int, int] = tuple(self.header["picture_shape"])
            self._plane_shape: tuple[int, int] = tuple(self.header["plane_shape"])
            self._categories = tuple(str(name) for name in self.header["categories"])
            shards = self.header["shards"]
            self._starts = [0, *np.cumsum([int(shard["num_images"]) for shard in shards]).tolist()]
            self._digest = str(self.header["digest"])
            self._folders = [self.path / f"shard-{number:05d}" for number in range(len(shards))]
            images, concepts = (
                pq.read_table(self.path / f"{name}.parquet").to_pydict() for name in ("images", "concepts")
            )
            self._names, self._sources = tuple(images["name"]), tuple(images["source"])
            self._concepts = tuple(
                Concept(number, name, tuple(categories))
                for number, name, categories in zip(
                    concepts["number"], concepts["name"], concepts["categories"], strict=True
                )
            )
            self._primary = np.array(concepts["primary"], np.int64)
        except (KeyError, TypeError, ValueError, OSError, pa.ArrowException) as error:
            raise DataError(f"{self.path} is damaged ({type(error).__name__}: {error}); pack the probe again") from None
        if len(self._names) != self._starts[-1]:
            raise DataError(
                f"{self.path} has {self._starts[-1]} images and {len(self._names)} names; pack the probe again"
            )
        self._wanted = (size, size) if isinstance(size, int) else size or self._shape
        if min(self._wanted) < 1:
            raise SpecError(f"size must be 1 pixel or more, got {size}")
        for number, folder in enumerate(self._folders):
            self._check(folder, shards[number])

    @property
    def name(self) -> str:
        """What reports call the probe."""
        return str(self.header["name"])

    @property
    def digest(self) -> str:
        """SHA-256 of all pictures, labels and tables, and of the size that pictures are read in."""
        if self._wanted == self._shape:
            return self._digest
        return hashlib.sha256(f"{self._digest}{self._wanted}".encode()).hexdigest()

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories, in the probe's own order."""
        return self._categories

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """The concept of each label number, `(q,)`, number 0 first."""
        return self._concepts

    @property
    def primary(self) -> NDArray[np.int64]:
        """Primary category of each label number `(q,)`, an index into `categories`."""
        return self._primary

    @property
    def plane_shape(self) -> tuple[int, int]:
        """Height and width of every label map."""
        return self._plane_shape

    @property
    def sources(self) -> tuple[str, ...]:
        """Where each image comes from `(b,)`."""
        return self._sources

    def __len__(self) -> int:
        """Number of images."""
        return len(self._names)

    def image_name(self, index: int) -> str:
        """The image's name in what the probe was made from."""
        name: str = self._names[index]
        return name

    def pictures(self, indices: Sequence[int]) -> Pictures:
        """The images `(b 3 h w)`, RGB, 0 to 255.

        Raises:
            DataError: a file is missing or damaged.
        """
        found = np.empty((len(indices), *self._shape, 3), np.uint8)
        for place, index in enumerate(indices):
            shard, row = self._place(index)
            found[place] = self._arrays[shard]["pictures"][row]
        pictures = torch.from_numpy(found).permute(0, 3, 1, 2)
        if self._wanted != self._shape:
            pictures = functional.interpolate(pictures, self._wanted, mode="bilinear", antialias=True)
        return pictures.contiguous()

    def annotation(self, index: int) -> Annotation:
        """The labels of one image.

        Raises:
            DataError: a file is missing or damaged.
        """
        shard, row = self._place(index)
        arrays = self._arrays[shard]
        first, last = arrays["plane_starts"][row : row + 2]
        begin, end = arrays["scalar_starts"][row : row + 2]
        starts = arrays["run_starts"][first : last + 1]
        runs = slice(starts[0], starts[-1])
        packed = Runs(arrays["run_labels"][runs], arrays["run_lengths"][runs], starts - starts[0])
        try:
            planes = packed.planes(self._plane_shape)
        except ValueError:
            raise DataError(
                f"the labels of {self._names[index]} in {self.path} are damaged; pack the probe again"
            ) from None
        return Annotation(
            planes,
            np.array(arrays["plane_categories"][first:last]),
            np.array(arrays["scalars"][begin:end]),
            np.array(arrays["scalar_categories"][begin:end]),
        )

    @cached_property
    def _arrays(self) -> list[dict[str, NDArray[Any]]]:
        try:
            return [
                # as plain arrays: slices of np.memmap are slow
                {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in ("pictures", *LABELS)}
                for folder in self._folders
            ]
        except (OSError, ValueError) as error:
            raise DataError(f"{self.path} is damaged ({error}); pack the probe again") from None

    def _place(self, index: int) -> tuple[int, int]:
        """Shard and row of an image."""
        if not 0 <= index < len(self._names):
            raise IndexError(f"image {index} of {len(self._names)}")
        shard = bisect.bisect_right(self._starts, index) - 1
        return shard, index - self._starts[shard]

    def _check(self, folder: Path, facts: dict[str, Any]) -> None:
        """Every file must be there in its size."""
        for name, size in facts["bytes"].items():
            path = folder / name
            if not path.is_file() or path.stat().st_size != size:
                raise DataError(f"{path} is missing or not of {size} bytes; pack the probe again")


def read_header(path: Path) -> dict[str, Any]:
    """The header of a packed probe.

    Raises:
        DataError: there is none, or of another format.
    """
    try:
        header = json.loads((path / HEADER).read_text(encoding="utf-8"))
        kind, number = header["kind"], header["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is no packed probe ({error}); `kdissect data` makes one") from None
    if kind != "probe" or number != FORMAT:
        raise DataError(f"{path} is a {kind} of format {number}, expected a probe of format {FORMAT}; pack it again")
    return dict(header)


def verify(path: Path) -> int:
    """Read all of a packed probe and compare it with its digests; the number of files.

    Raises:
        DataError: a file is missing or has other content.
    """
    header, number = read_header(path), 0
    for index, shard in enumerate(header["shards"]):
        for name, digest in shard["digests"].items():
            file = path / f"shard-{index:05d}" / name
            try:
                with file.open("rb") as opened:
                    found = hashlib.file_digest(opened, "sha256").hexdigest()
            except OSError as error:
                raise DataError(f"{file} cannot be read ({error.strerror}); pack the probe again") from None
            if found != digest:
                raise DataError(f"{file} has changed since it was packed; pack the probe again")
            number += 1
    return number
