"""Scores and loadings that move together, against automatic differentiation and against its own draws."""

import math

import pytest
import torch

from pathfa.inference.posterior.draws import mixing

F64 = torch.float64


@pytest.fixture
def case():
    """Return scores, loadings, prior means and omega of two views with loadings near their gene sets."""
    generator = torch.Generator().manual_seed(3)
    scores = torch.randn(30, 3, dtype=F64, generator=generator)
    means = [torch.randn(size, 3, dtype=F64, generator=generator) for size in (20, 12)]
    loadings = [m + 0.1 * torch.randn(m.shape, dtype=F64, generator=generator) for m in means]
    return scores, loadings, means, [torch.tensor([2.0, 5.0, 1.0], dtype=F64), torch.tensor([3.0, 0.5, 4.0], dtype=F64)]


def curvature(case):
    """Return minus the Hessian of the log prior of Z (I + A) and W (I + A)^-T at A = 0, K^2 x K^2."""
    scores, loadings, means, omega = case

    def cost(flat):
        move = torch.eye(3, dtype=F64) + flat.reshape(3, 3)
        total = 0.5 * (scores @ move).square().sum()
        for w, m, precision in zip(loadings, means, omega, strict=True):
            total = total + 0.5 * (precision * (w @ torch.linalg.inv(move).T - m) ** 2).sum()
        return total

    return torch.autograd.functional.hessian(cost, torch.zeros(9, dtype=F64))


def test_each_pair_has_the_curvature_of_the_priors(case):
    scores, loadings, means, omega = case
    hessian = curvature(case)

    found = mixing(scores.square().sum(0), loadings, means, omega)

    for row in range(3):
        for column in range(row):
            pair = [3 * row + column, 3 * column + row]
            expected = torch.linalg.inv(hessian[pair][:, pair])
            torch.testing.assert_close(found.variance[row, column], expected[0, 0])
            torch.testing.assert_close(found.variance[column, row], expected[1, 1])
            torch.testing.assert_close(found.covariance[row, column], expected[0, 1])
        # a pull that drives the scale of a factor, rather than holding it, does not make it surer or less sure
        pull = sum(
            float((precision * ((w - m) * w).sum(0))[row])
            for w, m, precision in zip(loadings, means, omega, strict=True)
        )
        assert 1.0 / float(found.variance[row, row]) == pytest.approx(
            float(hessian[4 * row, 4 * row]) - min(2.0 * pull, 0.0)
        )


def test_draws_have_these_variances_and_covariances(case):
    scores, loadings, means, omega = case
    found = mixing(scores.square().sum(0), loadings, means, omega)

    draws = found.draw(40_000, torch.Generator().manual_seed(0))

    torch.testing.assert_close(draws.var(0), found.variance, rtol=0.05, atol=0)
    pairs = (draws * draws.mT).mean(0)
    upper = torch.ones(3, 3).triu(1).bool()
    scale = (found.variance * found.variance.T).sqrt()
    torch.testing.assert_close((pairs / scale)[upper], (found.covariance / scale)[upper], rtol=0, atol=0.02)


def test_strict_loadings_do_not_move(case):
    scores, loadings, means, _ = case
    strict = [torch.full((3,), math.inf, dtype=F64)] * 2

    found = mixing(scores.square().sum(0), loadings, means, strict)

    assert torch.equal(found.variance, torch.zeros(3, 3, dtype=F64))
    assert torch.equal(found.draw(5, torch.Generator().manual_seed(0)), torch.zeros(5, 3, 3, dtype=F64))


def test_strict_factors_without_loadings_do_not_move_either(case):
    scores, loadings, _, omega = case
    silent = [loadings[0], loadings[1].clone()]
    silent[1][:, 2] = 0.0
    strict = torch.full((3,), math.inf, dtype=F64)

    found = mixing(scores.square().sum(0), silent, silent, [omega[0], strict])

    assert torch.equal(found.variance, torch.zeros(3, 3, dtype=F64))
    assert torch.equal(found.covariance, torch.zeros(3, 3, dtype=F64))


def test_looser_loadings_move_more(case):
    scores, loadings, means, omega = case
    second = scores.square().sum(0)

    tight, loose = (mixing(second, loadings, means, [item * factor for item in omega]) for factor in (10.0, 1.0))

    assert (loose.variance > tight.variance).all()
