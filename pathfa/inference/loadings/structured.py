"""Symmetric matrices of the features of a view, K x K each, that are summed or multiplied without being formed.

``PriorCov`` is the covariance C_g of the prior mean m_g = c (C U)_g that comes from the weights U: dense, diagonal
where weights of different factors are independent, or implied by the pairs of gene sets of a feature.
``MarginalPrecision`` is the precision A_g of m_g with the loadings integrated out: dense, or a combination of few
matrices where features share the moments of the scores.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from copy import copy
from functools import cached_property
from typing import NamedTuple

import torch
from torch import Tensor

from pathfa.inference.loadings.quadratic import DenseQuadratic, KroneckerQuadratic, Quadratic
from pathfa.inference.numerics import DTYPE, square
from pathfa.inference.problem.membership import Membership


class FeatureMatrices(ABC):
    """A symmetric matrix for each of A features."""

    @abstractmethod
    def to_dense(self) -> Tensor:
        """Return the matrices, A x K x K."""


class Projections(NamedTuple):
    """Sums of the products T' C_g T with a basis T, K x J."""

    diagonal: Tensor  # of T' C_g T, A x J
    half: Tensor  # sum_g lambda_g diag(d_g) T' C_g, J x K
    weighted: Tensor  # sum_g lambda_g (d_g d_g') * T' C_g T, J x J
    plain: Tensor  # the same without lambda_g


class PriorCov(FeatureMatrices):
    """C_g of the annotated features of a view."""

    @abstractmethod
    def scaled(self, scale: Tensor) -> PriorCov:
        """Return the covariance of the prior means times ``scale``, K."""

    @abstractmethod
    def weighted_sum(self, coefficients: Tensor) -> Tensor:
        """Return ``sum_g a_gr C_g``, R x K x K, for coefficients a, A x R."""

    @abstractmethod
    def hadamard_sum(self, matrices: Tensor) -> Tensor:
        """Return ``sum_g B_g * C_g``, K x K, for matrices B, A x K x K."""

    @abstractmethod
    def trace_product(self, matrix: Tensor) -> Tensor:
        """Return ``tr(B C_g)``, A, for one symmetric matrix B, K x K."""

    def take(self, index: Tensor | slice) -> PriorCov:
        """Return the covariance of some of these features."""
        return DenseMatrices(self.to_dense()[index])

    def projections(self, basis: Tensor, d: Tensor, lam: Tensor) -> Projections:
        """Return the products with a basis T, K x J, for d, A x J, and lambda, A x 1."""
        half = self.to_dense() @ basis  # C_g T, A x K x J
        middle = basis.T @ half
        scaled = middle * d[:, None, :]
        return Projections(
            diagonal=middle.diagonal(dim1=1, dim2=2),
            half=torch.einsum("gj,gkj->jk", lam * d, half),
            weighted=(scaled * (lam * d)[:, :, None]).sum(0),
            plain=(scaled * d[:, :, None]).sum(0),
        )


class MarginalPrecision(FeatureMatrices):
    """A_g of the annotated features of a view."""

    @abstractmethod
    def row(self, factor: int) -> Tensor:
        """Return the row of one factor in every A_g, A x K."""

    @abstractmethod
    def moment(self, mean: Tensor, cov: PriorCov) -> Tensor:
        """Return ``sum_g A_g * E[t_g t_g']``, K x K, for the mean, A x K, and the covariance of t."""

    @abstractmethod
    def quadratic(self, sets: Membership, scale: Tensor) -> Quadratic:
        """Return ``sum_g (c c' * A_g) kron C_g' C_g``, K P x K P, for the membership of the features and c, K."""


class DenseMatrices(PriorCov, MarginalPrecision):
    """One matrix per feature, A x K x K."""

    def __init__(self, matrices: Tensor) -> None:
        self.matrices = matrices

    def to_dense(self) -> Tensor:
        return self.matrices

    def scaled(self, scale: Tensor) -> DenseMatrices:
        return DenseMatrices(self.matrices * (scale[:, None] * scale))

    def weighted_sum(self, coefficients: Tensor) -> Tensor:
        return square(coefficients.T @ self.matrices.flatten(start_dim=1))

    def hadamard_sum(self, matrices: Tensor) -> Tensor:
        return (matrices * self.matrices).sum(0)

    def trace_product(self, matrix: Tensor) -> Tensor:
        return self.matrices.flatten(start_dim=1) @ matrix.reshape(-1)

    def row(self, factor: int) -> Tensor:
        return self.matrices[:, factor]

    def moment(self, mean: Tensor, cov: PriorCov) -> Tensor:
        squares = (self.matrices * (mean[:, :, None] * mean[:, None, :])).sum(0)
        return squares + cov.hadamard_sum(self.matrices)

    def quadratic(self, sets: Membership, scale: Tensor) -> DenseQuadratic:
        n_sets, size = sets.mask.shape[1], len(scale)
        total = sets.pairs_t @ self.scaled(scale).matrices.flatten(start_dim=1)
        flat = total.reshape(n_sets, n_sets, size, size).permute(2, 0, 3, 1).reshape(size * n_sets, size * n_sets)
        return DenseQuadratic(flat)


