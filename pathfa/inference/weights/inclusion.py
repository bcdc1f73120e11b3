"""How probable it is that a gene set belongs to a factor at all.

The ARD precision of a weight is a point estimate, and a weight with finite alpha is never exactly 0, so intervals of
selected weights exclude 0 by construction. Here each weight gets a spike at 0 and a slab that all weights share,

    u_i = 0 with probability 1 - rho,      u_i ~ HalfNormal(precision a) with probability rho

given all others at their posterior, from which it needs no more than its sparsity s and quality q (``weights.py``):

    log Bayes factor = log 2 + 1/2 log(a / (s + a)) + 1/2 q^2 / (s + a) + log Phi(q / sqrt(s + a))

(without log 2 and Phi where weights may have any sign). rho and a maximise the sum of the log mixtures by EM. Pruned
weights get a probability too: that a set was pruned is not proof that it plays no part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from pathfa.inference.loadings.posterior import MarginalView
from pathfa.inference.numerics import inverse_mills
from pathfa.inference.weights.curvature import Weights, linear_term, weight_blocks
from pathfa.inference.weights.weights import sparsity_quality

_N_STEPS = 50
_MIN_RHO = 1e-4


@dataclass(frozen=True, kw_only=True)
class Inclusion:
    """Spike-and-slab posterior of every gene-set weight.

    Attributes
    ----------
    probability
        That the weight is not 0, P x K.
    mean, sd
        Parameters of the Gaussian of the slab, before its truncation at 0, P x K.
    """

    probability: Tensor
    mean: Tensor
    sd: Tensor


def inclusion(views: tuple[MarginalView, ...], weights: Weights, *, nonnegative: bool) -> Inclusion:
    """Return the spike-and-slab posterior of the weights given what the views say about them."""
    n_sets, size = weights.mean.shape
    linear = linear_term(views)
    sparsity, quality = linear.new_empty(size, n_sets), linear.new_empty(size, n_sets)
    for rows, h, f, posterior in weight_blocks(views, weights, linear):
        s, q = sparsity_quality(h, f, posterior)
        sparsity[rows], quality[rows] = s.reshape(-1, n_sets), q.reshape(-1, n_sets)
    s, q = sparsity.T, quality.T  # P x K
    rho, slab = _fit_slab(s, q, weights, nonnegative)
    probability = torch.sigmoid(math.log(rho / (1.0 - rho)) + slab_moments(s, q, slab, nonnegative)[0])
    active = torch.isfinite(weights.alpha)
    mean = torch.where(active, weights.mean, q / (s + slab))
    sd = torch.where(active, weights.variance().sqrt(), (s + slab).rsqrt())
    return Inclusion(probability=probability, mean=mean, sd=sd)


def slab_moments(s: Tensor, q: Tensor, slab: float, nonnegative: bool) -> tuple[Tensor, Tensor]:
    """Return the log Bayes factor and E[u^2] of every weight in a slab of this precision."""
    sd = (s + slab).rsqrt()
    ratio = q * sd
    factor, second = 0.5 * (math.log(slab) + ratio**2) + sd.log(), 1.0 + ratio**2
    if nonnegative:  # a Gaussian truncated at 0
        factor = factor + math.log(2.0) + torch.special.log_ndtr(ratio)
        second = (second + ratio * inverse_mills(ratio)).clamp(min=0.0)
    return factor, sd**2 * second


def _fit_slab(s: Tensor, q: Tensor, weights: Weights, nonnegative: bool) -> tuple[float, float]:
    """Return rho and the precision of the slab by EM, from the share and the mean square of the active weights."""
    active = torch.isfinite(weights.alpha)
    n_active = max(1, int(active.sum()))
    rho = min(max(n_active / max(1, active.numel()), _MIN_RHO), 0.5)
    square = float((weights.mean[active] ** 2).sum()) / n_active
    slab = 1.0 / max(square, 1e-12)
    for _ in range(_N_STEPS):
        factor, second = slab_moments(s, q, slab, nonnegative)
        probability = torch.sigmoid(math.log(rho / (1.0 - rho)) + factor)
        rho = min(max(float(probability.sum()) / max(1, active.numel()), _MIN_RHO), 1.0 - _MIN_RHO)
        slab = max(float(probability.sum()), 1e-300) / max(float((probability * second).sum()), 1e-300)
    return rho, slab
