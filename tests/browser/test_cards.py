"""Cards tell the numbers of the fit."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_result import random_result
from waiting import chosen, find, until

from pathfa.reporting import report


def test_cards_and_sample_pages_tell_the_numbers_of_the_fit(open_page, page_file, result):
    page = open_page(page_file).page
    gene_set, sample = result.gene_set_names[2], result.sample_names[5]
    find(page, gene_set)
    page.locator("#widget-card").scroll_into_view_if_needed()
    page.wait_for_selector("[data-widget=card] [aria-label='Members and their loadings'] tbody tr")
    row = page.locator("[data-widget=card] [aria-label='Members and their loadings'] tbody tr").first
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
    find(page, sample)
    page.locator("#widget-sample").scroll_into_view_if_needed()
    page.wait_for_selector("[data-widget=sample] tbody tr")
    scores = result.scores.loc[sample]
    line = page.locator("[data-widget=sample] [aria-label='Scores of the sample'] tbody tr").first
    assert line.locator("[data-pick=factor]").get_attribute("data-id") == scores.abs().idxmax()
    assert float(line.locator("td").first.inner_text()) == pytest.approx(scores[scores.abs().idxmax()], abs=0.011)


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


def test_the_factor_card_does_not_call_next_to_nothing_nothing(open_page, tmp_path):
    result = random_result()
    faint = result.variance_explained.copy()
    faint.loc[result.factor_names[1], "protein"] = 3e-4
    page = open_page(report(replace(result, variance_explained=faint), tmp_path / "report.html")).page
    find(page, "F2")
    until(page, "document.querySelector('[data-widget=factor] h4')?.textContent.startsWith('F2')")
    assert re.search(
        r"under 0\.1 % \([<.\d]+ to [<.\d]+\) of protein", page.locator("[data-widget=factor]").inner_text()
    )


def test_cards_of_factors_and_gene_sets_have_their_covariates_and_those_of_genes_say_where(open_page, tmp_path):
    known = random_result()
    first = known.activity.iloc[:, 2]
    obs = pd.DataFrame({"grade": np.where(first > first.median(), "high", "low"), "age": np.arange(24.0)})
    page = open_page(report(random_result(obs=obs), tmp_path / "report.html")).page
    table = pd.read_csv(tmp_path / "report_files/associations.tsv", sep="\t", keep_default_na=False)
    table = table[pd.to_numeric(table["q"]) <= 0.05]
    leading = [known.gene_set_names[2], known.factor_names[0], *known.gene_set_names]
    for name in dict.fromkeys(leading):
        kind = "card" if name in known.gene_set_names else "factor"
        expected = table[table["gene_set_id"] == name] if kind == "card" else table[table["feature"] == name]
        find(page, name)
        until(page, "([kind, name]) => document.querySelector(`[data-widget=${kind}] h4`)?.textContent.includes(name)",
              arg=[kind, name])  # fmt: skip
        card = page.locator(f"[data-widget={kind}]")
        rows = card.locator("[aria-label='Its covariates'] tbody tr")
        assert rows.locator("th").all_inner_texts() == list(expected["covariate"])
        assert ("No covariate with q of 0.05 or less." in card.inner_text()) == expected.empty
        effects = [row.locator("td").first.inner_text() for row in rows.all()]
        assert effects == list(expected["effect"])
        beyond = [row.locator("td").nth(4).inner_text() for row in rows.all()] if kind == "card" else []
        assert beyond == (list(expected["more_than_random"]) if kind == "card" else [])
    assert len(table[table["gene_set_id"] == leading[0]])
    find(page, "gene7")
    until(page, "document.querySelector('[data-widget=gene] h4')?.textContent === 'GENE7'")
    assert "Genes are not tested against covariates here" in page.locator("[data-widget=gene]").inner_text()


def test_a_gene_is_found_with_its_sets_and_its_loadings_on_every_factor(open_page, page_file, result):
    page = open_page(page_file).page
    for gene in ("GENE7", "GENE20", "UNSEEN"):
        see_gene(page, gene, result)


def see_gene(page, gene, result):
    find(page, gene.lower())
    assert chosen(page, "gene") == gene
    card = page.locator("[data-widget=gene]")
    until(page, "name => document.querySelector('[data-widget=gene] h4')?.textContent === name", arg=gene)
    sets = card.locator("p [data-pick=gene_set]").evaluate_all("all => all.map((one) => one.dataset.id)")
    assert sets == [name for name in result.gene_set_names if gene in result.gene_sets[name]]
    seen = [view for view in result.view_names if gene in result.loadings[view].index]
    absent = [view for view in result.view_names if view not in seen]
    assert ("Under this name not in" in card.inner_text()) == bool(absent)
    rows = card.locator("tbody tr")
    assert rows.count() == (len(result.factor_names) if seen else 0)
    for k, factor in enumerate(result.factor_names if seen else []):
        for place, view in enumerate(seen):
            shown = shown_loading(rows.nth(k), place)
            assert shown == pytest.approx(result.loadings[view].loc[gene, factor], abs=0.011)


def test_a_gene_set_leads_to_its_page_by_a_plain_link(open_page, page_file, result):
    opened = open_page(page_file)
    find(opened.page, result.gene_set_names[2])
    link = opened.page.locator("[data-widget=card] a[rel*=noopener]")
    assert link.get_attribute("href").endswith(f"/{result.gene_set_names[2]}.html")
    assert [url for url in opened.requests if url.startswith("http")] == []
