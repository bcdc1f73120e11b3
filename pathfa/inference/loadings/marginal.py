"""What one view says about the gene-set weights with its loadings integrated out: -1/2 m_g' A_g m_g + F_g' m_g.

The precision A_g of the prior mean m_g = c (C U)_g is a K x K matrix of each feature. Where features share the moments
of the scores, A_g = sum_r a_gr B_r with few matrices B_r (``complete.py``), and sums over features are taken of a_gr
before any matrix is formed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from pathfa.inference.loadings.prior_cov import PriorCov
from pathfa.inference.problem.view import Membership, ViewData
from pathfa.inference.weights.quadratic import DenseQuadratic, KroneckerQuadratic, Quadratic


class MarginalPrecision(ABC):
    """A_g of some features."""

    @abstractmethod
    def dense(self) -> Tensor:
        """Return A_g, A x K x K."""

    @abstractmethod
    def row(self, factor: int) -> Tensor:
        """Return the row of one factor in every A_g, A x K."""

    @abstractmethod
    def moment(self, mean: Tensor, cov: PriorCov) -> Tensor:
        """Return ``sum_g A_g * E[t_g t_g']``, K x K, for the mean, A x K, and the covariance of t."""

    @abstractmethod
    def quadratic(self, sets: Membership, scale: Tensor) -> Quadratic:
        """Return ``sum_g (c c' * A_g) kron C_g' C_g``, K P x K P, for the membership of the features and c, K."""


class SharedPrecision(MarginalPrecision):
    """``A_g = sum_r a_gr B_r``.

    Parameters
    ----------
    coefficients
        a, A x R.
    basis
        B, R x K x K.
    """

    def __init__(self, coefficients: Tensor, basis: Tensor) -> None:
        self.coefficients = coefficients
        self.basis = basis

    def dense(self) -> Tensor:
        return (self.coefficients @ self.basis.flatten(start_dim=1)).reshape(-1, *self.basis.shape[1:])

    def row(self, factor: int) -> Tensor:
        return self.coefficients @ self.basis[:, factor]

    def moment(self, mean: Tensor, cov: PriorCov) -> Tensor:
        squares = torch.stack([mean.T @ (mean * a[:, None]) for a in self.coefficients.T])
        return ((squares + cov.weighted(self.coefficients)) * self.basis).sum(0)

    def quadratic(self, sets: Membership, scale: Tensor) -> KroneckerQuadratic:
        n_sets = sets.mask.shape[1]
        pairs = (sets.pairs_t @ self.coefficients).reshape(n_sets, n_sets, -1)
        return KroneckerQuadratic(pairs, self.basis * (scale[:, None] * scale))


class OwnPrecision(MarginalPrecision):
    """One matrix per feature, A x K x K."""

    def __init__(self, matrices: Tensor) -> None:
        self.matrices = matrices

    def dense(self) -> Tensor:
        return self.matrices

    def row(self, factor: int) -> Tensor:
        return self.matrices[:, factor]

    def moment(self, mean: Tensor, cov: PriorCov) -> Tensor:
        squares = torch.stack([(self.row(k) * mean[:, k : k + 1] * mean).sum(0) for k in range(mean.shape[1])])
        return squares + cov.elementwise(self.matrices)

    def quadratic(self, sets: Membership, scale: Tensor) -> DenseQuadratic:
        n_sets, size = sets.mask.shape[1], len(scale)
        total = sets.pairs_t @ (self.matrices * (scale[:, None] * scale)).flatten(start_dim=1)
        flat = total.reshape(n_sets, n_sets, size, size).permute(2, 0, 3, 1).reshape(size * n_sets, size * n_sets)
        return DenseQuadratic(flat)


@dataclass(frozen=True, kw_only=True)
class MarginalView:
    """What one view says about the gene-set weights.

    Attributes
    ----------
    view
        The data.
    precision
        A_g of the annotated features.
    linear
        F_g of all features, beyond the background of the view, G x K.
    scale
        View scale c, K.
    """

    view: ViewData
    precision: MarginalPrecision
    linear: Tensor
    scale: Tensor

    @cached_property
    def linear_of_sets(self) -> Tensor:
        """C' F, the linear term of the weights before the scale, P x K."""
        return self.view.mask_t @ self.linear

    def moment(self, mean: Tensor, cov: PriorCov) -> Tensor:
        """Return the quadratic term of the scales, ``sum_g A_g * E[t_g t_g']`` with t = C U, K x K.

        Parameters
        ----------
        mean, cov
            Mean of t, G x K, and its covariance for the annotated features.
        """
        return self.precision.moment(mean[self.view.annotated], cov)
