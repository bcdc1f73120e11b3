"""Loadings of a view with missing entries against each feature on its own."""

import math

import pytest
import torch

from pathfa.inference.loadings.incomplete import IncompleteLoadings


@pytest.fixture(params=[(2.0, 0.5), (2.0, math.inf), (math.inf, math.inf)], ids=["finite", "mixed", "strict"])
def known(make_known, request):
    return make_known(7, n=14, features=(10,), omega=request.param, missing=0.25)


def test_the_right_class_is_used(known):
    assert isinstance(known.loading_posteriors()[0], IncompleteLoadings)


def test_every_feature_is_the_regression_on_its_own_observed_samples(known, make_known):
    posterior = known.loading_posteriors()[0]
    means, cov = posterior.mean(known.prior_mean(0)), posterior.cov(slice(None))
    soft = torch.nonzero(torch.isfinite(known.omega[0])).squeeze(1)
    precision = known.omega[0][soft]

    for g in range(10):
        x = torch.as_tensor(known.values[0][:, g])
        seen = torch.isfinite(x)
        z, lam, m = known.scores[seen], known.noise_precision[0][g], known.prior_mean(0)[g]
        expected_cov = torch.zeros(2, 2, dtype=torch.float64)
        expected = m.clone()
        if len(soft):
            inner = torch.linalg.inv(lam * z[:, soft].T @ z[:, soft] + torch.diag(precision))
            expected_cov[soft[:, None], soft] = inner
            expected[soft] += inner @ (lam * z[:, soft].T @ (x[seen] - z @ m))
        torch.testing.assert_close(cov[g], expected_cov, rtol=1e-9, atol=1e-12)
        torch.testing.assert_close(means[g], expected, rtol=1e-9, atol=1e-12)


def test_a_feature_that_was_never_observed_keeps_its_prior(make_known):
    known = make_known(7, n=14, features=(10,), omega=2.0)
    scores, view = known.known_scores(), known.problem.views[0]
    second = scores.second(view).expand(10, -1, -1).clone()
    cross = scores.cross(view)
    second[3], cross[3] = 0.0, 0.0

    posterior = IncompleteLoadings(known.noise_precision[0], second, cross, known.omega[0])

    torch.testing.assert_close(posterior.mean(known.prior_mean(0))[3], known.prior_mean(0)[3])
    torch.testing.assert_close(posterior.cov(slice(3, 4))[0], torch.eye(2, dtype=torch.float64) / 2.0)
