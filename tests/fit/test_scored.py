"""Scores are in units of their own spread, whichever views samples lack."""

import numpy as np
import pytest

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView


def mean_square(model):
    """Return the posterior mean of the mean square of every factor's scores."""
    low, high = model.interval("scores", 0.6826894921370859)
    return (model.scores_**2 + ((high - low) / 2) ** 2).mean()


@pytest.fixture(scope="module", params=["soft", "strict"])
def lacking(request):
    """A cohort of which a fifth lacks a view: one axis is seen in that view only, one in the other and that fifth."""
    views = {"rna": SimulatedView(n_features=150), "protein": SimulatedView(n_features=100)}
    simulated = pf.simulate(n_samples=60, seed=3, views=views, gene_sets=12, factors=3, loading_prior=request.param)
    tables = {name: data.to_df() for name, data in simulated.mdata.mod.items()}
    rng = np.random.default_rng(0)
    tables["rna"].iloc[:12] += 2.0 * np.outer(rng.standard_normal(12), rng.standard_normal(tables["rna"].shape[1]))
    tables["protein"] = tables["protein"].iloc[12:] + np.outer(rng.standard_normal(48), rng.standard_normal(100))
    model = pf.PathFA(n_factors=4, loading_prior=request.param, n_starts=1, progress=False)
    return model.fit(tables, simulated.gene_sets), tables


def test_the_mean_square_of_scores_is_one(lacking):
    assert mean_square(lacking[0]).between(0.97, 1.05).all()


def test_fitted_values_do_not_depend_on_the_unit(lacking):
    model, tables = lacking
    protein = tables["protein"]
    fitted = model.scores_.loc[protein.index] @ model.loadings_["protein"].T
    standard = (protein - protein.mean()) / protein.std(ddof=0)

    explained = 1.0 - ((standard - fitted) ** 2).to_numpy().sum() / (standard**2).to_numpy().sum()

    assert explained == pytest.approx(model.variance_explained_.loc["total", "protein"], abs=0.02)


def test_the_prior_of_the_weights_is_in_the_same_unit(lacking):
    model, _ = lacking
    result = model.result_
    weights, slab = model.gene_set_weights_, result.slab_mean
    active = weights.to_numpy() > 0
    np.testing.assert_allclose(weights.to_numpy()[active], slab.to_numpy()[active], rtol=0.2, atol=0.05)
