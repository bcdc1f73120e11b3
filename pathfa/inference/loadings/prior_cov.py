"""Covariance C_g of the prior mean of the loadings of a feature, m_g = c (C U)_g, that comes from the weights U.

It is never needed on its own but in sums over features or in products with one matrix, and those are taken in whatever
form is cheapest: between all factors from the pairs of gene sets of a feature, or factor by factor.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from functools import cached_property

import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.view import Membership


class PriorCov(ABC):
    """C_g of the annotated features of a view."""

    @abstractmethod
    def scaled(self, scale: Tensor) -> PriorCov:
        """Return the covariance of the prior means times ``scale``, K."""

    @abstractmethod
    def some(self, index: Tensor) -> PriorCov:
        """Return the covariance of some of these features."""

    @abstractmethod
    def dense(self) -> Tensor:
        """Return C_g, A x K x K."""

    @abstractmethod
    def weighted(self, coefficients: Tensor) -> Tensor:
        """Return ``sum_g a_gr C_g``, R x K x K, for coefficients a, A x R."""

    @abstractmethod
    def elementwise(self, matrices: Tensor) -> Tensor:
        """Return ``sum_g B_g * C_g``, K x K, for matrices B, A x K x K."""

    @abstractmethod
    def inner(self, matrix: Tensor) -> Tensor:
        """Return ``tr(B C_g)``, A, for one symmetric matrix B, K x K."""


class DenseCov(PriorCov):
    """One matrix per feature.

    Parameters
    ----------
    matrices
        C_g, A x K x K.
    """

    def __init__(self, matrices: Tensor) -> None:
        self.matrices = matrices

    def scaled(self, scale: Tensor) -> DenseCov:
        return DenseCov(self.matrices * (scale[:, None] * scale))

    def some(self, index: Tensor) -> DenseCov:
        return DenseCov(self.matrices[index])

    def dense(self) -> Tensor:
        return self.matrices

    def weighted(self, coefficients: Tensor) -> Tensor:
        return (coefficients.T @ self.matrices.flatten(start_dim=1)).reshape(-1, *self.matrices.shape[1:])

    def elementwise(self, matrices: Tensor) -> Tensor:
        return (matrices * self.matrices).sum(0)

    def inner(self, matrix: Tensor) -> Tensor:
        return self.matrices.flatten(start_dim=1) @ matrix.reshape(-1)


class JointCov(PriorCov):
    """Weights of different factors are correlated: C_g comes from all pairs of gene sets of a feature.

    Parameters
    ----------
    sets
        Which features are in which gene sets.
    cov
        Covariance of all pairs of weights, K^2 x P^2 (``pair_cov``).
    """

    def __init__(self, sets: Membership, cov: Tensor) -> None:
        self.sets, self.cov, self.n_factors = sets, cov, math.isqrt(len(cov))

    def scaled(self, scale: Tensor) -> PriorCov:
        return _Scaled(self, scale)

    def some(self, index: Tensor) -> DenseCov:
        return self._each.some(index)

    def dense(self) -> Tensor:
        return self._each.dense()

    def weighted(self, coefficients: Tensor) -> Tensor:
        found = self.cov @ (self.sets.pairs_t @ coefficients)
        return found.T.reshape(-1, self.n_factors, self.n_factors)

    def elementwise(self, matrices: Tensor) -> Tensor:
        return self._each.elementwise(matrices)

    def inner(self, matrix: Tensor) -> Tensor:
        found: Tensor = self.sets.pairs @ (matrix.reshape(-1) @ self.cov)
        return found

    @cached_property
    def _each(self) -> DenseCov:
        return DenseCov((self.sets.pairs @ self.cov.T).reshape(-1, self.n_factors, self.n_factors))


def pair_cov(active: Tensor, cov: Tensor, n_sets: int, n_factors: int) -> Tensor:
    """Return Cov(u_pk, u_ql) in row k K + l and column p P + q, K^2 x P^2: 0 where one of them is pruned.

    Parameters
    ----------
    active
        Indices of the weights that are not pruned, k P + p, a.
    cov
        Their covariance, a x a.
    n_sets, n_factors
        P and K.
    """
    factor, member = active // n_sets, active % n_sets
    place = (factor[:, None] * n_factors + factor) * n_sets**2 + (member[:, None] * n_sets + member)
    found = torch.zeros(n_factors**2 * n_sets**2, dtype=DTYPE, device=cov.device)
    found[place] = cov
    return found.reshape(n_factors**2, n_sets**2)


class _Scaled(PriorCov):
    """The covariance of prior means times a scale, with the scale taken last."""

    def __init__(self, bare: PriorCov, scale: Tensor) -> None:
        self.bare, self.scale = bare, scale

    @property
    def square(self) -> Tensor:
        return self.scale[:, None] * self.scale

    def scaled(self, scale: Tensor) -> PriorCov:
        return _Scaled(self.bare, self.scale * scale)

    def some(self, index: Tensor) -> PriorCov:
        return self.bare.some(index).scaled(self.scale)

    def dense(self) -> Tensor:
        return self.bare.dense() * self.square

    def weighted(self, coefficients: Tensor) -> Tensor:
        return self.bare.weighted(coefficients) * self.square

    def elementwise(self, matrices: Tensor) -> Tensor:
        return self.bare.elementwise(matrices) * self.square

    def inner(self, matrix: Tensor) -> Tensor:
        return self.bare.inner(matrix * self.square)


class IndependentCov(PriorCov):
    """Weights of different factors are independent: C_g is diagonal.

    Parameters
    ----------
    variance
        Its diagonal, A x K.
    """

    def __init__(self, variance: Tensor) -> None:
        self.variance = variance

    def scaled(self, scale: Tensor) -> IndependentCov:
        return IndependentCov(self.variance * scale**2)

    def some(self, index: Tensor) -> IndependentCov:
        return IndependentCov(self.variance[index])

    def dense(self) -> Tensor:
        return torch.diag_embed(self.variance)

    def weighted(self, coefficients: Tensor) -> Tensor:
        return torch.diag_embed(coefficients.T @ self.variance)

    def elementwise(self, matrices: Tensor) -> Tensor:
        return (matrices.diagonal(dim1=1, dim2=2) * self.variance).sum(0).diag()

    def inner(self, matrix: Tensor) -> Tensor:
        return self.variance @ matrix.diagonal()
