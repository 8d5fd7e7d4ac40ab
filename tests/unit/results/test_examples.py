"""The queries of docs/queries.md are asked."""

import re
from pathlib import Path

import pytest
from unit.results.two_studies import write_studies

from kdissect.results import Tables, results

PAGE = (Path(__file__).parents[3] / "docs/queries.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return Tables.read(write_studies(tmp_path_factory.mktemp("examples") / "store"))


@pytest.mark.parametrize("sql", QUERIES)
def test_each_query_of_the_page_is_answered(tables: Tables, sql: str) -> None:
    found = tables.query(sql)
    assert len(found.columns) >= 2
    # The store of this test has no arm of that name and no class similarity.
    assert len(found) or "'scratch'" in sql or "'ClassSimilarity'" in sql


def test_the_page_names_every_column(tables: Tables) -> None:
    assert len(QUERIES) > 8
    words = set(re.findall(r"`?(\w+)`?", PAGE))
    for table in (tables.results, tables.cells, tables.curves):
        assert set(table.column_names) <= words


def test_the_notebook_s_lines_do_what_they_say(tables: Tables) -> None:
    scores = results(tables.where)
    last = scores[scores["epoch"].isna()]
    wide = last.pivot_table(index=["arm", "seed"], columns=["measure", "score"], values="value")
    assert wide.loc[("KD-4", 1), ("Accuracy", "accuracy")] == pytest.approx(4 + 0.1 + 0.008)
