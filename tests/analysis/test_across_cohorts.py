"""What several cohorts have in common: planted effects are found again, noise is not; numbers of statsmodels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

import pathfa as pf
from pathfa.core.errors import InputError

NAMES = ("first", "second", "third")


def cohort(make_result, seed, slope, n=80):
    """Return the associations of a cohort whose first factor moves with the marker, by ``slope`` of its sd."""
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(n, 4))
    marker = slope * drawn[:, 0] + rng.normal(size=n)
    obs = pd.DataFrame(
        {
            "marker": marker,
            "stage": np.where(marker > np.median(marker), "late", "early"),
            "noise": rng.normal(size=n),
            "site": rng.choice(["a", "b", "c"], n),
        },
        index=[f"s{i}" for i in range(n)],
    )
    return pf.associate(make_result(seed=seed, n=n, scores=drawn, obs=obs), list(obs.columns), draws=0)


@pytest.fixture(scope="module")
def tables(make_result):
    return {name: cohort(make_result, seed, 1.5) for seed, name in enumerate(NAMES)}


@pytest.fixture(scope="module")
def found(tables):
    return pf.meta_analysis(tables)


def of(found, covariate):
    return found[found["covariate"] == covariate].set_index("feature")


@pytest.mark.parametrize("covariate", ["marker", "stage"])
def test_a_planted_effect_is_found_in_all_cohorts_in_its_direction(found, covariate):
    rows = of(found, covariate)
    planted = rows.loc[["set0", "set4", "set8"]]
    assert (planted["higher_in"] == 3).all()
    assert (planted["replicated_q"] < 0.05).all()
    assert (planted["effect"] > 0.3).all()
    others = rows.drop(index=planted.index)
    assert (others["replicated_q"] > 0.05).all()
    assert set(rows.index[:3]) == set(planted.index)  # they come first


def test_nothing_is_found_of_noise(found):
    rows = of(found, "noise")
    assert (rows["replicated_q"] > 0.05).all()
    assert (rows["q"] > 0.05).all()


def test_a_share_of_variance_is_counted_and_has_no_direction(found):
    rows = of(found, "site")
    assert (rows["cohorts"] == 3).all()
    assert (rows[["higher_in", "lower_in"]] == 0).all(axis=None)
    assert rows["effect"].isna().all()
    assert rows["replicated_p"].notna().all()


@pytest.mark.filterwarnings("ignore:.*use_t")  # of intervals of single cohorts in the summary of statsmodels
@pytest.mark.parametrize("covariate", ["marker", "stage"])
def test_averages_are_those_of_statsmodels(tables, found, covariate):
    to, back = (np.arctanh, np.tanh) if covariate == "marker" else (np.asarray, np.asarray)
    for feature, row in of(found, covariate).iterrows():
        mine = [table[(table["covariate"] == covariate) & (table["feature"] == feature)] for table in tables.values()]
        rows = pd.concat(mine)
        # the variance of a correlation by Fisher, that of a difference from its t statistic
        variance = 1.0 / (rows["n"] - 3.0) if covariate == "marker" else (rows["effect"] / rows["statistic"]) ** 2
        fit = combine_effects(to(rows["effect"].to_numpy()), variance.to_numpy(), use_t=True)
        expected = fit.summary_frame().loc["random effect"]
        told = row[["effect", "lower", "upper"]].to_numpy(dtype=float)
        np.testing.assert_allclose(told, back(expected[["eff", "ci_low", "ci_upp"]].to_numpy()), rtol=1e-6)
        assert row["tau"] ** 2 == pytest.approx(fit.tau2, abs=1e-9)
        assert row["i2"] == pytest.approx(max(0.0, fit.i2))
        assert row["heterogeneity_p"] == pytest.approx(fit.test_homogeneity().pvalue)
        assert row["p"] == pytest.approx(2.0 * stats.t.sf(abs(expected["eff"]) / expected["sd_eff"], 2))


def test_cohorts_that_contradict_each_other_are_heterogeneous(make_result):
    opposed = {
        name: cohort(make_result, seed, slope)
        for seed, (name, slope) in enumerate(zip("abcd", (2, -2) * 2, strict=True))
    }
    row = of(pf.meta_analysis(opposed), "marker").loc["set0"]
    assert (row["higher_in"], row["lower_in"]) == (2, 2)
    assert row["i2"] > 0.9
    assert row["heterogeneity_p"] < 1e-6
    assert row["lower"] < 0 < row["upper"]
    assert row["q"] > 0.05


def test_survival_and_agreement_are_combined_on_their_scales(make_result):
    rng = np.random.default_rng(0)
    survival, views = {}, {}
    for seed, name in enumerate(NAMES):
        drawn = rng.normal(size=(80, 4))
        obs = pd.DataFrame(
            {"time": rng.exponential(np.exp(-1.5 * drawn[:, 0])), "event": 1}, index=[f"s{i}" for i in range(80)]
        )
        result = make_result(seed=seed, scores=drawn, obs=obs)
        survival[name] = pf.survival(result, "time", "event", draws=0)
        views[name] = pf.concordance(result)
    hazards = of(pf.meta_analysis(survival), "time")
    assert hazards.loc["set0", "lower"] > 1.0
    assert (hazards.loc["set0", ["higher_in", "found_higher"]] == 3).all()
    agreement = pf.meta_analysis(views)
    assert set(agreement["covariate"]) == {"rna ~ protein"}
    assert set(agreement["measure"]) == {"correlation"}


def test_what_one_cohort_alone_tested_is_left_out(tables):
    rare = tables["first"].assign(covariate=lambda table: table["covariate"].replace("marker", "rare"))
    found = pf.meta_analysis({**tables, "first": rare})
    assert set(found["covariate"]) == {"marker", "stage", "noise", "site"}
    assert (of(found, "marker")["cohorts"] == 2).all()
    assert pf.meta_analysis({}).empty
    assert list(pf.meta_analysis({}).columns) == list(found.columns)


def test_a_table_of_something_else_is_refused():
    with pytest.raises(InputError, match=r"cohort .a.: .*no column .covariate."):
        pf.meta_analysis({"a": pd.DataFrame({"feature": ["x"]})})


@settings(max_examples=30)
@given(cohorts=st.integers(2, 12), sets=st.integers(1, 30), seed=st.integers(0, 10_000))
def test_replication_is_no_surer_than_the_second_cohort(cohorts, sets, seed):
    rng = np.random.default_rng(seed)
    r = np.tanh(rng.normal(scale=0.2, size=(cohorts, sets)))
    p = 2.0 * stats.norm.sf(np.abs(np.arctanh(r)) * np.sqrt(57.0))
    half = 1.96 / np.sqrt(57.0)
    frames = {
        str(number): pd.DataFrame(
            {
                "covariate": "age", "feature": [f"s{i}" for i in range(sets)], "measure": "correlation", "contrast": "",
                "effect": r[number], "lower": np.tanh(np.arctanh(r[number]) - half),
                "upper": np.tanh(np.arctanh(r[number]) + half), "p": p[number], "q": p[number], "n": 60,
            }
        )
        for number in range(cohorts)
    }  # fmt: skip
    found = pf.meta_analysis(frames).set_index("feature").loc[[f"s{i}" for i in range(sets)]]
    assert (found["replicated_p"] >= np.sort(p, axis=0)[1] - 1e-12).all()
    assert (found["higher_in"] + found["lower_in"] == cohorts).all()
    assert (found["lower"] <= found["effect"]).all()
    assert (found["effect"] <= found["upper"]).all()
    turned = {
        name: frame.assign(effect=-frame["effect"], lower=-frame["upper"], upper=-frame["lower"])
        for name, frame in frames.items()
    }
    mirrored = pf.meta_analysis(turned).set_index("feature").loc[found.index]
    np.testing.assert_allclose(mirrored["effect"], -found["effect"], rtol=1e-9)
    np.testing.assert_allclose(mirrored["replicated_p"], found["replicated_p"])
    assert (mirrored["higher_in"] == found["lower_in"]).all()
