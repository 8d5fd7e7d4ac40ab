"""Tables as files."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from kdissect.errors import SpecError

if TYPE_CHECKING:
    import pandas as pd

KINDS = (".csv", ".parquet")


def export(table: "pd.DataFrame", path: Path) -> None:
    """Write a table so that the file is either all there or as it was before.

    Args:
        table: the table.
        path: ends in `.csv` or `.parquet`, which says what is written.

    Raises:
        SpecError: it ends in something else.
    """
    if path.suffix not in KINDS:
        raise SpecError(f"expected a file that ends in {' or '.join(KINDS)}, got {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}{path.suffix}")
    try:
        if path.suffix == ".csv":
            table.to_csv(temporary, index=False)
        else:
            table.to_parquet(temporary, index=False)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
