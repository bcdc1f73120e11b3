"""Sizes that a page must keep; how long it takes is printed by ``benchmarks/report_size.py``."""

import pytest
from random_result import random_result
from waiting import find, see, until

from pathfa.reporting import report

MEGABYTE = 1_000_000


def first_figure(open_page, path):
    page = open_page(path).page
    page.evaluate("document.querySelector('.canvas').scrollIntoView()")
    page.wait_for_selector(".canvas .main-svg")
    return page


def test_a_usual_cohort(open_page, tmp_path):
    result = random_result(n_samples=100, n_sets=50, n_factors=8, n_features=4000, set_share=0.04)
    path = report(result, tmp_path / "report.html")
    assert path.stat().st_size < 10 * MEGABYTE
    first_figure(open_page, path)


@pytest.mark.slow
def test_reactome(open_page, tmp_path):
    result = random_result(n_samples=100, n_sets=970, n_factors=15, n_features=9000, set_share=0.006)
    path = report(result, tmp_path / "report.html")
    assert path.stat().st_size < 20 * MEGABYTE
    first_figure(open_page, path)


@pytest.mark.slow
def test_two_thousand_samples_do_not_freeze(open_page, tmp_path):
    result = random_result(n_samples=2000, n_sets=200, n_factors=10, n_features=3000, set_share=0.02)
    path = report(result, tmp_path / "report.html")
    page = first_figure(open_page, path)
    for name in ("card", "sample"):
        see(page, name, "tbody tr")
    see(page, "scatter", ".main-svg")
    see(page, "groups", "[data-rest]")
    find(page, "patient1234")
    until(page, "document.querySelector('[data-widget=sample] h4').textContent === 'patient1234'")
