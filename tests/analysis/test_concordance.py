from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pathfa.analysis import concordance
from pathfa.analysis.tables import COLUMNS
from pathfa.errors import ConfigError


def test_finds_the_planted_discordant_sets(make_result):
    found = concordance(make_result(discordant=1, n=100)).set_index("feature")
    planted = {f"set{p}" for p in range(12) if p % 4 == 1}
    assert set(found.index[found["status"] == "discordant"]) == planted
    assert set(found["status"][~found.index.isin(planted)]) == {"concordant"}
    assert (found.loc[list(planted), "lower"] < 0.3).all()
    assert found["members_r"][sorted(planted)].abs().max() < 0.6
    assert found["members_r"].drop(planted).min() > 0.7


def test_no_discordance_without_any(make_result):
    called = [(concordance(make_result(seed=seed, n=50))["status"] == "discordant").sum() for seed in range(10)]
    assert sum(called) == 0


def test_effect_equals_scipy(result):
    found = concordance(result)
    assert list(found.columns[: len(COLUMNS)]) == list(COLUMNS)
    row = found.set_index("feature").loc["set5"]
    a, b = ((result.view_scores[view] @ result.gene_set_weights.T)["set5"] for view in ("rna", "protein"))
    expected = stats.pearsonr(a, b)
    assert row["effect"] == pytest.approx(expected.statistic)
    assert row["p"] == pytest.approx(expected.pvalue)
    assert row[["lower", "upper"]].tolist() == pytest.approx(list(expected.confidence_interval()))
    assert row["covariate"] == "rna ~ protein"
    factor = concordance(result, "factor").set_index("feature").loc["F2 f1"]
    assert factor["effect"] == pytest.approx(row["effect"])


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


def test_a_silent_view_is_not_called_discordant(make_result):
    result = make_result()
    result.view_scores["protein"]["F1 f0"] *= 0.01
    result.view_scores["protein"].loc[:, "F1 f0"] += 1e-3 * np.random.default_rng(0).normal(size=80)
    found = concordance(result, "factor").set_index("feature").loc["F1 f0"]
    assert found["status"] == "seen in one view"
    assert found["note"] == "not seen in protein alone"


def test_needs_two_views_and_data(result):
    with pytest.raises(ConfigError, match="keep_data=True"):
        concordance(replace(result, data={}), "gene")
    assert concordance(replace(result, data={}))["members_r"].isna().all()
    one = replace(result, loadings={"rna": result.loadings["rna"]})
    with pytest.raises(ConfigError, match="one view"):
        concordance(one)
