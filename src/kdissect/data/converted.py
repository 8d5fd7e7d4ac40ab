"""Converted probes: images and labels of other data sets, brought to one size."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from kdissect.data.probe import Annotation, Concept, Probe
from kdissect.errors import DataError, SpecError
from kdissect.types import Pictures

Mask = NDArray[np.bool_]
DAMAGE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises on a bad file
MOST_PLANES = 4


@dataclass(frozen=True)
class Item:
    """An image.

    Attributes:
        name: what messages call it.
        path: its file.
        source: of which collection it is.
        files: other files that decide its labels.
    """

    name: str
    path: Path
    source: str
    files: tuple[Path, ...] = ()


@dataclass
class Labels:
    """What is known of an image, in the size of the file.

    Attributes:
        masks: category, name and pixels of each thing `(h w)`. Things may overlap.
        whole: category and name of what holds for the whole image.
    """

    masks: list[tuple[str, str, Mask]] = field(default_factory=list)
    whole: list[tuple[str, str]] = field(default_factory=list)


class ConvertedProbe(Probe):
    """A probe from images and masks of any size.

    Names are numbered by falling number of images that have them, then by name. A name that occurs in two categories is
    two concepts. Things of one name are joined; names that overlap in a category go to further label maps, the larger
    first, and what does not fit into the fourth lies on top of it. Pictures are resized (bilinear, antialiased), label
    maps by the nearest pixel; proportions are not kept, as in Broden.

    Args:
        name: what reports call the probe.
        kind: of converter, and its options; part of the digest.
        categories: in order; those without a name are left out.
        items: the images; those without a label are left out.
        labels: the labels of an item.
        size: height and width of the pictures.
        label_size: height and width of the label maps.
        min_frequency: names that fewer images have are left out; Broden has 10.

    Raises:
        DataError: a file is missing or damaged, or no label is left.
        SpecError: a size is below 1.
    """

    def __init__(
        self,
        name: str,
        kind: str,
        categories: Sequence[str],
        items: Sequence[Item],
        labels: Callable[[Item], Labels],
        *,
        size: int = 224,
        label_size: int = 112,
        min_frequency: int = 1,
    ) -> None:
        if min(size, label_size, min_frequency) < 1:
            raise SpecError("size, label_size and min_frequency must be 1 or more")
        self._name, self._labels = name, labels
        self._size, self._label_size = size, label_size
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            found = list(pool.map(self._names_of, items))
        times = Counter(pair for names in found for pair in names)
        kept = [pair for pair in times if times[pair] >= min_frequency]
        kept.sort(key=lambda pair: (-times[pair], pair[1], categories.index(pair[0])))
        self._items = [item for item, names in zip(items, found, strict=True) if not names.isdisjoint(kept)]
        if not self._items:
            raise DataError(
                f"{name}: no image has a label (of at least {min_frequency} images); is it the right folder?"
            )
        if len(kept) >= 2**15:
            raise DataError(f"{name} has {len(kept)} concepts, label maps hold {2**15 - 1}; raise min_frequency")
        present = {category for category, _ in kept}
        self._categories = tuple(category for category in categories if category in present)
        self._numbers = {pair: number for number, pair in enumerate(kept, start=1)}
        self._concepts = (
            Concept(0, "", ()),
            *(Concept(number, pair[1], (pair[0],)) for pair, number in self._numbers.items()),
        )
        last = len(self._categories) - 1
        self._primary = np.array([last, *(self._categories.index(category) for category, _ in kept)], np.int64)
        self._digest = self._look(kind)

    @property
    def name(self) -> str:
        """What reports call the probe."""
        return self._name

    @property
    def digest(self) -> str:
        """SHA-256 of the options, the concepts, and every file's path, size and time of writing."""
        return self._digest

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that have a concept."""
        return self._categories

    @property
    def concepts(self) -> tuple[Concept, ...]:
        """The concept of each label number, `(q,)`, number 0 first."""
        return self._concepts

    @property
    def primary(self) -> NDArray[np.int64]:
        """Each label's only category, an index into `categories`; number 0 goes to the last."""
        return self._primary

    @property
    def plane_shape(self) -> tuple[int, int]:
        """Height and width of every label map."""
        return self._label_size, self._label_size

    @property
    def sources(self) -> tuple[str, ...]:
        """Of which collection each image is `(b,)`."""
        return tuple(item.source for item in self._items)

    def __len__(self) -> int:
        """Number of images."""
        return len(self._items)

    def image_name(self, index: int) -> str:
        """The image's name."""
        return self._items[index].name

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
            DataError: a file is damaged.
        """
        labels = self._labels(self._items[index])
        planes: list[NDArray[np.int16]] = []
        kinds: list[int] = []
        for number, category in enumerate(self._categories):
            joined: dict[int, Mask] = {}  # things of one name are one: a pixel has a label once
            for kind, name, mask in labels.masks:
                if kind == category and (label := self._numbers.get((category, name))):
                    small = self._small(mask)
                    joined[label] = joined[label] | small if label in joined else small
            found = stack(list(joined.items()), self.plane_shape)
            planes += found
            kinds += [number] * len(found)
        whole = [self._numbers[pair] for pair in dict.fromkeys(labels.whole) if pair in self._numbers]
        return Annotation(
            np.stack(planes) if planes else np.empty((0, *self.plane_shape), np.int16),
            np.array(kinds, np.int64),
            np.array(whole, np.int64),
            self._primary[np.array(whole, np.int64)],
        )

    def _names_of(self, item: Item) -> set[tuple[str, str]]:
        """Categories and names of all that an image shows at the size of the label maps."""
        labels = self._labels(item)
        shown = {(category, name) for category, name, mask in labels.masks if self._small(mask).any()}
        return shown | set(labels.whole)

    def _small(self, mask: Mask) -> Mask:
        if min(mask.shape) < 1:
            raise ValueError(f"a mask of {mask.shape[0]} x {mask.shape[1]} pixels")
        rows, columns = ((np.arange(self._label_size) + 0.5) * side / self._label_size for side in mask.shape)
        small: Mask = mask[np.ix_(rows.astype(int), columns.astype(int))]
        return small

    def _picture(self, index: int) -> NDArray[np.uint8]:
        item = self._items[index]
        try:
            with Image.open(item.path) as file:
                picture = file.convert("RGB").resize((self._size, self._size), Image.Resampling.BILINEAR)
        except DAMAGE as error:
            raise DataError(damaged(item.path, error)) from None
        return np.asarray(picture)

    def _look(self, kind: str) -> str:
        names = [[concept.name, concept.categories] for concept in self._concepts]
        facts = ["converted/1", kind, self._size, self._label_size, self._categories, names]
        seen = hashlib.sha256(json.dumps(facts).encode())
        for item in self._items:
            for path in (item.path, *item.files):
                found = path.stat()
                seen.update(f"{item.name}\0{path.name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
        return seen.hexdigest()


def stack(things: Sequence[tuple[int, Mask]], shape: tuple[int, int]) -> list[NDArray[np.int16]]:
    """Label maps of things that may overlap: each goes to the first map where it covers nothing, the larger first."""
    planes: list[NDArray[np.int16]] = []
    for number, mask in sorted(things, key=lambda thing: -int(thing[1].sum())):
        if not mask.any():
            continue
        free = next((plane for plane in planes if not plane[mask].any()), None)
        if free is None:
            if len(planes) < MOST_PLANES:
                planes.append(np.zeros(shape, np.int16))
            free = planes[-1]
        free[mask] = number
    return planes


def read_mask(path: Path) -> Mask:
    """A mask image: true where any channel is not 0.

    Raises:
        DataError: the file is damaged.
    """
    pixels = read_pixels(path)
    mask: Mask = pixels != 0 if pixels.ndim == 2 else (pixels[:, :, :3] != 0).any(axis=2)
    return mask


def read_pixels(path: Path) -> NDArray[np.generic]:
    """The pixels of an image as they are stored.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        with Image.open(path) as file:
            return np.asarray(file)
    except DAMAGE as error:
        raise DataError(damaged(path, error)) from None


def picture_shape(path: Path) -> tuple[int, int]:
    """Height and width of an image file.

    Raises:
        DataError: the file is missing or damaged.
    """
    try:
        with Image.open(path) as file:
            return file.height, file.width
    except DAMAGE as error:
        raise DataError(damaged(path, error)) from None


def damaged(path: Path, error: BaseException) -> str:
    """What to say of a file that cannot be read."""
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return f"{path} is missing or damaged ({reason}); restore it"
