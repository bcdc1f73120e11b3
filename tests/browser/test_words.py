"""Words carry their explanation, and nothing keeps a reader from the page."""

import pytest
from barriers import violations
from waiting import see_all, until


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
    assert violations(page, "#tip", "#overview") == []


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


@pytest.mark.parametrize("width", [1200, 390])
def test_an_explanation_does_not_cover_the_sentence_that_it_explains(open_page, page_file, width):
    page = open_page(page_file).page
    page.set_viewport_size({"width": width, "height": 900})
    terms = page.locator("#overview span.term")
    assert terms.count() > 0
    for term in terms.all():
        term.focus()
        sentence = term.locator("xpath=ancestor::*[self::li or self::p][1]").bounding_box()
        box = page.locator("#tip").bounding_box()
        assert box["y"] >= sentence["y"] + sentence["height"] or box["y"] + box["height"] <= sentence["y"]


def test_heads_of_tables_explain_themselves(open_page, page_file):
    page = open_page(page_file).page
    page.focus("details[data-table=associations] thead button.term >> nth=0")
    assert tip(page) != ""


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
