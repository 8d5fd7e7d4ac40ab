"""Tables as files."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd


def export(table: "pd.DataFrame", path: Path, kind: Literal["csv", "parquet"]) -> None:
    """Write a table so that the file is either all there or as it was before.

    Args:
        table: the table.
        path: the file.
        kind: what is written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if kind == "csv":
            table.to_csv(temporary, index=False)
        else:
            table.to_parquet(temporary, index=False)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
