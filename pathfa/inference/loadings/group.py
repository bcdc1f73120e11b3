"""Posterior of the loadings of a group of features given the scores, in closed form.

Given the moments of the scores, S_g = sum_n E[z_n z_n'] over the samples in which feature g was observed and
b_g = sum_n x_ng E[z_n], and the prior w_g ~ N(m_g, Omega^-1) with m_g = c (C U)_g + the intercept, everything follows
from the conditional covariance

    Cov_g = (lambda_g S_g + Omega)^-1

    posterior mean        w_g = m_g + lambda_g Cov_g (b_g - S_g m_g)
    marginal precision    A_g = lambda_g S_g - lambda_g^2 S_g Cov_g S_g      (of m_g, with w_g integrated out)
    marginal linear term  F_g = lambda_g b_g - lambda_g^2 S_g Cov_g b_g
    shrinkage             B_g = d w_g / d m_g = I - lambda_g Cov_g S_g

A strict factor (omega = infinity) has zeros in Cov_g. The uncertainty of the weights adds B_g Cov(m_g) B_g' to it.

Complete features share S, and with it the eigenvectors of Cov_g. With Omega^-1/2 S Omega^-1/2 = E diag(e) E' and
V = Omega^-1/2 E,

    Cov_g = V diag(1 / (lambda_g e + 1)) V',      V' S V = diag(e),      T = S V

so that no matrix per feature is formed, and with d_g = lambda_g / (lambda_g e + 1)

    I - B_g  = lambda_g Cov_g S  = V diag(d_g) T'
    A_g      = lambda_g S - T diag(lambda_g d_g) T'

Features with missing entries are integrated out exactly, each with its own S_g and Cov_g, instead of being filled in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from pathfa.inference.loadings.structured import CombinedPrecision, DenseMatrices, MarginalPrecision, PriorCov
from pathfa.inference.numerics import cholesky, square, submatrix


@dataclass(frozen=True, kw_only=True)
class LoadingMoments:
    """What the rest of the model needs to know about the loadings of one view, or of one of its groups.

    Attributes
    ----------
    mean, prior_mean
        Posterior mean of w and of m, G x K.
    precision
        ``lambda_g E[w_g w_g']`` of each group: summed over complete features, K x K, or per feature, I x K x K.
    expected_rss
        Expected residual sum of squares per feature, G.
    deviation, deviation_cov
        Per factor, ``sum_g E[(w_g - m_g)_k^2]`` and the part of it that is posterior variance, K.
    half_log_det
        ``1/2 sum_g log |Omega Cov_g|``; 0 for the strict prior.
    """

    mean: Tensor
    prior_mean: Tensor
    precision: tuple[Tensor, ...]
    expected_rss: Tensor
    deviation: Tensor
    deviation_cov: Tensor
    half_log_det: float


class Propagated(NamedTuple):
    """What the covariance of the prior mean, C_g, adds to the moments of the annotated features."""

    trace: Tensor  # tr(S_g B_g C_g B_g'), A
    precision: Tensor  # lambda_g B_g C_g B_g': A x K x K, or summed over features where S is shared, K x K
    deviation: Tensor  # sum_g diag((I - B_g) C_g (I - B_g)'), K


class GroupPosterior(ABC):
    """Conditional posterior of the loadings of a group of features given the scores and the prior mean.

    Parameters
    ----------
    noise_precision
        Expected noise precision per feature, lambda, I.
    second
        Second moments of the scores, S: K x K where features share it, else I x K x K.
    cross
        b = X' E[Z], I x K.
    omega
        Prior precision of the loadings per factor, K; infinity is the strict prior.

    Attributes
    ----------
    half_log_det
        ``1/2 sum_g log |Omega Cov_g|``.
    """

    half_log_det: float

    def __init__(self, noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> None:
        self.noise_precision, self.second, self.cross = noise_precision, second, cross
        self.prior_sd = omega.clamp(min=1e-300).rsqrt()  # 0 where omega is infinite
        self.strict = bool(omega.isinf().all())  # w is its prior mean: Cov_g = 0, B_g = I

    @abstractmethod
    def second_matmul(self, y: Tensor) -> Tensor:
        """Return S_g y_g, I x K."""

    @abstractmethod
    def cov_matmul(self, y: Tensor) -> Tensor:
        """Return Cov_g y_g, I x K."""

    @abstractmethod
    def cov_to_dense(self) -> Tensor:
        """Return Cov_g, I x K x K."""

    @abstractmethod
    def cov_diagonal_sum(self) -> Tensor:
        """Return ``sum_g diag(Cov_g)``, K."""

    @abstractmethod
    def trace_second_cov(self) -> Tensor:
        """Return tr(S_g Cov_g), I."""

    @abstractmethod
    def second_moment(self, mean: Tensor) -> Tensor:
        """Return ``lambda_g (E[w_g] E[w_g]' + Cov_g)``, summed over features where S is shared."""

    @abstractmethod
    def marginal_precision(self, features: Tensor) -> MarginalPrecision:
        """Return A_g of some features."""

    @abstractmethod
    def propagate(self, features: Tensor, prior_cov: PriorCov) -> Propagated:
        """Return what the covariance of the prior mean of these features adds, see ``Propagated``."""

    def marginal_linear(self, intercept: Tensor) -> Tensor:
        """Return F_g - A_g b, I x K: the linear term of m_g without the intercept b, K."""
        lam = self.noise_precision[:, None]
        cross = self.cross - self.second_matmul(intercept.expand_as(self.cross))
        return lam * cross if self.strict else lam * cross - lam**2 * self.second_matmul(self.cov_matmul(cross))

    def mean(self, prior_mean: Tensor) -> Tensor:
        """Return E[w], I x K, for the prior mean m, I x K."""
        if self.strict:
            return prior_mean
        residual = self.cross - self.second_matmul(prior_mean)
        return prior_mean + self.cov_matmul(self.noise_precision[:, None] * residual)

    def complement(self, features: Tensor) -> Tensor:
        """Return I - B_g = lambda_g Cov_g S_g of some features, A x K x K."""
        second = self.second if self.second.ndim == 2 else self.second[features]
        return self.noise_precision[features][:, None, None] * (self.cov_to_dense()[features] @ second)

    def covariance(self, annotated: Tensor, prior_cov: PriorCov | None) -> Tensor:
        """Return the covariance of w with that of the prior mean in it, I x K x K; arguments as for ``moments``."""
        cov = self.cov_to_dense()
        if prior_cov is None:
            return cov
        shrinkage = torch.eye(cov.shape[-1], dtype=cov.dtype, device=cov.device) - self.complement(annotated)
        return cov.index_add(0, annotated, shrinkage @ prior_cov.to_dense() @ shrinkage.mT)

    def moments(
        self, annotated: Tensor, sum_squares: Tensor, prior_mean: Tensor, prior_cov: PriorCov | None
    ) -> LoadingMoments:
        """Return the moments of w under the posterior of the gene-set weights.

        Parameters
        ----------
        annotated
            Features that are in at least one gene set, A.
        sum_squares
            Sum of squared values of each feature, I.
        prior_mean
            Mean of m, I x K.
        prior_cov
            Covariance of m for the annotated features; None where the weights are known.
        """
        mean = self.mean(prior_mean)
        trace, deviation_cov = self.trace_second_cov(), self.cov_diagonal_sum()
        precision = self.second_moment(mean)
        if prior_cov is not None:
            added = self.propagate(annotated, prior_cov)
            trace = trace.index_add(0, annotated, added.trace)
            deviation_cov = deviation_cov + added.deviation
            shared = precision.ndim == 2
            precision = precision + added.precision if shared else precision.index_add(0, annotated, added.precision)
        rss = sum_squares + (mean * self.second_matmul(mean).sub(self.cross, alpha=2.0)).sum(1) + trace
        return LoadingMoments(
            mean=mean,
            prior_mean=prior_mean,
            precision=(precision,),
            expected_rss=rss.clamp(min=1e-12 * float(sum_squares.max() + 1e-300)),
            deviation=deviation_cov if self.strict else ((mean - prior_mean) ** 2).sum(0) + deviation_cov,
            deviation_cov=deviation_cov,
            half_log_det=self.half_log_det,
        )


class CompleteGroup(GroupPosterior):
    """Features that share S, K x K; with J factors that are not strict, Cov_g has rank J."""

    def __init__(self, noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> None:
        super().__init__(noise_precision, second, cross, omega)
        soft = torch.nonzero(torch.isfinite(omega)).squeeze(1)
        sd = self.prior_sd[soft]
        values, vectors = torch.linalg.eigh(sd[:, None] * submatrix(second, soft) * sd)
        self.values: Tensor = values.clamp(min=0.0)
        self.vectors: Tensor = torch.zeros_like(second)[:, soft].index_copy(0, soft, sd[:, None] * vectors)  # V, K x J
        self.shrinkage: Tensor = 1.0 / (noise_precision[:, None] * self.values + 1.0)  # I x J
        self.rotated = second @ self.vectors  # T, K x J
        self.half_log_det = 0.5 * float(self.shrinkage.log().sum())

    def second_matmul(self, y: Tensor) -> Tensor:
        return y @ self.second

    def cov_matmul(self, y: Tensor) -> Tensor:
        return ((y @ self.vectors) * self.shrinkage) @ self.vectors.T

    def cov_to_dense(self) -> Tensor:
        outer = torch.einsum("kj,lj->jkl", self.vectors, self.vectors)
        return square(self.shrinkage @ outer.flatten(start_dim=1))

    def cov_diagonal_sum(self) -> Tensor:
        return self.vectors**2 @ self.shrinkage.sum(0)

    def trace_second_cov(self) -> Tensor:
        return self.shrinkage @ self.values

    def second_moment(self, mean: Tensor) -> Tensor:
        lam = self.noise_precision
        return mean.T @ (lam[:, None] * mean) + (self.vectors * (lam @ self.shrinkage)) @ self.vectors.T

    def marginal_precision(self, features: Tensor) -> CombinedPrecision:
        lam = self.noise_precision[features][:, None]
        basis = torch.cat([self.second[None], torch.einsum("kj,lj->jkl", self.rotated, self.rotated)])
        return CombinedPrecision(torch.cat([lam, -(lam**2) * self.shrinkage[features]], dim=1), basis)

    def propagate(self, features: Tensor, prior_cov: PriorCov) -> Propagated:
        lam = self.noise_precision[features][:, None]
        trace, precision = prior_cov.trace_product(self.second), prior_cov.weighted_sum(lam)[0]
        if self.strict:
            return Propagated(trace=trace, precision=precision, deviation=torch.zeros_like(self.prior_sd))
        d = lam * self.shrinkage[features]  # A x J
        found = prior_cov.projections(self.rotated, d, lam)
        moved = self.vectors @ found.half  # sum_g lambda_g (I - B_g) C_g
        twice = self.vectors @ found.weighted @ self.vectors.T
        removed = 2.0 * (found.diagonal * d).sum(1)
        return Propagated(
            trace=trace - removed + (found.diagonal * d**2) @ self.values,
            precision=precision - moved - moved.T + twice,
            deviation=((self.vectors @ found.plain) * self.vectors).sum(1),
        )


class IncompleteGroup(GroupPosterior):
    """Features with missing entries: S_g and Cov_g per feature, I x K x K."""

    def __init__(self, noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> None:
        super().__init__(noise_precision, second, cross, omega)
        eye = torch.eye(len(omega), dtype=second.dtype, device=second.device)
        scaled = noise_precision[:, None, None] * (self.prior_sd[:, None] * second * self.prior_sd) + eye
        factor = cholesky(scaled, "posterior precision of the loadings")
        self.half_log_det = -float(factor.diagonal(dim1=-2, dim2=-1).log().sum())
        self.cov: Tensor = self.prior_sd[:, None] * torch.cholesky_inverse(factor) * self.prior_sd

    def second_matmul(self, y: Tensor) -> Tensor:
        return (self.second @ y.unsqueeze(-1)).squeeze(-1)

    def cov_matmul(self, y: Tensor) -> Tensor:
        return (self.cov @ y.unsqueeze(-1)).squeeze(-1)

    def cov_to_dense(self) -> Tensor:
        return self.cov

    def cov_diagonal_sum(self) -> Tensor:
        return self.cov.diagonal(dim1=-2, dim2=-1).sum(0)

    def trace_second_cov(self) -> Tensor:
        return (self.second * self.cov).sum((-2, -1))

    def second_moment(self, mean: Tensor) -> Tensor:
        return self.noise_precision[:, None, None] * (mean[:, :, None] * mean[:, None, :] + self.cov)

    def marginal_precision(self, features: Tensor) -> DenseMatrices:
        lam, second = self.noise_precision[features][:, None, None], self.second[features]
        return DenseMatrices(lam * second - lam**2 * (second @ self.cov[features] @ second))

    def propagate(self, features: Tensor, prior_cov: PriorCov) -> Propagated:
        dense, complement = prior_cov.to_dense(), self.complement(features)
        shrinkage = torch.eye(dense.shape[-1], dtype=dense.dtype, device=dense.device) - complement
        moved = shrinkage @ dense @ shrinkage.mT
        return Propagated(
            trace=(self.second[features] * moved).sum((-2, -1)),
            precision=self.noise_precision[features][:, None, None] * moved,
            deviation=(complement @ dense * complement).sum((0, 2)),
        )
