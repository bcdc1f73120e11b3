import json
import re

import numpy as np
import pandas as pd
import pytest
from barriers import violations
from random_result import random_result
from waiting import DRAWN, chosen, find, see_all, until

from pathfa.reporting import files_of, report, status_path, write_index_page

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


def test_a_selection_is_seen_everywhere_and_kept_in_the_url(open_page, page_file, result):
    page = open_page(page_file).page
    see_all(page)
    gene_set, sample = result.gene_set_names[2], result.sample_names[5]
    find(page, "set 2")
    find(page, "patient5")
    assert gene_set in page.locator("[data-widget=card] h4").first.inner_text()
    assert page.locator("[data-widget=sample] h4").first.inner_text() == sample
    boxes = page.evaluate(
        "document.querySelector('[data-figure=activity]').layout.shapes.filter((s) => s.name === 'selection').length"
    )
    assert boxes >= 1
    again = open_page(page_file, page.url.split("report.html")[1]).page
    assert chosen(again, "gene_set") == gene_set
    assert chosen(again, "sample") == sample
    again.click("#clear")
    assert chosen(again, "sample") == ""
    assert "sample=" not in again.url


def test_a_click_on_a_figure_selects(open_page, page_file, result):
    page = open_page(page_file).page
    page.locator("[data-figure=activity]").scroll_into_view_if_needed()
    page.wait_for_selector("[data-figure=activity] .main-svg")
    box = page.locator("[data-figure=activity] .xy > .nsewdrag").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 8)
    page.wait_for_timeout(200)
    page.mouse.click(box["x"] + 20, box["y"] + 8)
    until(page, "document.querySelector('[data-selected=sample]') !== null")
    assert chosen(page, "sample") in result.sample_names
    assert chosen(page, "gene_set") in result.gene_set_names


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
    until(page, "document.querySelector('[data-selected=factor]') !== null")
    assert chosen(page, "factor") == result.factor_names[-1]


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
    assert chosen(page, "factor") == result.factor_names[0]
    page.keyboard.press("ArrowDown")
    assert chosen(page, "factor") == result.factor_names[1]
    page.keyboard.press("ArrowUp")
    assert chosen(page, "factor") == result.factor_names[0]
    page.keyboard.press("Escape")
    assert chosen(page, "factor") == ""
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
    find(page, gene_set)
    find(page, sample)
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
    scores = result.scores.loc[sample]
    line = page.locator("[data-widget=sample] [aria-label='Scores of the sample'] tbody tr").first
    assert line.locator("[data-pick=factor]").get_attribute("data-id") == scores.abs().idxmax()
    assert float(line.locator("td").first.inner_text()) == pytest.approx(scores[scores.abs().idxmax()], abs=0.011)


def test_a_link_to_a_card_selects_the_factor(open_page, result, tmp_path):
    names = {"F1": "F1 EMT & <b> (rna)", "F2": "F2 EMT & <b> (protein)"}
    page = open_page(report(result.rename_factors(names), tmp_path / "report.html")).page
    page.locator("#factors a[href^='#widget-factor']").nth(1).click()
    until(page, "name => document.querySelector('[data-widget=factor] h4')?.textContent === name", arg=names["F2"])
    assert chosen(page, "factor") == names["F2"]


def shown_loading(row, cell=0):
    return float(re.search(r"(-?\d+\.\d\d) \(", row.locator("td").nth(cell).inner_text()).group(1))


def test_the_factor_card_tells_what_the_fit_says_of_the_factor(open_page, page_file, result):
    page = open_page(page_file).page
    factor = result.factor_names[1]
    find(page, "F2")
    assert chosen(page, "factor") == factor
    page.wait_for_selector("[data-widget=factor] tbody tr")
    card = page.locator("[data-widget=factor]")
    assert card.locator("h4").inner_text() == factor
    words = card.inner_text()
    for view in result.view_names:
        share = 100 * result.variance_explained.loc[factor, view]
        (said,) = re.findall(rf"([\d.]+) % \([\d.]+ to [\d.]+\) of {view}\b", words)
        assert float(said) == pytest.approx(share, rel=0.06)
        row = card.locator(f"[aria-label='Top genes in {view}'] tbody tr").first
        strongest = result.loadings[view][factor].abs().idxmax()
        assert row.locator("th").inner_text() == strongest
        assert shown_loading(row, result.view_names.index(view)) == pytest.approx(
            result.loadings[view].loc[strongest, factor], abs=0.011
        )
    scores = result.scores[factor]
    people = card.locator("[data-pick=sample]").evaluate_all("all => all.map((one) => one.dataset.id)")
    assert people[0] == scores.idxmax()
    assert people[5] == scores.idxmin()
    likely = (result.gene_set_probability[factor] >= 0.5) & (result.gene_set_weights[factor] != 0)
    sets = card.locator("p [data-pick=gene_set]").evaluate_all("all => all.map((one) => one.dataset.id)")
    assert set(sets) == set(likely.index[likely])


@pytest.mark.parametrize("gene", ["GENE7", "GENE20", "UNSEEN"])
def test_a_gene_is_found_with_its_sets_and_its_loadings_on_every_factor(gene, open_page, page_file, result):
    page = open_page(page_file).page
    find(page, gene.lower())
    assert chosen(page, "gene") == gene
    card = page.locator("[data-widget=gene]")
    until(page, "name => document.querySelector('[data-widget=gene] h4')?.textContent === name", arg=gene)
    sets = card.locator("p [data-pick=gene_set]").evaluate_all("all => all.map((one) => one.dataset.id)")
    assert sets == [name for name in result.gene_set_names if gene in result.gene_sets[name]]
    seen = [view for view in result.view_names if gene in result.loadings[view].index]
    absent = [view for view in result.view_names if view not in seen]
    assert ("Not measured in" in card.inner_text()) == bool(absent)
    rows = card.locator("tbody tr")
    assert rows.count() == (len(result.factor_names) if seen else 0)
    for k, factor in enumerate(result.factor_names if seen else []):
        for place, view in enumerate(seen):
            shown = shown_loading(rows.nth(k), place)
            assert shown == pytest.approx(result.loadings[view].loc[gene, factor], abs=0.011)


