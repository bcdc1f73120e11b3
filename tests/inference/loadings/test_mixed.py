"""Loadings of a view with complete and incomplete features against the class in which every feature stands alone."""

import math

import pytest
import torch

from pathfa.inference.loadings.incomplete import IncompleteLoadings
from pathfa.inference.loadings.loadings import Mixed
from pathfa.inference.loadings.mixed import MixedLoadings
from pathfa.inference.loadings.prior_cov import DenseCov, IndependentCov
from pathfa.inference.problem.problem import make_problem


@pytest.fixture(params=[(2.0, 0.5), (2.0, math.inf), (math.inf, math.inf)], ids=["finite", "mixed", "strict"])
def pair(make_known, request):
    """Return the view, and its posterior held in both ways."""
    known = make_known(7, n=14, features=(11,), omega=request.param)
    values = known.values[0].copy()
    values[:5, [1, 4, 10]] = math.nan
    values[6] = math.nan
    scores, lam, omega = known.known_scores(), known.noise_precision[0], known.omega[0]
    view = make_problem([(values, known.masks[0])]).views[0]
    second, cross = scores.second(view), scores.cross(view)
    assert isinstance(second, Mixed)
    moments = (known.scores[:, :, None] * known.scores[:, None, :]).reshape(14, -1)
    alone = (view.observed.T @ moments).reshape(11, 2, 2)
    return known, view, MixedLoadings(lam, second, cross, omega), IncompleteLoadings(lam, alone, cross, omega)


@pytest.fixture(params=["full", "diagonal", "none"])
def prior_cov(request, pair):
    if request.param == "none":
        return None
    root = torch.randn(len(pair[1].annotated), 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return DenseCov(root @ root.mT) if request.param == "full" else IndependentCov(root[:, :, 0] ** 2)


def test_what_the_weights_see_is_the_same(pair):
    known, view, mixed, alone = pair

    torch.testing.assert_close(
        mixed.marginal_precision(view.annotated).dense(),
        alone.marginal_precision(view.annotated).dense(),
        rtol=1e-9,
        atol=1e-9,
    )
    intercept = known.intercept[0]
    torch.testing.assert_close(mixed.marginal_linear(intercept), alone.marginal_linear(intercept), rtol=1e-9, atol=1e-9)


def test_the_loadings_are_the_same(pair, prior_cov):
    known, view, mixed, alone = pair
    m = known.prior_mean(0)

    torch.testing.assert_close(mixed.mean(m), alone.mean(m), rtol=1e-9, atol=1e-9)
    torch.testing.assert_close(mixed.covariance(view, prior_cov), alone.covariance(view, prior_cov), rtol=1e-8, atol=0)


def test_the_moments_are_the_same(pair, prior_cov):
    known, view, mixed, alone = pair

    one, other = (item.moments(view, known.prior_mean(0), prior_cov) for item in (mixed, alone))

    assert isinstance(one.precision, Mixed)
    assert one.precision.incomplete.tolist() == [1, 4, 10]
    torch.testing.assert_close(one.precision.own, other.precision[[1, 4, 10]])
    torch.testing.assert_close(one.precision.shared + one.precision.own.sum(0), other.precision.sum(0))
    for name in ("mean", "expected_rss", "deviation", "deviation_cov"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-8, atol=1e-9)
    assert one.half_log_det == pytest.approx(other.half_log_det)
