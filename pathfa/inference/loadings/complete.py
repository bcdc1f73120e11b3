"""Loadings of a complete view: all features share S, and with it the eigenvectors of Cov_g.

With Omega^-1/2 S Omega^-1/2 = E diag(e) E' and V = Omega^-1/2 E,

    Cov_g = V diag(1 / (lambda_g e + 1)) V',      V' S V = diag(e),      T = S V

so that no matrix per feature is formed, and with d_g = lambda_g / (lambda_g e + 1)

    I - B_g  = lambda_g Cov_g S  = V diag(d_g) T'
    A_g      = lambda_g S - T diag(lambda_g d_g) T'
"""

from __future__ import annotations

import torch
from torch import Tensor

from pathfa.inference.loadings.loadings import Carried, LoadingPosterior
from pathfa.inference.loadings.marginal import SharedPrecision
from pathfa.inference.loadings.prior_cov import IndependentCov, PriorCov


class CompleteLoadings(LoadingPosterior):
    """Posterior with one S, K x K, for all features."""

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

    def weighted_second_moment(self, mean: Tensor) -> Tensor:
        lam = self.noise_precision
        return mean.T @ (lam[:, None] * mean) + (self.vectors * (lam @ self.shrinkage)) @ self.vectors.T

    def marginal_precision(self, features: Tensor | slice) -> SharedPrecision:
        lam = self.noise_precision[features][:, None]
        turned = self.second @ self.vectors
        basis = torch.cat([self.second[None], torch.einsum("kj,lj->jkl", turned, turned)])
        return SharedPrecision(torch.cat([lam, -(lam**2) * self.shrinkage[features]], dim=1), basis)

    def carry(self, features: Tensor, prior_cov: PriorCov) -> Carried:
        lam = self.noise_precision[features][:, None]
        turned = self.second @ self.vectors  # T, K x K
        d = lam * self.shrinkage[features]  # A x K
        own, direct = prior_cov.weighted(lam)[0], prior_cov.inner(self.second)
        if isinstance(prior_cov, IndependentCov):
            # C_g = diag(c_g): sums over features first, factor by factor, so that nothing of A x K x K is formed
            variance = prior_cov.variance
            inner = variance @ turned**2  # diag(T' C_g T), A x K
            cross = ((lam * d).T @ variance) * turned.T  # sum_g lambda_g diag(d_g) T' C_g
            pairs = torch.einsum("kj,kl->kjl", turned, turned)
            both = torch.zeros_like(self.second)
            plain = torch.zeros_like(self.second)
            for k in range(len(turned)):
                weighted = variance[:, k : k + 1] * d
                both += pairs[k] * (weighted.T @ (lam * d))
                plain += pairs[k] * (weighted.T @ d)
        else:
            half = prior_cov.dense() @ turned  # C_g T, A x K x K
            middle = turned.T @ half  # T' C_g T
            inner = middle.diagonal(dim1=1, dim2=2)
            cross = torch.einsum("gj,gkj->jk", lam * d, half)
            scaled = middle * d[:, None, :]
            both = (scaled * (lam * d)[:, :, None]).sum(0)
            plain = (scaled * d[:, :, None]).sum(0)
        moved = self.vectors @ cross  # sum_g lambda_g (I - B_g) C_g
        return Carried(
            trace=direct - 2.0 * (inner * d).sum(1) + (inner * d**2) @ self.values,
            precision=own - moved - moved.T + self.vectors @ both @ self.vectors.T,
            deviation=((self.vectors @ plain) * self.vectors).sum(1),
        )
