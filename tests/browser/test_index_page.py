"""The page of all fits."""

import json
import re

from barriers import violations
from waiting import see_all

from pathfa.reporting import status_path, write_index_page


def test_index_page(open_page, page_file, tmp_path):
    status = json.loads(status_path(page_file).read_text(encoding="utf-8"))
    entries = [
        {"cohort": "a", "link": "a.html", "status": {**status, "title": "a", "verdict": "CAUTION"}},
        {"cohort": "b", "link": "b.html", "title": "b", "status": {**status, "verdict": "PASS"}},
        {"cohort": "c", "state": "skipped", "reason": "no shared samples"},
    ]
    opened = open_page(write_index_page(entries, tmp_path / "index.html"))
    see_all(opened.page)
    assert opened.complaints == []
    assert violations(opened.page) == []
    page = opened.page
    assert page.locator("tbody tr").count() == 3
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        words = page.locator("td.words").first.bounding_box()
        assert words["width"] >= min(400, 0.7 * width)  # sentences do not become columns of single words
    page.set_viewport_size({"width": 1200, "height": 900})
    assert re.fullmatch(r"\d+ %", page.locator("[data-sheet] tbody tr").first.locator("td.number").last.inner_text())
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
