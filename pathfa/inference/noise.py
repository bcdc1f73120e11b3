"""Noise precisions with a prior that is shared by the features of a view.

    lambda_g ~ Gamma(d0 / 2, d0 s0^2 / 2),     lambda_g | data ~ Gamma((d0 + n_g) / 2, (d0 s0^2 + RSS_g) / 2)

so that E[lambda_g] = (d0 + n_g) / (d0 s0^2 + RSS_g): the moderated variance of limma (Smyth 2004). d0 and s0^2 maximise
the marginal likelihood of the residual sums of squares. One variance per view is d0 = infinity; one per feature, with
nothing shared, is d0 = 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from pathfa.model.spec import Noise

_MIN_D0, _MAX_D0 = 1e-2, 1e6


@dataclass(frozen=True, kw_only=True)
class NoisePosterior:
    """Posterior of the noise precisions of one view.

    Attributes
    ----------
    precision
        E[lambda], G.
    log_precision
        E[log lambda], G.
    divergence
        Kullback-Leibler divergence of the posterior from the prior, nats.
    d0, s0_squared
        Prior degrees of freedom and prior variance; d0 = 0 without sharing, infinite with one variance per view.
    """

    precision: Tensor
    log_precision: Tensor
    divergence: float
    d0: float
    s0_squared: float

    @property
    def sd(self) -> Tensor:
        """Noise standard deviation, G: the square root of 1 / E[lambda]."""
        return self.precision.rsqrt()


def known_noise(precision: Tensor) -> NoisePosterior:
    """Return the posterior of noise precisions that are known, G."""
    return NoisePosterior(
        precision=precision, log_precision=precision.log(), divergence=0.0, d0=0.0, s0_squared=math.nan
    )


def update_noise(kind: Noise, rss: Tensor, n_observed: Tensor, previous_d0: float) -> NoisePosterior:
    """Return the posterior of the noise of a view given its expected residual sums of squares.

    Parameters
    ----------
    kind
        ``moderated``, ``feature`` or ``view``.
    rss, n_observed
        Expected residual sum of squares and number of observed values per feature, G.
    previous_d0
        Where the search for d0 starts.
    """
    if kind is Noise.FEATURE:
        return known_noise(n_observed / rss)
    if kind is Noise.VIEW:
        shared = n_observed.sum() / rss.sum()
        posterior = known_noise(shared.expand_as(rss).clone())
        return NoisePosterior(**{**posterior.__dict__, "d0": math.inf, "s0_squared": 1.0 / float(shared)})
    d0, s0_squared = fit_noise_prior(rss, n_observed, previous_d0)
    shape, rate = 0.5 * (d0 + n_observed), 0.5 * (d0 * s0_squared + rss)
    prior_shape, prior_rate = 0.5 * d0, 0.5 * d0 * s0_squared
    precision, log_precision = shape / rate, torch.digamma(shape) - rate.log()
    divergence = (
        (shape - prior_shape) * torch.digamma(shape)
        - torch.lgamma(shape)
        + math.lgamma(prior_shape)
        + prior_shape * (rate.log() - math.log(prior_rate))
        + shape * (prior_rate - rate) / rate
    )
    return NoisePosterior(
        precision=precision,
        log_precision=log_precision,
        divergence=float(divergence.sum()),
        d0=d0,
        s0_squared=s0_squared,
    )


def fit_noise_prior(rss: Tensor, n_observed: Tensor, start: float, n_steps: int = 8) -> tuple[float, float]:
    """Return d0 and s0^2 that maximise the marginal likelihood of the residual sums of squares.

    Newton steps on log d0, each followed by the fixed point of s0^2: mean E[lambda] = 1 / s0^2.
    """
    log_d0 = math.log(min(max(start, 1.0), _MAX_D0))
    s0_squared = float((rss / n_observed).median())
    for _ in range(n_steps):
        d0 = math.exp(log_d0)
        for _ in range(2):
            s0_squared = len(rss) / float(((d0 + n_observed) / (d0 * s0_squared + rss)).sum())
        half = 0.5 * (d0 + n_observed)
        ratio = (d0 + n_observed) / (d0 * s0_squared + rss)  # E[lambda]
        rate = 0.5 * (d0 * s0_squared + rss)
        prior_half = torch.tensor(0.5 * d0, dtype=rss.dtype)
        slope = 0.5 * float(
            (
                torch.digamma(half) - rate.log() - torch.digamma(prior_half) + math.log(0.5 * d0 * s0_squared)
                + 1.0 - s0_squared * ratio
            ).sum()
        )  # fmt: skip
        curvature = 0.25 * float(
            (
                torch.polygamma(1, half) - torch.polygamma(1, prior_half) + 2.0 / d0
                - 2.0 * s0_squared / rate + half * s0_squared**2 / rate**2
            ).sum()
        )  # fmt: skip
        gradient, hessian = d0 * slope, d0 * slope + d0**2 * curvature
        step = -gradient / hessian if hessian < 0 else math.copysign(1.0, gradient)
        log_d0 = min(max(log_d0 + min(max(step, -1.5), 1.5), math.log(_MIN_D0)), math.log(_MAX_D0))
        if abs(step) < 1e-4:
            break
    d0 = math.exp(log_d0)
    for _ in range(3):
        s0_squared = len(rss) / float(((d0 + n_observed) / (d0 * s0_squared + rss)).sum())
    return d0, s0_squared
