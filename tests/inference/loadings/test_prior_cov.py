"""Sums over features of the covariances of the prior means, against those of the matrices that they stand for."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from pathfa.inference.loadings.marginal import OwnPrecision, SharedPrecision
from pathfa.inference.loadings.prior_cov import DenseCov, IndependentCov, JointCov, pair_cov
from pathfa.inference.problem.view import membership

N_SETS, N_FACTORS = 6, 3


@pytest.fixture
def sets():
    rng = np.random.default_rng(0)
    mask = rng.random((20, N_SETS)) * (rng.random((20, N_SETS)) < 0.4)
    mask[[3, 7]] = 0.0
    return membership(sp.csr_matrix(mask))


@pytest.fixture(params=["joint", "independent", "dense"])
def cov(request, sets):
    rng = np.random.default_rng(1)
    if request.param == "joint":
        active = torch.tensor([0, 2, 7, 8, 13, 17])
        root = torch.as_tensor(rng.standard_normal((6, 6)))
        return JointCov(sets, pair_cov(active, root @ root.T, N_SETS, N_FACTORS))
    if request.param == "independent":
        return IndependentCov(torch.as_tensor(rng.random((len(sets.annotated), N_FACTORS))))
    root = torch.as_tensor(rng.standard_normal((len(sets.annotated), N_FACTORS, N_FACTORS)))
    return DenseCov(root @ root.mT)


@pytest.fixture
def draw(sets):
    rng = np.random.default_rng(2)
    return lambda *shape: torch.as_tensor(rng.standard_normal((len(sets.annotated), *shape)))


def test_a_joint_covariance_is_that_of_the_masks(sets):
    active = torch.tensor([1, 4, 6, 15])
    root = torch.randn(4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    full = torch.zeros(N_SETS * N_FACTORS, N_SETS * N_FACTORS, dtype=torch.float64)
    full[active[:, None], active] = root @ root.T
    mask = sets.mask.to_dense()[sets.annotated]
    projection = torch.stack([torch.block_diag(*[row[None]] * N_FACTORS) for row in mask])  # A x K x K P

    found = JointCov(sets, pair_cov(active, root @ root.T, N_SETS, N_FACTORS))

    torch.testing.assert_close(found.dense(), projection @ full @ projection.mT)


def test_sums_and_products_are_those_of_the_matrices(cov, draw):
    dense, weights, matrices = cov.dense(), draw(4), draw(N_FACTORS, N_FACTORS)
    symmetric = matrices[0] + matrices[0].T

    torch.testing.assert_close(cov.weighted(weights), torch.einsum("gr,gkl->rkl", weights, dense))
    torch.testing.assert_close(cov.elementwise(matrices), (matrices * dense).sum(0))
    torch.testing.assert_close(cov.inner(symmetric), torch.einsum("kl,gkl->g", symmetric, dense))


def test_a_scale_comes_last(cov, draw):
    once, again = torch.tensor([0.5, 2.0, 0.0]).double(), torch.tensor([3.0, 1.0, 2.0]).double()
    scaled = cov.scaled(once).scaled(again)
    plain = DenseCov(cov.dense() * torch.outer(once * again, once * again))

    torch.testing.assert_close(scaled.dense(), plain.dense())
    weights, matrices = draw(2), draw(N_FACTORS, N_FACTORS)
    torch.testing.assert_close(scaled.weighted(weights), plain.weighted(weights))
    torch.testing.assert_close(scaled.elementwise(matrices), plain.elementwise(matrices))
    torch.testing.assert_close(scaled.inner(matrices[0]), plain.inner(matrices[0]))


def test_some_features(cov):
    index = torch.tensor([4, 0, 9])

    torch.testing.assert_close(cov.some(index).dense(), cov.dense()[index])
    scale = torch.tensor([0.5, 2.0, 1.0]).double()
    torch.testing.assert_close(cov.scaled(scale).some(index).dense(), cov.scaled(scale).dense()[index])


def test_shared_and_own_precisions_say_the_same(cov, sets, draw):
    rng = np.random.default_rng(3)
    basis = torch.as_tensor(rng.standard_normal((2, N_FACTORS, N_FACTORS)))
    shared = SharedPrecision(draw(2), basis + basis.mT)
    own, mean, scale = OwnPrecision(shared.dense()), draw(N_FACTORS), torch.tensor([1.0, 0.5, 2.0]).double()

    torch.testing.assert_close(shared.row(1), own.row(1))
    torch.testing.assert_close(shared.moment(mean, cov), own.moment(mean, cov))
    expected = (shared.dense() * (mean[:, :, None] * mean[:, None, :] + cov.dense())).sum(0)
    torch.testing.assert_close(own.moment(mean, cov), expected)
    one, other = (item.quadratic(sets, scale) for item in (shared, own))
    torch.testing.assert_close(one.diagonal, other.diagonal)
    torch.testing.assert_close(one.rows(torch.arange(18)), other.rows(torch.arange(18)))
