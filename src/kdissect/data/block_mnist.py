"""BlockMNIST: a digit that tells the class, and beside it a block that tells nothing."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, model_validator
from torch import Tensor

from kdissect.data.class_tree import ClassTree
from kdissect.data.dataset import Dataset, Split, SplitName
from kdissect.data.idx import find_idx, read_idx
from kdissect.errors import DataError
from kdissect.seeds import numpy_generator, uniform

SIDE = 28
"""Side of a block, pixels."""
DIGITS = (("round", ("0", "6", "8", "9")), ("straight", ("1", "4", "7")), ("curved", ("2", "3", "5")))
"""Digits that look alike; the groups are ours."""
FASHION = (
    ("tops", ("T-shirt/top", "Pullover", "Coat", "Shirt")),
    ("shoes", ("Sandal", "Sneaker", "Ankle boot")),
    ("others", ("Trouser", "Dress", "Bag")),
)
"""Clothes that look alike; the groups are ours."""
NUMBERED = {
    "digits": tuple("0123456789"),
    "fashion": (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
}  # fmt: skip
"""Names of the labels 0 to 9 of the published files."""
_TEST, _VAL = 400, 200
"""Of scikit-learn's 1,797 digits."""


@final
class BlockMnist(Dataset):
    """Pictures of 56 x 28 px: a signal block with a digit that decides the label, and a null block, one over the other.

    Which block is on top is drawn for each picture. The null block is the same in all of them: a square outline with
    its two diagonals. So it is known where a network could learn something, and where it could not.

    The digits are scikit-learn's (1,797 of 8 x 8, enlarged to 20 x 20; they come with the package, nothing is
    downloaded), 1,197 of them for training, 200 for val and 400 for test; or those of MNIST's files, of which the last
    sixth of the training file is the val split. No digit is in two splits. A split that is larger than its digits shows
    them again with other draws.

    Attributes:
        path: folder with MNIST's or Fashion-MNIST's files as published (`train-images-idx3-ubyte`, with or without
            `.gz`, and the three others); None for scikit-learn's digits.
        content: what the files show, `digits` or `fashion` (clothes); decides the names of the classes.
        top: put the signal block on top in every picture (BlockMNIST-Top).
        shift: largest shift of the digit in its block, to each side, pixels.
        train: number of training images.
        val: number of validation images.
        test: number of test images.
        seed: of order and shift.

    Source: Shah, Jain & Netrapalli 2021, "Do input gradients highlight discriminative features?", arXiv:2102.12781,
        section 4; Xiao et al. 2017, arXiv:1708.07747 (Fashion-MNIST).
    Departs: they published no generator; sizes, the thickness of the lines, and the shift are ours. Grey values stand
        in all three channels.
    """

    path: str | None = None
    content: Literal["digits", "fashion"] = "digits"
    top: bool = False
    shift: int = Field(default=2, ge=0, le=8)
    train: int = Field(default=4800, ge=1)
    val: int = Field(default=200, ge=1)
    test: int = Field(default=400, ge=1)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _clothes_come_from_files(self) -> Self:
        if self.content == "fashion" and self.path is None:
            raise ValueError("fashion needs a path to Fashion-MNIST's files; scikit-learn has digits only")
        return self

    @property
    def class_tree(self) -> ClassTree:
        """Ten classes in three groups that look alike."""
        return ClassTree(groups=DIGITS if self.content == "digits" else FASHION)

    @property
    def title(self) -> str:
        """Name, number of images and size."""
        name = f"BlockMNIST{'-Top' if self.top else ''}"
        return f"{name} ({self.content}), {self.train:,} training images of {2 * SIDE} x {SIDE} px"

    def split(self, name: SplitName) -> Split:
        """The pictures of a split, drawn once in a process.

        Raises:
            DataError: a file is missing or damaged.
        """
        return _drawn(self, name)

    @property
    def has_objects(self) -> bool:
        """BlockMNIST knows its signal block."""
        return True

    def objects(self, name: SplitName) -> Tensor:
        """The signal block, `(b h w)` bool: half of the picture."""
        below = torch.from_numpy(self._below(name))
        rows = torch.arange(2 * SIDE) >= SIDE
        return (rows[None] == below[:, None])[:, :, None].expand(-1, -1, SIDE).clone()

    @property
    def has_nulls(self) -> bool:
        """BlockMNIST knows its null block."""
        return True

    def nulls(self, name: SplitName) -> Tensor:
        """The null block, `(b h w)` bool: the other half of the picture."""
        return ~self.objects(name)

    def identity(self) -> dict[str, Any]:
        """The spec, and a digest of the files' names, sizes and times."""
        if self.path is None:
            return super().identity()
        files = [find_idx(Path(self.path), name) for pair in _FILES.values() for name in pair]
        listing = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return {**super().identity(), "files": hashlib.sha256(json.dumps(listing).encode()).hexdigest()}

    def _number(self, name: SplitName) -> int:
        return {"train": self.train, "val": self.val, "test": self.test}[name]

    def _draws(self, name: SplitName) -> NDArray[np.float64]:
        """Three numbers for each picture: which block is on top, and the shift down and across."""
        indices = np.arange(self._number(name), dtype=np.int64)
        return uniform(self.seed, f"BlockMNIST/{name}", 0, indices, 3)

    def _below(self, name: SplitName) -> NDArray[np.bool_]:
        """Whether the signal block is the lower one, `(b)`."""
        below: NDArray[np.bool_] = (self._draws(name)[:, 0] < 0.5) & (not self.top)
        return below


