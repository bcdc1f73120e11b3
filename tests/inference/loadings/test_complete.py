"""Loadings of a complete view, strict ones among them, against dense matrices and the class for incomplete views."""

import math

import pytest
import torch

from pathfa.inference.loadings.complete import CompleteLoadings
from pathfa.inference.loadings.incomplete import IncompleteLoadings
from pathfa.inference.loadings.prior_cov import DenseCov, IndependentCov
from pathfa.inference.loadings.strict import StrictLoadings

OMEGAS = {
    "finite": (2.0, 5.0, 0.3),
    "strict": (math.inf, math.inf, math.inf),
    "mixed": (2.0, math.inf, 0.3),
    "nearly strict": (1e8, 3.0, 1e-4),
}


@pytest.fixture(params=OMEGAS.values(), ids=OMEGAS)
def case(make_known, request):
    known = make_known(4, n=15, features=(11,), factors=3, omega=request.param)
    return known, known.loading_posteriors()[0]


@pytest.fixture
def features(case):
    return case[0].problem.views[0].annotated


@pytest.fixture(params=["full", "diagonal"])
def prior_cov(request, features):
    generator = torch.Generator().manual_seed(0)
    root = torch.randn(len(features), 3, 3, dtype=torch.float64, generator=generator)
    return DenseCov(root @ root.mT) if request.param == "full" else IndependentCov(root[:, :, 0] ** 2)


def dense_cov(known):
    """Return (lambda_g S + Omega)^-1 on the soft factors, zero elsewhere, G x K x K."""
    second = known.scores.T @ known.scores
    soft = torch.nonzero(torch.isfinite(known.omega[0])).squeeze(1)
    cov = torch.zeros(len(known.noise_precision[0]), 3, 3, dtype=torch.float64)
    for g, lam in enumerate(known.noise_precision[0]):
        block = lam * second[soft][:, soft] + torch.diag(known.omega[0][soft])
        cov[g, soft[:, None], soft] = torch.linalg.inv(block)
    return cov


def as_incomplete(known):
    """Return the same posterior held as if every feature had its own S."""
    scores, view = known.known_scores(), known.problem.views[0]
    second = scores.second(view).expand(view.n_features, -1, -1)
    return IncompleteLoadings(known.noise_precision[0], second, scores.cross(view), known.omega[0])


def test_the_right_class_is_used(case):
    known, posterior = case

    assert isinstance(posterior, StrictLoadings if torch.isinf(known.omega[0]).all() else CompleteLoadings)


def test_covariances_are_those_of_dense_matrices(case):
    known, posterior = case
    cov = dense_cov(known)

    torch.testing.assert_close(posterior.cov(slice(None)), cov, rtol=1e-8, atol=1e-12)
    torch.testing.assert_close(posterior.cov_diagonal_sum(), cov.diagonal(dim1=1, dim2=2).sum(0), rtol=1e-8, atol=1e-12)
    second = known.scores.T @ known.scores
    torch.testing.assert_close(posterior.trace_second_cov(), (cov * second).sum((1, 2)), rtol=1e-8, atol=1e-12)
    y = torch.arange(33.0, dtype=torch.float64).reshape(11, 3)
    torch.testing.assert_close(posterior.cov_times(y), torch.einsum("gkl,gl->gk", cov, y), rtol=1e-8, atol=1e-10)


def test_the_log_determinant_is_that_of_dense_matrices(case):
    known, posterior = case
    soft = torch.isfinite(known.omega[0])
    cov = dense_cov(known)[:, soft][:, :, soft]

    expected = 0.5 * (known.omega[0][soft].log().sum() * len(cov) + torch.logdet(cov).sum()) if soft.any() else 0.0
    assert posterior.half_log_det() == pytest.approx(float(expected), rel=1e-8, abs=1e-9)


def test_marginal_precisions_are_those_of_dense_matrices(case, features):
    known, posterior = case
    second, cov = known.scores.T @ known.scores, dense_cov(known)[features]
    lam = known.noise_precision[0][features][:, None, None]

    expected = lam * second - lam**2 * second @ cov @ second
    torch.testing.assert_close(posterior.marginal_precision(features).dense(), expected, rtol=1e-7, atol=1e-7)


def test_both_classes_agree_on_the_moments(case, features, prior_cov):
    known, posterior = case
    view, prior_mean = known.problem.views[0], known.prior_mean(0)

    one = posterior.moments(view, prior_mean, prior_cov)
    other = as_incomplete(known).moments(view, prior_mean, prior_cov)

    for name in ("mean", "expected_rss", "deviation", "deviation_cov"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-8, atol=1e-9, msg=name)
    torch.testing.assert_close(one.precision, other.precision.sum(0), rtol=1e-8, atol=1e-9)
    assert one.half_log_det == pytest.approx(other.half_log_det, rel=1e-9, abs=1e-9)


def test_a_diagonal_covariance_of_the_prior_mean_is_a_special_case_of_a_full_one(case, features):
    _, posterior = case
    diagonal = torch.linspace(0.1, 2.0, 3 * len(features), dtype=torch.float64).reshape(-1, 3)

    one, other = (
        posterior.carry(features, cov) for cov in (IndependentCov(diagonal), DenseCov(torch.diag_embed(diagonal)))
    )

    for name in ("trace", "precision", "deviation"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-9, atol=1e-10, msg=name)


def test_what_is_carried_is_that_of_dense_matrices(case, features, prior_cov):
    known, posterior = case
    full = prior_cov.dense()
    second, lam = known.scores.T @ known.scores, known.noise_precision[0][features][:, None, None]
    pull = lam * dense_cov(known)[features] @ second
    b = torch.eye(3, dtype=torch.float64) - pull

    carried = posterior.carry(features, prior_cov)

    moved = b @ full @ b.mT
    torch.testing.assert_close(carried.trace, (second * moved).sum((1, 2)), rtol=1e-7, atol=1e-8)
    torch.testing.assert_close(carried.precision, (lam * moved).sum(0), rtol=1e-7, atol=1e-8)
    expected = (pull @ full @ pull.mT).diagonal(dim1=1, dim2=2).sum(0)
    torch.testing.assert_close(carried.deviation, expected, rtol=1e-7, atol=1e-8)


def test_a_strict_view_without_annotated_features_carries_nothing(make_known):
    known = make_known(4, n=15, features=(11,), factors=3, omega=math.inf)
    posterior = known.loading_posteriors()[0]
    nothing = torch.empty(0, dtype=torch.int64)

    for kind, shape in ((DenseCov, (0, 3, 3)), (IndependentCov, (0, 3))):
        carried = posterior.carry(nothing, kind(torch.empty(shape, dtype=torch.float64)))

        assert carried.trace.shape == (0,)
        assert torch.equal(carried.precision, torch.zeros(3, 3, dtype=torch.float64))
