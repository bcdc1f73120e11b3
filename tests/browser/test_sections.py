"""Every section shows what it has, whatever the study has."""

import json

from random_result import random_result
from waiting import DRAWN, find, see_all, until

from pathfa.reporting import report, status_path

SECTIONS = ["overview", "factors", "biology", "programmes", "cards", "samples", "input", "fit", "prior", "limits",
            "provenance", "glossary"]  # fmt: skip


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
    find(page, result.gene_set_names[0])
    find(page, result.sample_names[1])
    assert page.locator("[data-widget=sample] h4").first.inner_text() == result.sample_names[1]
    assert page.evaluate("window.bad") is None
    assert page.locator("main img, main script").count() == 0
    assert "<script>window.bad=1" in page.locator("[data-widget=card]").inner_text()


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


def test_every_section_of_the_content_is_marked_by_what_it_stands_or_falls_with(open_page, tmp_path):
    page = open_page(report(random_result(n_samples=12), tmp_path / "report.html")).page
    badges = page.locator("section h2 .verdict")
    page.click("#trust summary")
    rows = page.locator("table.uses tr").evaluate_all("all => all.map((row) => [...row.cells].map((c) => c.innerText))")
    marks = {f"{label}: {word.split(' ', 1)[1]}" for label, word, _ in rows}
    told = [text.split(" ", 1)[1] for text in badges.all_inner_texts()]
    assert len(set(told)) == len(told)
    assert set(told) <= marks
    assert badges.evaluate_all("all => all.map((one) => one.closest('section').id)") == SECTIONS[1:6]


def test_the_verdict_unfolds_into_its_reasons(open_page, page_file):
    page = open_page(page_file).page
    assert not page.locator("table.uses").is_visible()
    page.click("#trust summary")
    assert page.locator("table.uses").is_visible()
    assert open_page(page_file, "#trust").page.locator("table.uses").is_visible()


def test_what_can_be_used_is_the_first_thing_said(open_page, page_file):
    page = open_page(page_file).page
    status = json.loads(status_path(page_file).read_text(encoding="utf-8"))
    assert page.locator(".headline").inner_text() == status["headline"]
    assert page.locator("table.uses tr").count() == len(status["use"])
    assert page.locator("table.uses tr a").count() >= len(status["reasons"])


def test_printing_draws_everything_in_light_colours(open_page, page_file):
    page = open_page(page_file, color_scheme="dark").page
    page.emulate_media(media="print")
    until(page, DRAWN)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert not page.locator(".picker").is_visible()
    assert len(page.pdf()) > 50_000
