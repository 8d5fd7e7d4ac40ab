"""`kdissect results`: the scores of a store, by SQL, as a table or a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.console import Console

if TYPE_CHECKING:
    from kdissect.results import Tables


def results(
    store: Annotated[str, Parameter(help="folder of results of kdissect run, or its URL")],
    sql: Annotated[
        str | None,
        Parameter(help="a query over results, cells and curves: 'SELECT arm, avg(value) FROM results GROUP BY arm'"),
    ] = None,
    *,
    csv: Annotated[Path | None, Parameter(help="write the query's table, or all scores, to this file")] = None,
    parquet: Annotated[Path | None, Parameter(help="the same as Parquet")] = None,
    study: Annotated[str | None, Parameter(help="only the study of this name")] = None,
) -> None:
    """Show the results of the studies in a folder, or what a query in SQL says of them.

    Without a query: for each study its arms and main scores, means over seeds with 95 % intervals;
    then what was published against what is here.
    """
    from kdissect.cli.aligned import show
    from kdissect.cli.main_scores import main_scores
    from kdissect.cli.reproduction import show_reproduction
    from kdissect.results import Tables

    console = Console(soft_wrap=True, highlight=False)
    tables = Tables.read(store, study)
    if tables.warning is not None:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"kdissect: {tables.warning}", markup=False)
    if csv is not None or parquet is not None:
        _export(console, tables, sql, csv, parquet)
    elif sql is not None:
        found = tables.query(sql)
        show(console, list(found.columns), found.itertuples(index=False, name=None))
    else:
        main_scores(console, tables)
        show_reproduction(tables.folder, console, None if study is None else [study])


def _export(console: Console, tables: "Tables", sql: str | None, csv: Path | None, parquet: Path | None) -> None:
    from kdissect.results import export

    found: Any = tables.query("SELECT * FROM results" if sql is None else sql)
    if csv is not None:
        export(found, csv, "csv")
    if parquet is not None:
        export(found, parquet, "parquet")
    for path in (csv, parquet):
        if path is not None:
            console.print(f"{len(found)} rows: {path}", markup=False)
