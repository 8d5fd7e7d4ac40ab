"""The reproduction table on the terminal."""

import io
import subprocess
import sys

import pytest
from rich.console import Console
from several_studies import figure1, write_study

from kdissect.cli.reproduction import show_reproduction
from kdissect.records import Store
from kdissect.study.reproduction import write_reproduction


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = write_study(tmp_path_factory.mktemp("text") / "s", "figure1", figure1())
    write_reproduction(Store(path))
    return path


def said(store, **settings) -> str:
    text = io.StringIO()
    show_reproduction(store, Console(file=text, **settings))
    return text.getvalue()


def test_without_a_terminal_there_is_a_line_for_each_claim(store):
    lines = said(store).splitlines()
    assert lines[1] == (
        "reproduced: Figure 1: concept detectors of scratch, KD and LS (Han et al. 2023, arXiv:2305.15734); published "
        "KD 312 > scratch 275 > LS 219; here KD 50.0 ± 2.3, scratch 40.0 ± 2.3, LS 30.0 ± 2.3 (figure1@small, 3 seeds)"
        "; verdict KD raised, LS lowered"
    )
    assert lines[3] == "Published orders: 2 reproduced, 1 undecided and 21 not run."
    assert "numbers cannot agree" in lines[4]


def test_a_terminal_gets_a_table(store):
    text = said(store, force_terminal=True, width=150)
    assert "Against the paper" in text
    assert "reproduced" in text


def test_a_store_without_a_table_says_nothing(tmp_path):
    assert said(write_study(tmp_path / "s", "own", figure1())) == ""


def test_it_needs_no_torch(store):
    code = (
        "import sys; from pathlib import Path; from rich.console import Console\n"
        "from kdissect.cli.reproduction import show_reproduction\n"
        "show_reproduction(Path(sys.argv[1]), Console())\n"
        "assert 'torch' not in sys.modules and 'altair' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(store)], check=True, capture_output=True)
