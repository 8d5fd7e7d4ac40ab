"""A temporary file for feature maps that no longer fit in memory."""

import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kdissect.errors import RecordError, UnwritableError

MARGIN = 64 * 2**20  # bytes of disk left to others


class Spill:
    """Arrays on disk that read like arrays in memory.

    The file has no name: it goes with the last array on it, also when the process is killed.

    Args:
        folder: on which disk; the system's place for temporary files if None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.gettempdir())
        self._file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - lives as long as the arrays
        weakref.finalize(self, self._file.close)  # arrays on the file keep it alive by themselves
        self.num_bytes = 0

    def reserve(self, num_bytes: int) -> None:
        """Refuse if so many more bytes will not fit.

        Raises:
            RecordError: the disk has too little space.
        """
        free = shutil.disk_usage(self.folder).free - MARGIN
        if num_bytes > free:
            raise RecordError(
                f"kept feature maps need about {num_bytes / 2**30:.2f} GiB in {self.folder}, "
                f"{max(free, 0) / 2**30:.2f} GiB are free; raise memory_budget, set TMPDIR to a larger disk, "
                "or use fewer images"
            )

    def move(self, array: NDArray[Any]) -> NDArray[Any]:
        """The array, read from the disk.

        Raises:
            RecordError: the disk is full.
        """
        if array.size == 0:
            return array
        offset = self.num_bytes
        try:
            self._file.seek(offset)
            self._file.write(np.ascontiguousarray(array).data)
            self._file.flush()
        except OSError as error:
            raise UnwritableError(
                f"cannot write kept feature maps to {self.folder} ({error}); raise memory_budget or free some space"
            ) from None
        self.num_bytes += array.nbytes
        # a plain array that can be written to (copy on write): compiled code would be compiled anew for another kind
        return np.asarray(np.memmap(self._file, array.dtype, "c", offset, array.shape))
