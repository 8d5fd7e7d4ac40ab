"""The CSV tables of a Broden folder: concepts, categories and the index of images."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from kdissect.data.probe import Concept
from kdissect.errors import DataError, SpecError

MAX_NUMBER = 2**15 - 1  # planes are int16


@dataclass(frozen=True)
class Row:
    """One image of `index.csv`, all paths relative to `images/`.

    Attributes:
        line: line of the index file, for messages.
        image: the picture's path.
        planes: (category, path of a label PNG), in category order.
        scalars: (category, label number) of the whole image, in category order.
    """

    line: int
    image: str
    planes: tuple[tuple[int, str], ...]
    scalars: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Index:
    """`index.csv`: its rows, and the sizes that they agree on (height, width)."""

    rows: tuple[Row, ...]
    picture_shape: tuple[int, int]
    plane_shape: tuple[int, int]


def read_table(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a CSV file as mappings, with the line number under `line`.

    Raises:
        DataError: the file is missing, is no text, or lacks a column.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file, restval="")
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(
                    f"{path} has no column {missing[0]!r}, expected {', '.join(columns)}; is it a Broden folder?"
                )
            return [{**{name: row[name] for name in columns}, "line": str(reader.line_num)} for row in reader]
    except FileNotFoundError:
        raise DataError(f"{path} is missing: a Broden folder has one; unpack the data set again") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as CSV ({error}); unpack the data set again") from None


def read_categories(folder: Path, wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    """The categories in the order of `category.csv`; `wanted` filters and never orders.

    Raises:
        DataError: the table cannot be read, or is empty.
        SpecError: a wanted category is not there.
    """
    found = tuple(row["name"] for row in read_table(folder / "category.csv", ("name",)))
    if not found:
        raise DataError(f"{folder / 'category.csv'} has no rows, expected one a category")
    unknown = [name for name in wanted or () if name not in found]
    if unknown or wanted == ():
        raise SpecError(f"categories must be among {', '.join(found)}, got {', '.join(unknown) or 'none'}")
    return tuple(name for name in found if wanted is None or name in wanted)


def read_concepts(folder: Path) -> tuple[Concept, ...]:
    """The concept of each label number, number 0 ("no label") first.

    Raises:
        DataError: the table cannot be read, or its numbers do not run from 1 on.
    """
    path = folder / "label.csv"
    concepts = {0: Concept(0, "", ())}
    for row in read_table(path, ("number", "name", "category")):
        number = whole(row["number"], path, row["line"], "number")
        # `material(36);object(3)`: the counts in brackets are not needed
        kinds = tuple(re.sub(r"\(.*\)$", "", kind.strip()) for kind in row["category"].split(";") if kind.strip())
        if number in concepts:
            raise DataError(f"{path} line {row['line']}: label number {number} is taken; numbers run 1, 2, 3, ...")
        concepts[number] = Concept(number, row["name"], kinds)
    if len(concepts) == 1 or len(concepts) - 1 > MAX_NUMBER or max(concepts) != len(concepts) - 1:
        raise DataError(f"{path}: expected label numbers 1, 2, 3, ... up to {MAX_NUMBER} at most, without a gap")
    return tuple(concepts[number] for number in range(len(concepts)))


def read_primary(folder: Path, categories: tuple[str, ...], num_labels: int) -> NDArray[np.int64]:
    """Primary category of each label number `(q,)`: where its coverage is largest, the last one on a tie.

    A label without coverage, and number 0, thus go to the last category.

    Raises:
        DataError: a `c_<category>.csv` cannot be read, or has a number that is no label.
    """
    coverage = np.zeros((len(categories), num_labels))
    for index, category in enumerate(categories):
        path = folder / f"c_{category}.csv"
        for row in read_table(path, ("number", "coverage")):
            number = whole(row["number"], path, row["line"], "number")
            if number >= num_labels:
                raise DataError(f"{path} line {row['line']}: label number {number} is not in label.csv")
            try:
                coverage[index, number] = float(row["coverage"])
            except ValueError:
                raise DataError(
                    f"{path} line {row['line']}: expected a number as coverage, got {row['coverage']!r}"
                ) from None
    coverage[:, 0] = 0
    primary: NDArray[np.int64] = len(categories) - 1 - np.argmax(coverage[::-1], axis=0)
    return primary


def read_index(folder: Path, categories: tuple[str, ...], num_labels: int) -> Index:
    """The images that have a non-zero entry in at least one of the categories.

    Raises:
        DataError: the table cannot be read or leaves no image, a path leaves `images/`, a number is no
            label, or the rows disagree about the sizes.
    """
    path = folder / "index.csv"
    rows, shapes = [], set()
    for cells in read_table(path, ("image", "ih", "iw", "sh", "sw", *categories)):
        line = cells["line"]
        planes, scalars = [], []
        for category, name in enumerate(categories):
            for entry in filter(None, (part.strip() for part in cells[name].split(";"))):
                if entry.isdecimal():
                    scalars.append((category, whole(entry, path, line, name, below=num_labels)))
                else:
                    planes.append((category, inside(entry, path, line)))
        if planes or any(number for _, number in scalars):
            image = inside(cells["image"], path, line)
            rows.append(Row(int(line), image, tuple(planes), tuple(scalars)))
            shapes.add(tuple(whole(cells[key], path, line, key) for key in ("ih", "iw", "sh", "sw")))
            if len({shape[2:] for shape in shapes}) > 1:
                raise DataError(f"{path} line {line}: label maps of all images must have one size (sh, sw)")
    if not rows:
        raise DataError(f"{path} has no image with a label of {', '.join(categories)}")
    ih, iw, sh, sw = shapes.pop() if len(shapes) == 1 else (0, 0, *next(iter(shapes))[2:])
    return Index(tuple(rows), (ih, iw), (sh, sw))


def inside(entry: str, path: Path, line: str) -> str:
    """A relative path as the index has it.

    Raises:
        DataError: it is empty, absolute, or has a step upwards.
    """
    pure = PurePosixPath(entry)
    if not pure.parts or pure.is_absolute() or ".." in pure.parts or "\\" in entry or ":" in pure.parts[0]:
        raise DataError(f"{path} line {line}: {entry!r} leaves the folder images/ (or is empty); correct the row")
    return entry


def whole(text: str, path: Path, line: str, column: str, below: int | None = None) -> int:
    """A whole number of a cell, at least 0.

    Raises:
        DataError: it is none, or is no label number.
    """
    if not text.strip().isdecimal():
        raise DataError(f"{path} line {line}: expected a whole number as {column}, got {text!r}")
    number = int(text)
    if below is not None and number >= below:
        raise DataError(
            f"{path} line {line}: {column} has label number {number}, label.csv has 1 to {below - 1}; "
            "are the two files of one data set?"
        )
    return number
