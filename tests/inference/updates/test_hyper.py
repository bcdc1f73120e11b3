"""Precision of the loading prior and scale of the views."""

import dataclasses
import math

import pytest
import torch
from scipy import integrate, stats

from pathfa.inference.updates.hyper import common_scale, scale_evidence, update_omega, update_scale
from pathfa.inference.weights.curvature import Weights, update_weights
from pathfa.options import Curvature, Sign, ViewScale


def test_omega_is_recovered_per_factor(make_known):
    known = make_known(0, n=40, features=(600,), omega=(2.0, 30.0), noise_sd=0.3)
    omega = torch.ones(2, dtype=torch.float64)

    for _ in range(50):
        posterior = dataclasses.replace(known, omega=[omega]).loading_posteriors()[0]
        omega = update_omega(posterior.moments(known.prior_mean(0), None), omega, torch.zeros_like(omega))

    assert float(omega[0]) == pytest.approx(2.0, rel=0.15)
    assert float(omega[1]) == pytest.approx(30.0, rel=0.15)


def test_the_fixed_point_of_omega_maximises_the_evidence_of_the_loadings(make_known):
    known = make_known(1, n=10, features=(25,), factors=1, omega=2.0)
    m = known.prior_mean(0)

    def log_marginal(omega):
        moved = dataclasses.replace(known, omega=[torch.tensor([omega], dtype=torch.float64)])
        posterior = moved.loading_posteriors()[0]
        w = posterior.mean(m)
        joint = moved.log_joint(loadings=[w])
        half_log_det = posterior.moments(m, None).half_log_det
        return float(joint) + half_log_det - 0.5 * len(w) * math.log(omega)  # Laplace is exact here

    omega = torch.ones(1, dtype=torch.float64)
    for _ in range(200):
        posterior = dataclasses.replace(known, omega=[omega]).loading_posteriors()[0]
        omega = update_omega(posterior.moments(m, None), omega, torch.zeros_like(omega))

    best = float(omega)
    assert max(log_marginal(best * 1.02), log_marginal(best / 1.02)) < log_marginal(best)


def test_strict_columns_stay_strict(make_known):
    known = make_known(0, omega=(2.0, math.inf))
    moments = known.loading_posteriors()[0].moments(known.prior_mean(0), None)

    omega = update_omega(moments, known.omega[0], known.intercept[0])

    assert math.isinf(omega[1])
    assert math.isfinite(omega[0])


@pytest.fixture(params=[math.inf, 5.0], ids=["strict", "soft"])
def scaled(make_known, request):
    """Return a marginal view whose true scale is 0.8, seen with scale 1, and uncertain weights."""
    known = make_known(3, n=60, features=(80, 60), omega=request.param, noise_sd=0.3)
    start = Weights(mean=known.weights, alpha=known.alpha, blocks=())
    weights = update_weights(
        known.problem, known.marginal(), start, sign=Sign.NONNEGATIVE, curvature=Curvature.FULL, learn_alpha=False
    )
    return dataclasses.replace(known.marginal()[1], scale=torch.ones(2, dtype=torch.float64)), weights


def mean_and_moment(item, weights):
    return weights.mean, item.precision.moment(
        (item.view.mask @ weights.mean)[item.view.annotated], weights.prior_cov(item.view)
    )


@pytest.mark.parametrize("kind", [ViewScale.VIEW, ViewScale.FACTOR])
def test_the_scale_of_a_view_is_recovered(scaled, kind):
    item, weights = scaled
    scale = update_scale(kind, item, *mean_and_moment(item, weights))

    torch.testing.assert_close(scale, torch.full((2,), 0.8, dtype=torch.float64), atol=0.12, rtol=0)
    assert (scale[0] == scale[1]) == (kind is ViewScale.VIEW)


@pytest.mark.parametrize("kind", [ViewScale.VIEW, ViewScale.FACTOR])
def test_the_scale_maximises_the_expected_quadratic(scaled, kind):
    item, weights = scaled
    scale = update_scale(kind, item, *mean_and_moment(item, weights))

    def expected(c):
        ann = item.view.annotated
        m, cov = (item.view.mask @ weights.mean) * c, weights.prior_cov(item.view).scaled(c)
        inner = cov.to_dense() + m[ann][:, :, None] * m[ann][:, None, :]
        return float((item.linear * m).sum() - 0.5 * (item.precision.to_dense() * inner).sum())

    best = expected(scale)
    steps = torch.eye(2, dtype=torch.float64) if kind is ViewScale.FACTOR else torch.ones(1, 2, dtype=torch.float64)
    for step in steps:
        assert max(expected(scale + 0.01 * step), expected(scale - 0.01 * step)) < best


def test_a_fixed_scale_stays(scaled):
    item, weights = scaled

    assert torch.equal(update_scale(ViewScale.FIXED, item, *mean_and_moment(item, weights)), item.scale)


def test_a_view_that_says_nothing_keeps_its_scale(scaled):
    item, weights = scaled
    mean, moment = mean_and_moment(item, weights)

    scale = update_scale(ViewScale.VIEW, item, torch.zeros_like(mean), torch.zeros_like(moment))

    assert torch.equal(scale, item.scale)


def test_the_common_scale_is_the_root_mean_square_over_the_views():
    scales = [torch.tensor([1.0, 0.0, 3.0]), torch.tensor([7.0, 0.0, 1.0])]

    torch.testing.assert_close(common_scale(scales), torch.tensor([5.0, 1.0, math.sqrt(5.0)]))


@pytest.mark.parametrize("n_views", [1, 2, 4])
def test_the_evidence_of_scales_is_the_integral_over_all_but_one_of_them(n_views):
    scales, precisions = [0.4, 1.1, 1.6, 0.02][:n_views], [900.0, 400.0, 2500.0, 1e4][:n_views]

    def integral(c, h):
        known = integrate.quad(
            lambda x: 2.0 * stats.norm.pdf(x) * math.exp(-0.5 * h * (x - c) ** 2), 0.0, 3.0, points=[c]
        )
        return math.log(known[0])

    found = scale_evidence(*([torch.tensor([x], dtype=torch.float64) for x in each] for each in (scales, precisions)))

    exact = sum(map(integral, scales, precisions)) * (n_views - 1) / n_views
    assert found == pytest.approx(exact, abs=5e-3)
