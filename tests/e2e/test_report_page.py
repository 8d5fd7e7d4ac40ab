"""The report in a real browser, opened as a file."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from e2e.opened_page import opened
from playwright.sync_api import Page
from unit.report.synthetic_store import ARMS, EVIL, write_store

from kdissect.dissect.bilinear import upsample
from kdissect.report import write

pytestmark = pytest.mark.browser

BOLD = "<b id=bold>KD</b>"


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    """A report in which an arm's name is markup; a concept's name always is."""
    store = write_store(tmp_path_factory.mktemp("page") / "store", ARMS)
    study = (store / "study.json").read_text(encoding="utf-8")
    (store / "study.json").write_text(study.replace('"KD"', json.dumps(BOLD)), encoding="utf-8")
    return write(store)


@pytest.fixture
def watched(browser, path) -> Iterator:
    watched = opened(browser, path)
    yield watched
    watched.page.context.close()


@pytest.fixture
def page(watched) -> Page:
    return watched.page


def test_the_page_is_silent_and_asks_for_nothing(browser, path):
    watched = opened(browser, path)
    page = watched.page
    page.get_by_role("button", name="Show", exact=False).first.click()
    for y in range(0, page.evaluate("document.body.scrollHeight"), 700):
        page.evaluate(f"window.scrollTo({{top: {y}, behavior: 'instant'}})")
        page.wait_for_timeout(30)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(300)
    page.context.close()
    assert watched.trouble == []


def test_every_chart_is_drawn(page):
    charts = page.locator("[data-chart]")
    assert charts.count() == 6
    for chart in charts.all():
        assert chart.locator("svg.marks").count() == 1
        assert chart.locator("svg.marks path").count() > 5


def test_names_stay_text(page, watched):
    for choice in ("arm", "seed"):
        page.locator(".controls").get_by_label(choice).select_option("")
    page.locator(".controls").get_by_label("concept").fill(EVIL)
    assert page.locator(".unit .name").first.text_content() == EVIL
    assert page.locator("#bold").count() == 0
    assert page.locator("table").first.get_by_text(BOLD).count() == 1
    assert page.evaluate("[...document.images].every((image) => !image.src || image.src.startsWith('blob:'))")
    assert not [trouble for trouble in watched.trouble if trouble.startswith("dialog")]


def test_names_stay_text_in_the_tooltip_of_a_chart(page):
    marks = page.locator("[data-chart=accuracy] svg.marks g.mark-symbol path")
    texts = []
    for mark in marks.all():
        mark.hover()
        texts.append(page.locator("#vg-tooltip-element").inner_text())
    assert any(BOLD in text for text in texts)
    assert page.locator("#bold").count() == 0


def test_regions_are_those_of_the_dissection(page):
    """The browser's mask, against the resampling that the dissection uses, for every map on the page."""
    data = json.loads(page.locator("#data").text_content())
    (height, width) = size = (40, 56)
    for dissection in data["dissections"][::4]:
        units = dissection["units"][:10]
        found = page.evaluate(
            """([units, shape, height, width]) => units.map((unit) => {
                const raw = Uint8Array.from(atob(unit.maps), (c) => c.charCodeAt(0));
                const view = new DataView(raw.buffer);
                const half = (_, i) => kdissect.half(view.getUint16(2 * i, true));
                const values = Array.from({ length: raw.length / 2 }, half);
                const each = shape[0] * shape[1];
                return Array.from({ length: values.length / each }, (_, i) => [...kdissect.activated(
                    values.slice(i * each, (i + 1) * each), shape, unit.threshold, height, width)]);
            })""",
            [units, dissection["map"], height, width],
        )
        for unit, masks in zip(units, found, strict=True):
            raw = np.frombuffer(base64.b64decode(unit["maps"]), dtype="<f2")
            maps = torch.from_numpy(raw.reshape(-1, *dissection["map"]).astype(np.float32))
            expected = (upsample(maps, size) > unit["threshold"]).flatten(1).int().tolist()
            assert masks == expected
            assert 0 < sum(map(sum, masks)) < len(masks) * height * width


def test_half_numbers_are_read_exactly(page):
    bits = np.arange(0, 2**16, 7, dtype=np.uint16)
    values = bits.view(np.float16).astype(float)
    finite = np.isfinite(values)
    found = page.evaluate("(bits) => bits.map(kdissect.half)", bits[finite].tolist())
    np.testing.assert_array_equal(found, values[finite])


