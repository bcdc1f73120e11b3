"""What fits a screen: the first one, and a narrow one."""

import pytest
from random_result import random_result
from waiting import see_all, until

from pathfa.reporting import report


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 768)])
def test_the_first_screen_holds_findings_map_and_verdict(width, height, open_page, page_file):
    page = open_page(page_file).page
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_selector(".overview .main-svg")
    for part in (".top .verdict", ".headline", ".overview .told", ".overview .canvas", ".legend"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= height, part
    strips = page.evaluate("document.querySelector('.overview .canvas').layout.yaxis2.categoryarray")
    assert page.locator(".legend dt").all_inner_texts() == [*strips, "colours"]


def test_the_map_fits_the_first_screen_with_as_many_rows_and_strips_as_it_takes(open_page, covariates, tmp_path):
    result = random_result(n_sets=60, set_share=0.1, n_features=80, obs=covariates.assign(sex=["f", "m"] * 12))
    page = open_page(report(result, tmp_path / "report.html")).page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_selector(".overview .main-svg")
    layout = "document.querySelector('.overview .canvas').layout"
    assert page.evaluate(f"{layout}.yaxis.categoryarray.length") == 18
    assert page.evaluate(f"{layout}.yaxis2.categoryarray.length") == 4
    box = page.locator(".overview .canvas").bounding_box()
    assert box["y"] + box["height"] <= 900


def test_on_a_narrow_screen_the_map_begins_on_the_first_screen_and_ends_on_the_second(open_page, covariates, tmp_path):
    result = random_result(n_sets=60, set_share=0.1, n_features=80, obs=covariates.assign(sex=["f", "m"] * 12))
    page = open_page(report(result, tmp_path / "report.html")).page
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".overview .main-svg")
    until(page, "(document.querySelector('.overview .canvas').layout.annotations || []).length > 0")
    assert page.evaluate("document.querySelector('.overview .canvas').layout.yaxis.categoryarray.length") == 18
    box = page.locator(".overview .canvas").bounding_box()
    assert box["y"] < 844
    assert box["y"] + box["height"] < 1.6 * 844


def test_on_a_narrow_screen_labels_stand_above_the_rows_of_the_map(open_page, page_file):
    page = open_page(page_file).page
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator(".overview .canvas").scroll_into_view_if_needed()
    page.wait_for_selector(".overview .main-svg")
    labels = "document.querySelector('.overview .canvas').layout.annotations.map((one) => one.text)"
    until(page, f"({labels} || []).length > 0")
    rows = page.evaluate("document.querySelector('.overview .canvas').layout.yaxis.categoryarray")
    assert page.evaluate(labels)[: len(rows)] == rows
    map_box, frame = (page.locator(part).bounding_box() for part in (".overview .xy > .nsewdrag", ".overview .canvas"))
    assert map_box["width"] > 0.9 * frame["width"]
    assert not page.locator(".contents ol").is_visible()
    page.click(".contents summary")
    assert page.locator(".contents ol").is_visible()


def test_a_narrow_screen_does_not_scroll_sideways(open_page, page_file):
    page = open_page(page_file).page
    page.set_viewport_size({"width": 390, "height": 800})
    see_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
