"""Arrays that grow in place."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Growing:
    """One long array from many short ones, which can be let go as they come.

    Keeping the short ones until the end would take the memory twice; besides, many pieces of middling size that
    come and go leave holes that the system does not get back, while one large piece is moved by its pages.
    """

    def __init__(self, dtype: Any, first: Sequence[int] = ()) -> None:
        self._array: NDArray[Any] = np.array(first, dtype)
        self._used = len(first)

    @property
    def last(self) -> Any:
        """The value at the end."""
        return self._array[self._used - 1]

    def append(self, values: NDArray[Any]) -> None:
        """Put values `(n,)` behind what is there."""
        stop = self._used + len(values)
        if stop > len(self._array):
            self._array.resize(stop + stop // 4, refcheck=False)
        self._array[self._used : stop] = values
        self._used = stop

    def finish(self) -> NDArray[Any]:
        """The whole array; nothing can be appended afterwards."""
        self._array.resize(self._used, refcheck=False)
        return self._array
