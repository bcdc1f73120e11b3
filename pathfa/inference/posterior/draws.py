"""Draws and quantiles of the posterior of weights, scores and activities.

Scores are Gaussian. Weights are 0 or in a slab (``inclusion.py``): Gaussian, truncated at 0 where they must not be
negative. Draws of the slab have the exact truncated marginals and the Gaussian's correlation (a Gaussian copula).

Draws of scores and activities also carry what the factorised posterior leaves out: for any small matrix A the
likelihood is the same at Z (I + A) and W (I + A)^-T. A posterior in which scores and loadings are independent does not
see that direction, and its intervals would be too narrow, the more so the looser the loadings are tied to the gene
sets. Only the priors keep A near 0. Their second derivatives at the posterior means, with W (I + A)^-T = W (I - A' +
A'A' - ...), are

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

from pathfa.inference.numerics import DTYPE, cholesky
from pathfa.inference.weights.inclusion import Inclusion

_MOST_COUPLED = 0.9  # largest correlation within a pair, so that rotations keep a finite variance


def mixture_quantile(probability: float, included: Tensor, mean: Tensor, sd: Tensor, *, nonnegative: bool) -> Tensor:
    """Return quantiles of weights that are 0 with probability ``1 - included`` and else in the slab.

    Parameters
    ----------
    probability
        Lower-tail probability.
    included
        Probability that a weight is not 0.
    mean, sd
        Gaussian of the slab, before its truncation at 0 where weights are non-negative.
    nonnegative
        Whether the slab is truncated at 0.
    """
    below = torch.zeros_like(mean) if nonnegative else included * torch.special.ndtr(-mean / sd)
    rank = torch.full_like(mean, probability)
    above = rank > below + 1.0 - included
    inside = torch.where(above, rank - (1.0 - included), rank) / included.clamp(min=1e-12)
    inside = inside.clamp(1e-12, 1.0 - 1e-12)
    slab = truncated_quantile(inside, mean, sd) if nonnegative else mean + sd * torch.special.ndtri(inside)
    return torch.where(above | (rank < below), slab, torch.zeros_like(slab))


def truncated_quantile(probability: Tensor, mean: Tensor, sd: Tensor) -> Tensor:
    """Return quantiles of N(mean, sd^2) truncated to values >= 0; ``sd`` 0 gives the mean.

    Parameters
    ----------
    probability
        Lower-tail probabilities, broadcastable with ``mean``.
    mean, sd
        Parameters of the Gaussian before the truncation.
    """
    safe = sd.clamp(min=1e-300)
    # upper tails keep their precision where the mean is far above 0
    mass = torch.special.ndtr(mean / safe)
    quantile = mean - safe * torch.special.ndtri(((1.0 - probability) * mass).clamp(1e-300, 1.0 - 1e-16))
    return torch.where(sd > 0, quantile.clamp(min=0.0), mean.expand_as(quantile))


def draw_weights(
    inclusion: Inclusion,
    blocks: Sequence[tuple[Tensor, Tensor]],
    n_draws: int,
    generator: torch.Generator,
    *,
    nonnegative: bool,
) -> Tensor:
    """Return draws of the gene-set weights, D x P x K.

    Parameters
    ----------
    inclusion
        Spike-and-slab posterior of every weight.
    blocks
        Per block the positions of its active weights in U flattened factor by factor (k P + p), and their covariance.
    n_draws
        Number of draws, D.
    generator
        Source of randomness.
    nonnegative
        Whether weights are truncated at 0.
    """
    n_sets, size = inclusion.mean.shape
    mean, sd = inclusion.mean.T.reshape(-1), inclusion.sd.T.reshape(-1)
    included = inclusion.probability.T.reshape(-1)
    noise = torch.randn(n_draws, len(mean), dtype=DTYPE, generator=generator)
    for active, cov in blocks:
        if len(active):
            spread = cov.diagonal().sqrt()
            factor = cholesky(cov / (spread[:, None] * spread), "posterior correlation of the gene-set weights")
            noise[:, active] = noise[:, active] @ factor.T
    kept = torch.rand(n_draws, len(mean), dtype=DTYPE, generator=generator) < included
    mean, sd, slab = mean.expand_as(kept)[kept], sd.expand_as(kept)[kept], noise[kept]
    draws = torch.zeros_like(noise)
    draws[kept] = truncated_quantile(torch.special.ndtr(slab), mean, sd) if nonnegative else mean + slab * sd
    return draws.reshape(n_draws, size, n_sets).transpose(1, 2)


def draw_scores(mean: Tensor, cov: Tensor, pattern: Tensor, n_draws: int, generator: torch.Generator) -> Tensor:
    """Return draws of the scores, D x N x K.

    Parameters
    ----------
    mean
        E[z], N x K.
    cov, pattern
        Covariances, R x K x K, and the one of each sample, N.
    n_draws, generator
        Number of draws and source of randomness.
    """
    n, size = mean.shape
    factor = cholesky(cov, "posterior covariance of the scores")[pattern]
    noise = torch.randn(n_draws, n, size, 1, dtype=DTYPE, generator=generator)
    return mean + (factor @ noise).squeeze(-1)


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
        E[w] and its prior mean c C U per view, G x K, both without the intercept of the view.
    omega
        Prior precision of the loadings per view, K; infinite for the strict prior.
    """
    alone = second[:, None].expand(-1, len(second)).clone()
    pull = torch.zeros_like(second)
    for w, m, precision in zip(loadings, prior_means, omega, strict=True):
        soft = torch.isfinite(precision)
        restoring = torch.where(soft[:, None], precision[:, None] * w.square().sum(0), torch.inf)
        alone += restoring  # infinite where strict, also beside a factor that has no loadings
        pull[soft] += (precision * ((w - m) * w).sum(0))[soft]
    coupled = pull[:, None] + pull
    most = _MOST_COUPLED * (alone * alone.T).sqrt()
    coupled = torch.where(torch.isfinite(most), coupled.clamp(-most, most), torch.zeros_like(coupled))
    determinant = alone * alone.T - coupled**2
    finite = torch.isfinite(determinant)
    variance = torch.where(finite, alone.T / determinant, 1.0 / alone)
    covariance = torch.where(finite, -coupled / determinant, torch.zeros_like(coupled))
    own = alone.diagonal() + (2.0 * pull).clamp(min=0.0)
    return Mixing(variance=variance.diagonal_scatter(1.0 / own), covariance=covariance)