def test_the_box_on_top_finds_each_kind_and_says_where_it_finds_nothing(open_page, page_file, result):
    page = open_page(page_file).page
    for words, entity, name, card in (
        ("set 3", "gene_set", "HALLMARK_SET_3", "card"),
        ("patient7", "sample", "patient7", "sample"),
        ("F3", "factor", result.factor_names[2], "factor"),
        ("gene1", "gene", "GENE1", "gene"),
    ):
        find(page, words)
        assert chosen(page, entity) == name
        assert page.evaluate(f"document.querySelector('#widget-{card}').getBoundingClientRect().top") < 900
    find(page, "no such thing")
    assert "no such thing" in page.locator("#status").inner_text()
    page.fill("#find", "gene1")
    offers = page.locator("#found-names option").evaluate_all("all => all.map((one) => one.value)")
    assert offers[0] == "GENE1 (gene)"
    page.click("[data-selected=sample]")
    assert chosen(page, "sample") == ""


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


def tip(page):
    """Return the explanation that is shown; empty where none is."""
    return page.evaluate(
        "(() => { const tip = document.querySelector('#tip'); return tip.hidden ? '' : tip.textContent; })()"
    )


def test_words_carry_their_explanation_for_the_pointer_and_the_keyboard(open_page, page_file):
    page = open_page(page_file).page
    see_all(page)
    found = page.locator("main span.term").evaluate_all(
        "all => all.map((one) => [one.textContent, one.closest('section').id,"
        " document.getElementById(one.getAttribute('aria-describedby')).textContent])"
    )
    assert {"overview", "factors", "biology", "cards"} <= {section for _, section, _ in found}
    for word, _, meaning in found:
        terms = page.evaluate("word => [...document.querySelectorAll('dt[data-words]')].filter((dt) => "
                              "dt.dataset.words.split(', ').includes(word.toLowerCase())).map((dt) => "
                              "dt.nextElementSibling.textContent)", word)  # fmt: skip
        assert terms == [meaning]
    term = page.locator("#overview span.term").first
    meaning = found[0][2]
    term.hover()
    assert tip(page) == meaning
    page.mouse.move(0, 0)
    until(page, "document.querySelector('#tip').hidden")
    term.focus()
    assert tip(page) == meaning
    page.keyboard.press("Escape")
    assert tip(page) == ""
    page.keyboard.press("Enter")
    assert tip(page) == meaning
    box, window = page.locator("#tip").bounding_box(), page.viewport_size
    assert 0 <= box["x"] <= window["width"] - box["width"]
    assert 0 <= box["y"] <= window["height"] - box["height"]
    assert violations(page) == []


def test_a_tap_explains_a_word_and_a_second_elsewhere_hides_it(open_page, page_file):
    page = open_page(page_file, has_touch=True).page
    page.set_viewport_size({"width": 390, "height": 800})
    term = page.locator("#overview span.term").first
    term.scroll_into_view_if_needed()
    page.wait_for_timeout(100)
    term.tap()
    assert tip(page) != ""
    page.locator("#h-overview").tap()
    assert tip(page) == ""
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_heads_of_tables_explain_themselves(open_page, page_file):
    page = open_page(page_file).page
    page.focus("details[data-table=associations] thead button.term >> nth=0")
    assert tip(page) != ""


def test_a_gene_set_leads_to_its_page_by_a_plain_link(open_page, page_file, result):
    opened = open_page(page_file)
    find(opened.page, result.gene_set_names[2])
    link = opened.page.locator("[data-widget=card] a[rel*=noopener]")
    assert link.get_attribute("href").endswith(f"/{result.gene_set_names[2]}.html")
    assert [url for url in opened.requests if url.startswith("http")] == []


def test_the_badge_stands_at_every_section_that_the_verdict_is_about(open_page, tmp_path):
    page = open_page(report(random_result(n_samples=12), tmp_path / "report.html")).page
    badges = page.locator("section h2 .verdict")
    assert set(badges.all_inner_texts()) == {page.locator(".top .verdict").inner_text()}
    assert badges.evaluate_all("all => all.map((one) => one.closest('section').id)") == SECTIONS[1:6]


def test_no_serious_barrier(open_page, page_file):
    page = open_page(page_file).page
    see_all(page)
    for name in ("variance-explained", "factors", "findings", "associations"):
        page.evaluate(f"document.querySelector('details[data-table={name}]').open = true")
        page.wait_for_selector(f"details[data-table={name}] thead th")
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
    page = opened.page
    assert page.locator("tbody tr").count() == 3
    cohorts = "[...document.querySelectorAll('[data-sheet] tbody tr:not([hidden]) th')].map((one) => one.textContent)"
    page.click("[data-sheet] th:has-text('Verdict') button")
    assert page.evaluate(cohorts) == ["a", "b", "c"]
    page.click("[data-sheet] th:has-text('Verdict') button")
    assert page.evaluate(cohorts) == ["c", "b", "a"]
    assert page.get_attribute("[data-sheet] th:has-text('Verdict')", "aria-sort") == "descending"
    page.fill("[data-sheet-filter]", "no shared")
    assert page.evaluate(cohorts) == ["c"]
    again = open_page(page.url.split("file://")[1].split("#")[0], "#" + page.url.split("#")[1]).page
    assert again.evaluate(cohorts) == ["c"]


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
