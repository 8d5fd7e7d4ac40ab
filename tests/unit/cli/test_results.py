import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console
from unit.report.synthetic_store import write_store
from unit.results.two_studies import value, write_studies

from kdissect.cli.aligned import show
from kdissect.cli.main_scores import main_scores
from kdissect.records import RECORD
from kdissect.results import Tables, export, results
from kdissect.stats import mean_interval

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return write_studies(tmp_path / "store").path


def test_a_query_is_a_table_at_full_width(store: Path, kdissect: Callable[..., int], capsys: Capture) -> None:
    sql = "SELECT arm, seed, epoch, repeat('x', 300) AS long, value FROM results WHERE score = 'accuracy' ORDER BY ALL"
    assert kdissect("results", str(store), sql) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["arm", "seed", "epoch", "long", "value"],
        ["KD-4", "0", "2", "x" * 300, f"{value('Accuracy', 'KD-4', 0, 2):.6g}"],
    ]
    assert len(lines) == 1 + len(results(store, sql))
    assert lines[0].index("long") == lines[1].index("x")
    assert {len(line) for line in lines} == {len(lines[0])}


def test_without_a_query_arms_and_main_scores(store: Path, kdissect: Callable[..., int], capsys: Capture) -> None:
    assert kdissect("results", str(store)) == 0
    out = capsys.readouterr().out
    found = mean_interval([value("Detectors", "KD-4", seed, None) for seed in (0, 1)])
    assert found.high is not None
    row = next(line for line in out.splitlines() if line.startswith("KD-4"))
    assert f"{found.mean:.3g} ± {found.high - found.mean:.2g}" in row
    assert "heat: mean over seeds ± half the 95 % interval, 2 of 15 cells to do" in out
    assert f"{value('Accuracy', 'teacher', 0, None):.3g} " in out
    assert "twin: " in out
    assert kdissect("results", str(store), "--study", "twin") == 0
    assert "heat" not in capsys.readouterr().out


def test_the_deciding_scores_are_there(tmp_path: Path, kdissect: Callable[..., int], capsys: Capture) -> None:
    assert kdissect("results", str(write_store(tmp_path / "store"))) == 0
    head, *rows = capsys.readouterr().out.splitlines()[1:-1]
    assert head.split("  ")[0] == "arm"
    for name in ("Detectors detectors", "ClassSimilarity entropy", "Detectors detector_share", "entropy/matched"):
        assert name in head
    assert [row.split()[0] for row in rows] == ["teacher", "scratch", "KD", "LS"]


def test_on_a_terminal_columns_that_do_not_fit_go_below(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=60, color_system=None, soft_wrap=True)
    main_scores(console, Tables.read(write_store(tmp_path / "store")))
    lines = console.file.getvalue().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 60
    assert sum(line.startswith("arm") for line in lines) >= 2
    assert sum(line.startswith("LS") for line in lines) == sum(line.startswith("arm") for line in lines)


def test_a_table_without_rows_has_its_heads() -> None:
    console = Console(file=io.StringIO(), width=20)
    show(console, ["arm", "value"], [])
    assert console.file.getvalue() == "arm  value\n"


@pytest.mark.parametrize("sql", [None, "SELECT arm, value FROM results WHERE epoch = 2 ORDER BY value"])
def test_exports_hold_the_same_table(
    store: Path, tmp_path: Path, kdissect: Callable[..., int], capsys: Capture, sql: str | None
) -> None:
    csv, parquet = tmp_path / "new" / "a.csv", tmp_path / "a.parquet"
    words = [] if sql is None else [sql]
    assert kdissect("results", str(store), *words, "--csv", str(csv), "--parquet", str(parquet)) == 0
    expected = results(store, sql)
    assert f"{len(expected)} rows: {csv}" in capsys.readouterr().out
    pd.testing.assert_frame_equal(pd.read_parquet(parquet), expected)
    read = pd.read_csv(csv)
    assert list(read.columns) == list(expected.columns)
    pd.testing.assert_series_equal(read["value"], expected["value"])
    assert {path.name for path in tmp_path.iterdir()} == {"store", "new", "a.parquet"}


def test_an_export_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")

    def full(_self: pd.DataFrame, file: Path, index: bool) -> None:
        Path(file).write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(OSError, match="disk full"):
        export(pd.DataFrame(), path, "csv")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_mistakes_are_one_line(store: Path, tmp_path: Path, kdissect: Callable[..., int], capsys: Capture) -> None:
    for words, message in (
        ([str(store), "SELECT nothing FROM results"], "there are results(study, size, arm"),
        ([str(tmp_path)], "is no store"),
        ([str(store), "--study", "cold"], "there are heat, twin"),
    ):
        assert kdissect("results", *words) == 2
        said = capsys.readouterr().err
        assert message in said
        assert said.count("\n") == 1


def test_damaged_records_are_one_line_beside_the_table(
    store: Path, kdissect: Callable[..., int], capsys: Capture
) -> None:
    path = next(store.glob(f"cells/*/{RECORD}"))
    path.write_text(path.read_text()[:-9])
    assert kdissect("results", str(store), "SELECT count(*) AS num FROM results") == 0
    captured = capsys.readouterr()
    assert captured.out.split()[0] == "num"
    assert captured.err.startswith("kdissect: 1 record of ")
    assert captured.err.count("\n") == 1


def test_it_starts_without_torch(store: Path) -> None:
    code = (
        f"import sys; sys.argv = ['kdissect', 'results', {str(store)!r}]; from kdissect.cli import main; main();"
        "assert 'torch' not in sys.modules and 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
