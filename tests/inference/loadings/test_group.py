"""Loadings of complete and incomplete features, strict ones among them, against each feature on its own."""

import math
from dataclasses import replace

import pytest
import torch

from pathfa.inference.loadings.group import CompleteGroup, IncompleteGroup
from pathfa.inference.loadings.posterior import loading_posterior
from pathfa.inference.loadings.structured import DenseMatrices, DiagonalCov
from pathfa.inference.problem.problem import make_problem

F64 = torch.float64
G, K = 11, 3
OMEGAS = {
    "finite": (2.0, 5.0, 0.3),
    "strict": (math.inf, math.inf, math.inf),
    "mixed": (2.0, math.inf, 0.3),
    "nearly strict": (1e8, 3.0, 1e-4),
}
MISSING = {"complete": [], "some incomplete": [1, 4, 10], "all incomplete": list(range(G))}


@pytest.fixture(params=OMEGAS.values(), ids=OMEGAS)
def omega(request):
    return request.param


@pytest.fixture(params=MISSING.values(), ids=MISSING)
def known(make_known, omega, request):
    """Return a cohort in which some features have missing entries, and one sample was not measured."""
    known = make_known(4, n=15, features=(G,), factors=K, omega=omega)
    x = known.values[0].copy()
    for g in request.param:
        x[g % 5 : g % 5 + 3, g] = math.nan
    x[9] = math.nan
    return replace(known, values=[x], problem=make_problem([(x, known.masks[0])]))


@pytest.fixture
def view(known):
    return known.problem.views[0]


@pytest.fixture
def posterior(known):
    return known.loading_posteriors()[0]


@pytest.fixture
def alone(known, view):
    """Return the same posterior with S and Cov of its own for every feature."""
    observed = view.seen.expand_as(view.x).clone()
    own = replace(view, observed=observed, incomplete=torch.arange(G))
    scores = known.known_scores()
    return loading_posterior(own, known.noise_precision[0], scores.second(own), scores.cross(own), known.omega[0])


@pytest.fixture(params=["full", "diagonal", "none"])
def prior_cov(request, view):
    root = torch.randn(len(view.annotated), K, K, dtype=F64, generator=torch.Generator().manual_seed(0))
    return {"full": DenseMatrices(root @ root.mT), "diagonal": DiagonalCov(root[:, :, 0] ** 2), "none": None}[
        request.param
    ]


def dense(known):
    """Return S_g over the observed samples, and (lambda_g S_g + Omega)^-1 on the soft factors, zero elsewhere."""
    soft = torch.nonzero(torch.isfinite(known.omega[0])).squeeze(1)
    second, cov = torch.zeros(G, K, K, dtype=F64), torch.zeros(G, K, K, dtype=F64)
    for g, lam in enumerate(known.noise_precision[0]):
        z = known.scores[torch.isfinite(torch.as_tensor(known.values[0][:, g]))]
        second[g] = z.T @ z
        block = lam * second[g][soft][:, soft] + torch.diag(known.omega[0][soft])
        cov[g, soft[:, None], soft] = torch.linalg.inv(block)
    return second, cov


def test_features_are_grouped_by_what_is_missing(view, posterior):
    kinds = [type(part) for part in posterior.parts]
    n_incomplete = int((view.n_observed < 14).sum())

    assert kinds == {0: [CompleteGroup], 3: [CompleteGroup, IncompleteGroup], G: [IncompleteGroup]}[n_incomplete]
    for group in view.groups:
        features = torch.arange(G)[group.index]
        assert torch.equal(features[group.annotated], view.annotated[group.position])


def test_every_feature_is_the_regression_on_its_own_observed_samples(known, posterior):
    cov = dense(known)[1]
    m, lam = known.prior_mean(0), known.noise_precision[0]
    expected = m.clone()
    for g in range(G):
        x = torch.as_tensor(known.values[0][:, g])
        z = known.scores[torch.isfinite(x)]
        expected[g] += cov[g] @ (lam[g] * z.T @ (x[torch.isfinite(x)] - z @ m[g]))

    torch.testing.assert_close(posterior.covariance(None), cov, rtol=1e-8, atol=1e-12)
    torch.testing.assert_close(posterior.mean(m), expected, rtol=1e-8, atol=1e-10)


