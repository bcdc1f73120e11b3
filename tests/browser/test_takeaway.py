"""What readers take away: pictures at the size of a slide, and sheets of paper."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread
from random_result import random_result
from waiting import find, see, see_all, until

from pathfa.reporting import report

ONE = {"A4": 1, "Letter": 1}


def ask_for_print(page, button):
    """Press a button that prints, in a browser that only notes that it was asked to."""
    page.evaluate("window.asked = false; window.print = () => { window.asked = true; }")
    page.locator(button).first.click()
    until(page, "window.asked === true")


def sheets(page, button):
    """Return how many sheets a button prints, by their size."""
    found = {}
    for size in ("A4", "Letter"):
        ask_for_print(page, button)
        found[size] = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format=size, print_background=True)))
    return found


@pytest.fixture(scope="module")
def crowded(tmp_path_factory):
    """Return a report with many factors, gene sets and covariates, and long names."""
    rng = np.random.default_rng(0)
    names = {f"HALLMARK_SET_{i}": f"GOBP_POSITIVE_REGULATION_OF_THE_RESPONSE_TO_FOREIGN_VIRUSES_{i}" for i in range(60)}
    obs = pd.DataFrame(
        {f"a covariate with quite a long name {i}": rng.choice(["not specified", "other"], 60) for i in range(45)}
    )
    result = random_result(n_samples=60, n_factors=25, n_sets=60, n_features=90, set_share=0.1, rename=names, obs=obs)
    return report(
        result, tmp_path_factory.mktemp("crowded") / "report.html", title="A cohort with a title of some length"
    )


def saved(page, button, path):
    """Return the file that a button saves."""
    with page.expect_download() as caught:
        page.locator(button).click()
    assert re.fullmatch(rf"A-cohort_[a-z-]+{path.suffix}", caught.value.suggested_filename)
    caught.value.save_as(path)
    return path


def test_a_picture_is_a_slide_with_title_and_cohort(open_page, page_file, result, tmp_path):
    page = open_page(page_file, color_scheme="dark").page
    find(page, result.sample_names[4])
    see_all(page)
    for figure in ("overview", "activity", "variance-explained", "samples", "sample-activity"):
        image = imread(saved(page, f"[data-png={figure}]", tmp_path / f"{figure}.png"))
        assert image.shape[:2] == (1080, 1920)
        assert image[2, 2, :3] == pytest.approx(1.0)  # light, also where the page is dark
        inked = np.flatnonzero((image[..., :3] < 0.9).any(axis=(1, 2)))
        assert inked[0] >= 24  # the title is not at the edge
        drawing = saved(page, f"[data-svg={figure}]", tmp_path / f"{figure}.svg").read_text(encoding="utf-8")
        words = re.sub(r"<[^>]+>", "", drawing)
        assert "A cohort" in words
        heading = page.locator(f"figure:has([data-figure={figure}]) figcaption").locator("h3, h4").inner_text()
        assert heading[:40] in words.replace("&gt;", ">").replace("&lt;", "<")


def test_a_picture_has_no_box_around_the_selection(open_page, page_file, result, tmp_path):
    page = open_page(page_file).page
    find(page, result.sample_names[4])
    see(page, "scatter")
    page.locator("[data-figure=activity]").scroll_into_view_if_needed()
    boxes = "document.querySelector('[data-figure=activity] .shapelayer path, [data-figure=activity] [data-index]')"
    until(page, f"{boxes} !== null")
    drawing = saved(page, "[data-svg=activity]", tmp_path / "figure.svg")
    assert "data-index" not in drawing.read_text(encoding="utf-8")


def test_the_summary_and_a_sample_print_on_one_sheet_each(open_page, page_file, crowded):
    for path in (page_file, crowded):
        page = open_page(path).page
        page.wait_for_selector(".overview .main-svg")
        assert sheets(page, "[data-print=summary]") == ONE  # with findings, map and verdict
        see(page, "sample", ".main-svg")
        assert sheets(page, "[data-widget=sample] [data-print=sample]") == ONE


def test_the_browser_itself_prints_the_selected_sample_whole_on_one_sheet(open_page, page_file, crowded):
    for path in (page_file, crowded):
        page = open_page(path, "#sample=patient7").page
        assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4", print_background=True))) == 1
        ask_for_print(page, "[data-widget=sample] [data-print=sample]")
        shown = "all => all.filter((one) => one.checkVisibility()).length"
        atlas = "JSON.parse(document.getElementById('data-atlas').textContent).covariates.length"
        assert page.locator("#widget-sample .scores tbody tr").evaluate_all(shown) == page.evaluate(
            "JSON.parse(document.getElementById('data-page').textContent).factor.length"
        )
        assert page.locator("#widget-sample .known div").evaluate_all(shown) == page.evaluate(atlas)
        assert not re.search(r"and \d+ more", page.locator("#widget-sample").inner_text())
    everything = open_page(page_file).page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page[^s]", everything)) > 3  # nothing is selected


def test_everything_is_printed_with_its_figures_and_without_long_tables(open_page, crowded):
    page = open_page(crowded).page
    see_all(page)
    find(page, "patient7")
    for name in ("factors", "outliers"):
        page.evaluate(f"document.querySelector('details[data-table={name}]').open = true")
        page.wait_for_selector(f"details[data-table={name}] tbody tr")
    ask_for_print(page, "[data-print='']")
    seen = "(one) => one.checkVisibility()"
    rows = page.locator("main .sheet:not(.scores)").evaluate_all(
        f"all => all.filter({seen}).map((one) => one.querySelectorAll('tbody tr').length)"
    )
    assert max(rows) <= 15
    assert page.locator("figure.plot").evaluate_all(f"all => all.filter({seen}).length") >= 10
    wide = page.locator("main .canvas svg.main-svg").evaluate_all(
        f"all => all.filter({seen}).map((one) => one.getBoundingClientRect().width)"
    )
    assert max(wide) <= 186 / 25.4 * 96 + 1  # of a sheet
    assert page.locator("#widget-sample").is_visible()  # selected
    assert not page.locator("#widget-gene").is_visible()  # an example
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#widget-gene").is_visible()
    assert page.locator(".picker").is_visible()
