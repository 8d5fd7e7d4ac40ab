import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from unit.report.synthetic_store import EVIL, write_store

from kdissect.report import write


@pytest.fixture(scope="module")
def html(store) -> str:
    return write(store).read_text(encoding="utf-8")


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.depth: list[str] = []

    def handle_starttag(self, name, attributes):
        self.opened.append((name, dict(attributes)))
        if name not in ("meta", "link"):
            self.depth.append(name)

    def handle_endtag(self, name):
        assert self.depth.pop() == name


def scripts(html: str) -> list[str]:
    return re.findall(r"<script(?: type=\"module\")?>(.*?)</script>", html, re.DOTALL)


def test_every_element_is_closed(html):
    elements = Elements()
    elements.feed(html)
    elements.close()
    assert elements.depth == []


def test_every_id_is_there_once_and_links_find_theirs(html):
    elements = Elements()
    elements.feed(html)
    ids = [attributes["id"] for _, attributes in elements.opened if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [str(attributes["href"]) for name, attributes in elements.opened if name == "a"]
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_every_row_has_a_heading(html):
    elements = Elements()
    elements.feed(html)
    names = [name for name, _ in elements.opened]
    headings = [attributes for name, attributes in elements.opened if name == "th" and attributes["scope"] == "row"]
    assert len(headings) == names.count("tr") - names.count("thead") > 50


def test_no_element_points_outside(html):
    elements = Elements()
    elements.feed(html)
    for name, attributes in elements.opened:
        for key in ("src", "href", "srcset", "action", "data", "poster"):
            value = attributes.get(key)
            assert value is None or value.startswith(("#", "data:")), (name, key, value)
    assert "@import" not in html.split("</style>")[0]
    assert "url(" not in html.split("</style>")[0]


def test_a_label_never_becomes_markup(html):
    assert EVIL not in html
    elements = Elements()
    elements.feed(html)
    assert "img" not in [name for name, _ in elements.opened]
    assert html.count("&lt;img src=x onerror=alert(1)&gt;") > 1


def test_the_data_block_cannot_be_ended_from_within(html):
    (block,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert "<" not in block
    data = json.loads(block)
    assert EVIL in {unit["concept"] for dissection in data["dissections"] for unit in dissection["units"]}
    assert "$schema" not in json.dumps(data["charts"])


def test_only_our_scripts_may_run(html):
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    allowed = set(re.findall(r"'sha256-([^']*)'", policy))
    found = {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in scripts(html)}
    assert found == allowed
    assert len(found) == 3
    assert policy.startswith("default-src 'none'")


def test_text_reaches_the_page_by_text_content_only():
    app = files("kdissect.report").joinpath("app.js").read_text(encoding="utf-8")
    for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert word not in app


def test_the_same_records_give_the_same_file(store, html):
    assert write(store).read_text(encoding="utf-8") == html
    assert [path.name for path in store.iterdir() if path.name.startswith(".")] == []


def test_a_small_study_is_a_small_page(html):
    assert len(html) < 2_000_000


def test_a_broken_write_leaves_the_old_page(tmp_path, monkeypatch):
    path = write(write_store(tmp_path, dissect=False, seeds=(0,)))
    before = path.read_text()

    def fail(*_):
        raise RuntimeError("no drawing today")

    monkeypatch.setattr("kdissect.report.drawing.specification", fail)
    with pytest.raises(RuntimeError, match="no drawing today"):
        write(tmp_path)
    assert path.read_text() == before


def test_importing_the_report_is_light():
    heavy = {"torch", "torchvision", "timm", "numba", "altair", "vl_convert", "scipy"}
    code = f"import sys, kdissect.report; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
