from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from pathfa.analysis import concordance
from pathfa.analysis.concordance import Unit, own_scores
from pathfa.analysis.tables import COLUMNS
from pathfa.errors import ConfigError


def test_finds_the_planted_discordant_sets(make_result):
    found = concordance(make_result(discordant=1, n=100)).set_index("feature")
    planted = {f"set{p}" for p in range(12) if p % 4 == 1}
    assert set(found.index[found["status"] == "discordant"]) == planted
    assert set(found["status"][~found.index.isin(planted)]) == {"concordant"}
    assert (found.loc[list(planted), "lower"] < 0.3).all()
    assert found["note"][sorted(planted)].str.contains("hardly seen in protein").all()
    factor = concordance(make_result(discordant=1, n=100), "factor").set_index("feature")["status"]
    assert factor.to_dict() == {
        "F1 f0": "concordant",
        "F2 f1": "discordant",
        "F3 f2": "concordant",
        "F4 f3": "concordant",
    }


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
