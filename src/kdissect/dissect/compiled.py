"""How loops are compiled."""

from collections.abc import Callable
from typing import Any

import numba

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled on its first call, for any thread to run without the interpreter's lock.

    The machine code is kept beside the source file, or in the user's cache folder; where neither can be written
    each process compiles anew (about four seconds). No `fastmath`: it would fuse operations that torch does not.
    """
    result: Callable[..., Any]
    try:
        result = numba.njit(**OPTIONS, cache=True)(function)
    except RuntimeError:  # no place for a cache
        result = numba.njit(**OPTIONS)(function)
    return result


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function as a part of the compiled functions that call it."""
    result: Callable[..., Any] = numba.njit(**OPTIONS, forceinline=True)(function)
    return result
