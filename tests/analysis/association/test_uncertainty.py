import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pathfa.analysis import associate
from pathfa.analysis.association.tables import reliability
from pathfa.core.errors import ConfigError

FIRST = "F1 f0"


def covariate(result, values, name="x"):
    return pd.DataFrame({name: values}, index=result.sample_names)


def row(table, feature):
    return table.set_index("feature").loc[feature]


def measured(make_result, *, n=80, factors=40, score_sd=0.7):
    """Return a result whose posterior is that of true scores of unit variance, one where they are known, and they."""
    rng = np.random.default_rng(0)
    mean = np.sqrt(1.0 - score_sd**2) * rng.normal(size=(n, factors))
    true = mean + score_sd * rng.normal(size=(n, factors))
    options = {"n": n, "factors": factors, "sets": factors, "features": 2 * factors, "omega": np.inf}
    return (
        make_result(scores=mean, score_sd=score_sd, **options),
        make_result(scores=true, score_sd=0.01, **options),
        true,
    )


def own(result, values, **options):
    """Return the test of every factor against the column of values that is its own."""
    table = pd.DataFrame(values, index=result.sample_names, columns=[f"x{i}" for i in range(values.shape[1])])
    found = associate(result, table, level="scores", **options)
    return found[found["covariate"].str[1:] == found["feature"].str.extract(r"f(\d+)$")[0]]


def test_uncertain_scores_give_wider_intervals_and_the_same_test(make_result):
    sure, unsure = make_result(score_sd=0.01), make_result(score_sd=0.8)
    x = covariate(sure, sure.scores[FIRST] + np.random.default_rng(0).normal(size=80))
    narrow, wide = (row(associate(item, x, level="scores"), FIRST) for item in (sure, unsure))
    assert narrow["reliability"] == pytest.approx(1.0, abs=1e-3)
    assert wide["reliability"] == pytest.approx(1.0 / (1.0 + 0.8**2), abs=0.05)
    observed, limits = ["effect", "lower", "upper", "p"], ["corrected_lower", "corrected_upper"]
    assert wide[observed].tolist() == narrow[observed].tolist()
    assert wide[limits].diff().iloc[1] > 1.2 * narrow[limits].diff().iloc[1]


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("numeric", "auto"),
        ("numeric", "rank"),
        ("numeric", "linear"),
        ("binary", "auto"),
        ("binary", "rank"),
        ("categorical", "auto"),
        ("categorical", "rank"),
    ],
)
def test_effects_are_those_on_the_true_activity(make_result, kind, method):
    """Over many factors the corrected effect is that on the truth; the observed effect is smaller."""
    result, known, true = measured(make_result)
    liability = true + np.random.default_rng(1).normal(size=true.shape)
    values = {
        "numeric": liability,
        "binary": np.where(liability > 0, "yes", "no"),
        "categorical": np.array(["a", "b", "c"])[np.searchsorted([-0.7, 0.7], liability)],
    }[kind]
    full = own(known, values, draws=0, method=method)
    found = own(result, values, draws=20, method=method)
    none = 0.5 if full["measure"].iloc[0] == "AUC" else 0.0
    truth = full["effect"].mean() - none
    assert (found["corrected_effect"].mean() - none) / truth == pytest.approx(1.0, abs=0.1)
    assert (found["effect"].mean() - none) < 0.88 * truth
    ordered = found[["corrected_lower", "lower", "effect", "upper", "corrected_upper"]].to_numpy()
    assert (np.diff(ordered, axis=1) >= 0).all()


@pytest.mark.parametrize("method", ["auto", "rank"])
@pytest.mark.parametrize("kind", ["numeric", "binary", "categorical"])
def test_corrected_effects_stay_in_their_range(make_result, kind, method):
    result = make_result(score_sd=0.9)
    true = result.scores[FIRST]
    values = {
        "numeric": true + 1e-6 * np.arange(80) ** 2,
        "binary": true > 0,
        "categorical": pd.qcut(true, 3).astype(str),
    }
    found = row(associate(result, covariate(result, values[kind]), level="scores", method=method), FIRST)
    corrected = found[["corrected_lower", "corrected_effect", "corrected_upper"]].astype(float)
    assert found["lower"] <= found["effect"] <= found["upper"]
    assert corrected.notna().all()
    assert found["measure"] == "difference in sd" or (corrected.abs() <= 1.0).all()


def test_intervals_hold_the_true_effect(make_result):
    result, _, true = measured(make_result, factors=100)
    x = 1.5 * true + np.random.default_rng(1).normal(size=true.shape)
    r = 1.5 / np.sqrt(1.0 + 1.5**2)
    found = own(result, x, draws=20)
    assert ((found["corrected_lower"] < r) & (r < found["corrected_upper"])).mean() > 0.88


def test_p_values_stay_uniform_however_uncertain_the_scores(make_result):
    result, _, _ = measured(make_result, n=30, factors=25, score_sd=0.9)
    found = own(result, np.random.default_rng(1).normal(size=(30, 25)), draws=5)
    pairs = associate(result, covariate(result, np.random.default_rng(2).normal(size=30)), level="scores", draws=5)
    assert stats.kstest(pd.concat([found["p"], pairs["p"]]), "uniform").pvalue > 1e-3


def test_reliability_does_not_depend_on_how_draws_are_cut(make_result):
    result = make_result(score_sd=0.5)
    whole = reliability(result, "activity", 40, 0)
    cut = reliability(result, "activity", 40, 0, most_numbers=5 * result.activity.size)
    assert cut == pytest.approx(whole, abs=0.03)
    assert ((cut > 0) & (cut < 1)).all()


def test_hardly_known_activities_are_noted(make_result):
    found = associate(make_result(score_sd=2.0), covariate(make_result(), np.arange(80.0)), level="scores")
    assert found["note"].str.match(r"hardly known: reliability 0\.\d\d").all()


def test_bad_options(result):
    x = covariate(result, np.arange(80.0) ** 2)
    with pytest.raises(ConfigError, match="draws"):
        associate(result, x, draws=1)
