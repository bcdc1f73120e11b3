"""Cohorts drawn from the model."""

import numpy as np
import pandas as pd
import pytest
import torch

from pathfa.core.errors import ConfigError
from pathfa.simulation.cohort import SimulatedView, simulate
from pathfa.simulation.layout import SimulatedCovariate, gene_set_mask


@pytest.fixture(scope="module")
def cohort():
    return simulate(50, seed=3)


def test_activities_are_scores_times_weights(cohort):
    truth = cohort.truth

    pd.testing.assert_frame_equal(truth.activity, truth.scores @ truth.gene_set_weights.T)
    assert (truth.gene_set_weights.to_numpy() >= 0).all()


def test_complete_values_are_fitted_values_plus_the_stated_noise(cohort):
    for name, values in cohort.truth.complete.items():
        residual = values - cohort.truth.scores @ cohort.truth.loadings[name].T
        standard = residual / cohort.truth.noise[name]
        assert standard.to_numpy().std() == pytest.approx(1.0, abs=0.02)


def test_the_cohort_holds_the_complete_values_where_nothing_is_hidden(cohort):
    for name in ("rna", "protein"):
        seen = cohort.mdata[name].to_df()
        complete = cohort.truth.complete[name].loc[seen.index]
        hidden = seen.isna().to_numpy()
        np.testing.assert_array_equal(seen.to_numpy()[~hidden], complete.to_numpy()[~hidden])
        assert hidden.mean() == pytest.approx({"rna": 0.0, "protein": 0.05}[name], abs=0.001)
    assert cohort.mdata["protein"].n_obs == 45


def test_covariates_follow_the_samples(cohort):
    assert list(cohort.mdata.obs_names) == list(cohort.truth.scores.index)
    assert {"subtype", "marker", "survival_time", "survival_event", "age", "batch"} <= set(cohort.mdata.obs)
    marker = next(item for item in cohort.truth.covariates if item.name == "marker")
    assert np.corrcoef(cohort.mdata.obs["marker"], cohort.truth.activity[marker.gene_set])[0, 1] > 0.7


def test_strict_loadings_are_the_mask_times_the_weights():
    cohort = simulate(20, seed=1, loading_prior="strict", views={"rna": SimulatedView(scale=0.5)})

    loadings = cohort.truth.loadings["rna"]
    expected = 0.5 * gene_set_mask(loadings.index, cohort.gene_sets) @ cohort.truth.gene_set_weights.to_numpy()
    np.testing.assert_allclose(loadings.to_numpy(), expected, atol=1e-12)


def test_soft_loadings_scatter_around_them_as_asked():
    cohort = simulate(20, seed=1, loading_sd=0.4, views={"rna": SimulatedView()})

    loadings = cohort.truth.loadings["rna"]
    expected = gene_set_mask(loadings.index, cohort.gene_sets) @ cohort.truth.gene_set_weights.to_numpy()
    assert (loadings.to_numpy() - expected).std() == pytest.approx(0.4, abs=0.02)


def test_weights_of_any_sign():
    assert (simulate(20, seed=1, sign="any").truth.gene_set_weights.to_numpy() < 0).any()


def test_the_same_seed_gives_the_same_cohort_and_leaves_global_states_alone():
    torch.manual_seed(5)
    before = torch.random.get_rng_state()

    first, second, other = simulate(15, seed=2), simulate(15, seed=2), simulate(15, seed=3)

    assert torch.equal(before, torch.random.get_rng_state())
    for name in ("rna", "protein"):
        pd.testing.assert_frame_equal(first.mdata[name].to_df(), second.mdata[name].to_df())
    pd.testing.assert_frame_equal(first.mdata.obs, second.mdata.obs)
    assert not first.truth.scores.equals(other.truth.scores)


def test_given_sets_factors_and_covariates_are_used():
    cohort = simulate(
        20,
        gene_sets={"A": ["a", "b"], "B": ["b", "c"]},
        factors={"only A": ["A"]},
        other_features=["o"],
        covariates=[SimulatedCovariate(name="x", gene_set="A")],
        views={"rna": SimulatedView()},
    )

    assert list(cohort.truth.loadings["rna"].index) == ["a", "b", "c", "o"]
    assert cohort.truth.gene_set_weights.loc["B", "only A"] == 0.0
    assert list(cohort.mdata.obs) == ["x"]


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"n_samples": 1}, "n_samples"),
        ({"loading_sd": 0.0}, "loading_sd"),
        ({"weight_sd": -1.0}, "weight_sd"),
        ({"loading_prior": "auto"}, "loading_prior"),
        ({"loading_prior": "hard"}, "loading_prior"),
        ({"sign": "positive"}, "sign"),
    ],
)
def test_options_that_cannot_be(options, place):
    with pytest.raises(ConfigError, match=place):
        simulate(**{"n_samples": 10, **options})


@pytest.mark.parametrize(
    "options", [{"absent": 1.0}, {"missing": -0.1}, {"noise_sd": 0.0}, {"scale": 0.0}, {"n_features": 0}]
)
def test_views_that_cannot_be(options):
    with pytest.raises(ConfigError, match=next(iter(options))):
        SimulatedView(**options)
