"""Noise precisions with a prior that is shared by the features of a view.

    lambda_g ~ Gamma(d0 / 2, d0 s0^2 / 2),     lambda_g | data ~ Gamma((d0 + n_g) / 2, (d0 s0^2 + RSS_g) / 2)

so that E[lambda_g] = (d0 + n_g) / (d0 s0^2 + RSS_g): the moderated variance of limma (Smyth 2004). d0 and s0^2 maximise
the marginal likelihood of the residual sums of squares. One variance per view is d0 = infinity; one per feature, with
nothing shared, is d0 = 0. With a trend the prior variance is s0^2 t_g, where log t_g is quadratic in the level of the
feature (its mean before scaling), because features near the detection limit are noisier (Law et al. 2014). The RSS
includes what every measurement leaves (``measurable``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.loadings.group import LoadingMoments
from pathfa.inference.problem.view import Counts, ViewData
from pathfa.options import Noise

LEAST = 1e-4
"""Least share of its sum of squares that a feature leaves: nothing is measured more exactly than to 1 % of its sd."""
_MIN_D0, _MAX_D0 = 1e-2, 1e6
_NEAR = 1e-3  # change of log d0 at which the search ends; the next iteration continues from there


def measurable(moments: LoadingMoments, view: ViewData) -> LoadingMoments:
    """Return the moments with the residuals that any measurement leaves: ``LEAST`` of the sum of squares of a feature.

    Features that a factor fits exactly, such as those that one sample alone shows, would otherwise have a noise of 0
    and an evidence without bound, beside which nothing else in the data counts.
    """
    return replace(moments, expected_rss=moments.expected_rss + LEAST * view.variance * view.n_observed)


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

    def times(self, unit: float) -> NoisePosterior:
        """Return the posterior when all noise variances are times a unit, and their prior with them."""
        return replace(
            self,
            precision=self.precision / unit,
            log_precision=self.log_precision - math.log(unit),
            s0_squared=self.s0_squared * unit,
        )


def known_noise(precision: Tensor) -> NoisePosterior:
    """Return the posterior of noise precisions that are known, G."""
    return NoisePosterior(
        precision=precision, log_precision=precision.log(), divergence=0.0, d0=0.0, s0_squared=math.nan
    )


def update_noise(
    kind: Noise, rss: Tensor, counts: Counts, previous: NoisePosterior | None = None, level: Tensor | None = None
) -> NoisePosterior:
    """Return the posterior of the noise of a view given its expected residual sums of squares.

    Parameters
    ----------
    kind
        ``moderated``, ``feature`` or ``view``.
    rss
        Expected residual sum of squares per feature, G.
    counts
        How many values were observed.
    previous
        Where the search for the prior starts; None for 1 degree of freedom.
    level
        Level of each feature, G, for a trend of moderated noise; None for no trend.
    """
    if kind is Noise.FEATURE:
        return known_noise(counts.each / rss)
    if kind is Noise.VIEW:
        shared = counts.each.sum() / rss.sum()
        return replace(known_noise(shared.expand_as(rss).clone()), d0=math.inf, s0_squared=1.0 / float(shared))
    trend = rss.new_ones(1) if level is None else noise_trend(rss / counts.each, level)
    near = (1.0, math.nan) if previous is None else (previous.d0, previous.s0_squared)
    d0, s0_squared = fit_noise_prior(rss / trend, counts, *near)
    prior_shape, prior_rate = 0.5 * d0, 0.5 * d0 * s0_squared * trend
    shapes, rate = prior_shape + 0.5 * counts.distinct, prior_rate + 0.5 * rss
    digamma, log_rate, precision = torch.digamma(shapes), rate.log(), shapes[counts.index] / rate
    # E[log lambda] and log Gamma depend on the shape alone, so that their sums go over the counts that occur
    of_shapes = counts.share @ ((shapes - prior_shape) * digamma - torch.lgamma(shapes))
    of_rates = prior_shape * (log_rate - prior_rate.log()).sum() - 0.5 * (precision @ rss)
    return NoisePosterior(
        precision=precision,
        log_precision=digamma[counts.index] - log_rate,
        divergence=len(rss) * (float(of_shapes) + math.lgamma(prior_shape)) + float(of_rates),
        d0=d0,
        s0_squared=s0_squared,
    )


def noise_trend(variance: Tensor, level: Tensor) -> Tensor:
    """Return t_g, G: least squares of the log variance on the level and its square, with a mean of log t_g of 0."""
    centred = (level - level.mean()) / level.std().clamp(min=1e-12)
    design = torch.stack([torch.ones_like(centred), centred, centred**2], dim=1)
    target = variance.clamp(min=1e-300).log()
    eye = 1e-8 * torch.eye(3, dtype=level.dtype, device=level.device)
    fitted = design @ torch.linalg.solve(design.T @ design / len(level) + eye, design.T @ target / len(level))
    return torch.exp(fitted - fitted.mean())


def fit_noise_prior(
    rss: Tensor,
    counts: Counts,
    d0: float = 1.0,
    s0_squared: float = math.nan,
    *,
    least: float = _MIN_D0,
    n_steps: int = 8,
) -> tuple[float, float]:
    """Return d0 and s0^2 that maximise the marginal likelihood of the residual sums of squares.

    Newton steps on log d0, each after two on log s0^2, whose stationary point is mean E[lambda] = 1 / s0^2.
    """
    log_d0 = math.log(min(max(d0, 1.0), _MAX_D0))
    if math.isnan(s0_squared):
        s0_squared = float((rss / counts.each).median())
    # the digamma and trigamma functions of all shapes: the posterior ones count, those of the prior count against them
    freedom = torch.cat([counts.distinct, counts.distinct.new_zeros(1)])
    share = torch.cat([counts.share, -counts.share.new_ones(1)])
    for _ in range(n_steps):
        d0, before = math.exp(log_d0), (log_d0, s0_squared)
        s0_squared = _fit_s0_squared(rss, counts.each, d0, s0_squared)
        shapes = 0.5 * (d0 + freedom)
        inverse = (0.5 * (d0 * s0_squared + rss)).reciprocal()
        precision = 0.5 * (d0 + counts.each) * inverse  # E[lambda]
        slope = 0.5 * (
            float(share @ torch.digamma(shapes)) + float(inverse.log().mean()) + math.log(0.5 * d0 * s0_squared)
            + 1.0 - s0_squared * float(precision.mean())
        )  # fmt: skip
        curvature = 0.25 * (
            float(share @ torch.polygamma(1, shapes)) + 2.0 / d0
            - s0_squared * (2.0 * float(inverse.mean()) - s0_squared * float(precision @ inverse) / len(rss))
        )  # fmt: skip
        gradient, hessian = d0 * slope, d0 * slope + d0**2 * curvature
        step = -gradient / hessian if hessian < 0 else math.copysign(1.0, gradient)
        log_d0 = min(max(log_d0 + min(max(step, -1.5), 1.5), math.log(least)), math.log(_MAX_D0))
        if abs(log_d0 - before[0]) < _NEAR and abs(s0_squared / before[1] - 1.0) < _NEAR:
            break  # at the optimum, or at a limit that is nearer
    d0 = math.exp(log_d0)
    return d0, _fit_s0_squared(rss, counts.each, d0, s0_squared)


def _fit_s0_squared(rss: Tensor, n_observed: Tensor, d0: float, s0_squared: float) -> float:
    """Return s0^2 after two Newton steps on its logarithm."""
    freedom = d0 + n_observed
    for _ in range(2):
        rate = d0 * s0_squared + rss
        precision = freedom / rate  # E[lambda]: mean 1 / s0^2 at the optimum
        step = (len(rss) / s0_squared - float(precision.sum())) / max(float(precision @ (rss / rate)), 1e-300)
        s0_squared *= math.exp(min(max(step, -1.0), 1.0))
    return s0_squared
