"""Broden's directory format, of the real data set and of Brodenette."""

import hashlib
import json
import os
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from kdissect.data.broden_tables import Row, read_categories, read_concepts, read_index, read_primary
from kdissect.data.probe import Annotation, Concept, Probe
from kdissect.data.runs import Runs
from kdissect.errors import DataError, SpecError
from kdissect.types import Pictures

_DAMAGE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises on a bad file


class Broden(Probe):
    """A probe in a folder of Broden's format.

    The folder has `index.csv`, `label.csv`, `category.csv`, one `c_<category>.csv` a category, and
    `images/`. A label PNG holds R + 256 G, the number of `label.csv`; 0 is "no label". Images without
    an entry in a wanted category are left out. Label maps are decoded once and then kept in memory as runs of
    equal labels.

    Args:
        path: the folder.
        categories: those to use, all if None; the order stays that of `category.csv`.
        size: height and width of the pictures, or one number for both; images of another size are
            resized when they are read (bilinear, antialiased). None: the size that `index.csv` says.
            Label maps keep their own size.
        name: what reports call the probe; the folder's name if None.

    Raises:
        DataError: a file is missing or damaged, a path leaves the folder, or the tables disagree.
        SpecError: a category is not in the folder.

    Source: Bau et al. 2017, "Network Dissection"; the files of broden1_224.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        categories: Sequence[str] | None = None,
        size: int | tuple[int, int] | None = None,
        name: str | None = None,
    ) -> None:
        self.path = Path(path)
        if not self.path.is_dir():
            raise DataError(f"{self.path} is no folder, expected one in Broden's format with an index.csv")
        self._name = name or self.path.resolve().name
        self._categories = read_categories(self.path, None if categories is None else tuple(categories))
        self._concepts = read_concepts(self.path)
        self._primary = read_primary(self.path, self._categories, len(self._concepts))
        self._index = read_index(self.path, self._categories, len(self._concepts))
        self._rows = self._index.rows
        self._shape = (size, size) if isinstance(size, int) else size or self._index.picture_shape
        if size is not None and min(self._shape) < 1:
            raise SpecError(f"size must be 1 pixel or more, got {size}")
        if min(self._shape) < 1:
            raise DataError(f"{self.path / 'index.csv'} has images of several sizes; choose one with size=")
        self._digest, self._stamp = self._look()
        self._runs: list[Runs | None] = [None] * len(self._rows)

    @property
    def name(self) -> str:
        """What reports call the probe."""
        return self._name

    @property
    def digest(self) -> str:
        """SHA-256 of the tables' content, of every file's path and size, and of the options."""
        return self._digest

    @property
    def stamp(self) -> str:
        """SHA-256 that also has when each file was written: it changes when a file does, and when a copy is made."""
        return self._stamp

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories, in the order of `category.csv`."""
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
        """Height and width of every label map (112 and 112 in Broden 224)."""
        return self._index.plane_shape

    @property
    def sources(self) -> tuple[str, ...]:
        """The first folder of each image's path, as `ade20k` or `dtd`; the probe's name for images without one."""
        paths = (row.image.split("/") for row in self._rows)
        return tuple(parts[0] if len(parts) > 1 else self._name for parts in paths)

    def __len__(self) -> int:
        """Number of images."""
        return len(self._rows)

    def image_name(self, index: int) -> str:
        """The image's path in `images/`."""
        return self._rows[index].image

    def pictures(self, indices: Sequence[int]) -> Pictures:
        """The images `(b 3 h w)`, RGB, 0 to 255.

        Raises:
            DataError: a file is damaged.
        """
        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            pictures = list(pool.map(self._picture, indices))
        return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).contiguous()

    def annotation(self, index: int) -> Annotation:
        """The labels of one image.

        Raises:
            DataError: a label PNG is damaged, has another size, or a number that is not in `label.csv`.
        """
        row, runs = self._rows[index], self._runs[index]
        if runs is None:
            decoded = [self._plane(row, path) for _, path in row.planes]
            planes = np.stack(decoded) if decoded else np.empty((0, *self.plane_shape), np.int16)
            self._runs[index] = Runs.of(planes)
        else:
            planes = runs.planes(self.plane_shape)
        return Annotation(
            planes,
            np.array([category for category, _ in row.planes], np.int64),
            np.array([number for _, number in row.scalars], np.int64),
            np.array([category for category, _ in row.scalars], np.int64),
        )

    def _picture(self, index: int) -> NDArray[np.uint8]:
        row, (height, width) = self._rows[index], self._shape
        try:
            with Image.open(self.path / "images" / row.image) as file:
                picture = file.convert("RGB")
        except _DAMAGE as error:
            raise DataError(self._damaged(row, row.image, error)) from None
        if picture.size != (width, height):
            picture = picture.resize((width, height), Image.Resampling.BILINEAR)
        return np.asarray(picture)

    def _plane(self, row: Row, path: str) -> NDArray[np.int16]:
        try:
            with Image.open(self.path / "images" / path) as file:
                if file.mode not in ("RGB", "RGBA", "P"):
                    raise ValueError(f"mode {file.mode}, expected RGB")
                pixels = np.asarray(file if file.mode != "P" else file.convert("RGB"))
        except _DAMAGE as error:
            raise DataError(self._damaged(row, path, error)) from None
        if pixels.shape[:2] != self.plane_shape:
            raise DataError(
                f"images/{path} (index.csv line {row.line}) has size {pixels.shape[:2]}, expected {self.plane_shape} "
                "as the index says; label maps of all images must have one size"
            )
        numbers = pixels[:, :, 0] | (pixels[:, :, 1].astype(np.uint16) << 8)
        if (largest := int(numbers.max(initial=0))) >= len(self._concepts):
            raise DataError(
                f"images/{path} (index.csv line {row.line}) has label number {largest}, label.csv has 1 to "
                f"{len(self._concepts) - 1}; are the two of one data set?"
            )
        plane: NDArray[np.int16] = numbers.astype(np.int16)
        return plane

    def _damaged(self, row: Row, path: str, error: BaseException) -> str:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return f"{self.path / 'images' / path} (index.csv line {row.line}) is damaged ({reason}); unpack it again"

    def _look(self) -> tuple[str, str]:
        """Digest and stamp of the probe; on the way every file is seen to be there, and inside the folder."""
        tables = ("index.csv", "label.csv", "category.csv", *(f"c_{name}.csv" for name in self._categories))
        options = {
            "format": "broden/1",
            "tables": [hashlib.sha256((self.path / table).read_bytes()).hexdigest() for table in tables],
            "categories": self._categories,
            "shape": self._shape,
        }
        seen = hashlib.sha256(json.dumps(options).encode())
        times = hashlib.sha256()
        images = Path(os.path.realpath(self.path / "images"))
        homes: dict[str, bool] = {}  # folder -> it lies in images/, links resolved
        for row in self._rows:
            for path in (row.image, *(path for _, path in row.planes)):
                size, written = self._inside(images, row, path, homes)
                seen.update(f"{path}\0{size}\n".encode())
                times.update(written.to_bytes(8, "little", signed=True))
        return seen.hexdigest(), hashlib.sha256(seen.digest() + times.digest()).hexdigest()

    def _inside(self, images: Path, row: Row, path: str, homes: dict[str, bool]) -> tuple[int, int]:
        """Size of a file that lies in the folder, and when it was written."""
        where = f"{self.path / 'index.csv'} line {row.line}"
        file = images / path
        home = os.path.dirname(path)  # noqa: PTH120 - a Path for each of 200,000 files takes seconds
        try:
            found = file.lstat()
            if stat.S_ISLNK(found.st_mode):
                inside, found = file.resolve(strict=True).is_relative_to(images), file.stat()
            else:
                if home not in homes:
                    homes[home] = (images / home).resolve(strict=True).is_relative_to(images)
                inside = homes[home]
        except OSError:
            raise DataError(f"{where}: {file} is missing; unpack the data set again") from None
        if not inside:
            raise DataError(f"{where}: {path!r} is a link that leaves the folder images/; correct the row")
        if not stat.S_ISREG(found.st_mode):
            raise DataError(f"{where}: {file} is no file; correct the row")
        return found.st_size, found.st_mtime_ns
