"""Gene-set weights: sparse Bayesian learning on u >= 0 with automatic relevance determination.

With the loadings integrated out, the gene-set weights of one block see a quadratic

    -1/2 u' H u + f' u - 1/2 sum_i alpha_i u_i^2,      u_i >= 0,

and everything here follows from the posterior precision H_A + diag(alpha_A) on the active entries A (finite alpha).
For every entry the rest of the model enters through two numbers (Tipping & Faul 2003), its sparsity s and quality q:
leave-one-out precision and gradient at u_i = 0. Without a truncation, the evidence of the entry alone is maximal at
alpha = s^2 / (q^2 - s) if q^2 > s, else at infinity. Non-negative weights take the same alpha, where q > 0: with the
truncation the best one differs little. With r = q^2 / s an entry gains there

    g = 1/2 (r - 1 - log r)  +  log 2 + log Phi(sqrt(r - 1))        (the second part where weights are non-negative)

Which weights are not 0 has a prior. Of many weights that are 0 some seem to help by chance; that a weight is not 0
therefore has a prior probability, the same for all n weights and itself Beta(1, n) (Castillo & van der Vaart 2012).
With it integrated out, a certain set of a of them has

    log p(set) = log n + log Gamma(1 + a) + log Gamma(2 n - a) - log Gamma(1 + 2 n)

and the last of a weights costs log((2 n - a) / a) > 0: the price of a gene set rises with the number of candidates. A
weight is kept, or comes back, if it gains more than it costs. That one rule prunes and re-admits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.loadings.quadratic import Quadratic
from pathfa.inference.numerics import cholesky, submatrix

_MAX_ACTIVE = 500  # most entries at the beginning of an update of a block; others can be re-admitted
_N_SWEEPS = 2  # updates of alpha in one update of a block
_MAX_ADMITTED = 4  # entries re-admitted to a block in one sweep: correlated sets must not come back together


@dataclass(frozen=True, kw_only=True)
class WeightPosterior:
    """Posterior of one block of gene-set weights.

    Attributes
    ----------
    mean
        Weights, n; 0 where pruned.
    alpha
        ARD precision, n; infinity where pruned.
    active
        Indices of the active entries, a.
    cov
        Posterior covariance of the active entries, a x a.
    log_det
        log |H + diag(alpha)| on the active entries.
    diagonal
        Whether ``cov`` and ``log_det`` keep only the diagonal of the precision.
    """

    mean: Tensor
    alpha: Tensor
    active: Tensor
    cov: Tensor
    log_det: float
    diagonal: bool


def rescaled_block(posterior: WeightPosterior, scale: Tensor) -> WeightPosterior:
    """Return the posterior of u * scale, scale of shape n; with alpha / scale^2 the evidence stays the same."""
    used = scale[posterior.active]
    return replace(
        posterior,
        mean=posterior.mean * scale,
        alpha=posterior.alpha / scale**2,
        cov=posterior.cov * (used[:, None] * used),
        log_det=posterior.log_det - 2.0 * float(used.log().sum()),
    )


def solve_block(h: Quadratic, f: Tensor, alpha: Tensor, nonnegative: bool, diagonal: bool = False) -> WeightPosterior:
    """Return the posterior for given alpha; entries whose optimum would be negative are pruned, worst half first.

    Parameters
    ----------
    h, f
        Quadratic term, n x n, and linear term, n.
    alpha
        ARD precision, n; infinity leaves an entry out.
    nonnegative
        Whether weights must be at least 0.
    diagonal
        Whether the posterior covariance keeps only the diagonal of the precision.
    """
    alpha = alpha.clone()
    active = torch.nonzero(alpha < math.inf).squeeze(1)
    precision = h.rows(active).index_select(1, active)
    precision.diagonal().add_(alpha[active])
    while True:
        factor = cholesky(precision, "posterior precision of the gene-set weights")
        mean = torch.cholesky_solve(f[active].unsqueeze(1), factor).squeeze(1)
        negative = torch.nonzero(mean <= 0).squeeze(1) if nonnegative else mean.new_empty(0)
        if len(negative) == 0:
            break
        worst = negative[torch.argsort(mean[negative])[: max(1, (len(negative) + 1) // 2)]]
        alpha[active[worst]] = math.inf
        kept = torch.nonzero(alpha[active] < math.inf).squeeze(1)
        active, precision = active[kept], submatrix(precision, kept)
    full = torch.zeros_like(f)
    full[active] = mean
    if diagonal:
        cov, log_det = torch.diag(1.0 / precision.diagonal()), float(precision.diagonal().log().sum())
    else:
        cov = torch.cholesky_inverse(factor) if len(active) else precision
        log_det = 2.0 * float(factor.diagonal().log().sum())
    return WeightPosterior(mean=full, alpha=alpha, active=active, cov=cov, log_det=log_det, diagonal=diagonal)


def sparsity_quality(h: Quadratic, f: Tensor, posterior: WeightPosterior) -> tuple[Tensor, Tensor]:
    """Return s and q of every entry with that entry left out of the model, n each."""
    active, mean = posterior.active, posterior.mean[posterior.active]
    rows = h.rows(active)  # a x n
    s = h.diagonal.clone()
    if not posterior.diagonal:
        s -= (posterior.cov @ rows * rows).sum(0)
    q = f - mean @ rows
    variance = posterior.cov.diagonal()
    s[active] = 1.0 / variance - posterior.alpha[active]
    q[active] = mean / variance
    return s.clamp(min=1e-12 * float(h.diagonal.sum()) + 1e-300), q


def gains(s: Tensor, q: Tensor, nonnegative: bool) -> Tensor:
    """Return the gain in evidence of each entry at its best alpha, nats, n: 0 where that is infinity."""
    ratio = (q**2 / s).clamp(min=1.0)
    gain = 0.5 * (ratio - 1.0 - ratio.log())
    if not nonnegative:
        return gain
    gain = gain + math.log(2.0) + torch.special.log_ndtr((ratio - 1.0).sqrt())
    return torch.where(q > 0, gain, 0.0)


def update_block(
    h: Quadratic, f: Tensor, alpha: Tensor, nonnegative: bool, *, cost: float = 0.0, diagonal: bool = False
) -> WeightPosterior:
    """Return the posterior after some sweeps of the empirical-Bayes update of alpha.

    Active entries take the MacKay step alpha = gamma / u^2; those that gain no more than ``cost`` are pruned, worst
    half first; of the pruned ones those with the highest gain in evidence come back.
    """
    posterior = solve_block(h, f, _most_promising(h, f, alpha, nonnegative), nonnegative, diagonal)
    for _ in range(_N_SWEEPS):
        s, q = sparsity_quality(h, f, posterior)
        gain = gains(s, q, nonnegative)
        relevant = gain > cost
        active = posterior.alpha < math.inf
        alpha = posterior.alpha.clone()
        index = posterior.active
        gamma = 1.0 - alpha[index] * posterior.cov.diagonal()
        alpha[index] = gamma.clamp(min=1e-12) / posterior.mean[index] ** 2
        weak = torch.nonzero(active & ~relevant).squeeze(1)
        if len(weak):
            rank = (q * q.abs() if nonnegative else q**2)[weak] / s[weak]  # gains are 0 for many
            alpha[weak[torch.argsort(rank)[: (len(weak) + 1) // 2]]] = math.inf
        candidates = torch.nonzero(~active & relevant).squeeze(1)
        if len(candidates):
            best = candidates[torch.argsort(gain[candidates], descending=True)[:_MAX_ADMITTED]]
            alpha[best] = s[best] ** 2 / (q[best] ** 2 - s[best])
        posterior = solve_block(h, f, alpha, nonnegative, diagonal)
    return posterior


def _most_promising(h: Quadratic, f: Tensor, alpha: Tensor, nonnegative: bool) -> Tensor:
    """Return alpha with at most ``_MAX_ACTIVE`` active entries, those whose own evidence is highest without others."""
    if len(alpha) <= _MAX_ACTIVE or int((alpha < math.inf).sum()) <= _MAX_ACTIVE:
        return alpha
    quality = f.clamp(min=0.0) if nonnegative else f
    gain = torch.where((alpha < math.inf) & (h.diagonal > 0), quality**2 / h.diagonal, -torch.ones_like(f))
    kept = torch.argsort(gain, descending=True)[:_MAX_ACTIVE]
    return torch.full_like(alpha, math.inf).index_copy(0, kept, alpha[kept])


def truncation_evidence(posterior: WeightPosterior) -> float:
    """Return log of the posterior mass at u >= 0 over that of the prior: ``sum log 2 + log Phi(u_i / sd_i)``.

    Half-normal prior, truncated Gaussian posterior; 0 for an entry at the boundary, so pruning is continuous. The mass
    is the product of those of each entry: exact for one entry, or for entries without correlation.
    """
    ratio = posterior.mean[posterior.active] / posterior.cov.diagonal().sqrt()
    return float((math.log(2.0) + torch.special.log_ndtr(ratio)).sum())


def inclusion_evidence(n_active: int, n: int) -> float:
    """Return the log prior probability of which ``n_active`` of ``n`` weights are not 0, nats."""
    if n == 0:
        return 0.0
    return math.log(n) + math.lgamma(1.0 + n_active) + math.lgamma(2.0 * n - n_active) - math.lgamma(1.0 + 2.0 * n)


def inclusion_cost(n_active: int, n: int) -> float:
    """Return what the last of ``n_active`` weights costs, nats, at least 0; of the first one where there is none."""
    last = max(n_active, 1)
    return math.log((2.0 * n - last) / last) if n else 0.0
