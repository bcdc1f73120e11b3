"""Analyses of real fits to simulated cohorts, in which the answers are known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import pathfa as pf
from pathfa.simulation.layout import CovariateKind, SimulatedCovariate

FAST = {"n_factors": 3, "loading_prior": "soft", "n_starts": 2, "progress": False}
N_COHORTS = 30


def planted(driver):
    return (
        SimulatedCovariate(name="marker", gene_set=driver, strength=1.0),
        SimulatedCovariate(name="os", gene_set=driver, kind=CovariateKind.SURVIVAL, strength=0.7),
        SimulatedCovariate(name="age", gene_set=None),
        SimulatedCovariate(name="sex", gene_set=None, kind=CovariateKind.BINARY),
    )


@pytest.fixture(scope="module")
def fits():
    """Fits to cohorts whose gene sets have one factor each."""
    made = []
    for seed in range(N_COHORTS):
        plain = pf.simulate(n_samples=60, seed=seed, factors=3, gene_sets=12, other_features=20, covariates=())
        weights = plain.truth.gene_set_weights
        driver = weights.max(axis=1).idxmax()
        cohort = pf.simulate(
            n_samples=60, seed=seed, factors=3, gene_sets=12, other_features=20, covariates=planted(driver)
        )
        made.append((driver, cohort, pf.PathFA(seed=seed, **FAST).fit(cohort.mdata, cohort.gene_sets)))
    return made


@pytest.mark.slow
@pytest.mark.parametrize(("name", "method"), [("age", "auto"), ("sex", "auto"), ("age", "rank"), ("sex", "rank")])
def test_null_p_values_of_fitted_scores_are_uniform(fits, name, method):
    found = pd.concat([pf.associate(model, name, level="scores", method=method) for _, _, model in fits])
    assert stats.kstest(found["p"], "uniform").pvalue > 1e-3
    assert stats.kstest(found["p"], "uniform").pvalue > 1e-3


@pytest.mark.slow
def test_false_discovery_rate_of_fitted_scores(fits):
    """Scores that do not drive the marker are called at most as often as q promises."""
    rates = []
    for driver, cohort, model in fits:
        found = pf.associate(model, "marker", level="scores")
        factor = cohort.truth.gene_set_weights.loc[driver].idxmax()
        match = model.scores_.corrwith(cohort.truth.scores.loc[model.scores_.index, factor]).abs().idxmax()
        called = found[found["q"] < 0.1]["feature"]
        rates.append((called != match).sum() / max(1, len(called)))
        assert match in set(called)
    assert np.mean(rates) < 0.1 + 2 * np.std(rates) / np.sqrt(len(rates))


@pytest.mark.slow
def test_cox_recovers_the_planted_hazard(fits):
    inside = []
    for driver, _, model in fits:
        row = pf.survival(model, "os_time", "os_event").set_index("feature").loc[driver]
        inside.append(row["lower"] < np.exp(0.7) < row["upper"])
    assert np.mean(inside) >= 0.85


@pytest.mark.slow
def test_concordance_finds_the_set_that_the_views_disagree_on():
    """The members of one gene set get another sample's protein; their RNA is left alone."""
    hits, wrong = [], []
    for seed in range(6):
        cohort = pf.simulate(n_samples=60, seed=seed, factors=4, gene_sets=12, set_size=(20, 30), other_features=20)
        weights = cohort.truth.gene_set_weights
        victim = weights.max(axis=1).idxmax()
        protein = cohort.mdata["protein"].to_df()
        mates = weights.index[weights[weights.loc[victim].idxmax()] > 0]
        members = protein.columns.intersection([gene for name in mates for gene in cohort.gene_sets[name]])
        order = np.random.default_rng(seed).permutation(len(protein))
        protein[members] = protein[members].to_numpy()[order]
        views = {"rna": cohort.mdata["rna"].to_df(), "protein": protein}
        model = pf.PathFA(seed=seed, **{**FAST, "n_factors": 5}).fit(views, cohort.gene_sets)
        status = pf.concordance(model).set_index("feature")["status"]
        others = [name for name in weights.index[weights.max(axis=1) > 0.5] if name not in set(mates)]
        hits.append(status[victim] == "discordant")
        wrong += (status[others] == "discordant").tolist()
    assert np.mean(hits) >= 0.8
    assert np.mean(wrong) < 0.1
