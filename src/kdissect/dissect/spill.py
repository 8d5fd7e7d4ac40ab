"""A temporary file for feature maps that no longer fit in memory."""

import shutil
import tempfile
import weakref
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from kdissect.errors import RecordError

MARGIN = 64 * 2**20  # bytes of disk left to others


class Spill:
    """Tensors on disk that read like tensors in memory.

    The file has no name: it goes with the last tensor on it, also when the process is killed.

    Args:
        folder: on which disk; the system's place for temporary files if None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.gettempdir())
        self._file = tempfile.TemporaryFile(dir=self.folder)  # noqa: SIM115 - lives as long as the tensors
        weakref.finalize(self, self._file.close)  # tensors on the file keep it alive by themselves
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

    def move(self, tensor: Tensor) -> Tensor:
        """The tensor, read from the disk.

        Raises:
            RecordError: the disk is full.
        """
        if tensor.numel() == 0:
            return tensor
        array, offset = tensor.numpy(), self.num_bytes
        try:
            self._file.seek(offset)
            self._file.write(array.data)
            self._file.flush()
        except OSError as error:
            raise RecordError(
                f"cannot write kept feature maps to {self.folder} ({error}); raise memory_budget or free some space"
            ) from None
        self.num_bytes += array.nbytes
        # copy on write: torch wants writable memory, nobody writes
        return torch.from_numpy(np.memmap(self._file, array.dtype, "c", offset, array.shape))
