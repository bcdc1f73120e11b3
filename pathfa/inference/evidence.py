"""Log evidence: a variational Laplace bound on log p(X), every term named, every constant kept.

With Gaussian posteriors of scores, loadings and weights and a Gamma posterior of the noise precisions,

    log p(X) >= E[log p(X | Z, W, lambda)]                                data
              + E[log p(W | U)] + entropy of W given U                    loadings
              + E[log p(U)] + entropy of U, truncated at 0                weights
              + log p(which weights are not 0)                            choice
              + E[log p(Z)] + entropy of Z                                scores
              - KL(posterior of the noise || its prior)                   noise
              + entropy of values below their detection limits            censoring
              + Laplace term of the scales of the views                   scales
              - cost of the intercepts of the loadings                    intercepts
              + E[1/2 log q] of every value - KL(qualities || prior)      qualities
              - KL(which members take part || prior)                      members
              + log density of outlying values                            outlying

for the hyper-parameters (alpha, Omega, c and the prior of the noise) at their estimates. Two terms are not bounds: the
mass of the weights at u >= 0 is taken weight by weight (``truncation_evidence``), and the scales by Laplace's method.
Without the inclusion prior (``weights.py``) the evidence equals the exact log marginal likelihood where loadings and
noise are known. Totals are comparable across the number of factors, loading priors and gene-set collections on the same
features.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from pathfa.inference.loadings.group import LoadingMoments
from pathfa.inference.numerics import LOG_2PI
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.noise import NoisePosterior
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.inference.weights.curvature import Weights, n_possible
from pathfa.inference.weights.weights import inclusion_evidence


@dataclass(frozen=True, kw_only=True)
class EvidenceTerms:
    """The terms of the log evidence, nats."""

    data: float
    loadings: float
    weights: float
    truncation: float
    choice: float
    scores: float
    noise: float
    censoring: float = 0.0
    scales: float = 0.0
    intercepts: float = 0.0
    qualities: float = 0.0
    members: float = 0.0
    outlying: float = 0.0

    @property
    def total(self) -> float:
        """Log evidence, nats."""
        return math.fsum(self.to_dict().values())

    def to_dict(self) -> dict[str, float]:
        """Return the terms by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def evidence(
    problem: Problem,
    *,
    scores: ScorePosterior,
    moments: Sequence[LoadingMoments],
    weights: Weights,
    noise: Sequence[NoisePosterior],
    omega: Sequence[Tensor],
    nonnegative: bool,
    censoring: float = 0.0,
    scales: float = 0.0,
    intercepts: float = 0.0,
    qualities: float = 0.0,
    members: float = 0.0,
) -> EvidenceTerms:
    """Return the terms of the log evidence of a fit."""
    views = list(zip(problem.views, moments, noise, strict=True))
    return EvidenceTerms(
        data=sum(
            float(gaussian_log_density(view.n_observed, item.log_precision, item.precision, moment.expected_rss))
            for view, moment, item in views
        ),
        loadings=sum(_loadings_term(moment, prior) for moment, prior in zip(moments, omega, strict=True)),
        weights=_weights_term(weights),
        truncation=weights.truncation() if nonnegative else 0.0,
        choice=inclusion_evidence(weights.n_active, n_possible(problem, weights.mean.shape[1])),
        scores=_scores_term(scores),
        noise=-sum(item.divergence for item in noise),
        censoring=censoring,
        scales=scales,
        intercepts=intercepts,
        qualities=qualities,
        members=members,
        outlying=problem.left_out,
    )


def gaussian_log_density(n_observed: Tensor, log_precision: Tensor, precision: Tensor, rss: Tensor) -> Tensor:
    """Return ``n/2 (log lambda - log 2 pi) - lambda/2 RSS`` summed over the features, nats."""
    return 0.5 * (n_observed @ (log_precision - LOG_2PI) - precision @ rss)


def _loadings_term(moment: LoadingMoments, omega: Tensor) -> float:
    soft = torch.isfinite(omega)
    penalty = float((omega[soft] * moment.deviation[soft]).sum())
    return moment.half_log_det - 0.5 * penalty + 0.5 * moment.mean.shape[0] * int(soft.sum())


def _weights_term(weights: Weights) -> float:
    prior = 0.0
    for block in weights.blocks:
        alpha, second = block.alpha[block.active], block.mean[block.active] ** 2 + block.cov.diagonal()
        prior += 0.5 * float((alpha.log() - alpha * second).sum())
    return prior - 0.5 * weights.log_det + 0.5 * weights.n_active


def _scores_term(scores: ScorePosterior) -> float:
    n = scores.n_samples
    size = scores.mean.shape[1]
    second = n * float(scores.mean_square().sum())
    return -0.5 * second - 0.5 * scores.log_det + 0.5 * n * size
