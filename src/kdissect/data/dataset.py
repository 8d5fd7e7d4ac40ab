"""Labelled images in splits."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Literal, final

from torch import Tensor

from kdissect.data.class_tree import ClassTree
from kdissect.errors import SpecError
from kdissect.specs import Plugin
from kdissect.types import Labels, Pictures, check

SplitName = Literal["train", "val", "test"]


@final
@dataclass(frozen=True)
class Split:
    """Images of one split, in memory.

    Attributes:
        pictures: `(b 3 h w)`, uint8, RGB.
        labels: `(b)`, int64, places in the class tree's `classes`.

    Raises:
        ShapeError: the shapes or types are others, or the numbers of images differ.
    """

    pictures: Tensor
    labels: Tensor

    def __post_init__(self) -> None:
        check(pictures=(self.pictures, Pictures), labels=(self.labels, Labels))

    def __len__(self) -> int:
        return len(self.labels)


class Dataset(Plugin, ABC):
    """A spec of labelled images in train, val and test splits, with a class tree. Abstract."""

    @property
    @abstractmethod
    def class_tree(self) -> ClassTree:
        """Coarse groups of the classes."""

    @property
    @abstractmethod
    def title(self) -> str:
        """A short name for people."""

    @abstractmethod
    def split(self, name: SplitName) -> Split:
        """The images and labels of one split.

        Raises:
            DataError: files are missing or damaged.
        """

    @property
    def has_objects(self) -> bool:
        """Whether `objects` knows where the labelled object is."""
        return False

    def objects(self, name: SplitName) -> Tensor:
        """Where the object that each image's label names is visible, `(b h w)` bool, at the pictures' size.

        An image in which nothing of it is visible has an empty mask.

        Raises:
            SpecError: the data set has no masks.
            DataError: a mask is missing, damaged, or of another size than its picture.
        """
        raise SpecError(
            f"{type(self).__name__} has no masks of its objects ({name}); choose a data set with masks, such as "
            "Brodenette, Cells, or an ImageFolder with `masks`"
        )

    @property
    def has_features(self) -> bool:
        """Whether `features` knows which part of the object tells its class."""
        return False

    def features(self, name: SplitName) -> Tensor:
        """Where the part is visible that tells the class from its like, `(b h w)` bool, at the pictures' size.

        Raises:
            SpecError: the data set does not know.
        """
        raise SpecError(
            f"{type(self).__name__} does not know which part tells a class from its like ({name}); choose a data set "
            "that does, such as Cells"
        )

    @property
    def has_nulls(self) -> bool:
        """Whether `nulls` knows where nothing is that could tell the class."""
        return False

    def nulls(self, name: SplitName) -> Tensor:
        """Where nothing is that could tell the class, `(b h w)` bool, at the pictures' size.

        Raises:
            SpecError: the data set does not know.
        """
        raise SpecError(
            f"{type(self).__name__} does not know where nothing tells the class ({name}); choose a data set that does, "
            "such as BlockMnist"
        )

    @property
    def num_classes(self) -> int:
        """Number of fine classes."""
        return len(self.class_tree.classes)

    def identity(self) -> dict[str, Any]:
        """What decides the images: part of the digest of every result made from them.

        The spec, unless overridden. A data set that reads files adds a digest of what they hold, so that no old
        result answers for changed files.
        """
        return self.model_dump(mode="json")
