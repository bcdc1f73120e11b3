from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from scipy import stats

import pathfa as pf
from pathfa.analysis import concordance
from pathfa.analysis.association.tables import COLUMNS
from pathfa.analysis.programmes.one_view import Unit, own_scores, reliability
from pathfa.core.errors import ConfigError


def planted_result(make_result):
    """Return a model in which set1, set5 and set9 follow one factor in RNA and another in protein."""
    result = make_result(n=100, factors=5, sets=16, features=160, score_sd=0.05)
    z, planted = result.scores.to_numpy(), ["set1", "set6", "set11"]
    members = sorted({gene for name in planted for gene in result.gene_sets[name]})
    rng = np.random.default_rng(0)
    signal = z[:, [1]] * rng.uniform(0.5, 1.5, len(members))
    other = z[:, [4]] * rng.uniform(0.5, 1.5, len(members))
    result.data["rna"][members] = signal + 0.5 * rng.normal(size=signal.shape)
    result.data["protein"][members] = other + 0.5 * rng.normal(size=other.shape)
    result.gene_set_weights.loc[planted] = np.array([0, 1.0, 0, 0, 1.0])
    return result, set(planted)


def test_finds_the_planted_discordant_sets(make_result):
    result, planted = planted_result(make_result)
    found = concordance(result).set_index("feature")
    assert set(found.index[found["status"] == "discordant"]) == planted
    assert set(found["status"][~found.index.isin(planted)]) == {"concordant"}
    assert (found.loc[list(planted), "lower"] < 0.3).all()


@pytest.mark.parametrize("silent", [0, 5, 9])
def test_sets_whose_members_have_nothing_in_common_do_not_change_what_is_typical(make_result, silent):
    result, planted = planted_result(make_result)
    members = [
        gene for name in [n for n in result.gene_sets if n not in planted][:silent] for gene in result.gene_sets[name]
    ]
    for seed, table in enumerate(result.data.values()):
        table[members] = np.random.default_rng(seed).normal(size=(len(table), len(members)))
    found = concordance(result).set_index("feature")
    assert set(found.index[found["status"] == "discordant"]) == planted
    assert found.loc[sorted(planted), "typical"].min() > 0.7


def test_the_view_that_lacks_a_factor_is_named(make_result):
    found = concordance(make_result(discordant=1, n=100), "factor").set_index("feature")
    assert found.loc["F2 f1", "status"] == "discordant"
    assert found.loc["F2 f1", "note"].startswith("hardly seen in protein")
    assert set(found["status"].drop("F2 f1")) == {"concordant"}


def test_sets_that_no_factor_uses_are_compared_too(result):
    result.gene_set_probability.loc["set3"] = 0.0
    result.gene_set_weights.loc["set3"] = 0.0
    assert concordance(result).set_index("feature").loc["set3", "status"] == "concordant"


def test_sets_without_a_member_in_a_view_are_not_judged(result):
    result.masks["protein"] = sp.csr_matrix(result.masks["protein"].toarray() * (np.arange(12) != 3))
    row = concordance(result).set_index("feature").loc["set3"]
    assert row["status"] == "not tested"
    assert np.isnan(row["p"])
    assert row["note"] == "withheld: fewer than 5 samples have a score in both views"


def test_what_two_views_share_beyond_the_factors_is_told(make_result):
    result, rng = make_result(n=100, score_sd=0.02), np.random.default_rng(0)
    members, own = result.gene_sets["set4"], rng.normal(size=100)
    for table in result.data.values():
        table[members] += own[:, None]
    found = concordance(result).set_index("feature")["beyond"]
    assert found["set4"] > 0.9
    assert found.drop("set4").abs().max() < 0.4
    assert concordance(result, "factor")["beyond"].isna().all()


@pytest.mark.parametrize("agreement", [0.0, 0.7])
def test_what_a_fit_leaves_agrees_as_the_effects_of_the_sets_do(agreement):
    """Scores of both views would follow the effects of both, so that what they leave differs where effects do not."""
    cohort = pf.simulate(n_samples=80, seed=0, factors=2, gene_sets=10, other_features=40, covariates=())
    joint = [[1.0, agreement], [agreement, 1.0]]
    effects = np.random.default_rng(0).multivariate_normal([0.0, 0.0], joint, size=(80, 10))
    views = {}
    for position, view in enumerate(("rna", "protein")):
        table = cohort.mdata[view].to_df()
        members = np.array([table.columns.isin(genes) for genes in cohort.gene_sets.values()], dtype=float)
        rows = cohort.truth.scores.index.get_indexer(table.index)
        views[view] = table + effects[rows, :, position] @ members
    model = pf.PathFA(n_factors=2, loading_prior="soft", n_starts=1, progress=False).fit(views, cohort.gene_sets)
    assert concordance(model)["beyond"].mean() == pytest.approx(agreement, abs=0.12)


