"""Draws from the Laplace posterior of weights, scores and activities.

Scores are Gaussian. Weights are 0 or in a slab (``inclusion.py``): Gaussian, truncated at 0 where they must not be
negative. Draws of the slab have the exact truncated marginals and the Gaussian's correlation (a Gaussian copula).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pathfa.inference.linalg import DTYPE, cholesky
from pathfa.inference.weights.inclusion import Inclusion


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
