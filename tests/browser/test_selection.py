"""What is selected, by pointer, keyboard, box or link, is selected everywhere."""

from waiting import chosen, find, see_all, until

from pathfa.reporting import report


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
    find(page, "no such thing")
    assert "no such thing" in page.locator("#status").inner_text()
    gene = chosen(page, "gene")
    find(page, "ENE1")
    assert "part of GENE1 (gene)" in page.locator("#status").inner_text()
    assert chosen(page, "gene") == gene
    page.fill("#find", "gene1")
    offers = page.locator("#found-names option").evaluate_all("all => all.map((one) => one.value)")
    assert offers[0] == "GENE1 (gene)"
    page.fill("#find", "hallmark_set_3")
    offers = page.locator("#found-names option").evaluate_all("all => all.map((one) => one.value)")
    assert offers == ["set 3 (gene set)"]
    page.click("[data-selected=sample]")
    assert chosen(page, "sample") == ""
