"""Posterior of the loadings of one view given the scores, with the loadings integrated out in closed form.

Given the moments of the scores, S_g = sum_n E[z_n z_n'] over the samples in which feature g was observed and
b_g = sum_n x_ng E[z_n], and the prior w_g ~ N(m_g, Omega^-1) with m_g = c (C U)_g, everything follows from the
conditional covariance

    Cov_g = (lambda_g S_g + Omega)^-1

    posterior mean        w_g = m_g + lambda_g Cov_g (b_g - S_g m_g)
    collapsed precision   A_g = lambda_g S_g - lambda_g^2 S_g Cov_g S_g      (of m_g, with w_g integrated out)
    collapsed linear term F_g = lambda_g b_g - lambda_g^2 S_g Cov_g b_g
    shrinkage             B_g = d w_g / d m_g = I - lambda_g Cov_g S_g

The strict prior (Omega = infinity) is Cov_g = 0 in the same formulas. Two classes hold Cov_g: features that share one
S (complete views) share eigenvectors and no per-feature matrix is formed; features with missing entries have their
own S_g, so that missing entries are integrated out exactly instead of being filled in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor

from pathfa.inference.problem import ViewData


@dataclass(frozen=True, kw_only=True)
class LoadingMoments:
    """What the rest of the model needs to know about the loadings of one view.

    Attributes
    ----------
    mean, prior_mean
        Posterior mean of w and of m = c C U, G x K.
    precision
        ``sum_g lambda_g E[w_g w_g']``, K x K; or per feature, G x K x K, in a view with missing entries.
    expected_rss
        Expected residual sum of squares per feature, G.
    deviation, deviation_cov
        Per factor, ``sum_g E[(w_g - m_g)_k^2]`` and the part of it that is posterior variance, K.
    half_log_det
        ``1/2 sum_g log |Omega Cov_g|``; 0 for the strict prior.
    """

    mean: Tensor
    prior_mean: Tensor
    precision: Tensor
    expected_rss: Tensor
    deviation: Tensor
    deviation_cov: Tensor
    half_log_det: float


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
        self.strict = not bool(torch.isfinite(omega).any())
        self.prior_sd = torch.where(torch.isfinite(omega), omega.clamp(min=1e-300).rsqrt(), torch.zeros_like(omega))

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
    def weighted_second_moment(self, mean: Tensor, extra: Tensor | None, annotated: Tensor) -> Tensor:
        """Return ``lambda_g E[w_g w_g']``, summed over features where S is shared.

        ``extra`` is the part of the covariance that comes from the gene-set weights, A x K x K.
        """

    def collapsed_precision(self, features: Tensor | slice) -> Tensor:
        """Return A_g of some features, A x K x K."""
        lam = self.noise_precision[features][:, None, None]
        second = self.second_of(features)
        if self.strict:
            return lam * second
        return lam * second - lam**2 * (second @ self.cov(features) @ second)

    def collapsed_linear(self) -> Tensor:
        """Return F_g of all features, G x K."""
        lam = self.noise_precision[:, None]
        if self.strict:
            return lam * self.cross
        return lam * self.cross - lam**2 * self.second_times(self.cov_times(self.cross))

    def moments(self, view: ViewData, prior_mean: Tensor, prior_cov: Tensor | None) -> LoadingMoments:
        """Return the moments of w under the posterior of the gene-set weights.

        Parameters
        ----------
        view
            The data, for the sums of squares and the annotated features.
        prior_mean
            Mean of m = c C U, G x K.
        prior_cov
            Covariance of m for the annotated features, A x K x K; None where the weights are known.
        """
        lam, ann = self.noise_precision, view.annotated
        mean, extra = prior_mean, prior_cov
        if not self.strict:
            mean = mean + self.cov_times(lam[:, None] * (self.cross - self.second_times(prior_mean)))
        trace = self.trace_second_cov()
        deviation_cov = self.cov_diagonal_sum()
        second = self.second_of(ann)
        if prior_cov is not None and not self.strict:
            pull = lam[ann][:, None, None] * (self.cov(ann) @ second)
            shrink = torch.eye(mean.shape[1], dtype=mean.dtype, device=mean.device) - pull
            extra = shrink @ prior_cov @ shrink.mT
            deviation_cov = deviation_cov + (pull @ prior_cov * pull).sum((0, 2))
        if extra is not None:
            trace = trace.index_add(0, ann, (second * extra).sum((-2, -1)))
        fitted = (mean * self.second_times(mean)).sum(1)
        rss = view.sum_squares - 2 * (mean * self.cross).sum(1) + fitted + trace
        return LoadingMoments(
            mean=mean,
            prior_mean=prior_mean,
            precision=self.weighted_second_moment(mean, extra, ann),
            expected_rss=rss.clamp(min=1e-12 * float(view.sum_squares.max() + 1e-300)),
            deviation=((mean - prior_mean) ** 2).sum(0) + deviation_cov,
            deviation_cov=deviation_cov,
            half_log_det=self.half_log_det(),
        )


class SharedLoadings(LoadingPosterior):
    """Complete view: one S for all features, Cov_g = V diag(1 / (lambda_g e + 1)) V' with shared V and e."""

    values: Tensor
    vectors: Tensor
    shrinkage: Tensor

    def __init__(self, noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> None:
        super().__init__(noise_precision, second, cross, omega)
        values, vectors = torch.linalg.eigh(self.prior_sd[:, None] * second * self.prior_sd)
        self.values = values.clamp(min=0.0)
        self.vectors = self.prior_sd[:, None] * vectors
        self.shrinkage = 1.0 / (noise_precision[:, None] * self.values + 1.0)  # G x K

    def second_times(self, y: Tensor) -> Tensor:
        return y @ self.second

    def cov_times(self, y: Tensor) -> Tensor:
        return ((y @ self.vectors) * self.shrinkage) @ self.vectors.T

    def cov(self, features: Tensor | slice) -> Tensor:
        outer = torch.einsum("kj,lj->jkl", self.vectors, self.vectors)
        size = self.second.shape[0]
        return (self.shrinkage[features] @ outer.reshape(size, size * size)).reshape(-1, size, size)

    def second_of(self, features: Tensor | slice) -> Tensor:  # noqa: ARG002 (shared by all features)
        return self.second

    def trace_second_cov(self) -> Tensor:
        return self.shrinkage @ self.values

    def half_log_det(self) -> float:
        return 0.5 * float(self.shrinkage.log().sum())

    def cov_diagonal_sum(self) -> Tensor:
        return self.vectors**2 @ self.shrinkage.sum(0)

    def weighted_second_moment(self, mean: Tensor, extra: Tensor | None, annotated: Tensor) -> Tensor:
        lam = self.noise_precision
        total = mean.T @ (lam[:, None] * mean)
        total = total + (self.vectors * (lam @ self.shrinkage)) @ self.vectors.T
        if extra is not None:
            size = mean.shape[1]
            total = total + (lam[annotated] @ extra.reshape(-1, size * size)).reshape(size, size)
        return total


class PerFeatureLoadings(LoadingPosterior):
    """View with missing entries: every feature has its own S_g and Cov_g, A x K x K."""

    def __init__(self, noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> None:
        super().__init__(noise_precision, second, cross, omega)
        size = second.shape[-1]
        eye = torch.eye(size, dtype=second.dtype, device=second.device)
        scaled = noise_precision[:, None, None] * (self.prior_sd[:, None] * second * self.prior_sd) + eye
        factor: Tensor = torch.linalg.cholesky(scaled)
        self._half_log_det = -float(factor.diagonal(dim1=-2, dim2=-1).log().sum())
        self._cov: Tensor = self.prior_sd[:, None] * torch.cholesky_inverse(factor) * self.prior_sd

    def second_times(self, y: Tensor) -> Tensor:
        return (self.second @ y.unsqueeze(-1)).squeeze(-1)

    def cov_times(self, y: Tensor) -> Tensor:
        return (self._cov @ y.unsqueeze(-1)).squeeze(-1)

    def cov(self, features: Tensor | slice) -> Tensor:
        return self._cov[features]

    def second_of(self, features: Tensor | slice) -> Tensor:
        return self.second[features]

    def trace_second_cov(self) -> Tensor:
        return (self.second * self._cov).sum((-2, -1))

    def half_log_det(self) -> float:
        return self._half_log_det

    def cov_diagonal_sum(self) -> Tensor:
        return self._cov.diagonal(dim1=-2, dim2=-1).sum(0)

    def weighted_second_moment(self, mean: Tensor, extra: Tensor | None, annotated: Tensor) -> Tensor:
        total = mean[:, :, None] * mean[:, None, :] + self._cov
        if extra is not None:
            total = total.index_add(0, annotated, extra)
        return self.noise_precision[:, None, None] * total


def loading_posterior(noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> LoadingPosterior:
    """Return the posterior that fits the shape of ``second``: shared, K x K, or per feature, G x K x K."""
    kind = SharedLoadings if second.ndim == 2 else PerFeatureLoadings
    return kind(noise_precision, second, cross, omega)
