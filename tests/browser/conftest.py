import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from random_result import random_checks, random_result

from pathfa.reporting import report

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = "<script>window.bad=1</script><img src=x onerror='window.bad=1'>=1+1"


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if BROWSER is None:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER,
            args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--process-per-site"],
        )
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page without a network, with all that it complained about and asked for."""

    page: object
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def context_of(chromium, tmp_path_factory):
    """Return the context of some options, made once: its pages share one process, which has compiled their scripts."""
    known, nothing = {}, tmp_path_factory.mktemp("pages") / "nothing.html"
    nothing.write_text("")

    def context(**options):
        key = tuple(sorted(options.items()))
        if key not in known:
            size = {"width": 1200, "height": 900}
            known[key] = chromium.new_context(offline=True, accept_downloads=True, viewport=size, **options)
            known[key].new_page().goto(f"file://{nothing}")  # stays open: the process ends with its last page
        return known[key]

    return context


@pytest.fixture
def open_page(context_of):
    pages = []

    def open_(path: Path, anchor: str = "", **options) -> Opened:
        page = context_of(**options).new_page()
        opened = Opened(page)
        pages.append(opened)
        page.on("console", lambda message: opened.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("request", lambda request: opened.requests.append(request.url))
        page.goto(f"file://{path}{anchor}")
        page.wait_for_selector("html[data-ready]")
        return opened

    yield open_
    for opened in pages:
        opened.page.close()
    assert [opened.complaints for opened in pages if opened.complaints] == []


@pytest.fixture(scope="session")
def covariates():
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "stage": rng.choice(["I", "II", "III"], 24),
            "age": rng.normal(60.0, 8.0, 24),
            "batch": rng.choice(["b1", "b2"], 24),
            "months": rng.exponential(50.0, 24),
            "died": rng.integers(0, 2, 24),
        }
    )


@pytest.fixture(scope="session")
def result(covariates):
    rename = {"HALLMARK_SET_0": HOSTILE, "patient1": HOSTILE + "p", "GENE3": HOSTILE + "g", "GENE4": "G" * 90}
    return random_result(obs=covariates, rename=rename)


@pytest.fixture(scope="session")
def page_file(result, tmp_path_factory):
    return report(
        result,
        tmp_path_factory.mktemp("page") / "report.html",
        checks=random_checks(result),
        time="months",
        event="died",
        title="A cohort",
    )
