"""Residuals of the same feature in several views against draws of which everything is known."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pathfa.inference.posterior.residuals import expected_residual, nearest_correlation, residual_correlation
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.updates.scores import ScorePosterior

F64 = torch.float64
N_FEATURES = 400


def correlated(seed, correlation, n=60, missing=0.0):
    """Return problem, scores and loadings of views whose residuals have a known correlation, L x M x M."""
    rng = np.random.default_rng(seed)
    n_views = correlation.shape[-1]
    scores = rng.standard_normal((n, 2))
    root = np.linalg.cholesky(correlation)
    noise = np.einsum("lab,nlb->nla", root, rng.standard_normal((n, N_FEATURES, n_views)))
    views, loadings = [], []
    for m in range(n_views):
        w, sd = rng.standard_normal((N_FEATURES, 2)), rng.uniform(0.5, 2.0, N_FEATURES)
        x = scores @ w.T + noise[:, :, m] * sd
        x[rng.random(x.shape) < missing] = np.nan
        views.append((x, sp.csr_matrix((N_FEATURES, 1))))
        cov = torch.zeros(N_FEATURES, 2, 2, dtype=F64)
        loadings.append(ViewLoadings(mean=torch.as_tensor(w), cov=cov, noise_precision=torch.as_tensor(sd**-2.0)))
    known = ScorePosterior(
        mean=torch.as_tensor(scores),
        cov=torch.zeros(1, 2, 2, dtype=F64),
        pattern=torch.zeros(n, dtype=torch.int64),
        log_det=0.0,
        multiplicity=torch.ones(n, dtype=F64),
    )
    return make_problem(views), known, loadings, noise


def everywhere(n_views):
    return torch.arange(N_FEATURES)[:, None].expand(-1, n_views)


def pairwise(rho):
    """Return matrices with the correlations rho, L x pairs of 2 or 3 views."""
    n_views = {1: 2, 3: 3}[rho.shape[1]]
    found = np.tile(np.eye(n_views), (len(rho), 1, 1))
    for at, (a, b) in enumerate([(0, 1), (0, 2), (1, 2)][: rho.shape[1]]):
        found[:, a, b] = found[:, b, a] = rho[:, at]
    return found


def test_without_correlation_nothing_is_expected():
    problem, scores, loadings, _ = correlated(0, pairwise(np.zeros((N_FEATURES, 1))))

    found = residual_correlation(problem, scores, loadings, everywhere(2))

    assert float(found[:, 0, 1].abs().max()) < 0.05


def test_moderated_correlations_are_nearer_to_the_truth_than_observed_ones_and_unbiased():
    truth = np.random.default_rng(1).normal(0.4, 0.15, (N_FEATURES, 1)).clip(-0.8, 0.8)
    problem, scores, loadings, noise = correlated(1, pairwise(truth), n=30)

    found = residual_correlation(problem, scores, loadings, everywhere(2))[:, 0, 1].numpy()

    observed = np.array([np.corrcoef(noise[:, g, 0], noise[:, g, 1])[0, 1] for g in range(N_FEATURES)])
    error = ((found - truth[:, 0]) ** 2).mean()
    assert error < 0.7 * ((observed - truth[:, 0]) ** 2).mean()
    assert error < truth.var() * 1.05  # and no worse than one value for all
    assert found.mean() == pytest.approx(truth.mean(), abs=0.03)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_expectations_are_those_of_the_conditional_gaussian(missing):
    truth = pairwise(np.tile([0.5, 0.3, -0.2], (N_FEATURES, 1)))
    problem, scores, loadings, noise = correlated(2, truth, missing=missing)

    shift, share = expected_residual(problem, scores, loadings, everywhere(3), torch.as_tensor(truth), 1)

    sd = loadings[1].noise_precision.rsqrt().numpy()
    for sample, feature in [(0, 0), (5, 17), (30, 399), (59, 3)]:
        seen = [m for m in (0, 2) if problem.views[m].seen.expand(60, N_FEATURES)[sample, feature] > 0]
        cross, own = truth[0][1, seen], truth[0][np.ix_(seen, seen)]
        slope = np.linalg.solve(own, cross)
        assert float(shift[sample, feature]) == pytest.approx(sd[feature] * slope @ noise[sample, feature, seen])
        assert float(share[sample, feature]) == pytest.approx(slope @ cross)


def test_intervals_around_the_expectation_are_calibrated(take_rows):
    truth = pairwise(np.full((N_FEATURES, 1), 0.6))
    problem, scores, loadings, _ = correlated(3, truth, n=80)
    train, new = take_rows(problem, range(50)), take_rows(problem, range(50, 80))
    known = [ScorePosterior(**{**scores.__dict__, "mean": scores.mean[a:b]}) for a, b in ((0, 50), (50, 80))]

    found = residual_correlation(train, known[0], loadings, everywhere(2))
    shift, share = expected_residual(new, known[1], loadings, everywhere(2), found, 1)

    residual = new.views[1].x - known[1].mean @ loadings[1].mean.T
    sd = ((1.0 - share) / loadings[1].noise_precision).sqrt()
    assert 0.93 < float(((residual - shift).abs() < 1.96 * sd).double().mean()) < 0.97
    assert float((residual - shift).square().sum() / residual.square().sum()) == pytest.approx(1 - 0.36, abs=0.03)


def test_features_of_one_view_alone_and_samples_without_the_other_view_get_nothing():
    truth = pairwise(np.full((N_FEATURES, 1), 0.6))
    problem, scores, loadings, _ = correlated(4, truth)
    places = torch.stack([torch.arange(100), torch.arange(100) + 50], dim=1)
    places[::2, 0] = -1

    shift, share = expected_residual(problem, scores, loadings, places, torch.as_tensor(truth[:100]), 1)
    alone, _ = expected_residual(problem.only([1]), scores, loadings, places, torch.as_tensor(truth[:100]), 1)

    used = torch.zeros(N_FEATURES, dtype=torch.bool)
    used[places[1::2, 1]] = True
    assert (shift[:, used] != 0).all()
    assert (shift[:, ~used] == 0).all()
    assert (share[:, ~used] == 0).all()
    assert (alone == 0).all()


def test_too_few_samples_for_the_factors_say_nothing():
    problem, scores, loadings, _ = correlated(5, pairwise(np.full((N_FEATURES, 1), 0.6)), n=3)

    assert (residual_correlation(problem, scores, loadings, everywhere(2))[:, 0, 1] == 0).all()


@settings(max_examples=30)
@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3))
def test_correlations_that_contradict_each_other_become_a_correlation_matrix(rho):
    found = nearest_correlation(torch.as_tensor(pairwise(np.array([rho]))))

    assert float(torch.linalg.eigvalsh(found).min()) > 0.01
    torch.testing.assert_close(found.diagonal(dim1=1, dim2=2), torch.ones(1, 3, dtype=F64))


def test_copies_of_a_view_keep_a_correlation_that_is_a_number():
    problem, scores, loadings, _ = correlated(3, pairwise(np.zeros((N_FEATURES, 1))))
    twice = replace(problem, views=(problem.views[0], problem.views[0]))

    found = residual_correlation(twice, scores, [loadings[0], loadings[0]], everywhere(2))

    assert (found[:, 0, 1] > 0.9).all()
