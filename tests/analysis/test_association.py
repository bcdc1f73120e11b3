import json

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from pathfa.analysis import associate
from pathfa.analysis.tables import COLUMNS
from pathfa.errors import AlignmentError, ConfigError

FIRST = "F1 f0"


def covariate(result, values, name="x"):
    return pd.DataFrame({name: values}, index=result.sample_names)


def row(table, feature):
    return table.set_index("feature").loc[feature]


def test_columns_and_order(result):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"b": rng.normal(size=80), "a": rng.integers(0, 2, 80)}, index=result.sample_names)
    found = associate(result, table, draws=5)
    assert list(found.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert list(found["covariate"].unique()) == ["b", "a"]
    assert (found.groupby("covariate")["p"].diff().dropna() >= 0).all()
    assert len(found) == 2 * 12


def test_numeric_equals_scipy(result):
    x = result.scores[FIRST] + np.random.default_rng(0).normal(size=80)
    found = row(associate(result, covariate(result, x), level="scores", draws=0), FIRST)
    expected = stats.pearsonr(result.scores[FIRST], x)
    assert found["effect"] == pytest.approx(expected.statistic)
    assert found["p"] == pytest.approx(expected.pvalue)
    assert found[["lower", "upper"]].tolist() == pytest.approx(list(expected.confidence_interval()))
    assert found["test"] == "Pearson"
    ranked = row(associate(result, covariate(result, x), level="scores", draws=0, method="rank"), FIRST)
    assert ranked["p"] == pytest.approx(stats.spearmanr(result.scores[FIRST], x).pvalue)


def test_binary_equals_scipy(result):
    case = np.arange(80) % 3 == 0
    labels = np.where(case, "high", "base")
    found = row(associate(result, covariate(result, labels), level="scores", draws=0), FIRST)
    z = result.scores[FIRST] / result.scores[FIRST].std()
    expected = stats.ttest_ind(z[case], z[~case], equal_var=False)
    assert found["p"] == pytest.approx(expected.pvalue)
    assert found[["lower", "upper"]].tolist() == pytest.approx(list(expected.confidence_interval()))
    assert found["contrast"] == "high vs base"
    turned = associate(result, covariate(result, labels), level="scores", draws=0, reference={"x": "high"})
    assert row(turned, FIRST)["effect"] == pytest.approx(-found["effect"])
    ranked = row(associate(result, covariate(result, labels), level="scores", draws=0, method="rank"), FIRST)
    u = stats.mannwhitneyu(z[case], z[~case])
    assert ranked["effect"] == pytest.approx(u.statistic / (case.sum() * (~case).sum()))
    assert ranked["p"] == pytest.approx(u.pvalue)


def test_auc_intervals_stay_inside_0_and_1(make_result):
    rng = np.random.default_rng(99)
    for seed in range(20):
        result = make_result(seed=seed, n=60, factors=1, sets=1, features=2)
        case = pd.Series(result.scores.iloc[:, 0] + rng.normal(size=60) > 0, name="x")
        found = associate(result, case, level="scores", method="rank", draws=0).iloc[0]
        assert 0 < found["lower"] < found["effect"] < found["upper"] < 1
    perfect = pd.Series(result.scores.iloc[:, 0] > 0, name="x")
    found = associate(result, perfect, level="scores", method="rank", draws=0).iloc[0]
    assert found["effect"] == 1.0
    assert 0.5 < found["lower"] < 1.0


def test_categorical_equals_scipy(result):
    codes = np.arange(80) % 3
    labels = np.array(["a", "b", "c"])[codes]
    z = result.scores[FIRST].to_numpy()
    split = [z[codes == code] for code in range(3)]
    found = row(associate(result, covariate(result, labels), level="scores", draws=0), FIRST)
    assert found["p"] == pytest.approx(stats.f_oneway(*split).pvalue)
    ranked = row(associate(result, covariate(result, labels), level="scores", draws=0, method="rank"), FIRST)
    assert ranked["p"] == pytest.approx(stats.kruskal(*split).pvalue)
    linear = row(associate(result, covariate(result, labels), level="scores", draws=0, method="linear"), FIRST)
    assert linear["p"] == pytest.approx(found["p"])
    assert linear["effect"] == pytest.approx(found["effect"])


def test_ordered_categories_are_ordinal(result):
    stage = pd.Categorical(np.array(["I", "II", "III"])[np.arange(80) % 3], categories=["I", "II", "III"], ordered=True)
    found = associate(result, covariate(result, stage), level="scores", draws=0)
    assert set(found["kind"]) == {"ordinal"}
    expected = stats.spearmanr(result.scores[FIRST], np.arange(80) % 3)
    assert row(found, FIRST)["p"] == pytest.approx(expected.pvalue)
    assert row(found, FIRST)["contrast"] == "I to III"


def test_adjustment_equals_statsmodels(result):
    rng = np.random.default_rng(1)
    age, sex = rng.normal(60, 10, 80), rng.integers(0, 2, 80)
    x = result.scores[FIRST] + 0.1 * age + rng.normal(size=80)
    adjust = pd.DataFrame({"age": age, "sex": sex}, index=result.sample_names)
    found = row(associate(result, covariate(result, x), level="scores", adjust=adjust, draws=0), FIRST)
    z = (result.scores[FIRST] - result.scores[FIRST].mean()) / result.scores[FIRST].std()
    fit = sm.OLS(z.to_numpy(), sm.add_constant(np.column_stack([(x - x.mean()) / x.std(), age, sex]))).fit()
    assert found["effect"] == pytest.approx(fit.params[1])
    assert found["p"] == pytest.approx(fit.pvalues[1])
    assert found[["lower", "upper"]].tolist() == pytest.approx(list(fit.conf_int()[1]))


@pytest.mark.parametrize("kind", ["numeric", "binary", "categorical", "ordinal"])
@pytest.mark.parametrize("method", ["auto", "rank", "linear"])
def test_p_values_are_uniform_under_the_null(make_result, kind, method):
    rng = np.random.default_rng(3)
    p, pooled = [], []
    for seed in range(70):
        result = make_result(seed=seed, n=40, factors=3, sets=3, features=6, score_sd=0.15)
        values = {
            "numeric": rng.normal(size=40),
            "binary": rng.integers(0, 2, 40),
            "categorical": rng.choice(["a", "b", "c"], 40),
            "ordinal": pd.Categorical(rng.choice(["1", "2", "3"], 40), ordered=True),
        }[kind]
        found = associate(result, covariate(result, values), level="scores", draws=5, method=method)
        p += found["plugin_p"].tolist()
        pooled += found["p"].tolist()
    assert stats.kstest(p, "uniform").pvalue > 1e-3
    assert stats.kstest(pooled, "uniform").pvalue > 1e-3
    assert np.mean(np.array(pooled) < 0.05) < 0.08


def test_uncertain_scores_give_wider_intervals(make_result):
    sure, unsure = make_result(score_sd=0.01), make_result(score_sd=0.8)
    x = covariate(sure, sure.scores[FIRST] + np.random.default_rng(0).normal(size=80))
    narrow, wide = (row(associate(item, x, level="scores"), FIRST) for item in (sure, unsure))
    assert wide["upper"] - wide["lower"] > 1.2 * (narrow["upper"] - narrow["lower"])
    assert wide["p"] > wide["plugin_p"]
    assert narrow["p"] == pytest.approx(narrow["plugin_p"], rel=0.5)


def test_false_discovery_rate_is_calibrated(make_result):
    rng = np.random.default_rng(0)
    rates = []
    for seed in range(60):
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
    for seed in range(150):
        scores = np.repeat(rng.normal(size=(20, 1)), 4, axis=0) + 0.3 * rng.normal(size=(80, 1))
        result = make_result(seed=seed, scores=scores, factors=1, sets=1, features=2)
        x = covariate(result, np.repeat(rng.normal(size=20), 4))
        subjects = pd.Series(np.repeat(np.arange(20), 4), index=result.sample_names, name="patient")
        p["auto"].append(associate(result, x, level="scores", groups=subjects, draws=0)["p"].iloc[0])
        p["naive"].append(associate(result, x, level="scores", draws=0)["p"].iloc[0])
    assert np.mean(np.array(p["auto"]) < 0.05) < 0.12
    assert np.mean(np.array(p["naive"]) < 0.05) > 0.25


def test_mixed_model(make_result):
    rng = np.random.default_rng(0)
    patient = np.repeat(rng.normal(size=(20, 1)), 4, axis=0)
    time = np.tile([0.0, 0.0, 1.0, 1.0], 20)
    result = make_result(
        scores=patient + time[:, None] * 0.8 + 0.5 * rng.normal(size=(80, 1)), factors=1, sets=1, features=2
    )
    subjects = pd.Series(np.repeat(np.arange(20), 4).astype(str), index=result.sample_names, name="patient")
    found = associate(result, covariate(result, time), level="scores", groups=subjects, method="mixed", draws=0).iloc[0]
    assert found["test"] == "mixed model"
    truth = 0.8 / result.scores.iloc[:, 0].std()
    assert found["lower"] < truth < found["upper"]
    assert found["p"] < 1e-4


def test_confounded_with_batch_is_withheld(result):
    batch = np.arange(80) % 4
    table = pd.DataFrame(
        {
            "condition": np.where(batch < 2, "a", "b"),
            "sex": np.arange(80) // 40,
            "batch": batch.astype(str),
        },
        index=result.sample_names,
    )
    found = associate(result, table, draws=0).groupby("covariate").first()
    assert np.isnan(found.loc["condition", "p"])
    assert "confounded with batch 'batch'" in found.loc["condition", "note"]
    assert found.loc["sex", "p"] >= 0
    assert found.loc["batch", "p"] >= 0


def test_partly_confounded_says_so(result):
    batch = pd.Series(np.arange(80) // 40, index=result.sample_names)
    condition = batch.copy()
    condition.iloc[[0, 1, 2, 41, 42]] = 1 - condition.iloc[[0, 1, 2, 41, 42]]
    table = pd.DataFrame({"condition": condition, "batch": batch})
    found = associate(result, table[["condition"]].assign(batch=batch), batch="batch", draws=0)
    assert "adjust for it" in found["note"].iloc[0]


def test_covariates_used_in_the_fit_are_refused(result):
    result.preprocessing["rna"] = {"design": json.dumps({"age": None, "plate": ["b"]})}
    with pytest.raises(ConfigError, match=r"'age'.*used in fitting"):
        associate(result, covariate(result, np.arange(80.0), "age"))
    for values, what in [
        (result.activity["set0"] * 3 + 1, "an activity"),
        (result.scores[FIRST], "an activity|a score"),
        (result.data["rna"]["g3"], "fitted feature of view 'rna': g3"),
    ]:
        with pytest.raises(ConfigError, match=what):
            associate(result, covariate(result, values))


def test_a_covariate_that_was_regressed_out_is_refused():
    import pathfa as pf
    from pathfa.data.preprocess import ViewPreprocessor

    cohort = pf.simulate(n_samples=30, seed=0)
    options = {view: ViewPreprocessor(regress=["age"]) for view in cohort.mdata.mod}
    fast = {"n_factors": 2, "loading_prior": "soft", "n_starts": 1, "max_iter": 5, "progress": False}
    model = pf.PathFA(preprocess=options, **fast).fit(cohort.mdata, cohort.gene_sets)
    with pytest.raises(ConfigError, match=r"'age'.*regressed on it"):
        associate(model, "age")
    assert len(associate(model, "subtype")) == len(model.result_.gene_set_names)


def test_unusable_covariates_are_withheld_with_the_reason(result):
    table = pd.DataFrame(
        {
            "id": result.sample_names,
            "same": 1.0,
            "few": [1.0, 2.0, 3.0] + [np.nan] * 77,
            "rare": ["x"] * 78 + ["y"] * 2,
        },
        index=result.sample_names,
    )
    notes = associate(result, table, draws=0).groupby("covariate")["note"].first()
    assert "identifiers" in notes["id"]
    assert "have the value 1.0" in notes["same"]
    assert "3 samples have a value" in notes["few"]
    assert "fewer than two levels" in notes["rare"]


def test_missing_values_and_silent_sets(make_result):
    result = make_result()
    result.gene_set_weights.iloc[2] = 0.0
    result.gene_set_probability.iloc[2] = 0.0
    x = np.random.default_rng(0).normal(size=80)
    x[:10] = np.nan
    found = associate(result, covariate(result, x), draws=0)
    assert set(found["n"]) == {70}
    assert np.isnan(row(found, "set2")["p"])
    assert "same in all samples" in row(found, "set2")["note"]
    assert found["q"].notna().sum() == 11


def test_sets_that_may_not_belong_are_pooled_over_the_draws_that_have_them(make_result):
    result = make_result()
    result.gene_set_probability.loc["set0", FIRST] = 0.5
    x = result.scores[FIRST] + np.random.default_rng(0).normal(size=80)
    found = associate(result, covariate(result, x))
    unsure, sure = row(found, "set0"), row(found, "set4")
    assert unsure["p"] == pytest.approx(sure["p"], rel=0.9)
    assert unsure["note"] == "plays a part with a probability of 50% only"
    assert sure["note"] == ""


def test_text_that_holds_numbers_is_read_as_numbers(result):
    x = np.random.default_rng(0).normal(size=80)
    text = pd.Series([f"{value:.6f}" for value in x], index=result.sample_names, name="x", dtype=object)
    text.iloc[0] = None
    found = associate(result, text, draws=0)
    assert set(found["kind"]) == {"numeric"}
    assert set(found["note"]) == {"text read as numbers"}
    assert set(found["n"]) == {79}


def test_names_of_obs_and_saved_models(make_result, tmp_path):
    result = make_result(obs=pd.DataFrame({"age": np.arange(80.0)}))
    path = tmp_path / "model.h5"
    result.save(path)
    pd.testing.assert_frame_equal(associate(path, "age"), associate(result, ["age"]))
    with pytest.raises(ConfigError, match="'agee'"):
        associate(result, "agee")


def test_bad_options(result):
    x = covariate(result, np.arange(80.0) ** 2)
    for options, match in [
        ({"method": "anova2"}, "method"),
        ({"method": "mixed"}, "groups"),
        ({"method": "rank", "adjust": x.set_axis(["y"], axis=1)}, "rank"),
        ({"level": "loadings"}, "level"),
        ({"draws": 1}, "draws"),
        ({"family": "both"}, "family"),
        ({"kinds": {"y": "ordinal"}}, "'y'"),
        ({"kinds": {"x": "nominal"}}, "kinds"),
        ({"reference": {"z": "a"}}, "'z'"),
    ]:
        with pytest.raises(ConfigError, match=match):
            associate(result, x, **options)
    with pytest.raises(AlignmentError, match="'s0'"):
        associate(result, x.set_axis([f"t{i}" for i in range(80)], axis=0))
    with pytest.raises(AlignmentError, match="twice"):
        associate(result, pd.concat([x, x]))
