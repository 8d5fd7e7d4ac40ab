"""The front page of a store with several studies, and the pages that it leads to."""

import json
import shutil

import pytest
from several_studies import figure1, write_study

from kdissect.records import Store
from kdissect.records.store import Failure
from kdissect.report import write
from kdissect.study.reproduction import write_reproduction

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = write_study(tmp_path_factory.mktemp("front") / "runs", "figure1", figure1(), title=f"First {EVIL}")
    left = (("Detectors", "KD", 1), ("Detectors", "KD", 2))
    write_study(path, "quick", figure1(), leave_out=left)
    cell = next(
        c
        for c in json.loads((path / "study.json").read_text())["cells"]
        if (c["kind"], c["arm"], c["seed"]) == ("Detectors", "KD", 1)
    )
    Store(path).fail(cell["digest"], Failure(f"Detectors KD {EVIL}", "DataError", "the probe is gone"))
    write_reproduction(Store(path))
    return path


@pytest.fixture
def store(made, tmp_path):
    return shutil.copytree(made, tmp_path / "runs")


def body(path):
    return path.read_text(encoding="utf-8").split("<main")[1].split('<script type="application/json"')[0]


def test_every_study_has_a_page_and_the_front_page_links_to_it(store):
    page = write(store)
    assert page == store / "report.html"
    for name in ("figure1", "quick"):
        assert f'href="reports/{name}.html"' in body(page)
        text = (store / "reports" / f"{name}.html").read_text(encoding="utf-8")
        assert 'class="brand" href="../report.html"' in text
    assert "2 studies, 1 of them complete." in page.read_text(encoding="utf-8")
    assert "3 × 3" in body(page)


def test_the_front_page_says_what_is_missing_and_what_failed(store):
    text = body(write(store))
    assert "DataError: the probe is gone" in text
    assert "What is missing" in text
    assert "Against the paper" in text


def test_titles_are_text(store):
    text = write(store).read_text(encoding="utf-8")
    assert "<img src=x" not in text


def test_a_study_that_cannot_be_read_is_named_and_stops_nothing(store):
    (store / "studies" / "broken.json").write_text("{}")
    text = write(store).read_text(encoding="utf-8")
    assert "broken.json is no study" in text
    assert "cannot be read" in body(store / "report.html")
    assert 'href="reports/figure1.html"' in text
    assert not (store / "reports" / "broken.html").exists()


def test_a_damaged_reproduction_table_is_named(store):
    (store / "reproduction.json").write_text("{}")
    text = write(store).read_text(encoding="utf-8")
    assert "is no reproduction table" in text
    assert "Against the paper" not in text


def test_a_page_elsewhere_still_finds_the_studies(store, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    page = write(store, tmp_path / "elsewhere" / "page.html")
    assert 'href="../runs/reports/quick.html"' in body(page)


def test_one_study_has_the_page_as_before(store):
    (store / "studies" / "figure1.json").unlink()
    page = write(store)
    assert not (store / "reports").exists()
    assert 'class="brand">kdissect</span>' in page.read_text(encoding="utf-8")


def test_the_same_files_give_the_same_pages(store):
    first = write(store).read_bytes(), (store / "reports" / "quick.html").read_bytes()
    assert (write(store).read_bytes(), (store / "reports" / "quick.html").read_bytes()) == first