_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}


def null_block() -> NDArray[np.uint8]:
    """A square outline with its two diagonals, `(28 28)`, lines of two pixels, as large as a digit."""
    block = np.zeros((SIDE, SIDE), dtype=np.uint8)
    low, high = 4, SIDE - 4
    down, across = np.mgrid[low:high, low:high]
    edge = (np.minimum(down, across) < low + 2) | (np.maximum(down, across) >= high - 2)
    diagonal = (np.abs(down - across) <= 1) | (np.abs(down + across - (SIDE - 1)) <= 1)
    block[low:high, low:high] = np.where(edge | diagonal, 255, 0)
    return block


@lru_cache(maxsize=6)
def _drawn(dataset: BlockMnist, name: SplitName) -> Split:
    images, numbers = _pool(dataset.path, name)
    chosen = np.arange(dataset._number(name)) % len(images)
    reach = dataset.shift
    moved = np.floor(dataset._draws(name)[:, 1:] * (2 * reach + 1)).astype(int)
    wide = np.pad(images, ((0, 0), (reach, reach), (reach, reach)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (SIDE, SIDE), axis=(1, 2))
    signal = windows[chosen, moved[:, 0], moved[:, 1]]
    null = np.broadcast_to(null_block(), signal.shape)
    below = dataset._below(name)[:, None, None]
    pictures = np.concatenate([np.where(below, null, signal), np.where(below, signal, null)], axis=1)
    names = NUMBERED[dataset.content]
    places = np.array([dataset.class_tree.classes.index(one) for one in names], dtype=np.int64)
    return Split(torch.from_numpy(np.repeat(pictures[:, None], 3, axis=1)), torch.from_numpy(places[numbers[chosen]]))


@lru_cache(maxsize=3)
def _pool(path: str | None, name: SplitName) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The digits of one split, `(b 28 28)`, and their numbers."""
    if path is None:
        images, numbers = _bundled()
        order = numpy_generator(0, "BlockMNIST digits").permutation(len(images))
        held = {"test": slice(0, _TEST), "val": slice(_TEST, _TEST + _VAL), "train": slice(_TEST + _VAL, None)}
        return images[order[held[name]]], numbers[order[held[name]]]
    names = _FILES["test" if name == "test" else "train"]
    image_path, label_path = (find_idx(Path(path), one) for one in names)
    images, labels = read_idx(image_path, 3), read_idx(label_path, 1)
    if images.shape[1:] != (SIDE, SIDE):
        raise DataError(f"{image_path} must hold images of {SIDE} x {SIDE}, got {images.shape[1]} x {images.shape[2]}")
    if len(images) != len(labels) or len(images) < 6:
        raise DataError(
            f"{image_path} and {label_path} must hold as many images as labels, and 6 or more, "
            f"got {len(images):,} and {len(labels):,}"
        )
    if labels.max() > 9:
        raise DataError(f"{label_path} must hold labels of 0 to 9, got {labels.max()}")
    border = len(images) - len(images) // 6
    rows = {"train": slice(0, border), "val": slice(border, None), "test": slice(None)}[name]
    return images[rows], labels[rows].astype(np.int64)


def _bundled() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """scikit-learn's digits, enlarged to 20 x 20 in the middle of a block."""
    from sklearn.datasets import load_digits

    found = load_digits()
    small = torch.from_numpy(found.images.astype(np.float32) * (255 / 16))[:, None]
    large = torch.nn.functional.interpolate(small, size=(SIDE - 8, SIDE - 8), mode="bilinear", align_corners=False)
    images = np.zeros((len(small), SIDE, SIDE), dtype=np.uint8)
    images[:, 4:-4, 4:-4] = large[:, 0].round().clamp(0, 255).numpy().astype(np.uint8)
    return images, found.target.astype(np.int64)
