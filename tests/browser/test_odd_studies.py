"""Studies at the edges: each is fitted, reported and read to its end without a complaint of the browser."""

import numpy as np
import pandas as pd
import pytest
from waiting import chosen, find, see_all

import pathfa as pf
from pathfa.analysis import run_checks
from pathfa.reporting import files_of, report

pytestmark = pytest.mark.slow
FAST = {"n_starts": 1, "max_iter": 40, "progress": False}
SETS = {f"SET_{p}": [f"G{i}" for i in range(12 * p, 12 * p + 12)] for p in range(4)}


def views(n_views: int = 2, n_samples: int = 30, names=None) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(0)
    samples = [f"P{i}" for i in range(n_samples)] if names is None else names
    scores = rng.normal(size=(n_samples, 2))
    made = {}
    for view in range(n_views):
        loadings = np.zeros((48, 2))
        loadings[:12, 0] = loadings[24:36, 1] = 1.0
        values = scores @ loadings.T + rng.normal(size=(n_samples, 48))
        made[f"view {view}"] = pd.DataFrame(values, index=samples, columns=[f"G{i}" for i in range(48)])
    return made


def survival(samples) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "months": rng.exponential(20.0, len(samples)),
            "died": rng.integers(0, 2, len(samples)),
            "grade": rng.choice(["low", "high", None], len(samples)),
            "all the same": "x",
        },
        index=samples,
    )


def absent(data):
    first, second = data.values()
    return {"view 0": first.iloc[:20], "view 1": second.iloc[8:]}


def without_members(data):
    noise = np.random.default_rng(3).normal(size=data["view 0"].shape)
    return {**data, "mirna": (data["view 0"] + noise).rename(columns=lambda name: f"miR-{name}")}


def sparse_holes(data):
    first = data["view 0"].mask(np.random.default_rng(2).random((30, 48)) < 0.3)
    return {**data, "view 0": first}


STUDIES = {
    "one view": (views(1), {"n_factors": 2}, {}),
    "five views": (views(5), {"n_factors": 2}, {}),
    "strict": (views(), {"n_factors": 2, "loading_prior": "strict"}, {}),
    "soft": (views(), {"n_factors": 2, "loading_prior": "soft"}, {}),
    "one factor": (views(), {"n_factors": 1, "loading_prior": "soft"}, {}),
    "no factors": (views(), {"n_factors": 0}, {}),
    "any sign": (views(), {"n_factors": 2, "loading_prior": "soft", "sign": "any"}, {}),
    "missing views": (absent(views()), {"n_factors": 2, "loading_prior": "soft"}, {}),
    "missing values": (sparse_holes(views()), {"n_factors": 2, "loading_prior": "soft"}, {}),
    "a view without genes": (without_members(views()), {"n_factors": 2, "loading_prior": "soft"}, {}),
    "names that are numbers": (views(names=[str(i) for i in range(30)]), {"n_factors": 2}, {}),
    "survival": (
        views(), {"n_factors": 2}, {"covariates": survival([f"P{i}" for i in range(30)]), "time": "months",
                                    "event": "died"},
    ),
    "four samples": (views(n_samples=4), {"n_factors": 1, "loading_prior": "soft"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", STUDIES)
def test_odd_studies_render(name, open_page, tmp_path):
    data, options, more = STUDIES[name]
    model = pf.PathFA(**{**FAST, **options}).fit(data, SETS)
    checks = run_checks(model, data, folds=2, repeats=1, resamples=2, n_jobs=1, progress=False)
    path = report(model, tmp_path / "report.html", checks=checks, **more)
    opened = open_page(path)
    see_all(opened.page)
    assert opened.complaints == []
    page = opened.page
    sections = 12 if model.factor_names_ else 7  # those on factors are left out
    assert page.locator("main > section").count() == sections
    drawn = page.evaluate("[...document.querySelectorAll('.canvas')].filter(c => !c.querySelector('.main-svg')).length")
    assert drawn == 0
    sample = model.result_.sample_names[-1]
    find(page, sample)
    assert chosen(page, "sample") == sample
    assert "undefined" not in page.locator("main").inner_text()
    assert "NaN" not in page.locator("main").inner_text()
    assert (files_of(path) / "status.json").is_file()
