"""Images in folders, one a class."""

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
import yaml
from PIL import Image, UnidentifiedImageError
from pydantic import Field
from torch import Tensor

from kdissect.data.class_tree import ClassTree
from kdissect.data.dataset import Dataset, Split, SplitName
from kdissect.errors import DataError, SpecError

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp")
GROUPS = "groups.yaml"
_VERSION = 1
"""Raised when the same files give other pictures."""


@final
class ImageFolder(Dataset):
    """A folder of images: `train/CLASS/*.jpg`, `val/CLASS/*.jpg` and, if there is one, `test/CLASS/*.jpg`.

    Pictures are brought to one size once (short side to 256/224 of it from 128 px on, then the middle) and kept as
    one file a split, which is mapped into memory, so that a split need not fit into it. Random crops are made from that
    by the recipe's augmentation. Without a test split the val split is given for it.

    Classes are numbered in the order of their sorted names, as in torchvision: the outputs of published networks fit.

    Attributes:
        path: the folder. A `groups.yaml` in it maps names of coarse groups to lists of classes; without it every
            class is a group of its own.
        size: side of the pictures, pixels.
        masks: a folder with `SPLIT/CLASS/NAME.png` for every picture `SPLIT/CLASS/NAME.*` of the test split: of the
            picture's size, not 0 where the object of its class is visible. None if there are none.
        parts: such a folder, not 0 where the part is visible that tells the class from its like. None if there is none.
    """

    path: str
    size: int = Field(default=224, ge=8)
    masks: str | None = None
    parts: str | None = None

    @property
    def title(self) -> str:
        """The folder's name, number of images and side."""
        return f"{Path(self.path).name}, {len(self._files('train')):,} training images of {self.size} px"

    @cached_property
    def class_tree(self) -> ClassTree:
        """The groups of `groups.yaml`, or each class alone.

        Raises:
            DataError: there is no such folder or class.
        """
        root = Path(self.path)
        if not (root / "train").is_dir() or not (root / "val").is_dir():
            raise DataError(f"expected folders train and val with one folder a class, got {root}; make them")
        classes = _classes(root / "train")
        for split in ("val", "test"):
            if (root / split).is_dir() and (other := set(_classes(root / split)) ^ set(classes)):
                raise DataError(f"train and {split} need the same classes; in one only: {', '.join(sorted(other))}")
        path = root / GROUPS
        if not path.is_file():
            return ClassTree(groups=tuple((name, (name,)) for name in classes))
        try:
            groups = yaml.safe_load(path.read_text(encoding="utf-8"))
            named = tuple((str(name), tuple(map(str, members))) for name, members in groups.items())
            tree = ClassTree(groups=named)
        except (yaml.YAMLError, AttributeError, TypeError, SpecError) as error:
            raise DataError(f"{path} must map names of groups to lists of classes ({error})") from None
        if odd := set(tree.classes) ^ set(classes):
            raise DataError(f"{path} must name every class once; unknown or missing: {', '.join(sorted(odd))}")
        return ClassTree(groups=named, order=tuple(classes))

    def split(self, name: SplitName) -> Split:
        """The pictures of a split, from the file made at the first call.

        Raises:
            DataError: a file is missing or no image; names it.
        """
        name = "val" if name == "test" and not (Path(self.path) / "test").is_dir() else name
        files = self._files(name)
        numbers = {own: number for number, own in enumerate(self.class_tree.classes)}
        labels = [numbers[path.parent.name] for path in files]
        packed = self._packed(name, files)
        # Copy on write: torch has no read-only tensors, and nothing may ever reach the file.
        pictures = np.load(packed, mmap_mode="c", allow_pickle=False)
        return Split(torch.from_numpy(pictures), torch.tensor(labels, dtype=torch.int64))

    @property
    def has_objects(self) -> bool:
        """Whether a folder of masks was named."""
        return self.masks is not None

    def objects(self, name: SplitName) -> Tensor:
        """The masks of a split, cut as its pictures are, `(b h w)` bool.

        Raises:
            SpecError: no folder of masks was named.
            DataError: a mask is missing, no image, or of another size than its picture; names it.
        """
        return super().objects(name) if self.masks is None else self._read_masks(Path(self.masks), name)

    @property
    def has_features(self) -> bool:
        """Whether a folder of parts was named."""
        return self.parts is not None

    def features(self, name: SplitName) -> Tensor:
        """The masks of the telling parts, as `objects`.

        Raises:
            SpecError: no folder of parts was named.
            DataError: as `objects`.
        """
        return super().features(name) if self.parts is None else self._read_masks(Path(self.parts), name)

    def _read_masks(self, root: Path, name: SplitName) -> Tensor:
        name = "val" if name == "test" and not (Path(self.path) / "test").is_dir() else name
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            found = pool.map(lambda path: self._mask(root, path), self._files(name))
            return torch.from_numpy(np.stack(list(found)))

    def _mask(self, root: Path, path: Path) -> np.ndarray[Any, Any]:
        """The mask of one picture, `(size size)` bool."""
        mask = root / path.relative_to(self.path).with_suffix(".png")
        if not mask.is_file():
            raise DataError(f"expected a mask for {path}, there is no {mask}; add it, or measure without masks")
        try:
            with Image.open(path) as image, Image.open(mask) as found:
                picture = image.size
                gray = found.convert("L") if found.mode not in ("L", "1", "P", "I", "I;16") else found
                values = np.asarray(gray) != 0
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise DataError(f"{mask} is no image that can be read ({error}); replace it") from None
        if values.shape[::-1] != picture:
            raise DataError(f"{mask} must be of its picture's size {picture}, got {values.shape[::-1]}")
        cut: np.ndarray[Any, Any] = self._cut(Image.fromarray(values.astype(np.uint8)), Image.Resampling.NEAREST) != 0
        return cut

    def identity(self) -> dict[str, Any]:
        """The spec, and a digest of the files' names, sizes and times."""
        listing = [self._listing(name) for name in ("train", "val", "test") if (Path(self.path) / name).is_dir()]
        groups = self.class_tree.model_dump(mode="json", exclude_defaults=True)
        for root in (self.masks, self.parts):
            there = sorted(Path(root).rglob("*.png")) if root is not None else []
            listing.append([(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in there])
        text = json.dumps([listing, groups], sort_keys=True)
        return {**self.model_dump(mode="json"), "files": hashlib.sha256(text.encode()).hexdigest()}

    def _files(self, name: str) -> list[Path]:
        folder = Path(self.path) / name
        found = [
            path
            for own in self.class_tree.classes
            for path in sorted((folder / own).iterdir())
            if path.suffix.lower() in ENDINGS and path.is_file()
        ]
        if empty := set(self.class_tree.classes) - {path.parent.name for path in found}:
            raise DataError(f"every class needs images ({', '.join(ENDINGS)}); {name} has none of {sorted(empty)[0]}")
        return found

    def _listing(self, name: str) -> list[tuple[str, int, int]]:
        facts = ((path, path.stat()) for path in self._files(name))
        return [(f"{path.parent.name}/{path.name}", fact.st_size, fact.st_mtime_ns) for path, fact in facts]

    def _packed(self, name: str, files: list[Path]) -> Path:
        """The file of a split's pictures, made if it is not there."""
        text = json.dumps([_VERSION, self.size, self._listing(name)])
        file = f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.npy"
        places = [Path(self.path) / ".kdissect", Path.home() / ".cache" / "kdissect"]
        for place in places:
            if (place / file).is_file():
                return place / file
        for place in places:
            try:
                place.mkdir(parents=True, exist_ok=True)
                if os.access(place, os.W_OK):
                    return self._pack(place / file, files)
            except PermissionError:
                continue
        raise DataError(f"cannot keep the pictures: neither {places[0]} nor {places[1]} can be written")

    def _pack(self, path: Path, files: list[Path]) -> Path:
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        pictures = np.lib.format.open_memmap(
            temporary, mode="w+", dtype=np.uint8, shape=(len(files), 3, self.size, self.size)
        )
        try:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                for k, picture in enumerate(pool.map(self._read, files)):
                    pictures[k] = picture
            pictures.flush()
            del pictures
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
        return path

    def _read(self, path: Path) -> np.ndarray[Any, Any]:
        """One picture, `(3 size size)` uint8."""
        try:
            with Image.open(path) as image:
                image.draft("RGB", (2 * self.size, 2 * self.size))
                rgb = image.convert("RGB")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
            raise DataError(f"{path} is no image that can be read ({error}); replace or remove it") from None
        return self._cut(rgb, Image.Resampling.BILINEAR).transpose(2, 0, 1)

    def _cut(self, image: Image.Image, resample: Image.Resampling) -> np.ndarray[Any, Any]:
        """The image with its short side brought to size, then its middle."""
        short = round(self.size * 256 / 224) if self.size >= 128 else self.size
        scale = short / min(image.size)
        image = image.resize(
            (max(short, round(image.width * scale)), max(short, round(image.height * scale))), resample
        )
        left, top = (image.width - self.size) // 2, (image.height - self.size) // 2
        cut: np.ndarray[Any, Any] = np.asarray(image.crop((left, top, left + self.size, top + self.size)))
        return cut


def _classes(folder: Path) -> list[str]:
    names = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if len(names) < 2:
        raise DataError(f"expected two folders of classes or more in {folder}, got {len(names)}")
    return names
