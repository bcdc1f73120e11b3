"""A model without factors goes through the whole program; what needs factors says that there are none."""

import json
from inspect import isfunction, signature

import pytest

import pathfa as pf
from pathfa import analysis, pl
from pathfa.core.errors import ConfigError
from pathfa.result.judgement import NO_FACTORS, Level

OF_SAMPLES = ["transform", "activity"]
QUANTITIES = ["scores", "activity", "factor_activity", "gene_set_weights"]
NEED_NONE = [
    "convergence", "selection", "noise", "residuals", "presence", "coverage", "flow", "activity",
    "residual_correlation", "identifiers",
]  # fmt: skip
OF_FACTORS = ["variance_explained", "annotated_share", "gene_set_weights", "samples", "factor"]


@pytest.fixture(scope="module")
def cohort():
    return pf.simulate(n_samples=30, seed=0, factors=0, gene_sets=12, other_features=10)


@pytest.fixture(
    scope="module", params=[{"n_factors": "auto"}, {"n_factors": 0}, {"n_factors": 0, "left_censored": ("protein",)}]
)
def model(request, cohort, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.h5"
    fitted = pf.PathFA(**request.param, n_starts=2, n_jobs=1, progress=False)
    fitted.fit(cohort.mdata, cohort.gene_sets).save(path)
    return pf.PathFA.load(path)


def test_noise_gives_no_factor_and_no_named_set(model):
    result = model.result_

    assert model.scores_.shape == (30, 0)
    assert list(model.variance_explained_.index) == ["total"]
    assert (model.factor_activity_ == 0).all(axis=None)
    assert analysis.refined_gene_sets(model).empty
    (finding,) = (item for item in result.findings if item.code == NO_FACTORS)
    asked = "a fit without factors was asked for"
    assert finding.found.startswith(asked if result.settings["stopped"] == "given" else "no factor is supported")


def test_samples_are_scored_and_predicted(model, cohort):
    mean, sd = model.predict(cohort.mdata, "protein", return_std=True)

    assert model.transform(cohort.mdata).shape == (30, 0)
    assert model.activity(cohort.mdata).shape == model.activity_.shape
    assert mean.notna().all(axis=None)
    assert (sd > 0).all(axis=None)
    assert model.impute(cohort.mdata).n_obs == 30


@pytest.mark.parametrize("what", QUANTITIES)
def test_intervals_and_draws_have_their_shape(model, what):
    lower, upper = model.interval(what)

    assert lower.shape == upper.shape == model.sample_posterior(3, 0, what).shape[1:]


def test_every_figure_of_a_model_alone_is_among_them():
    figures = {name: signature(getattr(pl, name)) for name in pl.__all__ if isfunction(getattr(pl, name))}
    alone = [name for name, given in figures.items() if _required(given) == ["model"]]
    assert sorted(alone) == sorted([*NEED_NONE, *OF_FACTORS])


def _required(given):
    return [
        name
        for name, item in given.parameters.items()
        if item.default is item.empty and item.kind is not item.VAR_KEYWORD
    ]


@pytest.mark.parametrize("name", NEED_NONE)
def test_figures_that_need_no_factor_are_drawn(model, name):
    assert getattr(pl, name)(model).answer


@pytest.mark.parametrize("name", OF_FACTORS)
def test_figures_of_factors_say_that_there_are_none(model, name):
    with pytest.raises(ConfigError, match="a model without factors"):
        getattr(pl, name)(model)


def test_checks_say_why_they_were_not_done(model, cohort):
    checks = pf.run_checks(model, cohort.mdata, n_jobs=1, progress=False)

    assert not checks.tables
    assert set(checks.not_done) == {"heldout", "uninformed", "decoys", "stability"}
    assert all("without factors" in why for why in checks.not_done.values())


def test_associations_are_of_activities_alone(model):
    table = model.result_.obs[["age", "batch"]]

    assert set(pf.associate(model, table)["covariate"]) == {"age", "batch"}
    with pytest.raises(ConfigError, match="a model without factors"):
        pf.associate(model, table, level="scores")


def test_the_report_and_the_tables_are_written(model, cohort, tmp_path):
    report = pf.report(model, tmp_path / "report.html", covariates=cohort.mdata.obs)
    pf.export(model, tmp_path / "tables")

    status = json.loads((tmp_path / "report_files" / "status.json").read_text())
    text = report.read_text(encoding="utf-8")
    assert status["verdict"] == str(Level.STOP)
    assert status["figures"]["factors"] == 0
    assert status["checks"]["factors"] == str(Level.STOP)
    # independent noise: not even the views of a sample go together
    assert [reason["code"] for reason in status["reasons"]] == ["factors", "shared-samples"]
    assert 'id="programmes"' not in text
