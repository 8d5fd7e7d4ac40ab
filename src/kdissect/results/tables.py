"""Tables over a store, and SQL over them: DuckDB reads, and nothing is kept outside the records."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, final

import pyarrow as pa

from kdissect.errors import SpecError
from kdissect.records import Store, descriptions
from kdissect.results.reading import OF_SCORE, RESULTS, Columns, read

if TYPE_CHECKING:
    import pandas as pd

_WHOLE = frozenset({"seed", "epoch"})
_REAL = frozenset({"value", "low", "high", "seconds"})
_NAMED = 3
"""How many damaged records the warning names."""


def results(store: "Store | Path | str", sql: str | None = None, *, study: str | None = None) -> "pd.DataFrame":
    """The scores of a store's studies as a data frame, one row a score; or what a query says of them.

    Records that are not as they were written are left out, with a warning.

    Args:
        store: a store, its folder, or its URL.
        sql: a query in DuckDB's SQL over the tables `results` (a row a score), `cells` (a row a cell, done or not) and
            `curves` (a row a number of a training curve); docs/queries.md has their columns. None for all of `results`.
        study: only the study of this name.

    Raises:
        RecordError: there is no store, or no study ran in it.
        SpecError: the query is wrong, or there is no such study.

    Example:
        >>> results("runs/quick", "SELECT arm, avg(value) FROM results WHERE score = 'detectors' GROUP BY arm")
        ...     # doctest: +SKIP
    """
    tables = Tables.read(store, study)
    if (line := tables.warning) is not None:
        warnings.warn(line, stacklevel=2)
    return tables.query("SELECT * FROM results" if sql is None else sql)


@final
@dataclass(frozen=True)
class Tables:
    """The tables of a store, as it was when it was read.

    Attributes:
        where: the store, as it was named.
        folder: the folder it lies in here.
        results: one row a score.
        cells: one row a cell of a study: done, failed or missing.
        curves: one row an epoch and number of a training curve.
        damaged: records that are not as they were written, relative to the store; they are left out.
    """

    where: str
    folder: Path
    results: pa.Table
    cells: pa.Table
    curves: pa.Table
    damaged: tuple[str, ...] = ()

    @classmethod
    def read(cls, store: "Store | Path | str", study: str | None = None) -> Self:
        """The tables of a store.

        Args:
            store: a store, its folder, or its URL.
            study: only the study of this name.

        Raises:
            RecordError: there is no store, or no study ran in it.
            SpecError: there is no study of that name.
        """
        opened = store if isinstance(store, Store) else Store.open(store)
        opened.fetch()
        found = read(opened, descriptions(opened, study))
        scores, records = _table(found.scores), _table(found.records)
        repeated = records.take(pa.array(found.owner, pa.int64()))
        columns = [scores[name] if name in OF_SCORE else repeated[name] for name in RESULTS]
        long = pa.table(columns, names=list(RESULTS))
        return cls(opened.where, opened.path, long, _table(found.cells), _table(found.curves), tuple(found.damaged))

    @property
    def warning(self) -> str | None:
        """What is to be said of damaged records; None if there are none."""
        if not self.damaged:
            return None
        named = ", ".join(self.damaged[:_NAMED]) + (", ..." if len(self.damaged) > _NAMED else "")
        num = "1 record" if len(self.damaged) == 1 else f"{len(self.damaged)} records"
        return f"{num} of {self.where} damaged and left out ({named}); run the study again, which makes them anew"

    @property
    def columns(self) -> str:
        """The tables and their columns, for people."""
        tables = {"results": self.results, "cells": self.cells, "curves": self.curves}
        return "; ".join(f"{name}({', '.join(table.column_names)})" for name, table in tables.items())

    def query(self, sql: str) -> "pd.DataFrame":
        """What a query says.

        Args:
            sql: in DuckDB's SQL.

        Raises:
            SpecError: the query is wrong; says why and which columns there are.
        """
        import duckdb

        # No extension is fetched from anywhere, and no variable of this file is taken for a table.
        with duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"}) as database:
            database.execute("SET python_enable_replacements = false")
            for name, table in (("results", self.results), ("cells", self.cells), ("curves", self.curves)):
                database.register(name, table)
            try:
                # None, although nothing in its types says so, where there is no statement.
                answer: Any = database.execute(sql)
                if answer is None:
                    raise SpecError(f"the query is empty; there are {self.columns}")
                found = answer.df()
            except duckdb.Error as error:
                what = " ".join(str(error).partition("\n\nLINE ")[0].split())
                raise SpecError(f"{what}; there are {self.columns}") from None
            kinds = [str(kind) for _, kind, *_ in answer.description]
        return _with_whole_numbers(found, kinds)


def _with_whole_numbers(frame: "pd.DataFrame", kinds: list[str]) -> "pd.DataFrame":
    """Whole numbers of which some are missing stay whole numbers, as not in every release of DuckDB."""
    for place, kind in enumerate(kinds):
        name = frame.columns[place]
        if kind in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT") and frame[name].dtype.kind == "f":
            frame[name] = frame[name].astype("Int64")
    return frame


def _table(columns: Columns) -> pa.Table:
    return pa.table({name: pa.array(values, _kind(name)) for name, values in columns.columns.items()})


def _kind(name: str) -> pa.DataType:
    return pa.int64() if name in _WHOLE else pa.float64() if name in _REAL else pa.string()
