import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pathfa.analysis import associate


def covariate(result, values, name="x"):
    return pd.DataFrame({name: values}, index=result.sample_names)


@pytest.fixture(scope="module")
def results(make_result):
    """Return models of different cohorts, which all kinds of covariates are tested in."""
    return [make_result(seed=seed, n=40, factors=15, sets=15, features=15, score_sd=0.15) for seed in range(14)]


@pytest.mark.parametrize("kind", ["numeric", "binary", "categorical", "ordinal"])
@pytest.mark.parametrize("method", ["auto", "rank", "linear"])
def test_p_values_are_uniform_under_the_null(results, kind, method):
    rng = np.random.default_rng(3)
    p = []
    for result in results:
        values = {
            "numeric": rng.normal(size=40),
            "binary": rng.integers(0, 2, 40),
            "categorical": rng.choice(["a", "b", "c"], 40),
            "ordinal": pd.Categorical(rng.choice(["1", "2", "3"], 40), ordered=True),
        }[kind]
        p += associate(result, covariate(result, values), level="scores", draws=5, method=method)["p"].tolist()
    assert stats.kstest(p, "uniform").pvalue > 1e-3
    assert np.mean(np.array(p) < 0.05) < 0.08


def test_false_discovery_rate_is_calibrated(make_result):
    rng = np.random.default_rng(0)
    rates = []
    for seed in range(30):
        result = make_result(seed=seed, factors=20, sets=20, features=20)
        x = result.scores.iloc[:, :5].sum(axis=1) + 2.5 * rng.normal(size=80)
        found = associate(result, covariate(result, x), level="scores", draws=5)
        called = found[found["q"] < 0.1]
        true = set(result.factor_names[:5])
        rates.append((~called["feature"].isin(true)).sum() / max(1, len(called)))
    assert np.mean(rates) < 0.1 + 2 * np.std(rates) / np.sqrt(len(rates))


def test_repeated_samples_do_not_count_twice(make_result):
    rng = np.random.default_rng(0)
    p = {"auto": [], "naive": []}
    for seed in range(15):
        scores = np.repeat(rng.normal(size=(20, 10)), 4, axis=0) + 0.3 * rng.normal(size=(80, 10))
        result = make_result(seed=seed, scores=scores, factors=10, sets=10, features=10)
        x = covariate(result, np.repeat(rng.normal(size=20), 4))
        subjects = pd.Series(np.repeat(np.arange(20), 4), index=result.sample_names, name="patient")
        p["auto"] += associate(result, x, level="scores", groups=subjects, draws=0)["p"].tolist()
        p["naive"] += associate(result, x, level="scores", draws=0)["p"].tolist()
    assert np.mean(np.array(p["auto"]) < 0.05) < 0.12
    assert np.mean(np.array(p["naive"]) < 0.05) > 0.25
