"""Posterior of the loadings of one view given the scores, with the loadings integrated out in closed form.

Given the moments of the scores, S_g = sum_n E[z_n z_n'] over the samples in which feature g was observed and
b_g = sum_n x_ng E[z_n], and the prior w_g ~ N(m_g, Omega^-1) with m_g = c (C U)_g + the background, everything follows
from the conditional covariance

    Cov_g = (lambda_g S_g + Omega)^-1

    posterior mean        w_g = m_g + lambda_g Cov_g (b_g - S_g m_g)
    marginal precision   A_g = lambda_g S_g - lambda_g^2 S_g Cov_g S_g      (of m_g, with w_g integrated out)
    marginal linear term F_g = lambda_g b_g - lambda_g^2 S_g Cov_g b_g
    shrinkage             B_g = d w_g / d m_g = I - lambda_g Cov_g S_g

The strict prior (Omega = infinity) is Cov_g = 0 in the same formulas. The uncertainty of the gene-set weights,
Cov(m_g), reaches w_g as B_g Cov(m_g) B_g'. Two classes hold Cov_g: ``CompleteLoadings`` for features that share S, and
``IncompleteLoadings`` for features with missing entries, which are integrated out exactly instead of being filled in;
``MixedLoadings`` holds both for a view with both. ``StrictLoadings`` are complete and have no Cov_g to hold.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from pathfa.inference.loadings.marginal import MarginalPrecision
from pathfa.inference.loadings.prior_cov import PriorCov


@dataclass(frozen=True, kw_only=True)
class Mixed:
    """A K x K matrix that the complete features of a view share, and one for each of the others.

    Attributes
    ----------
    shared
        Of the complete features: common to all, or summed over them, K x K.
    own
        Of each incomplete feature, I x K x K.
    incomplete
        Indices of the incomplete features, I.
    """

    shared: Tensor
    own: Tensor
    incomplete: Tensor


class Features(Protocol):
    """What the moments need to know about the features of a view, or of a part of it."""

    @property
    def annotated(self) -> Tensor:
        """Indices of the features that are in at least one gene set, A."""

    @property
    def sum_squares(self) -> Tensor:
        """Sum of squared values of each feature, G."""


@dataclass(frozen=True, kw_only=True)
class LoadingMoments:
    """What the rest of the model needs to know about the loadings of one view.

    Attributes
    ----------
    mean, prior_mean
        Posterior mean of w and of m, G x K.
    precision
        ``sum_g lambda_g E[w_g w_g']``, K x K; per feature, G x K x K, where all have missing entries; or mixed.
    expected_rss
        Expected residual sum of squares per feature, G.
    deviation, deviation_cov
        Per factor, ``sum_g E[(w_g - m_g)_k^2]`` and the part of it that is posterior variance, K.
    half_log_det
        ``1/2 sum_g log |Omega Cov_g|``; 0 for the strict prior.
    """

    mean: Tensor
    prior_mean: Tensor
    precision: Tensor | Mixed
    expected_rss: Tensor
    deviation: Tensor
    deviation_cov: Tensor
    half_log_det: float


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What the covariance of the prior mean, C_g, adds to the moments of the annotated features.

    Attributes
    ----------
    trace
        tr(S_g B_g C_g B_g'), A.
    precision
        lambda_g B_g C_g B_g': A x K x K, or summed over features where S is shared, K x K.
    deviation
        ``sum_g diag((I - B_g) C_g (I - B_g)')``, K.
    """

    trace: Tensor
    precision: Tensor
    deviation: Tensor


class LoadingPosterior(ABC):
    """Conditional posterior of the loadings of one view given the scores and the prior mean.

    Parameters
    ----------
    noise_precision
        Expected noise precision per feature, lambda, G.
    second
        Second moments of the scores, S: K x K, or G x K x K with missing entries.
    cross
        b = X' E[Z], G x K.
    omega
        Prior precision of the loadings per factor, K; infinity is the strict prior.
    """

    def __init__(self, noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> None:
        self.noise_precision = noise_precision
        self.second = second
        self.cross = cross
        self.omega = omega

    @cached_property
    def prior_sd(self) -> Tensor:
        """Prior standard deviation of the loadings per factor, K; 0 where omega is infinite."""
        return self.omega.clamp(min=1e-300).rsqrt()

    @abstractmethod
    def second_times(self, y: Tensor) -> Tensor:
        """Return S_g y_g, G x K."""

    @abstractmethod
    def cov_times(self, y: Tensor) -> Tensor:
        """Return Cov_g y_g, G x K."""

    @abstractmethod
    def cov(self, features: Tensor | slice) -> Tensor:
        """Return Cov_g of some features, A x K x K."""

    @abstractmethod
    def second_of(self, features: Tensor | slice) -> Tensor:
        """Return S_g of some features, A x K x K (or K x K where it is shared)."""

    @abstractmethod
    def trace_second_cov(self) -> Tensor:
        """Return tr(S_g Cov_g), G."""

    @abstractmethod
    def half_log_det(self) -> float:
        """Return ``1/2 sum_g log |Omega Cov_g|``."""

    @abstractmethod
    def cov_diagonal_sum(self) -> Tensor:
        """Return ``sum_g diag(Cov_g)``, K."""

    @abstractmethod
    def weighted_second_moment(self, mean: Tensor) -> Tensor:
        """Return ``lambda_g (E[w_g] E[w_g]' + Cov_g)``, summed over features where S is shared."""

    @abstractmethod
    def marginal_precision(self, features: Tensor | slice) -> MarginalPrecision:
        """Return A_g of some features."""

    @abstractmethod
    def carry(self, features: Tensor, prior_cov: PriorCov) -> Carried:
        """Return what the covariance of the prior mean of these features adds, see ``Carried``."""

    def marginal_linear(self, background: Tensor) -> Tensor:
        """Return F_g - A_g t of all features, G x K: the linear term beyond the background t, K."""
        lam = self.noise_precision[:, None]
        cross = self.cross - self.second_times(background.expand_as(self.cross))
        return lam * cross - lam**2 * self.second_times(self.cov_times(cross))

    def mean(self, prior_mean: Tensor) -> Tensor:
        """Return E[w], G x K, for the prior mean m, G x K."""
        return prior_mean + self.cov_times(self.noise_precision[:, None] * (self.cross - self.second_times(prior_mean)))

    def distance(self, mean: Tensor, prior_mean: Tensor) -> Tensor:
        """Return ``sum_g (E[w_g] - m_g)^2`` per factor, K."""
        return ((mean - prior_mean) ** 2).sum(0)

    def covariance(self, features: Features, prior_cov: PriorCov | None) -> Tensor:
        """Return the covariance of w with that of the prior mean in it, G x K x K; arguments as for ``moments``."""
        cov, ann = self.cov(slice(None)), features.annotated
        if prior_cov is None:
            return cov
        shrinkage = torch.eye(cov.shape[-1], dtype=cov.dtype, device=cov.device) - self.pull(ann)
        return cov.index_add(0, ann, shrinkage @ prior_cov.dense() @ shrinkage.mT)

    def pull(self, features: Tensor) -> Tensor:
        """Return lambda_g Cov_g S_g = I - B_g, A x K x K."""
        return self.noise_precision[features][:, None, None] * (self.cov(features) @ self.second_of(features))

    def moments(self, features: Features, prior_mean: Tensor, prior_cov: PriorCov | None) -> LoadingMoments:
        """Return the moments of w under the posterior of the gene-set weights.

        Parameters
        ----------
        features
            Sums of squares and which features are annotated.
        prior_mean
            Mean of m, G x K.
        prior_cov
            Covariance of m for the annotated features; None where the weights are known.
        """
        mean, ann = self.mean(prior_mean), features.annotated
        trace, deviation_cov = self.trace_second_cov(), self.cov_diagonal_sum()
        precision = self.weighted_second_moment(mean)
        if prior_cov is not None:
            carried = self.carry(ann, prior_cov)
            trace = trace.index_add(0, ann, carried.trace)
            deviation_cov = deviation_cov + carried.deviation
            precision = (
                precision + carried.precision if precision.ndim == 2 else precision.index_add(0, ann, carried.precision)
            )
        rss = features.sum_squares + (mean * self.second_times(mean).sub(self.cross, alpha=2.0)).sum(1) + trace
        return LoadingMoments(
            mean=mean,
            prior_mean=prior_mean,
            precision=precision,
            expected_rss=rss.clamp(min=1e-12 * float(features.sum_squares.max() + 1e-300)),
            deviation=self.distance(mean, prior_mean) + deviation_cov,
            deviation_cov=deviation_cov,
            half_log_det=self.half_log_det(),
        )
