import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from pathfa.analysis import fit_additive, outcome_model
from pathfa.analysis.association.tables import COLUMNS
from pathfa.analysis.outcome.additive import Likelihood, posterior
from pathfa.core.errors import ConfigError


def cohort(seed, n=60, p=6):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(n, p)), columns=[f"x{i}" for i in range(p)])
    return x, rng


def test_gaussian_evidence_is_the_marginal_likelihood():
    rng = np.random.default_rng(0)
    design, y = rng.normal(size=(20, 4)), rng.normal(size=20)
    precision = np.array([1.0, 2.0, 0.5, 4.0])
    found = posterior(design, y, precision, Likelihood.GAUSSIAN, 1.7).log_evidence
    full = np.column_stack([np.ones(20), design])
    cov = full @ np.diag(1 / np.concatenate([[1e-6], precision])) @ full.T + np.eye(20) / 1.7
    assert found == pytest.approx(stats.multivariate_normal(np.zeros(20), cov).logpdf(y), rel=1e-6)


def test_bernoulli_mode_is_a_penalised_logistic_regression():
    rng = np.random.default_rng(0)
    design = rng.normal(size=(50, 2))
    y = (rng.random(50) < 1 / (1 + np.exp(-2 * design[:, 0]))).astype(float)
    found = posterior(design, y, np.full(2, 1e-8), Likelihood.BERNOULLI, 1.0)
    fit = sm.Logit(y, sm.add_constant(design)).fit(disp=0)
    np.testing.assert_allclose(found.mean, fit.params, rtol=1e-3)
    np.testing.assert_allclose(found.cov, fit.cov_params(), rtol=1e-3)


def test_selects_what_matters_and_finds_its_shape():
    hits, false = 0, 0
    for seed in range(8):
        x, rng = cohort(seed)
        y = pd.Series(1.5 * x["x0"] + (x["x1"] ** 2 - 1) + 0.5 * rng.normal(size=60), name="y")
        table = fit_additive(x, y).table()
        assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
        chosen = table[table["selected"]].set_index("feature")
        hits += {"x0", "x1"} <= set(chosen.index)
        assert chosen.loc["x1", "shape"] == "smooth"
        assert chosen["effect"].between(chosen["lower"], chosen["upper"]).all()
        spread = x["x0"].std(ddof=0) / y.std()
        assert chosen.loc["x0", "slope_lower"] < 1.5 * spread < chosen.loc["x0", "slope_upper"]
        false += len(set(chosen.index) - {"x0", "x1"})
    assert hits == 8
    assert false <= 3  # of 32 that could have been


def test_selects_nothing_when_there_is_nothing():
    kept = []
    for seed in range(10):
        x, rng = cohort(seed)
        kept.append(fit_additive(x, pd.Series(rng.normal(size=60), name="y")).table()["selected"].sum())
    assert np.mean(kept) < 0.5


def test_shape_bands_cover_the_truth():
    inside = []
    for seed in range(10):
        x, rng = cohort(seed, n=80, p=2)
        y = pd.Series(np.sin(2 * x["x0"]) + 0.4 * rng.normal(size=80), name="y")
        shape = fit_additive(x, y).shapes()
        shape = shape[(shape["feature"] == "x0") & shape["x"].between(-1.5, 1.5)]
        truth = np.sin(2 * shape["x"]) - np.sin(2 * x["x0"]).mean()
        inside += (shape["lower"].le(truth) & shape["upper"].ge(truth)).tolist()
    assert np.mean(inside) > 0.75


def test_predictions_are_calibrated():
    covered, p = [], []
    for seed in range(10):
        x, rng = cohort(seed, n=120, p=3)
        y = pd.Series(10 + 3 * x["x0"] + rng.normal(size=120), name="y")
        found = fit_additive(x[:60], y[:60]).predict(x[60:])
        covered += (np.abs(y[60:] - found["mean"]) < 1.96 * found["sd"]).tolist()
        case = pd.Series(np.where(rng.random(120) < 1 / (1 + np.exp(-2 * x["x1"])), "yes", "no"), name="case")
        chance = fit_additive(x[:60], case[:60]).predict(x[60:])["probability"]
        p.append(((case[60:] == "yes") - chance).mean())
        auc = stats.mannwhitneyu(chance[case[60:] == "yes"], chance[case[60:] == "no"]).statistic
        assert auc / ((case[60:] == "yes").sum() * (case[60:] == "no").sum()) > 0.65
    assert 0.9 <= np.mean(covered) <= 0.99
    assert abs(np.mean(p)) < 0.06


def test_outcome_of_a_model(result):
    rng = np.random.default_rng(0)
    y = pd.Series(2 * result.scores["F2 f1"] + rng.normal(size=80), name="y")
    table = outcome_model(result, y).table()
    assert table.loc[0, "feature"] == "F2 f1"
    assert table.loc[0, "slope_lower"] > 0
    y.iloc[:10] = np.nan
    assert set(outcome_model(result, y, level="activity", features=["set1", "set2"]).table()["n"]) == {70}


def test_bad_outcomes(result):
    index = result.scores.index
    with pytest.raises(ConfigError, match="3 levels"):
        outcome_model(result, pd.Series(np.array(["a", "b", "c"])[np.arange(80) % 3], index=index, name="y"))
    with pytest.raises(ConfigError, match="an activity of this model"):
        outcome_model(result, result.activity["set1"].rename("y"))
    with pytest.raises(ConfigError, match="'set77'"):
        outcome_model(result, pd.Series(np.arange(80.0) ** 2, index=index, name="y"), features=["set77"])
