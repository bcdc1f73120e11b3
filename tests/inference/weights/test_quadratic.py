"""Quadratic terms, row by row, against the matrices that they stand for."""

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from pathfa.inference.problem.view import membership
from pathfa.inference.weights.quadratic import DenseQuadratic, FactorQuadratic, KroneckerQuadratic, SumQuadratic


@pytest.fixture
def pair():
    """Return the quadratic term of one factor in two views, and the matrix."""
    rng = np.random.default_rng(0)
    parts, matrix = [], np.zeros((9, 9))
    for n_features in (30, 12):
        mask = rng.random((n_features, 9)) * (rng.random((n_features, 9)) < 0.3)
        weight = rng.random(n_features)
        parts.append(FactorQuadratic(membership(sp.csr_matrix(mask)), torch.as_tensor(weight)))
        matrix += mask.T @ (weight[:, None] * mask)
    return SumQuadratic(parts), torch.as_tensor(matrix)


def test_diagonal(pair):
    found, matrix = pair

    for quadratic in (found, DenseQuadratic(matrix)):
        torch.testing.assert_close(quadratic.diagonal, matrix.diagonal())


@pytest.mark.parametrize("asked", [[[3, 1]], [[3, 1], [1, 5, 3]], [[2], []], [[0, 1, 2], [8, 2, 7]]])
def test_rows_whatever_was_asked_for_before(pair, asked):
    found, matrix = pair

    for index in asked:
        chosen = torch.tensor(index, dtype=torch.int64)
        torch.testing.assert_close(found.rows(chosen), matrix[chosen])


def test_a_sum_of_kronecker_products():
    rng = np.random.default_rng(1)
    pairs, basis = torch.as_tensor(rng.random((4, 4, 3))), torch.as_tensor(rng.random((3, 2, 2)))
    pairs, basis = pairs + pairs.transpose(0, 1), basis + basis.mT
    matrix = sum(torch.kron(basis[r].contiguous(), pairs[:, :, r].contiguous()) for r in range(3))

    found = KroneckerQuadratic(pairs, basis)

    torch.testing.assert_close(found.diagonal, matrix.diagonal())
    torch.testing.assert_close(found.rows(torch.tensor([6, 0, 3])), matrix[[6, 0, 3]])
