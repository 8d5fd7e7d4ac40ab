"""The checkpoints of a training run: which there are, in the order of their numbers."""

import re
from dataclasses import dataclass
from pathlib import Path

from kdissect.errors import DataError

ENDINGS = (".safetensors", ".pt", ".pth")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Checkpoint:
    """A file of weights saved during training.

    Attributes:
        name: the file's name without its ending.
        number: epoch or step, the last number in the name; None if there is none.
        path: the file.
    """

    name: str
    number: int | None
    path: Path


def find_checkpoints(folder: Path | str) -> list[Checkpoint]:
    """The files of weights in a folder, in the order of their numbers; those without a number come last.

    Safetensors and state dicts (`.pt`, `.pth`); `load_weights` reads each without running code. Hidden files and
    folders within are left out.

    Raises:
        DataError: there is no such folder, it has no such file, or two files differ in their ending alone.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise DataError(f"expected a folder with checkpoints, there is no folder {folder}")
    paths = [path for path in folder.iterdir() if path.suffix in ENDINGS and path.is_file()]
    found = [_checkpoint(path) for path in paths if not path.name.startswith(".")]
    if not found:
        raise DataError(f"{folder} has no checkpoints; expected files that end in {', '.join(ENDINGS)}")
    found.sort(key=lambda one: (one.number is None, one.number or 0, one.name))
    names = [one.name for one in found]
    if twice := [name for name in names if names.count(name) > 1]:
        raise DataError(f"{folder} has two checkpoints {twice[0]}, of other endings; remove one")
    return found


def number_of(name: str) -> int | None:
    """The epoch or step in a checkpoint's name: its last number, or None."""
    numbers = _NUMBER.findall(name)
    return int(numbers[-1]) if numbers else None


def _checkpoint(path: Path) -> Checkpoint:
    return Checkpoint(path.stem, number_of(path.stem), path)