def test_products_and_sums_are_those_of_dense_matrices(known, view, posterior):
    second, cov = dense(known)
    soft = torch.isfinite(known.omega[0])

    for group, part in zip(view.groups, posterior.parts, strict=True):
        s, c = second[group.index], cov[group.index]
        y = torch.arange(float(len(c) * K), dtype=F64).reshape(-1, K)
        torch.testing.assert_close(part.cov_to_dense(), c, rtol=1e-8, atol=1e-12)
        torch.testing.assert_close(part.cov_matmul(y), torch.einsum("gkl,gl->gk", c, y), rtol=1e-8, atol=1e-10)
        torch.testing.assert_close(part.second_matmul(y), torch.einsum("gkl,gl->gk", s, y), rtol=1e-8, atol=1e-10)
        torch.testing.assert_close(part.cov_diagonal_sum(), c.diagonal(dim1=1, dim2=2).sum(0), rtol=1e-8, atol=1e-12)
        torch.testing.assert_close(part.trace_second_cov(), (c * s).sum((1, 2)), rtol=1e-8, atol=1e-12)
        det = known.omega[0][soft].log().sum() * len(c) + torch.logdet(c[:, soft][:, :, soft]).sum()
        assert part.half_log_det == pytest.approx(0.5 * float(det) if soft.any() else 0.0, rel=1e-8, abs=1e-9)


def test_marginal_precisions_are_those_of_dense_matrices(known, view, posterior):
    second, cov = (item[view.annotated] for item in dense(known))
    lam = known.noise_precision[0][view.annotated][:, None, None]

    found = posterior.marginal(known.intercept[0], known.scale[0]).precision.to_dense()

    torch.testing.assert_close(found, lam * second - lam**2 * second @ cov @ second, rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("prior_cov", ["full", "diagonal"], indirect=True)
def test_what_is_propagated_is_that_of_dense_matrices(known, view, posterior, prior_cov):
    for group, part in zip(view.groups, posterior.parts, strict=True):
        features = view.annotated[group.position]
        second, cov = (item[features] for item in dense(known))
        lam, full = known.noise_precision[0][features][:, None, None], prior_cov.to_dense()[group.position]
        complement = lam * cov @ second
        b = torch.eye(K, dtype=F64) - complement
        moved = b @ full @ b.mT

        found = part.propagate(group.annotated, prior_cov.take(group.position))

        torch.testing.assert_close(found.trace, (second * moved).sum((1, 2)), rtol=1e-7, atol=1e-8)
        shared = group.observed is None
        expected = (lam * moved).sum(0) if shared else lam * moved
        torch.testing.assert_close(found.precision, expected, rtol=1e-7, atol=1e-8)
        deviation = (complement @ full @ complement.mT).diagonal(dim1=1, dim2=2).sum(0)
        torch.testing.assert_close(found.deviation, deviation, rtol=1e-7, atol=1e-8)


def test_the_moments_are_those_of_features_that_each_stand_alone(known, view, posterior, alone, prior_cov):
    m = known.prior_mean(0)

    one, other = (item.moments(m, prior_cov) for item in (posterior, alone))

    for name in ("mean", "expected_rss", "deviation", "deviation_cov"):
        torch.testing.assert_close(getattr(one, name), getattr(other, name), rtol=1e-8, atol=1e-9, msg=name)
    assert one.half_log_det == pytest.approx(other.half_log_det, rel=1e-9, abs=1e-9)
    for group, found in zip(view.groups, one.precision, strict=True):
        expected = other.precision[0][group.index]
        shared = group.observed is None
        torch.testing.assert_close(found, expected.sum(0) if shared else expected, rtol=1e-8, atol=1e-9)
    torch.testing.assert_close(posterior.covariance(prior_cov), alone.covariance(prior_cov), rtol=1e-8, atol=1e-12)


def test_what_the_weights_see_is_that_of_features_that_each_stand_alone(known, posterior, alone):
    one, other = (item.marginal(known.intercept[0], known.scale[0]) for item in (posterior, alone))

    torch.testing.assert_close(one.precision.to_dense(), other.precision.to_dense(), rtol=1e-7, atol=1e-7)
    torch.testing.assert_close(one.linear, other.linear, rtol=1e-7, atol=1e-7)


def test_a_feature_that_was_never_observed_keeps_its_prior(make_known):
    known = make_known(7, n=14, features=(10,), omega=2.0)
    scores, view = known.known_scores(), known.problem.views[0]
    second = scores.second(view)[0].expand(10, -1, -1).clone()
    cross = scores.cross(view)
    second[3], cross[3] = 0.0, 0.0

    group = IncompleteGroup(known.noise_precision[0], second, cross, known.omega[0])

    torch.testing.assert_close(group.mean(known.prior_mean(0))[3], known.prior_mean(0)[3])
    torch.testing.assert_close(group.cov_to_dense()[3], torch.eye(2, dtype=F64) / 2.0)


def test_a_strict_view_without_annotated_features_propagates_nothing(make_known):
    known = make_known(4, n=15, features=(11,), factors=3, omega=math.inf)
    part = known.loading_posteriors()[0].parts[0]
    nothing = torch.empty(0, dtype=torch.int64)

    for kind, shape in ((DenseMatrices, (0, 3, 3)), (DiagonalCov, (0, 3))):
        found = part.propagate(nothing, kind(torch.empty(shape, dtype=F64)))

        assert found.trace.shape == (0,)
        assert torch.equal(found.precision, torch.zeros(3, 3, dtype=F64))