class CombinedPrecision(MarginalPrecision):
    """Combinations of few matrices, ``A_g = sum_r a_gr B_r``.

    Parameters
    ----------
    coefficients
        a, A x R.
    basis
        B, R x K x K.
    """

    def __init__(self, coefficients: Tensor, basis: Tensor) -> None:
        self.coefficients, self.basis = coefficients, basis

    def to_dense(self) -> Tensor:
        return square(self.coefficients @ self.basis.flatten(start_dim=1))

    def row(self, factor: int) -> Tensor:
        return self.coefficients @ self.basis[:, factor]

    def moment(self, mean: Tensor, cov: PriorCov) -> Tensor:
        squares = torch.stack([mean.T @ (mean * a[:, None]) for a in self.coefficients.T])
        return ((squares + cov.weighted_sum(self.coefficients)) * self.basis).sum(0)

    def quadratic(self, sets: Membership, scale: Tensor) -> KroneckerQuadratic:
        n_sets = sets.mask.shape[1]
        pairs = (sets.pairs_t @ self.coefficients).reshape(n_sets, n_sets, -1)
        return KroneckerQuadratic(pairs, self.basis * (scale[:, None] * scale))


class JointCov(PriorCov):
    """Weights of different factors are correlated: C_g comes from all pairs of gene sets of a feature.

    Parameters
    ----------
    pairs, pairs_t
        B, A x L, and its transpose (``Membership.moments``).
    cov
        D, K^2 x L: C_g is row g of B D'.
    """

    def __init__(self, pairs: Tensor, pairs_t: Tensor, cov: Tensor) -> None:
        self.pairs, self.pairs_t, self.cov, self.n_factors = pairs, pairs_t, cov, math.isqrt(len(cov))
        self.square = torch.ones(self.n_factors, self.n_factors, dtype=DTYPE, device=cov.device)

    def scaled(self, scale: Tensor) -> JointCov:
        other = copy(self)  # with the matrices that were formed already
        other.square = self.square * (scale[:, None] * scale)
        return other

    @cached_property
    def _unscaled(self) -> Tensor:
        return square(self.pairs @ self.cov.T)

    def to_dense(self) -> Tensor:
        return self._unscaled * self.square

    def weighted_sum(self, coefficients: Tensor) -> Tensor:
        found = self.cov @ (self.pairs_t @ coefficients)
        return square(found.T) * self.square

    def hadamard_sum(self, matrices: Tensor) -> Tensor:
        return (matrices * self._unscaled).sum(0) * self.square

    def trace_product(self, matrix: Tensor) -> Tensor:
        found: Tensor = self.pairs @ ((matrix * self.square).reshape(-1) @ self.cov)
        return found


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
    index = (factor[:, None] * n_factors + factor) * n_sets**2 + (member[:, None] * n_sets + member)
    found = torch.zeros(n_factors**2 * n_sets**2, dtype=DTYPE, device=cov.device)
    found[index] = cov
    return found.reshape(n_factors**2, n_sets**2)


class DiagonalCov(PriorCov):
    """Weights of different factors are independent: C_g is diagonal.

    Parameters
    ----------
    variance
        Its diagonal, A x K.
    """

    def __init__(self, variance: Tensor) -> None:
        self.variance = variance

    def to_dense(self) -> Tensor:
        return torch.diag_embed(self.variance)

    def scaled(self, scale: Tensor) -> DiagonalCov:
        return DiagonalCov(self.variance * scale**2)

    def take(self, index: Tensor | slice) -> DiagonalCov:
        return DiagonalCov(self.variance[index])

    def weighted_sum(self, coefficients: Tensor) -> Tensor:
        return torch.diag_embed(coefficients.T @ self.variance)

    def hadamard_sum(self, matrices: Tensor) -> Tensor:
        return (matrices.diagonal(dim1=1, dim2=2) * self.variance).sum(0).diag()

    def trace_product(self, matrix: Tensor) -> Tensor:
        return self.variance @ matrix.diagonal()

    def projections(self, basis: Tensor, d: Tensor, lam: Tensor) -> Projections:
        # sums over features first, factor by factor, so that nothing of A x K x K is formed
        pairs = torch.einsum("kj,kl->kjl", basis, basis)
        weighted = torch.zeros(basis.shape[1], basis.shape[1], dtype=DTYPE, device=basis.device)
        plain = torch.zeros_like(weighted)
        for k in range(len(basis)):
            each = (self.variance[:, k : k + 1] * d).T
            weighted += pairs[k] * (each @ (lam * d))
            plain += pairs[k] * (each @ d)
        half = ((lam * d).T @ self.variance) * basis.T
        return Projections(diagonal=self.variance @ basis**2, half=half, weighted=weighted, plain=plain)
