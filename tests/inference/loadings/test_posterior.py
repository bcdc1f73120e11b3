"""Posterior of the loadings given the scores, against the log joint."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.distributions import MultivariateNormal

from pathfa.inference.loadings.structured import DenseMatrices

OMEGAS = [4.0, (4.0, math.inf), math.inf]


def gradient(known, name, value, **changed):
    """Return the gradient of the log joint in one of its arguments."""
    leaves = [item.clone().requires_grad_() for item in (value if isinstance(value, list) else [value])]
    changed[name] = leaves if isinstance(value, list) else leaves[0]
    return torch.autograd.grad(known.log_joint(**changed), leaves)


@settings(max_examples=25)
@given(
    n=st.integers(2, 15),
    size=st.integers(2, 10),
    sets=st.integers(1, 5),
    factors=st.integers(1, 4),
    missing=st.sampled_from([0.0, 0.2]),
    seed=st.integers(0, 1000),
)
def test_the_posterior_mean_is_where_the_log_joint_is_flat(make_known, n, size, sets, factors, missing, seed):
    known = make_known(seed, n=n, features=(size, 3), sets=sets, factors=factors, missing=missing)

    means = [
        posterior.mean(known.prior_mean(position)) for position, posterior in enumerate(known.loading_posteriors())
    ]

    for flat in gradient(known, "loadings", means):
        torch.testing.assert_close(flat, torch.zeros_like(flat), atol=1e-8, rtol=0)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("omega", OMEGAS)
def test_the_marginal_gradient_is_that_of_the_log_joint_at_the_best_loadings(make_known, omega, missing):
    known = make_known(3, omega=omega, missing=missing, absent=True)
    # by the envelope theorem the gradient in the weights with loadings at their optimum is the marginal one
    means = [
        posterior.mean(known.prior_mean(position)) for position, posterior in enumerate(known.loading_posteriors())
    ]
    active = torch.isfinite(known.alpha)

    (expected,) = gradient(known, "weights", known.weights, loadings=means)

    total = -torch.where(active, known.alpha, 0.0) * known.weights
    for position, item in enumerate(known.marginal()):
        mask, m = torch.as_tensor(known.masks[position]), known.prior_mean(position) - known.intercept[position]
        pull = item.linear.clone()
        pull[item.view.annotated] -= (item.precision.to_dense() @ m[item.view.annotated].unsqueeze(-1)).squeeze(-1)
        total += mask.T @ (pull * item.scale)
    torch.testing.assert_close(total, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("omega", OMEGAS)
def test_marginal_terms_are_those_of_the_marginal_likelihood_of_the_prior_mean(make_known, omega, missing):
    known = make_known(1, omega=omega, missing=missing, factors=2)
    item = known.marginal()[0]
    spread = torch.diag(torch.where(torch.isfinite(known.omega[0]), 1.0 / known.omega[0], 0.0))

    for position, feature in enumerate(item.view.annotated.tolist()):
        seen = torch.isfinite(torch.as_tensor(known.values[0][:, feature]))
        z, x = known.scores[seen], torch.as_tensor(known.values[0][:, feature])[seen]
        cov = z @ spread @ z.T + torch.eye(len(x), dtype=torch.float64) / known.noise_precision[0][feature]

        def marginal(m, z=z, x=x, cov=cov):
            return MultivariateNormal(z @ m, cov).log_prob(x)

        origin = torch.zeros(2, dtype=torch.float64)
        hessian = torch.autograd.functional.hessian(marginal, origin)
        slope = torch.autograd.functional.jacobian(marginal, known.intercept[0])
        torch.testing.assert_close(item.precision.to_dense()[position], -hessian, rtol=1e-8, atol=1e-9)
        torch.testing.assert_close(item.linear[feature], slope, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_uncertainty_of_the_weights_reaches_the_loadings(make_known, missing):
    known = make_known(2, omega=(3.0, math.inf), missing=missing)
    view, posterior = known.problem.views[0], known.loading_posteriors()[0]
    root = torch.randn(len(view.annotated), 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    prior_cov = root @ root.mT

    carried = posterior.covariance(DenseMatrices(prior_cov)) - posterior.covariance(None)

    # d w / d m by finite differences is exact: the posterior mean is linear in m
    for position, feature in enumerate(view.annotated.tolist()):
        m = known.prior_mean(0)
        columns = []
        for k in range(2):
            moved = m.clone()
            moved[feature, k] += 1.0
            columns.append((posterior.mean(moved) - posterior.mean(m))[feature])
        b = torch.stack(columns, dim=1)
        torch.testing.assert_close(carried[feature], b @ prior_cov[position] @ b.T, rtol=1e-8, atol=1e-10)
    outside = sorted(set(range(view.n_features)) - set(view.annotated.tolist()))
    assert torch.equal(carried[outside], torch.zeros_like(carried[outside]))


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_expected_residual_is_that_of_draws_of_the_loadings(make_known, missing):
    known = make_known(5, n=20, omega=3.0, missing=missing)
    view, posterior = known.problem.views[0], known.loading_posteriors()[0]

    moments = posterior.moments(known.prior_mean(0), None)

    generator = torch.Generator().manual_seed(2)
    root = torch.linalg.cholesky(posterior.covariance(None))
    noise = torch.randn(4000, view.n_features, 2, 1, dtype=torch.float64, generator=generator)
    draws = moments.mean + (root @ noise).squeeze(-1)
    seen = torch.isfinite(torch.as_tensor(known.values[0]))
    rss = (((view.x - known.scores @ draws.mT) * seen) ** 2).sum(1)
    error = rss.std(0) / math.sqrt(len(rss))
    assert ((rss.mean(0) - moments.expected_rss).abs() < 5 * error).all()
    deviation = ((draws - known.prior_mean(0)) ** 2).sum(1)
    assert ((deviation.mean(0) - moments.deviation).abs() < 5 * deviation.std(0) / math.sqrt(len(draws))).all()