@pytest.mark.parametrize("noise", [(0.0, 0.0), (2.0, 0.0), (1.0, 4.0)])
def test_views_that_show_the_same_agree_as_much_as_they_can(make_result, noise):
    result, rng = make_result(n=3000, features=240), np.random.default_rng(0)
    for table, sd in zip(result.data.values(), noise, strict=True):
        table += sd * rng.normal(size=table.shape)
    found = concordance(result)
    np.testing.assert_allclose(found["effect"], found["ceiling"], atol=0.06)


def test_no_discordance_without_any(make_result):
    called = [(concordance(make_result(seed=seed, n=50))["status"] == "discordant").sum() for seed in range(10)]
    assert sum(called) == 0


@pytest.mark.parametrize("level", ["gene_set", "factor"])
def test_a_view_of_noise_does_not_agree(make_result, level):
    """Weights learned on the samples that are compared would make noise agree; these are not."""
    effects = []
    for seed in range(30):
        result = make_result(seed=seed, n=40, factors=3, sets=3, features=60)
        noise = np.random.default_rng(1000 + seed).normal(size=(40, 60))
        result.data["protein"].iloc[:] = noise
        effects.append(concordance(result, level)["effect"].to_numpy())
    assert abs(np.mean(effects)) < 0.05


def test_effect_equals_scipy(result):
    found = concordance(result)
    assert list(found.columns[: len(COLUMNS)]) == list(COLUMNS)
    row = found.set_index("feature").loc["set5"]
    own = [own_scores(result, view, Unit.GENE_SET, 0)[:, 5] for view in ("rna", "protein")]
    expected = stats.pearsonr(*own)
    assert row["effect"] == pytest.approx(expected.statistic)
    assert row["p"] == pytest.approx(expected.pvalue)
    assert row[["lower", "upper"]].tolist() == pytest.approx(list(expected.confidence_interval()))
    assert row["covariate"] == "rna ~ protein"


def test_genes_use_the_samples_that_have_both(result):
    result.data["protein"].iloc[:30, 0] = np.nan
    result.data["protein"].iloc[:78, 1] = np.nan
    found = concordance(result, "gene").set_index("feature")
    expected = stats.pearsonr(result.data["rna"]["g0"].iloc[30:], result.data["protein"]["g0"].iloc[30:])
    assert found.loc["g0", "effect"] == pytest.approx(expected.statistic)
    assert found.loc["g0", "p"] == pytest.approx(expected.pvalue)
    assert found.loc["g0", "n"] == 50
    assert found.loc["g1", "status"] == "not tested"
    assert "fewer than 5" in found.loc["g1", "note"]


def test_needs_two_views_and_data(result):
    with pytest.raises(ConfigError, match="keep_data=True"):
        concordance(replace(result, data={}), "gene")
    one = replace(result, loadings={"rna": result.loadings["rna"]})
    with pytest.raises(ConfigError, match="one view"):
        concordance(one)


def test_a_fit_does_not_make_unrelated_views_agree():
    cohort = pf.simulate(n_samples=40, seed=2, factors=3, gene_sets=8, other_features=20)
    rna, protein = cohort.mdata["rna"].to_df(), cohort.mdata["protein"].to_df()
    order = np.random.default_rng(0).permutation(len(protein))
    views = {"rna": rna, "protein": protein.set_axis(protein.index[order], axis=0)}
    model = pf.PathFA(n_factors=3, loading_prior="soft", n_starts=1, progress=False).fit(views, cohort.gene_sets)
    found = concordance(model, "factor")
    assert found["effect"].abs().max() < 0.4
    assert (found["q"] > 0.05).all()


def test_scores_of_one_view_are_means_over_the_members(make_result):
    result = make_result(n=20)
    result.data["rna"].iloc[3, :5] = np.nan
    result.masks["rna"].data *= np.resize([1.0, -2.0, 0.5], result.masks["rna"].nnz)
    found = own_scores(result, "rna", Unit.GENE_SET, seed=0)
    values, mask = result.data["rna"].to_numpy(), result.masks["rna"].toarray()
    seen = np.isfinite(values).astype(float)
    np.testing.assert_allclose(found, np.nan_to_num(values) @ mask / (seen @ np.abs(mask)))


@pytest.mark.parametrize("share", [0.0, 0.3])
@pytest.mark.parametrize("shared", [0.0, 0.3, 1.0])
def test_reliability_is_the_share_of_the_mean_that_other_members_would_show(make_result, shared, share):
    """Members of every set have a signal of their own beside noise of variance 1; the weights are 1 and -2."""
    result, rng = make_result(n=3000, sets=12, features=240), np.random.default_rng(0)
    mask = result.masks["rna"]
    mask.data = np.resize([1.0, -2.0], mask.nnz)
    signal = shared * rng.normal(size=(3000, 12)) @ np.sign(mask.toarray()).T
    values = signal + rng.normal(size=(3000, 240))
    values[rng.random(values.shape) < share] = np.nan
    result.data["rna"].iloc[:] = values
    expected = []
    for column in mask.toarray().T:
        weight = np.abs(column)[column != 0]
        members = (1.0 - share) * weight.sum() ** 2 / (weight**2).sum()
        expected.append(shared**2 / (shared**2 + 1.0 / members))
    np.testing.assert_allclose(reliability(result, "rna"), expected, atol=0.1)
