"""The front page of several studies, and its studies' charts, in a real browser."""

import pytest
from e2e.opened_page import opened
from several_studies import figure1, write_study

from kdissect.records import Store
from kdissect.report import write
from kdissect.study.reproduction import write_reproduction

pytestmark = pytest.mark.browser

GRID = {f"T{t}-w{w}": {"temperature": t, "weight": w} for t in (1, 4) for w in (0.1, 0.9)}
LINES = {f"{kind}-T{t}": {"temperature": t, "teacher": kind} for kind in ("normal", "LS") for t in (1, 4)}
PAGES = ("report.html", "reports/figure1.html", "reports/grid.html", "reports/lines.html", "reports/time.html")


def spread(places):
    return {
        "Accuracy.accuracy": {
            "scratch": [0.6, 0.62],
            **{name: [0.7 + 0.01 * n, 0.72 + 0.01 * n] for n, name in enumerate(places)},
        }
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = write_study(tmp_path_factory.mktemp("front") / "runs", "figure1", figure1(), title="A <b id=bold>b</b>")
    write_study(path, "grid", spread(GRID), places=GRID)
    write_study(path, "lines", spread(LINES), places=LINES)
    write_study(path, "time", figure1(), epochs={0: figure1(kd=1), 2: figure1(kd=30)})
    write_study(path, "partial", figure1(), leave_out=(("Detectors", "KD", 1),))
    write_reproduction(Store(path))
    write(path)
    return path


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_silent_draws_its_charts_and_fits_a_phone(browser, store, name):
    watched = opened(browser, store / name, viewport={"width": 360, "height": 800}, color_scheme="dark")
    page = watched.page
    charts = page.locator("[data-chart]").all()
    assert charts
    for chart in charts:
        assert chart.locator("svg.marks path").count() > 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("#bold").count() == 0
    page.context.close()
    assert watched.trouble == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_its_numbers_without_scripts(browser, store, name):
    page = opened(browser, store / name, charts=False, java_script_enabled=False).page
    assert page.locator(".headline").is_visible()
    assert all(table.is_visible() for table in page.locator("figure:not(details figure) details[open] table").all())
    page.context.close()


def test_links_lead_to_a_study_and_back(browser, store):
    watched = opened(browser, store / "report.html")
    page = watched.page
    page.locator("#studies").get_by_role("link", name="Study grid").click()
    page.wait_for_selector("html[data-charts=drawn]")
    assert page.locator("h1").inner_text() == "Study grid"
    assert page.locator("#axes [data-chart]").count() == 1
    page.locator("a.brand").click()
    page.wait_for_selector("#studies")
    page.context.close()
    assert watched.trouble == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fields_are_colored_by_their_number(browser, store, scheme):
    page = opened(browser, store / "reports" / "grid.html", color_scheme=scheme).page
    fills = page.locator("#axes .mark-rect path").evaluate_all("all => all.map((one) => one.getAttribute('fill'))")
    assert len(set(fills)) == 4
    page.context.close()


def test_an_order_that_holds_lies_right_of_the_line(browser, store):
    page = opened(browser, store / "reports" / "figure1.html").page
    chart = page.locator("[data-chart=claim-figure1-detectors]")
    line = chart.locator(".mark-rule line").first.bounding_box()
    assert line is not None
    marks = chart.locator(".mark-symbol path").all()
    assert len(marks) == 4
    assert all(mark.bounding_box()["x"] > line["x"] for mark in marks)
    page.context.close()
