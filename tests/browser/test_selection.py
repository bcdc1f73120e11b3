"""What is selected, by pointer, keyboard, box or link, is selected everywhere."""

import numpy as np
import pandas as pd
import pytest
from random_result import random_result
from waiting import chosen, find, see, see_all, until

from pathfa.reporting import report


def test_a_selection_is_seen_everywhere_and_kept_in_the_url(open_page, page_file, result):
    gene_set, sample = result.gene_set_names[2], result.sample_names[5]
    page = open_page(page_file, f"#gene_set={gene_set}").page
    see_all(page)
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


def test_a_link_to_a_card_selects_the_factor(open_page, result, tmp_path):
    names = {"F1": "F1 EMT & <b> (rna)", "F2": "F2 EMT & <b> (protein)"}
    page = open_page(report(result.rename_factors(names), tmp_path / "report.html")).page
    page.locator("#factors a[href^='#widget-factor']").nth(1).click()
    until(page, "name => document.querySelector('[data-widget=factor] h4')?.textContent === name", arg=names["F2"])
    assert chosen(page, "factor") == names["F2"]


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
        assert page.evaluate("document.activeElement.id") == f"widget-{card}"
        assert [chosen(page, each) for each in ("factor", "gene_set", "gene", "sample")].count(
            ""
        ) == 3  # the last alone
    for words, said in (("no such thing", "no such thing"), ("ENE1", "part of GENE1 (gene)")):
        find(page, "GENE2")
        find(page, words)
        assert said in page.locator("#status").inner_text()
        assert chosen(page, "gene") == ""
    page.fill("#find", "gene1")
    offers = page.locator("#found-names option").evaluate_all("all => all.map((one) => one.value)")
    assert offers[0] == "GENE1 (gene)"
    page.fill("#find", "hallmark_set_3")
    offers = page.locator("#found-names option").evaluate_all("all => all.map((one) => one.value)")
    assert offers == ["set 3 (gene set)"]


def test_what_was_selected_otherwise_stays_when_something_is_found(open_page, page_file, result):
    page = open_page(page_file, "#sample=patient7").page
    for words in ("GENE1", "F3", "no such thing"):
        find(page, words)
        assert chosen(page, "sample") == "patient7"
    page.click("[data-selected=sample]")
    assert chosen(page, "sample") == ""


@pytest.mark.parametrize(
    ("words", "covariate"),
    [("phenotype", "phenotype"), ("MSI", "phenotype"), ("microsatellite", "phenotype"), ("MSI-H", "phenotype"),
     ("immune score", "immune score"), ("plate", "plate"), ("b2", "plate")],
)  # fmt: skip
def test_a_covariate_is_found_by_its_name_and_its_levels_and_leads_to_its_associations(
    open_page, named, words, covariate
):
    page = open_page(named).page
    find(page, words)
    assert page.evaluate("document.activeElement.id") == "tab-associations"
    table = "details[data-table=associations]"
    assert page.locator(f"{table} tbody tr").count() > 1
    places = page.locator(f"{table} thead th").all_inner_texts()
    column = next(place for place, head in enumerate(places) if head.startswith("covariate"))
    found = page.locator(f"{table} tbody tr td:nth-child({column + 1})").all_inner_texts()
    assert set(found) == {covariate}
    assert page.locator("[data-selected]").count() == 0


@pytest.mark.parametrize(
    ("words", "gene_set"),
    [("EMT", "HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION"), ("oxphos", "HALLMARK_OXIDATIVE_PHOSPHORYLATION"),
     ("ifng response", "HALLMARK_INTERFERON_GAMMA_RESPONSE")],
)  # fmt: skip
def test_gene_sets_are_found_by_what_biologists_call_them(open_page, named, words, gene_set):
    page = open_page(named).page
    page.fill("#find", words)
    offers = page.locator("#found-names option").evaluate_all("all => all.map((one) => one.value)")
    assert words.lower() in offers[0].lower()  # browsers hide offers without the words that were typed
    page.press("#find", "Enter")
    assert chosen(page, "gene_set") == gene_set


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Return a report with names that readers call otherwise, and covariates of each origin."""
    rng = np.random.default_rng(0)
    sets = ("EPITHELIAL_MESENCHYMAL_TRANSITION", "OXIDATIVE_PHOSPHORYLATION", "INTERFERON_GAMMA_RESPONSE")
    rename = {f"HALLMARK_SET_{place}": f"HALLMARK_{name}" for place, name in enumerate(sets)}
    rename |= {"GENE1": "MSI1", "GENE2": "MSI2"}
    covariates = {
        "phenotype": ["MSI-H", "MSS"] * 12,
        "immune score": rng.normal(size=24),
        "plate": ["b1", "b2", "b3"] * 8,
    }
    result = random_result(rename=rename, obs=pd.DataFrame(covariates))
    return report(result, tmp_path_factory.mktemp("named") / "report.html")


def test_the_print_button_of_a_sample_is_near_and_enter_goes_from_a_map_to_its_card(open_page, page_file, result):
    page = open_page(page_file).page
    find(page, "patient7")
    see(page, "sample", "[data-print]")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.print"):
            break
    assert page.evaluate("document.activeElement.dataset.print") == "sample"
    for key, entity, card in (("ArrowRight", "sample", "sample"), ("ArrowDown", "gene_set", "card")):
        page.focus("[data-figure=overview]")
        page.wait_for_selector("[data-figure=overview] .main-svg")
        page.keyboard.press(key)
        assert chosen(page, entity)
        assert "Enter opens its card" in page.locator("#status").inner_text()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == f"widget-{card}"
        assert page.locator(f"#widget-{card}").bounding_box()["y"] < 900
