import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from pathfa.analysis import associate
from pathfa.analysis.association.tables import COLUMNS

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
    expected = stats.ttest_ind(z[case], z[~case])
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
    near = np.where(np.arange(60) == result.scores.iloc[:, 0].argmax(), False, result.scores.iloc[:, 0] > 0.5)
    found = associate(result, pd.Series(near, result.sample_names), level="scores", method="rank", draws=0).iloc[0]
    assert 0.8 < found["lower"] < found["effect"] < found["upper"] < 1.0
    perfect = pd.Series(result.scores.iloc[:, 0] > 0, name="x")
    found = associate(result, perfect, level="scores", method="rank", draws=0).iloc[0]
    assert found["effect"] == 1.0
    assert 0.8 < found["lower"] < found["upper"] == 1.0


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


@pytest.mark.parametrize("values", ["number", "two", "three"])
@pytest.mark.parametrize("options", [{"draws": 0}, {"draws": 0, "method": "rank"}, {"draws": 5}])
def test_gene_sets_that_do_not_vary_leave_the_others_as_they_are(make_result, values, options):
    result, rng = make_result(), np.random.default_rng(0)
    x = {"number": rng.normal(size=80), "two": rng.choice(["a", "b"], 80), "three": rng.choice(["a", "b", "c"], 80)}
    whole = associate(result, covariate(result, x[values]), **options).set_index("feature")
    still = ["set3", "set7"]
    for table in (result.gene_set_weights, result.slab_mean, result.slab_sd, result.gene_set_probability):
        table.loc[still] = 0.0
    result.activity[still] = 0.0
    result.activity_sd[still] = 0.0
    found = associate(result, covariate(result, x[values]), **options).set_index("feature")
    assert found.loc[still, ["effect", "p", "corrected_effect", "competitive_p"]].isna().all(axis=None)
    assert (found.loc[still, "note"] == "withheld: the activity is the same in all samples").all()
    rest = whole.index.drop(still)
    columns = ["effect", "lower", "upper", "p"]
    np.testing.assert_allclose(found.loc[rest, columns], whole.loc[rest, columns], rtol=1e-9)
    assert found.loc[rest, ["effect", "p"]].notna().all(axis=None)