def test_what_is_outside_the_region_is_darkened(page):
    page.locator(".unit canvas").first.scroll_into_view_if_needed()
    page.wait_for_selector(".unit[data-drawn]")
    alphas = page.evaluate(
        """() => {
            const canvas = document.querySelector(".unit canvas");
            const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
            return [...new Set(pixels.filter((_, i) => i % 4 === 3))].sort((a, b) => a - b);
        }"""
    )
    assert alphas == [0, 160, 255]  # the region, what is outside, and the line between


def test_units_are_drawn_when_they_come_into_view(page):
    page.evaluate("window.scrollTo({top: 0, behavior: 'instant'})")
    assert page.locator(".unit").count() == 12
    assert page.locator(".unit[data-drawn]").count() == 0
    page.locator(".unit").first.scroll_into_view_if_needed()
    page.wait_for_selector(".unit[data-drawn] img[src^='blob:']")
    page.get_by_role("button", name="Show 36 more").click()
    assert page.locator(".unit").count() == 48
    assert page.locator(".unit[data-drawn]").count() < 48


def test_units_can_be_chosen(page):
    page.locator(".controls").get_by_label("arm").select_option("LS")
    page.locator(".controls").get_by_label("seed").select_option("1")
    page.locator(".controls").get_by_label("detectors only").check()
    data = json.loads(page.locator("#data").text_content())
    units = [
        u
        for d in data["dissections"]
        if (d["places"]["arm"], d["places"]["seed"]) == ("LS", "1")
        for u in d["units"]
        if u["detector"]
    ]
    shown = page.locator(".unit")
    assert shown.count() == min(12, len(units)) > 0
    assert page.locator(".count").inner_text().startswith(f"{len(units)} of the 480 units")
    assert all("LS, seed 1" in text for text in shown.all_inner_texts())
    page.locator(".controls").get_by_label("category").select_option("color")
    assert {text for card in shown.all() for text in card.locator("small").first.all_inner_texts()} <= {"color"}
    page.locator(".controls").get_by_label("category").select_option("")
    page.locator(".controls").get_by_label("concept").fill("no such concept")
    assert shown.count() == 0
    assert page.locator(".count").inner_text().startswith("0 of")


def test_a_click_on_a_concept_shows_its_units(page):
    page.locator("#concepts td button, #concepts th button").filter(has_text="window").click()
    names = page.locator(".unit .name")
    assert names.count() > 0
    assert set(names.all_inner_texts()) == {"window"}
    networks = {re.search("· (.*, seed [0-9])", text)[1] for text in page.locator(".unit h4").all_inner_texts()}
    assert len(networks) > 1
    assert page.evaluate("document.activeElement.type") == "search"


def test_the_keyboard_reaches_links_choices_and_numbers(page):
    reached = []
    page.evaluate("document.activeElement.blur()")
    for _ in range(26):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.tagName + ' ' + (document.activeElement.textContent || '')")
        )
    assert reached[0] == "A To the results"
    assert "A Units" in reached
    assert [text for text in reached if text.startswith("SUMMARY")]
    assert [text for text in reached if text.startswith("SELECT")]


def test_the_page_can_be_read_without_scripts(browser, path):
    watched = opened(browser, path, charts=False, java_script_enabled=False)
    page = watched.page
    assert page.locator(".headline").is_visible()
    numbers = page.locator("figure table")
    assert numbers.count() == 6
    assert all(table.is_visible() for table in numbers.all())
    assert page.get_by_text("without one, here are the best units").is_visible()
    assert not page.locator(".drawing").first.is_visible()
    page.context.close()


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_nothing_is_wider_than_the_page(browser, path, width):
    watched = opened(browser, path, viewport={"width": width, "height": 800})
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    watched.page.context.close()


def test_charts_follow_the_color_scheme(browser, path):
    watched = opened(browser, path)
    page = watched.page

    def colors() -> set[str]:
        marks = page.locator("[data-chart=accuracy] svg.marks g.mark-symbol path")
        return {str(mark.get_attribute("fill")) for mark in marks.all()}

    light = colors()
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(
        "(old) => !document.querySelector(`[data-chart=accuracy] path[fill='${old}']`)", arg=min(light)
    )
    assert len(light) == len(colors()) == 4
    assert not light & colors()
    page.context.close()
