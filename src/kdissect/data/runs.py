"""Runs: label maps as runs of equal labels, a tenth of the size or less."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Runs:
    """Label maps `(p h w)`, run-length encoded row after row.

    Attributes:
        labels: label number of each run `(r,)`, int16.
        lengths: pixels of each run `(r,)`, int32.
        starts: runs of the i-th map are those from `starts[i]` to `starts[i + 1]`, `(p + 1,)`, int64.
    """

    labels: NDArray[np.int16]
    lengths: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, planes: NDArray[np.int16]) -> Self:
        """The runs of label maps `(p h w)`."""
        flat = planes.reshape(len(planes), planes.shape[1] * planes.shape[2])
        labels, lengths, counts = [np.empty(0, np.int16)], [np.empty(0, np.int32)], [0]
        for plane in flat:
            begins = np.concatenate([[0], np.flatnonzero(plane[1:] != plane[:-1]) + 1])
            labels.append(plane[begins])
            lengths.append(np.diff(begins, append=len(plane)).astype(np.int32))
            counts.append(len(begins))
        return cls(np.concatenate(labels), np.concatenate(lengths), np.cumsum(counts, dtype=np.int64))

    def planes(self, shape: tuple[int, int]) -> NDArray[np.int16]:
        """The label maps `(p h w)`.

        Raises:
            ValueError: the runs do not fill maps of that shape.
        """
        first, last = self.starts[0], self.starts[-1]
        flat = np.repeat(self.labels[first:last], self.lengths[first:last])
        planes: NDArray[np.int16] = flat.reshape(len(self.starts) - 1, *shape)
        return planes
