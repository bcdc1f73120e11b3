"""Simulation-based calibration in small: ranks of the truth in the posterior, cohorts drawn from the Pyro program."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.special import ndtr

import pathfa as pf

N_DRAWS = 200


def rank(truth, draws, rng):
    below, equal = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    return ((below + rng.random(truth.shape) * (equal + 1)) / (len(draws) + 1)).ravel()


def ranks(prior, seed):
    """Return the ranks of scores, weights, activities of the sets in factors, and hidden values of one cohort."""
    rng = np.random.default_rng(seed)
    cohort = pf.simulate(
        30, seed, factors=3, gene_sets=12, other_features=10, loading_prior=prior, weight_sd=2.0, covariates=()
    )
    model = pf.PathFA(n_factors=3, loading_prior=prior, scale="none", n_starts=1, progress=False)
    model.fit(cohort.mdata, cohort.gene_sets)
    z, u = cohort.truth.scores.loc[model.scores_.index].to_numpy(), cohort.truth.gene_set_weights.to_numpy()
    unit = np.sqrt((z**2).mean(axis=0))
    together = np.corrcoef(z.T, model.scores_.T)[:3, 3:]
    found = linear_sum_assignment(-np.abs(together))[1]
    sign = np.sign(together[np.arange(3), found])
    draws = {
        what: model.sample_posterior(N_DRAWS, seed, what) for what in ("scores", "gene_set_weights", "factor_activity")
    }
    used = (model.gene_set_weights_ > 0).any(axis=1).to_numpy() & (u > 0).any(axis=1)
    mean, sd = model.predict(cohort.mdata, "protein", return_std=True)
    data = cohort.mdata["protein"]
    rows, columns = data.obs_names, data.var_names
    error = (cohort.truth.complete["protein"].loc[rows, columns] - mean.loc[rows, columns]) / sd.loc[rows, columns]
    return {
        "scores": rank(z / unit, sign * draws["scores"][:, :, found], rng),
        "weights": rank(u * unit, draws["gene_set_weights"][:, :, found], rng),
        "activities": rank((z @ u.T)[:, used], draws["factor_activity"][:, :, used], rng),
        "hidden values": ndtr(error.to_numpy()[np.isnan(data.X)]),
    }


@pytest.mark.parametrize("prior", ["strict", "soft"])
@pytest.mark.parametrize(("size", "tolerance"), [(3, 0.15), pytest.param(16, 0.08, marks=pytest.mark.slow)])
def test_central_intervals_hold_the_truth_as_often_as_they_say(prior, size, tolerance):
    cohorts = [ranks(prior, seed) for seed in range(size)]

    for quantity in cohorts[0]:
        together = np.concatenate([item[quantity] for item in cohorts])
        held = [float((np.abs(together - 0.5) <= 0.5 * level).mean()) for level in (0.5, 0.8, 0.95)]
        np.testing.assert_allclose(held, [0.5, 0.8, 0.95], atol=tolerance, err_msg=quantity)
        assert abs(together.mean() - 0.5) < 0.5 * tolerance, quantity
