"""Files in the idx format, in which MNIST and its like are published."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import DataError

_UINT8 = 8


def find_idx(folder: Path, name: str) -> Path:
    """The file NAME or NAME.gz of a folder.

    Raises:
        DataError: there is neither.
    """
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DataError(f"expected {name} or {name}.gz in {folder}, there is neither; put the published files there")


def read_idx(path: Path, dimensions: int) -> NDArray[np.uint8]:
    """The array of bytes that a file holds; a name that ends in .gz is unpacked on the way.

    Args:
        path: the file.
        dimensions: how many the array must have: 1 for labels, 3 for images `(b h w)`.

    Raises:
        DataError: it cannot be read, is no idx file of bytes, has other dimensions, or is longer or shorter than its
            header says.
    """
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}); fetch it again") from None
    start = 4 + 4 * dimensions
    magic = bytes((0, 0, _UINT8, dimensions))
    if content[:4] != magic:
        raise DataError(
            f"{path} must start with {magic.hex()} (idx, bytes, {dimensions} axes), got {content[:4].hex()}"
        )
    if len(content) < start:
        raise DataError(f"{path} ends within its header, after {len(content)} bytes; fetch it again")
    shape = tuple(np.frombuffer(content, ">u4", dimensions, 4).astype(int).tolist())
    if len(content) - start != math.prod(shape):
        raise DataError(
            f"{path} must hold {math.prod(shape):,} values, as its header says, got {len(content) - start:,}; "
            "fetch it again"
        )
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)
