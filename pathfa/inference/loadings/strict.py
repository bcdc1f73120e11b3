"""Loadings of a complete view under the strict prior: Cov_g = 0, so that each is its prior mean, w_g = m_g.

All that ``loadings.py`` says holds with B_g = I, and most of it is nothing:

    A_g = lambda_g S,      F_g = lambda_g b_g,      Cov(w_g) = Cov(m_g)
"""

from __future__ import annotations

import torch
from torch import Tensor

from pathfa.inference.loadings.complete import CompleteLoadings
from pathfa.inference.loadings.loadings import Carried, Features, LoadingPosterior
from pathfa.inference.loadings.marginal import SharedPrecision
from pathfa.inference.loadings.prior_cov import PriorCov


class StrictLoadings(LoadingPosterior):
    """Posterior with one S, K x K, for all features, and no loading outside the gene sets."""

    def second_times(self, y: Tensor) -> Tensor:
        return y @ self.second

    def cov_times(self, y: Tensor) -> Tensor:
        return torch.zeros_like(y)

    def cov(self, features: Tensor | slice) -> Tensor:
        return self.second.new_zeros(len(self.noise_precision[features]), *self.second.shape)

    def second_of(self, features: Tensor | slice) -> Tensor:  # noqa: ARG002 (shared by all features)
        return self.second

    def trace_second_cov(self) -> Tensor:
        return torch.zeros_like(self.noise_precision)

    def half_log_det(self) -> float:
        return 0.0

    def cov_diagonal_sum(self) -> Tensor:
        return torch.zeros_like(self.omega)

    def weighted_second_moment(self, mean: Tensor) -> Tensor:
        return mean.T @ (self.noise_precision[:, None] * mean)

    def marginal_precision(self, features: Tensor | slice) -> SharedPrecision:
        return SharedPrecision(self.noise_precision[features][:, None], self.second[None])

    def carry(self, features: Tensor, prior_cov: PriorCov) -> Carried:
        return Carried(
            trace=prior_cov.inner(self.second),
            precision=prior_cov.weighted(self.noise_precision[features][:, None])[0],
            deviation=torch.zeros_like(self.omega),
        )

    def marginal_linear(self, background: Tensor) -> Tensor:  # noqa: ARG002 (strict loadings have none)
        return self.noise_precision[:, None] * self.cross

    def mean(self, prior_mean: Tensor) -> Tensor:
        return prior_mean

    def covariance(self, features: Features, prior_cov: PriorCov | None) -> Tensor:
        cov = self.cov(slice(None))
        return cov if prior_cov is None else cov.index_copy(0, features.annotated, prior_cov.dense())

    def distance(self, mean: Tensor, prior_mean: Tensor) -> Tensor:  # noqa: ARG002 (they are the same)
        return torch.zeros_like(self.omega)


def shared_loadings(noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> LoadingPosterior:
    """Return the posterior of features that share S: strict where all of omega is infinite."""
    kind = StrictLoadings if bool(torch.isinf(omega).all()) else CompleteLoadings
    return kind(noise_precision, second, cross, omega)
