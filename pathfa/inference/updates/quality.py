"""Quality of the samples: in a view, the noise of a sample may be larger or smaller than that of the others.

    x_ng ~ Normal( w_g z_n, 1 / (lambda_g q_n) ),      q_n ~ Gamma( a / 2, a / 2 )

so that a bad sample says less about loadings, weights and noise, and its own scores are less certain (array weights,
Ritchie et al. 2006, inside the model). With G_n observed features and e_n = sum_g lambda_g E[(x_ng - w_g z_n)^2], the
posterior of q_n is Gamma((a + G_n) / 2, (a + e_n / s) / 2), where the unit s of all e_n, for which lambda makes up in
the next iteration, and a maximise

    sum_n  log Gamma((a + G_n)/2) - log Gamma(a/2) + a/2 log(a/2) - (a + G_n)/2 log((a + e_n/s)/2) - G_n/2 log s

which is the marginal likelihood of the noise of features (``noise.py``) with samples in their place. All q are 1 unless
that is more than 5 nats above what it is for a infinite. Errors count up to 100 times the typical one, so that no
sample is as if it were not there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.numerics import row_squares
from pathfa.inference.problem.view import Counts, ViewData
from pathfa.inference.updates.noise import LEAST, fit_noise_prior
from pathfa.inference.updates.scores import ScorePosterior, seen_precision

_ENOUGH = 5.0  # nats that qualities must gain before there are any
_MOST = 100.0  # times the typical error that count: with more, a sample would be as if it were not there
_LEAST_FREEDOM = 1.0  # least a
_STEPS = 30  # most steps of the search for a
_ROWS = 4096  # samples whose squares are in memory at the same time


@dataclass(frozen=True, kw_only=True)
class Quality:
    """Posterior of the qualities of the samples in one view.

    Attributes
    ----------
    mean, log_mean
        E[q] and E[log q], N.
    freedom
        a.
    unit
        Prior mean of q.
    sd
        Posterior sd of q, N.
    divergence
        KL divergence of the posterior from the prior, nats.
    """

    mean: Tensor
    log_mean: Tensor
    freedom: float
    divergence: float
    sd: Tensor
    unit: float = 1.0

    def times(self, unit: float) -> Quality:
        """Return the posterior of the qualities times a unit."""
        mean, sd, log_mean = self.mean * unit, self.sd * unit, self.log_mean + math.log(unit)
        return replace(self, mean=mean, sd=sd, log_mean=log_mean, unit=self.unit * unit)


def weights_of(qualities: Sequence[Quality | None]) -> list[Tensor | None]:
    """Return E[q] of every view, N; None where samples are alike."""
    return [None if item is None else item.mean for item in qualities]


def squared_errors(
    view: ViewData,
    scores: ScorePosterior,
    projected: Tensor,
    mean: Tensor,
    precisions: Sequence[Tensor],
    noise_precision: Tensor,
) -> Tensor:
    """Return e_n, N, of one view; what any measurement leaves of a feature (``noise.LEAST`` of its variance) is in it.

    Parameters
    ----------
    view
        The data.
    scores
        Their scores.
    projected, precisions
        As for ``update_scores``.
    mean, noise_precision
        As for ``onto_loadings``.
    """
    least = LEAST * (1.0 + noise_precision * mean.square().sum(1))
    every = torch.arange(len(view.x), device=view.x.device)
    found = torch.empty(len(every), dtype=view.x.dtype, device=view.x.device)
    for rows in every.split(_ROWS):
        z = scores.mean[rows]
        second = z[:, :, None] * z[:, None, :] + scores.cov[scores.pattern[rows]]
        explained = (seen_precision(view, rows, precisions) * second).sum((1, 2))
        if view.weight is not None:
            explained = explained / view.weight[rows]
        found[rows] = explained - 2.0 * (z * projected[rows]).sum(1)
    found += row_squares(view.x, noise_precision)
    complete = view.observed is None
    return found.clamp(min=0.0) + (view.seen[:, 0] * least.sum() if complete else view.seen @ least)


def update_quality(view: ViewData, errors: Tensor, previous: Quality | None) -> Quality | None:
    """Return the posterior of the qualities in a view, or None where samples are alike.

    Parameters
    ----------
    view
        The data. Qualities are not told from values below detection limits.
    errors
        e_n, N.
    previous
        The posterior before; qualities that are there stay as long as they gain anything.
    """
    counts = view.values_of_samples
    seen = counts > 0
    n, e = counts[seen], errors[seen]
    e = torch.minimum(e, _MOST * n * (e / n).median()) if len(n) else e
    alike = float(e.sum()) / max(float(n.sum()), 1.0)
    if view.limit is not None or not alike or float(((e / alike - n).square() / (2.0 * n)).sum()) <= len(n):
        return None

    start = _freedom(e / alike, n) if previous is None else previous.freedom
    freedom, unit = fit_noise_prior(e, Counts.of(n), start, alike, least=_LEAST_FREEDOM, n_steps=_STEPS)
    differ = _evidence(n, e / unit, freedom) - 0.5 * float(n.sum()) * math.log(unit)
    same = -0.5 * float(n.sum()) * (math.log(alike) + 1.0)
    if differ - same <= (_ENOUGH if previous is None else 0.0):
        return None
    found = torch.zeros_like(errors)
    found[seen] = e / unit
    return quality_of(counts, found, freedom)


def _freedom(errors: Tensor, counts: Tensor) -> float:
    """Return a that is about right: the variance of e / G is 2 / G by chance and 2 / a from the qualities."""
    return 2.0 / max(float(((errors / counts - 1.0).square() - 2.0 / counts).mean()), 1e-300)


def _evidence(counts: Tensor, errors: Tensor, freedom: float) -> float:
    """Return the log marginal likelihood of e_n in the unit of the prior, without the constant of that unit."""
    prior, shape = 0.5 * freedom, 0.5 * (freedom + counts)
    each = torch.lgamma(shape) - shape * (0.5 * (freedom + errors)).log()
    return float(each.sum()) - len(counts) * (math.lgamma(prior) - prior * math.log(prior))


def quality_of(counts: Tensor, errors: Tensor, freedom: float) -> Quality:
    """Return the posterior of the qualities for G_n and e_n, N each, under the prior with a prior mean of 1."""
    errors = torch.minimum(errors, _MOST * counts)
    prior, shape, rate = 0.5 * freedom, 0.5 * (freedom + counts), 0.5 * (freedom + errors)
    mean, log_mean = shape / rate, torch.digamma(shape) - rate.log()
    apart = shape * rate.log() - torch.lgamma(shape) + (shape - prior) * log_mean - shape + prior * mean
    divergence = float(apart.sum()) + len(counts) * (math.lgamma(prior) - prior * math.log(prior))
    return Quality(mean=mean, log_mean=log_mean, freedom=freedom, divergence=divergence, sd=mean / shape.sqrt())


def quality_evidence(view: ViewData, quality: Quality | None) -> float:
    """Return what qualities add to the log evidence beside their weights in the residuals, nats."""
    return 0.0 if quality is None else 0.5 * float(view.values_of_samples @ quality.log_mean) - quality.divergence
