"""What a model is to its users before and after a fit: scikit-learn's ways, and what it shows of itself."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from random_result import random_result
from sklearn import config_context
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

import pathfa as pf
from pathfa.core.findings import warning

NO_MARKUP = {"patient1": "<b>p</b>", "HALLMARK_SET_0": "<i>set</i>", "GENE1": "<u>g</u>"}


def fitted(**changes: object) -> pf.PathFA:
    model = pf.PathFA()
    model.result_ = random_result(**changes)
    return model


@pytest.mark.parametrize("use", [lambda m: m.scores_, lambda m: m.interval("scores"), pf.pl.activity, check_is_fitted])
def test_a_model_that_is_not_fitted_is_caught_as_in_scikit_learn(use):
    with pytest.raises(NotFittedError):
        use(pf.PathFA())


def test_a_fitted_model_is_fitted_for_scikit_learn():
    check_is_fitted(fitted())


def test_random_state_is_the_seed():
    model = pf.PathFA(random_state=3)
    assert model.get_params() == pf.PathFA(seed=3).get_params()
    assert clone(model).seed == 3
    assert model.set_params(random_state=5, n_factors=2).seed == 5
    with pytest.raises(TypeError, match="the same"):
        pf.PathFA(seed=1, random_state=1)


def test_completion_lists_the_attributes_of_a_fit_once_there_is_one():
    def listed(model: pf.PathFA) -> set[str]:
        return {name for name in dir(model) if name.endswith("_") and not name.startswith("_")}

    assert listed(pf.PathFA()) == set()
    assert {"result_", "scores_", "activity_", "findings_"} <= listed(fitted())
    assert all(hasattr(fitted(), name) for name in listed(fitted()))


@pytest.mark.parametrize("n_factors", [0, 1, 3])
@pytest.mark.parametrize("form", ["text/plain", "text/html"])
def test_a_fitted_model_shows_its_data_factors_and_findings(form, n_factors):
    model = fitted(n_factors=max(n_factors, 1))
    if not n_factors:
        tables = {name: getattr(model.result_, name).iloc[:, :0] for name in ("scores", "gene_set_weights")}
        explained = model.result_.variance_explained.loc[["total"]]
        model.result_ = replace(model.result_, **tables, variance_explained=explained)
    model.result_ = replace(model.result_, findings=(warning("odd", "a thing is odd", fix="look"),))
    shown = model._repr_mimebundle_()[form]
    for name in ("24 samples", "rna", "protein", *model.factor_names_, "a thing is odd", "1 warning", "pf.report"):
        assert name in shown
    share = f"{100 * model.variance_explained_.iloc[0, 0]:.1f} %"
    assert (share in shown) == (n_factors > 0)


@pytest.mark.parametrize("model", [pf.PathFA(seed=3), fitted()], ids=["options", "fitted"])
@pytest.mark.parametrize("display", ["diagram", "text"])
def test_a_model_is_the_same_to_whatever_asks_for_html(model, display):
    with config_context(display=display):
        own, bundle = model._repr_html_() or "", model._repr_mimebundle_().get("text/html", "")
    assert all(("pf.report" in shown) == hasattr(model, "result_") for shown in (own, bundle))
    assert bool(own) == bool(bundle)


def test_a_model_shows_names_as_text():
    shown = fitted(rename=NO_MARKUP)._repr_mimebundle_()["text/html"]
    assert re.search(r"<(b>p|i>set|u>g)", shown) is None


def test_a_model_that_is_not_fitted_shows_its_options():
    model = pf.PathFA(seed=3)
    assert repr(model) == "PathFA(seed=3)"
    assert model._repr_mimebundle_()["text/plain"] == repr(model)


def test_a_longer_bar_is_more_variance():
    model = fitted()
    rows = [line for line in repr(model).splitlines() if re.match(r"F\d", line)]
    bars = [row.split("%")[1].count("█") for row in rows]
    assert bars == sorted(bars, reverse=True)
    assert bars[0] > bars[-1]


def test_a_fit_tells_its_warnings_when_it_ends():
    cohort = pf.simulate(n_samples=40, seed=0)
    with pytest.warns(pf.errors.FitWarning) as said:
        model = pf.PathFA(n_factors=15, n_starts=1, max_iter=30, progress=False).fit(cohort.mdata, cohort.gene_sets)
    (told,) = [str(item.message) for item in said if item.category is pf.errors.FitWarning]
    (many,) = [item for item in model.findings_ if item.code == "many-factors"]
    assert str(many) in told
    assert said[0].filename == __file__
