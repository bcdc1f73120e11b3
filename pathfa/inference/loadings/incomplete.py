"""Loadings of a view with missing entries: every feature has its own S_g and Cov_g."""

from __future__ import annotations

import torch
from torch import Tensor

from pathfa.inference.loadings.loadings import Carried, LoadingPosterior
from pathfa.inference.loadings.marginal import OwnPrecision
from pathfa.inference.loadings.prior_cov import PriorCov
from pathfa.inference.numerics import cholesky


class IncompleteLoadings(LoadingPosterior):
    """Posterior with S_g and Cov_g per feature, G x K x K."""

    def __init__(self, noise_precision: Tensor, second: Tensor, cross: Tensor, omega: Tensor) -> None:
        super().__init__(noise_precision, second, cross, omega)
        size = second.shape[-1]
        eye = torch.eye(size, dtype=second.dtype, device=second.device)
        scaled = noise_precision[:, None, None] * (self.prior_sd[:, None] * second * self.prior_sd) + eye
        factor = cholesky(scaled, "posterior precision of the loadings")
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

    def weighted_second_moment(self, mean: Tensor) -> Tensor:
        return self.noise_precision[:, None, None] * (mean[:, :, None] * mean[:, None, :] + self._cov)

    def marginal_precision(self, features: Tensor | slice) -> OwnPrecision:
        lam, second = self.noise_precision[features][:, None, None], self.second[features]
        return OwnPrecision(lam * second - lam**2 * (second @ self._cov[features] @ second))

    def carry(self, features: Tensor, prior_cov: PriorCov) -> Carried:
        dense = prior_cov.dense()
        pull = self.pull(features)
        shrinkage = torch.eye(pull.shape[-1], dtype=pull.dtype, device=pull.device) - pull
        carried = shrinkage @ dense @ shrinkage.mT
        return Carried(
            trace=(self.second[features] * carried).sum((-2, -1)),
            precision=self.noise_precision[features][:, None, None] * carried,
            deviation=(pull @ dense * pull).sum((0, 2)),
        )
