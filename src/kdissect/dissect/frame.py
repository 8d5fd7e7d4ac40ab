"""Arrow tables as data frames of the library that a user has."""

from typing import Any

import pyarrow as pa

from kdissect.errors import SpecError


def frame(table: pa.Table, kind: str) -> Any:
    """The table as a data frame of `pandas` or `polars`.

    Raises:
        SpecError: the library is not installed, or not one of the two.
    """
    try:
        if kind == "pandas":
            return table.to_pandas()
        if kind == "polars":
            import polars

            return polars.from_arrow(table)
    except ImportError:
        raise SpecError(f"{kind} is not installed; pip install {kind}, or use table()") from None
    raise SpecError(f"expected a data frame of pandas or polars, got {kind!r}")
