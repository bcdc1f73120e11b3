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
from typing import NamedTuple

import torch
from torch import Tensor

from pathfa.inference.numerics import inverse_mills
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData


def is_censored(problem: Problem) -> bool:
    """Return whether values of some view may lie below a detection limit."""
    return any(view.limit is not None for view in problem.views)


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
    if not is_censored(problem):
        return problem, 0.0
    views: list[ViewData] = []
    entropy = 0.0
    for view, w, lam in zip(problem.views, loadings, noise_precision, strict=True):
        if view.limit is None or view.observed is None:
            views.append(view)
            continue
        censored = censored_entries(view)
        sd = lam.rsqrt()
        below = _below(scores @ w.T, sd, view.limit)
        x = torch.where(censored, below.mean, view.x)
        spread = torch.where(censored, below.variance, torch.zeros_like(below.variance))
        own = 0.5 * math.log(2.0 * math.pi * math.e) + sd.log() + below.log_mass - 0.5 * below.beta * below.hazard
        entropy += float(own[censored].sum())
        observed = view.observed + censored
        complete = bool((observed[view.present] > 0).all())
        views.append(
            replace(
                view,
                x=x,
                observed=None if complete else observed,
                sum_squares=(x**2 + spread).sum(0),
                n_observed=observed.sum(0),
            )
        )
    return replace(problem, views=tuple(views)), entropy


def censored_entries(view: ViewData) -> Tensor:
    """Return which entries lie below the detection limit of their feature, N x G; a limit of infinity is none."""
    if view.limit is None or view.observed is None:
        return torch.zeros_like(view.x, dtype=torch.bool)
    return view.present[:, None] & (view.observed == 0) & torch.isfinite(view.limit)


def moments_below(mean: Tensor, variance: Tensor, limit: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance of Gaussian values, N x G each, that are known to lie below the limits, G."""
    below = _below(mean, variance.sqrt(), limit)
    return below.mean, below.variance


class _Below(NamedTuple):
    mean: Tensor
    variance: Tensor
    beta: Tensor
    hazard: Tensor
    log_mass: Tensor


def _below(expected: Tensor, sd: Tensor, limit: Tensor) -> _Below:
    beta = (limit - expected) / sd
    log_mass = torch.special.log_ndtr(beta)
    hazard = inverse_mills(beta)
    variance = (sd**2 * (1.0 - beta * hazard - hazard**2)).clamp(min=0.0)
    return _Below(expected - sd * hazard, variance, beta, hazard, log_mass)
