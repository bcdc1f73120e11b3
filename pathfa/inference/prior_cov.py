"""Covariance C_g of the prior mean of the loadings of a feature, m_g = c (C U)_g, that comes from the weights U.

It is never needed on its own but in sums over features or in products with one matrix, and those are taken in whatever
form is cheapest: between all factors from the pairs of gene sets of a feature, or factor by factor.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

import torch
from torch import Tensor

from pathfa.inference.linalg import DTYPE
from pathfa.inference.membership import Membership


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
    n_factors
        Number of factors, K.
    active
        Indices of the weights that are not pruned, k P + p, a.
    cov
        Their covariance, a x a.
    """

    def __init__(self, sets: Membership, n_factors: int, active: Tensor, cov: Tensor) -> None:
        n_sets = sets.mask.shape[1]
        factor, member = active // n_sets, active % n_sets
        self.sets, self.n_factors, self.cov = sets, n_factors, cov.reshape(-1)
        self.set_pair = (member[:, None] * n_sets + member).reshape(-1)
        self.factor_pair = (factor[:, None] * n_factors + factor).reshape(-1)

    def scaled(self, scale: Tensor) -> PriorCov:
        return _Scaled(self, scale)

    def some(self, index: Tensor) -> DenseCov:
        return self._each.some(index)

    def dense(self) -> Tensor:
        return self._each.dense()

    def weighted(self, coefficients: Tensor) -> Tensor:
        size, pairs = self.n_factors, self.sets.pairs_t @ coefficients
        found = torch.zeros(size**2, coefficients.shape[1], dtype=DTYPE, device=self.cov.device)
        found.index_add_(0, self.factor_pair, pairs[self.set_pair] * self.cov[:, None])
        return found.T.reshape(-1, size, size)

    def elementwise(self, matrices: Tensor) -> Tensor:
        return self._each.elementwise(matrices)

    def inner(self, matrix: Tensor) -> Tensor:
        pairs = torch.zeros(self.sets.mask.shape[1] ** 2, 1, dtype=DTYPE, device=self.cov.device)
        pairs.index_add_(0, self.set_pair, (self.cov * matrix.reshape(-1)[self.factor_pair])[:, None])
        return (self.sets.pairs @ pairs).squeeze(1)

    @cached_property
    def _each(self) -> DenseCov:
        size, n_pairs = self.n_factors, self.sets.mask.shape[1] ** 2
        cov = torch.zeros(n_pairs * size**2, dtype=DTYPE, device=self.cov.device)
        cov[self.set_pair * size**2 + self.factor_pair] = self.cov
        return DenseCov((self.sets.pairs @ cov.reshape(n_pairs, size**2)).reshape(-1, size, size))


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
