"""Draws and quantiles of the Laplace posterior."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pathfa.inference.posterior.draws import draw_scores, draw_weights, mixture_quantile, truncated_quantile
from pathfa.inference.weights.inclusion import Inclusion

F64 = torch.float64


@settings(max_examples=200)
@given(st.floats(0.001, 0.999), st.floats(-4.0, 30.0), st.floats(0.05, 5.0))
def test_truncated_quantiles_are_those_of_scipy(probability, ratio, sd):
    mean = ratio * sd

    found = float(
        truncated_quantile(
            torch.tensor(probability, dtype=F64), torch.tensor(mean, dtype=F64), torch.tensor(sd, dtype=F64)
        )
    )

    expected = stats.truncnorm.ppf(probability, -ratio, math.inf, loc=mean, scale=sd)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-8 * sd)


def test_a_weight_without_spread_is_its_mean():
    found = truncated_quantile(
        torch.tensor(0.3, dtype=F64), torch.tensor([0.0, 2.0], dtype=F64), torch.zeros(2, dtype=F64)
    )

    assert found.tolist() == [0.0, 2.0]


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("included", [0.05, 0.6, 1.0])
def test_mixture_quantiles_are_those_of_many_draws(included, nonnegative):
    mean, sd = torch.tensor([0.4], dtype=F64), torch.tensor([0.5], dtype=F64)
    slab = stats.truncnorm(-0.8, math.inf, 0.4, 0.5) if nonnegative else stats.norm(0.4, 0.5)

    for probability in (0.025, 0.2, 0.5, 0.9, 0.975):
        found = float(
            mixture_quantile(probability, torch.tensor([included], dtype=F64), mean, sd, nonnegative=nonnegative)
        )
        # the distribution function of the mixture jumps by 1 - included at 0
        below = included * slab.cdf(found) + (1.0 - included) * (found > 0)
        upto = included * slab.cdf(found) + (1.0 - included) * (found >= 0)
        assert below - 1e-6 <= probability <= upto + 1e-6


@pytest.fixture
def weights():
    """Three gene sets and two factors; the first two weights of factor 1 are correlated."""
    inclusion = Inclusion(
        probability=torch.tensor([[1.0, 0.3], [1.0, 0.0], [0.0, 0.5]], dtype=F64),
        mean=torch.tensor([[2.0, 0.5], [0.1, 0.0], [0.0, 1.0]], dtype=F64),
        sd=torch.tensor([[0.5, 0.4], [0.3, 1.0], [1.0, 0.2]], dtype=F64),
    )
    cov = torch.tensor([[0.25, -0.12], [-0.12, 0.09]], dtype=F64)
    return inclusion, [(torch.tensor([0, 1]), cov)]


def drawn(weights, nonnegative, seed=0, n_draws=20000):
    inclusion, blocks = weights
    generator = torch.Generator().manual_seed(seed)
    return draw_weights(inclusion, blocks, n_draws, generator, nonnegative=nonnegative)


def test_draws_of_weights_have_the_stated_margins(weights):
    draws, inclusion = drawn(weights, nonnegative=True), weights[0]

    assert draws.shape == (20000, 3, 2)
    assert (draws >= 0).all()
    torch.testing.assert_close((draws > 0).double().mean(0), inclusion.probability, atol=0.015, rtol=0)
    for p, k in [(0, 0), (1, 0), (0, 1), (2, 1)]:
        mean, sd = float(inclusion.mean[p, k]), float(inclusion.sd[p, k])
        slab = draws[:, p, k][draws[:, p, k] > 0]
        exact = stats.truncnorm(-mean / sd, math.inf, mean, sd)
        assert stats.kstest(slab.numpy(), exact.cdf).pvalue > 1e-3


def test_draws_of_weights_keep_their_correlation(weights):
    draws = drawn(weights, nonnegative=False)

    torch.testing.assert_close(torch.cov(draws[:, :2, 0].T), weights[1][0][1], atol=0.01, rtol=0)
    independent = torch.corrcoef(torch.stack([draws[:, 0, 0], draws[:, 2, 1]]))[0, 1]
    assert abs(float(independent)) < 0.03


def test_draws_of_scores_have_the_stated_moments():
    mean = torch.tensor([[0.0, 1.0], [2.0, -1.0], [0.5, 0.5]], dtype=F64)
    cov = torch.tensor([[[1.0, 0.5], [0.5, 2.0]], [[0.1, 0.0], [0.0, 0.2]]], dtype=F64)

    draws = draw_scores(mean, cov, torch.tensor([0, 1, 0]), 20000, torch.Generator().manual_seed(0))

    torch.testing.assert_close(draws.mean(0), mean, atol=0.05, rtol=0)
    for row, pattern in enumerate([0, 1, 0]):
        torch.testing.assert_close(torch.cov(draws[:, row].T), cov[pattern], atol=0.06, rtol=0)
    assert abs(float(torch.corrcoef(torch.stack([draws[:, 0, 0], draws[:, 2, 0]]))[0, 1])) < 0.03


def test_the_same_generator_gives_the_same_draws(weights):
    assert torch.equal(drawn(weights, True, seed=3, n_draws=10), drawn(weights, True, seed=3, n_draws=10))
    assert not torch.equal(drawn(weights, True, seed=3, n_draws=10), drawn(weights, True, seed=4, n_draws=10))
