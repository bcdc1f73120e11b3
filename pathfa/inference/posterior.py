"""Draws from the Laplace posterior of weights, scores and activities.

Scores are Gaussian. Weights are Gaussian truncated at 0 where they must not be negative; their draws have the exact
truncated marginals and the Gaussian's correlation (a Gaussian copula).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pathfa.inference.linalg import cholesky
from pathfa.inference.problem import DTYPE


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
    mean: Tensor,
    blocks: Sequence[tuple[Tensor, Tensor]],
    n_draws: int,
    generator: torch.Generator,
    *,
    nonnegative: bool,
) -> Tensor:
    """Return draws of the gene-set weights, D x P x K.

    Parameters
    ----------
    mean
        Weights U, P x K.
    blocks
        Per block the positions of its active weights in U flattened factor by factor (k P + p), and their covariance.
    n_draws
        Number of draws, D.
    generator
        Source of randomness.
    nonnegative
        Whether weights are truncated at 0.
    """
    n_sets, size = mean.shape
    flat = mean.T.reshape(-1)
    draws = flat.repeat(n_draws, 1)
    for active, cov in blocks:
        if len(active) == 0:
            continue
        sd = cov.diagonal().sqrt()
        factor = cholesky(cov / (sd[:, None] * sd), "posterior correlation of the gene-set weights")
        noise = torch.randn(n_draws, len(active), dtype=DTYPE, generator=generator) @ factor.T
        if nonnegative:
            draws[:, active] = truncated_quantile(torch.special.ndtr(noise), flat[active], sd)
        else:
            draws[:, active] = flat[active] + noise * sd
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
