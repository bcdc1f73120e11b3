"""Tables and rows of figures are sorted, filtered, unfolded and downloaded."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_result import random_result
from waiting import until

from pathfa.core.findings import Finding, Severity
from pathfa.reporting import files_of, report


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


def shown(page, name, column):
    """Return the cells of a column of a table that is open."""
    table = f"details[data-table={name}]"
    page.wait_for_selector(f"{table} thead th")
    heads = [text.split(" \u2195")[0].strip() for text in page.locator(f"{table} thead th").all_inner_texts()]
    return page.locator(f"{table} tbody tr td:nth-child({heads.index(column) + 1})").all_inner_texts()


def test_associations_are_one_table_that_begins_with_biological_findings(open_page, tmp_path):
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"ImmuneScore": rng.normal(size=60), "batch": ["a", "b"] * 30})
    result = random_result(n_samples=60, obs=obs)
    obs.index = result.scores.index
    obs["age"] = result.scores.iloc[:, 0] + 1.2 * result.scores.iloc[:, 0].std() * rng.normal(size=60)
    page = open_page(report(result, tmp_path / "report.html", covariates=obs)).page
    table = pd.read_csv(tmp_path / "report_files" / "associations.tsv", sep="\t", keep_default_na=False)
    first = table[(table["origin"] == "biological") & (table["q"].astype(float) <= 0.05) & (table["shown_under"] == "")]
    assert shown(page, "associations", "feature") == list(first["feature"])
    assert shown(page, "associations", "effect") == list(first["effect"])
    assert set(shown(page, "associations", "covariate")) == {"age"}
    page.check("[data-filter='associations.q']")
    page.check("[data-filter='associations.shown_under']")
    page.select_option("[data-filter='associations.origin']", "all")
    assert shown(page, "associations", "feature") == list(table["feature"])[:200]
    page.select_option("[data-filter='associations.of']", "factor")
    page.select_option("[data-filter='associations.covariate']", "batch")
    assert sorted(shown(page, "associations", "feature")) == result.factor_names
    link = page.url.split("report.html")[1]
    again = open_page(tmp_path / "report.html", link).page
    assert shown(again, "associations", "covariate") == ["batch"] * len(result.factor_names)
    assert again.locator("#fig-associations-factors a[href='#tab-associations']").count() == 1


def test_a_long_and_wide_table_shows_what_matters_and_the_rest_on_request(open_page, covariates, tmp_path):
    result = random_result(n_sets=90, set_share=0.1, n_features=80, obs=covariates)
    page = open_page(report(result, tmp_path / "report.html")).page
    page.evaluate("document.querySelector('details[data-table=coverage]').open = true")
    rows = page.locator("details[data-table=coverage] tbody tr")
    page.wait_for_selector("details[data-table=coverage] tbody tr")
    total = len(result.gene_set_names) * len(result.view_names)
    page.evaluate("document.querySelector('details[data-table=concordance]').open = true")
    wide = "details[data-table=concordance]"
    page.wait_for_selector(f"{wide} thead th")
    heads = page.locator(f"{wide} thead th").all_inner_texts()
    assert {"effect", "lower", "upper", "q", "n"} <= {head.split(" ")[0].strip() for head in heads}
    page.click(f"{wide} button:text('columns')")
    assert page.locator(f"{wide} thead th").count() > len(heads)
    assert rows.count() == min(200, total)
    page.evaluate("document.querySelector('details[data-table=noise]').open = true")
    noise, size = page.locator("details[data-table=noise] tbody tr"), sum(map(len, result.noise.values()))
    page.wait_for_selector("details[data-table=noise] tbody tr")
    assert noise.count() == min(200, size)


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


CUT = """() => [...document.querySelectorAll('.sheet :is(th, td)')].flatMap((cell) => {
  if (cell.scrollWidth > cell.clientWidth + 1) return [cell.innerText];
  const broken = [], range = document.createRange(), walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const { 0: word, index } of walker.currentNode.data.matchAll(/[A-Za-z]{2,24}/g)) {
      range.setStart(walker.currentNode, index);
      range.setEnd(walker.currentNode, index + word.length);
      if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word);
    }
  }
  return broken;
})"""


@pytest.mark.parametrize("width", [390, 1200])
def test_no_table_cuts_or_breaks_a_word(width, open_page, tmp_path):
    rename = {
        f"HALLMARK_SET_{place}": name
        for place, name in enumerate(["HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION", "ANGIOGENESIS", "T.cells/naive"])
    }
    obs = pd.DataFrame({"Integrated.Phenotype": ["hypermutated", "microsatellite stable"] * 30})
    result = random_result(n_samples=60, n_sets=6, rename=rename, obs=obs)
    page = open_page(report(result, tmp_path / "report.html")).page
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    until(page, "[...document.querySelectorAll('details[data-table]')].every((one) => one.querySelector('td'))")
    assert page.locator(".sheet td").count() > 100
    assert page.evaluate(CUT) == []


def test_sentences_have_more_room_than_names_on_screen_and_paper(open_page, tmp_path):
    found = "1,476 of 8,067 features are missing in more than half of the samples and were dropped before the fit"
    finding = Finding(severity=Severity.WARNING, code="missing-in-most", found=found, fix="raise the limit")
    page = open_page(report(replace(random_result(), findings=(finding,)), tmp_path / "report.html")).page
    cells = "details[data-table=findings] tbody tr:first-child td"
    page.wait_for_selector(cells)
    for width in (390, 1200):
        page.set_viewport_size({"width": width, "height": 844})
        widths = [box["width"] for box in (cell.bounding_box() for cell in page.locator(cells).all())]
        assert widths[1] == max(widths), width
    page.evaluate("window.print = () => {}")
    page.click("[data-print='']")
    widths = [box["width"] for box in (cell.bounding_box() for cell in page.locator(cells).all())]
    assert widths[1] == max(widths)
    assert sum(widths) <= page.locator("body").bounding_box()["width"]
