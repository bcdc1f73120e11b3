import json
import re

import numpy as np
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from random_result import random_result
from waiting import DRAWN, see_all, until

from pathfa.reporting import files_of, report, status_path, write_index_page

SECTIONS = ["trust", "found", "input", "fit", "factors", "biology", "programmes", "cards", "samples", "prior", "limits",
            "provenance", "glossary"]  # fmt: skip


def violations(page, **options):
    """Return serious and critical violations; what plotly draws inside a figure has its table beside it."""
    found = Axe().run(page, context={"exclude": [[".svg-container"]]}, options=options).response["violations"]
    return [
        (item["id"], item["help"], item["nodes"][0]["html"][:200], item["nodes"][0].get("failureSummary", "")[:300])
        for item in found
        if item["impact"] in ("serious", "critical")
    ]


def test_every_section_and_figure_shows_without_a_complaint(open_page, page_file):
    opened = open_page(page_file)
    see_all(opened.page)
    assert opened.page.eval_on_selector_all("main > section", "all => all.map(one => one.id)") == SECTIONS
    assert opened.page.locator("figure.plot").count() >= 15
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", "blob:", "data:"))] == []


def test_hostile_names_are_text(open_page, page_file, result):
    page = open_page(page_file).page
    see_all(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.fill("input[data-entity=gene_set]", result.gene_set_names[0])
    page.press("input[data-entity=gene_set]", "Enter")
    page.fill("input[data-entity=sample]", result.sample_names[1])
    page.press("input[data-entity=sample]", "Enter")
    assert page.locator("[data-widget=sample] h4").first.inner_text() == result.sample_names[1]
    assert page.evaluate("window.bad") is None
    assert page.locator("main img, main script").count() == 0
    assert "<script>window.bad=1" in page.locator("[data-widget=card]").inner_text()


def test_a_selection_is_seen_everywhere_and_kept_in_the_url(open_page, page_file, result):
    page = open_page(page_file).page
    see_all(page)
    gene_set, sample = result.gene_set_names[2], result.sample_names[5]
    page.fill("input[data-entity=gene_set]", "set 2")
    page.press("input[data-entity=gene_set]", "Enter")
    page.fill("input[data-entity=sample]", "patient5")
    page.press("input[data-entity=sample]", "Enter")
    assert gene_set in page.locator("[data-widget=card] h4").first.inner_text()
    assert page.locator("[data-widget=sample] h4").first.inner_text() == sample
    boxes = page.evaluate(
        "document.querySelector('[data-figure=activity]').layout.shapes.filter((s) => s.name === 'selection').length"
    )
    assert boxes >= 1
    again = open_page(page_file, page.url.split("report.html")[1]).page
    assert again.input_value("input[data-entity=gene_set]") == gene_set
    assert again.input_value("input[data-entity=sample]") == sample
    again.click("#clear")
    assert again.input_value("input[data-entity=sample]") == ""
    assert "sample=" not in again.url


def test_a_click_on_a_figure_selects(open_page, page_file, result):
    page = open_page(page_file).page
    page.locator("[data-figure=activity]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-figure=activity] .main-svg")
    box = page.locator("[data-figure=activity] .xy > .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.wait_for_timeout(200)
    page.mouse.click(box["x"] + 20, box["y"] + 8)
    until(page, "document.querySelector('input[data-entity=sample]').value !== ''")
    assert page.input_value("input[data-entity=sample]") in result.sample_names
    assert page.input_value("input[data-entity=gene_set]") in result.gene_set_names


def test_a_click_on_a_number_in_a_map_selects_its_factor(open_page, page_file, result):
    page = open_page(page_file).page
    figure = "[data-figure=variance-explained]"
    page.locator(figure).scroll_into_view_if_needed()
    page.wait_for_selector(f"{figure} .textpoint")
    box = page.locator(f"{figure} .textpoint").last.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.wait_for_timeout(200)
    page.mouse.click(x, y)
    until(page, "document.querySelector('input[data-entity=factor]').value !== ''")
    assert page.input_value("input[data-entity=factor]") == result.factor_names[-1]


def test_what_can_be_used_is_the_first_thing_said(open_page, page_file):
    page = open_page(page_file).page
    status = json.loads(status_path(page_file).read_text(encoding="utf-8"))
    assert page.locator(".headline").inner_text() == status["headline"]
    assert page.locator("table.uses tr").count() == len(status["use"])
    assert page.locator("table.uses tr a").count() >= len(status["reasons"])


def test_a_click_on_an_association_shows_its_plot(open_page, page_file, covariates):
    page = open_page(page_file).page
    figure = "[data-figure=associations-factors]"
    page.locator(figure).scroll_into_view_if_needed()
    page.wait_for_selector(f"{figure} .main-svg")
    page.locator("#widget-covariate").scroll_into_view_if_needed()
    page.wait_for_selector("[data-widget=covariate] select")
    page.locator(figure).scroll_into_view_if_needed()
    names = page.evaluate("document.querySelector('[data-figure=associations-factors]').layout.meta.x.ids")
    box = page.locator(f"{figure} .nsewdrag").bounding_box()
    for place, name in enumerate(names):
        x, y = box["x"] + box["width"] * (place + 0.5) / len(names), box["y"] + 8
        page.mouse.move(x, y)
        page.wait_for_timeout(200)
        page.mouse.click(x, y)
        until(
            page,
            "name => document.querySelector('[data-widget=covariate] h4').textContent.includes(` by ${name}`)",
            arg=name,
        )
    assert set(names) == {"stage", "age", "batch"}


def test_the_keyboard_alone_is_enough(open_page, page_file, result):
    page = open_page(page_file).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.focus("[data-figure=variance-explained]")
    page.wait_for_selector("[data-figure=variance-explained] .main-svg")
    page.keyboard.press("ArrowDown")
    assert page.input_value("input[data-entity=factor]") == result.factor_names[0]
    page.keyboard.press("ArrowDown")
    assert page.input_value("input[data-entity=factor]") == result.factor_names[1]
    page.keyboard.press("ArrowUp")
    assert page.input_value("input[data-entity=factor]") == result.factor_names[0]
    page.keyboard.press("Escape")
    assert page.input_value("input[data-entity=factor]") == ""
    page.focus("#fig-variance-explained summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#fig-variance-explained tbody tr")
    assert page.locator("#fig-variance-explained tbody tr").count() == 2 * (len(result.factor_names) + 1)


def test_downloads_hold_the_right_numbers(open_page, page_file, result, tmp_path):
    page = open_page(page_file).page
    page.locator("[data-figure=variance-explained]").scroll_into_view_if_needed()
    with page.expect_download() as caught:
        page.click("[data-tsv=variance-explained]")
    caught.value.save_as(tmp_path / "table.tsv")
    table = pd.read_csv(tmp_path / "table.tsv", sep="\t")
    for view in result.view_names:
        np.testing.assert_allclose(table.loc[table["view"] == view, "r2"], result.variance_explained[view], rtol=1e-5)
    with page.expect_download() as caught:
        page.click("[data-svg=variance-explained]")
    caught.value.save_as(tmp_path / "figure.svg")
    assert (tmp_path / "figure.svg").read_text(encoding="utf-8").startswith("<svg")
    with page.expect_download() as caught:
        page.click("[data-tsv=gene-set-weights]")
    caught.value.save_as(tmp_path / "weights.tsv")
    mine, beside = (
        file.read_text(encoding="utf-8")
        for file in (tmp_path / "weights.tsv", files_of(page_file) / "gene-set-weights.tsv")
    )
    assert mine == beside


def test_cards_and_sample_pages_tell_the_numbers_of_the_fit(open_page, page_file, result):
    page = open_page(page_file).page
    gene_set, sample = result.gene_set_names[2], result.sample_names[5]
    page.fill("input[data-entity=gene_set]", gene_set)
    page.press("input[data-entity=gene_set]", "Enter")
    page.fill("input[data-entity=sample]", sample)
    page.press("input[data-entity=sample]", "Enter")
    page.locator("#widget-card").scroll_into_view_if_needed()
    page.wait_for_selector("[data-widget=card] tbody tr")
    row = page.locator("[data-widget=card] tbody tr").first
    gene = row.locator("th").inner_text()
    factor = result.gene_set_weights.loc[gene_set].abs().idxmax()
    said = page.locator("[data-widget=card] [data-sources]").inner_text()
    told = re.findall(r"(-?\d+) % \((-?\d+) % to (-?\d+) %\)", said)
    found = result.activity_sources
    leading = found.share.loc[gene_set, result.factor_names].abs().idxmax()
    assert f"F{result.factor_names.index(leading) + 1} carries" in said
    for numbers, source in zip(told, (leading, "own"), strict=True):
        expected = [100 * table.loc[gene_set, source] for table in (found.share, found.lower, found.upper)]
        assert [float(number) for number in numbers] == pytest.approx(expected, abs=0.6)
    shown = float(re.search(r"(-?\d+\.\d\d) \(", row.locator("td").first.inner_text()).group(1))
    assert shown == pytest.approx(result.loadings["rna"].loc[gene, factor], abs=0.011)
    page.locator("#widget-sample").scroll_into_view_if_needed()
    page.wait_for_selector("[data-widget=sample] tbody tr")
    score = page.locator("[data-widget=sample] tbody tr").first.locator("td").first.inner_text()
    assert float(score) == pytest.approx(result.scores.loc[sample].iloc[0], abs=0.011)


def test_tables_sort_and_filter(open_page, page_file, result):
    page = open_page(page_file).page
    page.evaluate("document.querySelector('details[data-table=noise]').open = true")
    page.wait_for_selector("details[data-table=noise] tbody tr")
    heads = page.locator("details[data-table=noise] thead button")
    heads.nth(2).click()
    heads.nth(2).click()
    assert page.locator("details[data-table=noise] th").nth(2).get_attribute("aria-sort") == "ascending"
    smallest = min(series.min() for series in result.noise.values())
    first = page.locator("details[data-table=noise] tbody tr").first
    assert float(first.locator("td").nth(2).inner_text()) == pytest.approx(smallest, rel=0.01)
    page.fill("details[data-table=noise] input", "protein")
    assert page.locator("details[data-table=noise] tbody tr").count() == len(result.noise["protein"])
    assert "f.noise=protein" in page.url


def test_no_serious_barrier(open_page, page_file):
    page = open_page(page_file).page
    see_all(page)
    for name in ("variance-explained", "factors", "findings"):
        page.evaluate(f"document.querySelector('details[data-table={name}]').open = true")
        page.wait_for_selector(f"details[data-table={name}] tbody tr")
    assert violations(page) == []
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert violations(page, runOnly=["color-contrast"]) == []


def test_printing_draws_everything_in_light_colours(open_page, page_file):
    page = open_page(page_file, color_scheme="dark").page
    page.emulate_media(media="print")
    until(page, DRAWN)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert not page.locator(".picker").is_visible()
    assert len(page.pdf()) > 50_000


def test_a_narrow_screen_does_not_scroll_sideways(open_page, page_file):
    page = open_page(page_file).page
    page.set_viewport_size({"width": 390, "height": 800})
    see_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_one_view_no_covariates_no_data(open_page, tmp_path):
    whole = random_result(keep_data=False)
    one = {
        name: {"rna": getattr(whole, name)["rna"]}
        for name in ("loadings", "loadings_cov", "noise", "masks", "view_scores")
    }
    one |= {name: getattr(whole, name)[["rna"]] for name in ("presence", "variance_explained", "omega", "view_scale")}
    result = random_result(keep_data=False, **one)
    opened = open_page(report(result, tmp_path / "report.html"))
    see_all(opened.page)
    assert opened.complaints == []
    assert "No covariates were given" in opened.page.locator("#biology").inner_text()
    assert "fitted values are not in this page" in opened.page.locator("#cards").inner_text()


def test_index_page(open_page, page_file, tmp_path):
    status = json.loads(status_path(page_file).read_text(encoding="utf-8"))
    entries = [
        {"cohort": "a", "link": "a.html", "status": {**status, "verdict": "CAUTION"}},
        {"cohort": "b", "link": "b.html", "status": {**status, "verdict": "PASS"}},
        {"cohort": "c", "state": "skipped", "reason": "no shared samples"},
    ]
    opened = open_page(write_index_page(entries, tmp_path / "index.html"))
    see_all(opened.page)
    assert opened.complaints == []
    assert violations(opened.page) == []
    assert opened.page.locator("tbody tr").count() == 3


def test_rows_of_the_dot_plot_are_filtered_and_unfolded(open_page, page_file, result):
    page = open_page(page_file).page
    page.locator("[data-figure=gene-set-weights]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-figure=gene-set-weights] .main-svg")
    rows = "document.querySelector('[data-figure=gene-set-weights]').layout.yaxis.categoryarray.length"
    before = page.evaluate(rows)
    labels = page.evaluate(rows.removesuffix(".length"))
    word = next(label.split(" (+")[0] for label in labels if label.startswith("set "))
    assert before > 1
    page.fill("[data-rows=gene-set-weights]", word)
    until(page, f"{rows} === 1")
    assert "rows hold" in page.locator("#status").inner_text()
    link = page.url
    page.fill("[data-rows=gene-set-weights]", "")
    until(page, f"{rows} === {before}")
    box = page.locator("[data-more=gene-set-weights]")
    if box.count():
        box.focus()
        page.keyboard.press("Space")
        until(page, f"{rows} > {before}")
    again = open_page(link.split("file://")[1].split("#")[0], "#" + link.split("#")[1]).page
    again.locator("[data-figure=gene-set-weights]").scroll_into_view_if_needed()
    again.wait_for_selector("[data-figure=gene-set-weights] .main-svg")
    until(again, f"{rows} === 1")
    assert again.input_value("[data-rows=gene-set-weights]") == word
