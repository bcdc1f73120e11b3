"""Cholesky factorisation that names the matrix that failed, tails of the normal distribution, large products."""

import numpy as np
import pytest
import torch
from scipy import stats

from pathfa.core.errors import NotPositiveDefiniteError, PathFAWarning
from pathfa.core.side_by_side import threads
from pathfa.inference.numerics import (
    cholesky,
    column_squares,
    inverse_mills,
    one_thread,
    row_squares,
    rows_times,
    submatrix,
    times_rows,
)


def test_a_stack_of_matrices_is_factorised():
    root = torch.randn(3, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    matrix = root @ root.mT + torch.eye(4, dtype=torch.float64)

    factor = cholesky(matrix, "matrix")

    torch.testing.assert_close(factor @ factor.mT, matrix)
    assert torch.equal(factor, factor.tril())


def test_a_singular_matrix_needs_a_jitter_and_says_so():
    singular = torch.ones(3, 3, dtype=torch.float64) - 1e-12 * torch.eye(3, dtype=torch.float64)

    with pytest.warns(PathFAWarning, match="the test matrix needed a jitter"):
        factor = cholesky(singular, "test matrix")

    torch.testing.assert_close(factor @ factor.mT, singular, atol=1e-9, rtol=0)


@pytest.mark.parametrize(
    "bad",
    [
        -torch.eye(2, dtype=torch.float64),
        torch.full((2, 2), torch.nan),
        torch.tensor([[1.0, torch.nan], [torch.nan, 1.0]]),
        torch.tensor([[1.0, torch.inf], [torch.inf, 1.0]]),
    ],
)
def test_what_is_not_positive_definite_is_named(bad):
    with pytest.raises(NotPositiveDefiniteError, match=r"the test matrix \(2 x 2\) is not positive definite"):
        cholesky(bad, "test matrix")


def test_a_submatrix_has_the_rows_and_columns_that_are_named():
    matrix = torch.arange(16.0).reshape(4, 4)

    assert submatrix(matrix, torch.tensor([2, 0])).tolist() == [[10.0, 8.0], [2.0, 0.0]]


def test_one_thread_is_left_as_it_was_found():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
            with one_thread(), pytest.raises(NotPositiveDefiniteError):
                cholesky(-torch.eye(2, dtype=torch.float64), "matrix")
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("x", [-5.0, -1.0, 0.0, 2.0, 30.0])
def test_the_inverse_mills_ratio_is_the_density_over_the_distribution(x):
    found = float(inverse_mills(torch.tensor(x, dtype=torch.float64)))

    assert found == pytest.approx(float(stats.norm.pdf(x) / stats.norm.cdf(x)), rel=1e-12)


@pytest.mark.parametrize("x", [-1e3, -1e5, -1e8])
def test_the_inverse_mills_ratio_keeps_its_digits_far_out(x):
    found = float(inverse_mills(torch.tensor(x, dtype=torch.float64)))

    assert found == pytest.approx(-x - 1.0 / x, rel=1e-11)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("at_once", [1, 40, 10_000])
def test_products_with_a_large_matrix_are_those_of_its_parts(at_once, number, monkeypatch):
    monkeypatch.setattr("pathfa.inference.numerics._AT_ONCE", at_once)
    rng = np.random.default_rng(0)
    x, w, z, lam = (torch.as_tensor(rng.standard_normal(shape)) for shape in ((37, 11), (11, 3), (37, 2), (11,)))

    with threads(number):
        found = rows_times(x, w), times_rows(z, x), row_squares(x, lam), column_squares(x, z[:, 0]), column_squares(x)

    expected = x @ w, z.T @ x, (x * x) @ lam, z[:, 0] @ (x * x), (x * x).sum(0)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
