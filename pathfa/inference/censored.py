"""Values that are missing because they lie below the detection limit of their feature.

Proteins are missing more often when low. In a view with detection limits L_g a missing entry of a measured sample is a
latent value known to be below L_g. Its posterior given everything else is a Gaussian truncated from above,

    beta = (L_g - mu) sqrt(lambda_g),   h = phi(beta) / Phi(beta),   mu = z_n' w_g
    E[x] = mu - h / sqrt(lambda_g),     Var[x] = (1 - beta h - h^2) / lambda_g

(Tobin 1958), of which the rest of the model needs mean and variance, and the evidence the entropy
log(sqrt(2 pi e / lambda_g) Phi(beta)) - beta h / 2.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from pathfa.inference.linalg import DTYPE
from pathfa.inference.problem import Problem, ViewData


def fill_censored(
    problem: Problem, scores: Tensor, loadings: Sequence[Tensor], noise_precision: Sequence[Tensor]
) -> tuple[Problem, float]:
    """Return the problem with its censored entries at their expected values, and their entropy, nats.

    Parameters
    ----------
    problem
        The data; views without detection limits stay as they are.
    scores, loadings, noise_precision
        E[z], N x K, and per view E[w], G x K, and lambda, G.
    """
    views: list[ViewData] = []
    entropy = 0.0
    for view, w, lam in zip(problem.views, loadings, noise_precision, strict=True):
        if view.limit is None or view.observed is None:
            views.append(view)
            continue
        missing = view.present[:, None] & (view.observed == 0)
        sd = lam.rsqrt()
        expected = scores @ w.T
        beta = (view.limit - expected) / sd
        log_mass = torch.special.log_ndtr(beta)
        hazard = torch.exp(-0.5 * beta**2 - 0.5 * math.log(2.0 * math.pi) - log_mass)
        variance = (sd**2 * (1.0 - beta * hazard - hazard**2)).clamp(min=0.0)
        x = torch.where(missing, expected - sd * hazard, view.x)
        spread = torch.where(missing, variance, torch.zeros_like(variance))
        own = 0.5 * math.log(2.0 * math.pi * math.e) + sd.log() + log_mass - 0.5 * beta * hazard
        entropy += float(own[missing].sum())
        views.append(
            replace(
                view,
                x=x,
                observed=None,
                sum_squares=(x**2 + spread).sum(0),
                n_observed=view.present.to(DTYPE).sum().expand(view.n_features).clone(),
            )
        )
    return replace(problem, views=tuple(views)), entropy
