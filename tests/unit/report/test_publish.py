import json

import pytest
from unit.report.folders import write_comparison, write_dissection, write_set
from unit.report.synthetic_store import write_store

from kdissect.errors import RecordError
from kdissect.report import write
from kdissect.report.publish import kind_of


def test_the_folder_decides_which_page_it_gets(tmp_path):
    makers = {
        "store": lambda path: write_store(path, dissect=False, seeds=(0,)),
        "dissection": lambda path: write_dissection(path, num_units=3),
        "set": lambda path: write_set(path, num_units=3),
        "comparison": write_comparison,
    }
    for kind, make in makers.items():
        folder = make(tmp_path / kind)
        assert kind_of(folder) == kind
        assert write(folder) == folder / "report.html"
    assert kind_of(write_dissection(tmp_path / "old", num_units=3, file_format=1)) == "dissection"


def test_the_page_can_go_elsewhere_and_is_the_same_each_time(tmp_path):
    folder = write_dissection(tmp_path / "one", num_units=3)
    before = sorted(path.name for path in folder.iterdir())
    first, second = (write(folder, tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert first == second
    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_command_takes_a_place(tmp_path, kdissect, capsys):
    folder = write_comparison(tmp_path / "c")
    assert kdissect("report", str(folder), "--out", str(tmp_path / "page.html")) == 0
    assert (tmp_path / "page.html").is_file()
    assert "page.html" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "neither store.json nor header.json"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        (json.dumps({"kind": "teapot"}), "kind 'teapot'"),
        (json.dumps({"kind": "set"}), "to list the members"),
        (json.dumps({"kind": "comparison"}), "expected concepts.parquet"),
        (json.dumps({"kind": "dissection"}), "cannot be read"),
    ],
)
def test_what_is_none_of_these_is_refused_in_one_line(tmp_path, text, message):
    if text is not None:
        (tmp_path / "header.json").write_text(text)
    with pytest.raises(RecordError, match=message) as caught:
        write(tmp_path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "report.html").exists()
