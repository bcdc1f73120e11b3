"""What the factorised posterior leaves out: scores and loadings that move together.

For any small matrix A the likelihood is the same at Z (I + A) and W (I + A)^-T. A posterior in which scores and
loadings are independent does not see that direction, and its intervals of scores and activities are too narrow, the
more so the looser the loadings are tied to the gene sets. Only the priors hold A at 0. Their second derivatives at the
posterior means, with W (I + A)^-T = W (I - A' + A'A' - ...), are

    h_lk  = S_ll + sum_m omega_ml |w_mk|^2                  for A_lk on its own
    c_lk  = t_l + t_k,   t_k = sum_m omega_mk (w_mk - m_mk)' w_mk      between A_lk and A_kl

so that each pair (A_lk, A_kl) is Gaussian with precision [[h_lk, c_lk], [c_lk, h_kl]], its correlation at most 0.9,
and A_kk with precision h_kk + c_kk, but at least h_kk. Strict loadings cannot move (omega infinite), and A is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_MOST_COUPLED = 0.9  # largest correlation within a pair: rotations stay held by something


@dataclass(frozen=True, kw_only=True)
class Mixing:
    """Gaussian posterior of A.

    Attributes
    ----------
    variance
        Variance of A_lk, K x K.
    covariance
        Covariance of A_lk and A_kl, K x K; its diagonal is not used.
    """

    variance: Tensor
    covariance: Tensor

    def draw(self, n_draws: int, generator: torch.Generator) -> Tensor:
        """Return draws of A, D x K x K."""
        size = len(self.variance)
        noise = torch.randn(n_draws, size, size, dtype=self.variance.dtype, generator=generator)
        sd = self.variance.sqrt()
        upper = torch.ones(size, size, dtype=torch.bool).triu(1)
        product = sd * sd.T
        correlation = torch.where(product > 0, self.covariance / product.clamp(min=1e-300), torch.zeros_like(sd))
        # the lower triangle follows the upper one, the rest of it is its own
        followed = correlation.T * noise.mT + (1.0 - correlation.T**2).clamp(min=0.0).sqrt() * noise
        return sd * torch.where(upper.T, followed, noise)


def mixing(
    second: Tensor, loadings: Sequence[Tensor], prior_means: Sequence[Tensor], omega: Sequence[Tensor]
) -> Mixing:
    """Return the posterior of A.

    Parameters
    ----------
    second
        E[z_k^2] summed over the samples, K.
    loadings, prior_means
        E[w] and its prior mean c C U per view, G x K, both beyond the background of the view.
    omega
        Prior precision of the loadings per view, K; infinite for the strict prior.
    """
    alone = second[:, None].expand(-1, len(second)).clone()
    pull = torch.zeros_like(second)
    for w, m, precision in zip(loadings, prior_means, omega, strict=True):
        loose = torch.isfinite(precision)
        held = torch.where(loose[:, None], precision[:, None] * w.square().sum(0), torch.inf)
        alone += held  # infinite where strict, also beside a factor that has no loadings
        pull[loose] += (precision * ((w - m) * w).sum(0))[loose]
    coupled = pull[:, None] + pull
    most = _MOST_COUPLED * (alone * alone.T).sqrt()
    coupled = torch.where(torch.isfinite(most), coupled.clamp(-most, most), torch.zeros_like(coupled))
    determinant = alone * alone.T - coupled**2
    finite = torch.isfinite(determinant)
    variance = torch.where(finite, alone.T / determinant, 1.0 / alone)
    covariance = torch.where(finite, -coupled / determinant, torch.zeros_like(coupled))
    own = alone.diagonal() + (2.0 * pull).clamp(min=0.0)
    return Mixing(variance=variance.diagonal_scatter(1.0 / own), covariance=covariance)
