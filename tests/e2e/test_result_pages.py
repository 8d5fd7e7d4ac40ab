"""The pages of a dissection, a set and a comparison in a real browser."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.opened_page import opened
from unit.report.folders import EVIL_IMAGE, write_comparison, write_dissection, write_set
from unit.report.synthetic_store import EVIL

from kdissect.report import write

pytestmark = pytest.mark.browser

KINDS = ("dissection", "bare", "set", "comparison")


@pytest.fixture(scope="module")
def pages(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("results")
    return {
        "dissection": write(write_dissection(folder / "one")),
        "bare": write(
            write_dissection(folder / "bare", num_units=1, num_images=1, mean=0.0, parts=(), exemplars=False)
        ),
        "set": write(write_set(folder / "set", num_units=12)),
        "comparison": write(write_comparison(folder / "comparison", ("KD", "<b id=bold>LS</b>"))),
    }


@pytest.fixture
def page(browser, pages) -> Iterator:
    watched = opened(browser, pages["dissection"])
    yield watched.page
    watched.page.context.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_is_silent_draws_its_charts_and_fits_a_phone(browser, pages, kind):
    watched = opened(browser, pages[kind], viewport={"width": 360, "height": 800}, color_scheme="dark")
    page = watched.page
    for y in range(0, page.evaluate("document.body.scrollHeight"), 600):
        page.evaluate(f"window.scrollTo({{top: {y}, behavior: 'instant'}})")
    for chart in page.locator("[data-chart]").all():
        assert chart.locator("svg.marks path, svg.marks line").count() > 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("#bold").count() == 0
    page.context.close()
    assert watched.trouble == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_says_its_numbers_without_scripts(browser, pages, kind):
    page = opened(browser, pages[kind], charts=False, java_script_enabled=False).page
    assert page.locator(".headline").is_visible()
    assert all(table.is_visible() for table in page.locator("figure:not(details figure) details[open] table").all())
    page.context.close()


def test_bars_are_as_long_as_their_numbers(page):
    for text, bar in zip(
        page.locator(".upright b").all_inner_texts(), page.locator(".upright i.inner").all(), strict=True
    ):
        box = bar.bounding_box()
        assert box["width"] > 8
        assert box["height"] == pytest.approx(
            int(text)
            * page.locator(".upright i.inner").first.bounding_box()["height"]
            / int(page.locator(".upright b").first.inner_text()),
            abs=1,
        )


def test_a_click_on_a_bar_shows_the_units_of_the_concept(page):
    page.locator(".bars button.concept").filter(has_text=EVIL).click()
    assert set(page.locator(".unit .name").all_inner_texts()) == {EVIL}
    first = page.locator(".unit").first
    assert "IoU 95 % interval" in first.inner_text()
    assert "AND NOT red" in first.locator(".formula").inner_text()


def test_units_can_be_put_in_order(page):
    page.locator(".browser").get_by_label("order").select_option("unit")
    numbers = [int(text.split()[1]) for text in page.locator(".unit h4 small:nth-of-type(2)").all_inner_texts()]
    assert numbers == sorted(numbers)
    page.locator(".browser").get_by_label("order").select_option("p")
    assert "smallest p-value" in page.locator(".browser .count").inner_text()


def test_a_concept_leads_to_its_units_and_images(page):
    index = page.locator(".concept-index")
    index.get_by_label("name holds").fill(EVIL)
    assert index.locator("h3").inner_text().startswith(EVIL)
    assert "detects it: 0." in index.inner_text()
    thumbs = index.locator(".thumbs figure")
    assert thumbs.count() > 2
    thumbs.first.scroll_into_view_if_needed()
    page.wait_for_selector(".thumbs figure[data-drawn] img[src^='blob:']")
    concepts = json.loads(page.locator("#data").text_content())["concepts"]
    name = next(name for name, _, _, images in concepts if EVIL_IMAGE in images)
    index.get_by_label("name holds").fill(name)
    assert EVIL_IMAGE in index.locator(".holding code").all_inner_texts()
    index.get_by_label("name holds").fill("no such concept")
    assert index.locator(".thumbs").count() == 0


def test_layers_of_a_set_can_be_switched(browser, pages):
    page = opened(browser, pages["set"]).page
    switch = page.locator(".browser").get_by_label("layer")
    for layer in ("layer1", "layer3"):
        switch.select_option(layer)
        assert all(f"· {layer}" in text for text in page.locator(".unit h4").all_inner_texts())
    page.context.close()


def test_a_comparison_has_no_buttons_that_do_nothing(browser, pages):
    page = opened(browser, pages["comparison"]).page
    assert page.locator("main button").count() == 0
    assert page.locator(".across li").count() > 5
    page.context.close()
