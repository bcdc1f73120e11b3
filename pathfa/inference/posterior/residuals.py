"""What the factors explain of the data, and how the residuals of a feature that several views share correlate.

A protein that is more abundant than the factors predict tends to have more of its own RNA than they predict. In the
noise of a fit the views are independent; here the residuals of one shared feature g in M views are jointly Gaussian,

    r_g ~ Normal(0, D_g R_g D_g),      D_g = diag of the noise sd of g in each view

and predictions of a view take E[r | residuals of the other views] and its variance. The correlations of all features
share a normal prior per pair of views, as moderated variances do (``noise.py``): with the observed correlation r_g of
n_g samples, less K degrees of freedom for the factors,

    rho_g = rho_0 + w_g (r_g - rho_0),      w_g = tau^2 / (tau^2 + v_g),      v_g = (1 - rho_0^2)^2 / (n_g - K - 1)

where rho_0 and tau^2 are the mean and the excess variance over features, and rho_0 is itself shrunk towards 0 by its
uncertainty.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE, row_blocks, rows_times
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.scores import ScorePosterior

_MIN_EIGENVALUE = 0.05  # of R_g: no residual is known to more than 95 % from others


def variance_explained(problem: Problem, scores: Tensor, loadings: Sequence[Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Return R2 of each factor alone, K x views, and of all together, views, on the observed values.

    R2 = 1 - sum (x - fitted)^2 / sum x^2 with values that preprocessing has centred. Factors that correlate share
    what they explain, so that their sum may differ from the total.

    Parameters
    ----------
    problem
        The data.
    scores, loadings
        Z, N x K, and W per view, G x K.
    """
    alone, together = [], []
    for view, w in zip(problem.views, loadings, strict=True):
        seen = view.seen
        cross = (scores * rows_times(view.x, w)).sum(0)
        total = view.sum_squares.sum().clamp(min=1e-300)
        if view.observed is None:
            square = (scores**2 * seen).sum(0) * (w**2).sum(0)
            every = (((scores * seen).T @ scores) * (w.T @ w)).sum()
            together.append((2.0 * cross.sum() - every) / total)
        else:
            square = ((scores**2).T @ view.observed * (w**2).T).sum(1)
            together.append(1.0 - _squares_left(view, scores, w) / total)
        alone.append((2.0 * cross - square) / total)
    return torch.stack(alone, dim=1).cpu().numpy(), torch.stack(together).cpu().numpy()


def _squares_left(view: ViewData, scores: Tensor, loadings: Tensor) -> Tensor:
    """Return the sum of the squares that Z W' leaves, a few samples at a time."""
    rows = row_blocks(*view.x.shape)
    return torch.stack([residual(view.take(some), scores[some], loadings).square().sum() for some in rows]).sum()


def residual(view: ViewData, scores: Tensor, loadings: Tensor) -> Tensor:
    """Return what Z W' leaves of the values of a view, N x G; 0 where nothing was observed."""
    return (view.x - scores @ loadings.T) * view.seen


def residual_correlation(
    problem: Problem, scores: ScorePosterior, loadings: Sequence[ViewLoadings], positions: Tensor
) -> Tensor:
    """Return the moderated correlation of the residuals of every shared feature, L x M x M.

    Parameters
    ----------
    problem
        Samples of the training cohort.
    scores, loadings
        Their scores and the loadings of every view.
    positions
        Position of each of L shared features in each view, L x M; -1 where a view lacks it.
    """
    n_views, spent = len(problem.views), scores.mean.shape[1]
    found = torch.eye(n_views, dtype=DTYPE, device=positions.device).repeat(len(positions), 1, 1)
    for a, b in combinations(range(n_views), 2):
        both = torch.nonzero((positions[:, a] >= 0) & (positions[:, b] >= 0)).squeeze(1)
        (x, seen_x), (y, seen_y) = (
            _standardised(problem.views[m], loadings[m], scores.mean, positions[both, m]) for m in (a, b)
        )
        moderated = _moderated(x, y, seen_x & seen_y, spent)
        found[both, a, b] = found[both, b, a] = moderated
    return nearest_correlation(found)


def expected_residual(
    problem: Problem,
    scores: ScorePosterior,
    loadings: Sequence[ViewLoadings],
    positions: Tensor,
    correlation: Tensor,
    target: int,
) -> tuple[Tensor, Tensor]:
    """Return the residuals of one view that are expected given those of the other views.

    Parameters
    ----------
    problem
        The samples; what was measured in the view itself is not used.
    scores, loadings, positions
        As for ``residual_correlation``.
    correlation
        What ``residual_correlation`` returned, L x M x M.
    target
        Position of the view.

    Returns
    -------
    tuple of Tensor
        Expected residuals, N x G, and the share of the noise variance that they account for, N x G.
    """
    own = loadings[target]
    shift = torch.zeros(problem.n_rows, len(own.mean), dtype=DTYPE, device=own.mean.device)
    share = torch.zeros_like(shift)
    used = positions[:, target] >= 0
    positions, correlation = positions[used], correlation[used]
    others = [m for m in range(len(problem.views)) if m != target]
    values, known = [], []
    for m in others:
        left, seen = _standardised(problem.views[m], loadings[m], scores.mean, positions[:, m])
        values.append(left)
        known.append(seen & (positions[:, m] >= 0))
    if not others or not len(positions):
        return shift, share
    mean, explained = torch.zeros_like(values[0]), torch.zeros_like(values[0])
    for some, here in _patterns(known):
        if not some:
            continue
        index = torch.tensor([others[at] for at in some], device=positions.device)
        to_target = correlation[:, index, target]  # L x S
        slope = torch.linalg.solve(correlation[:, index[:, None], index], to_target.unsqueeze(-1)).squeeze(-1)
        given = torch.stack([values[at] for at in some])
        mean = torch.where(here, torch.einsum("snl,ls->nl", given, slope), mean)
        explained = torch.where(here, (slope * to_target).sum(1), explained)
    sd = own.noise_precision[positions[:, target]].rsqrt()
    shift[:, positions[:, target]] = mean * sd
    share[:, positions[:, target]] = explained
    return shift, share


def _patterns(known: Sequence[Tensor]) -> list[tuple[tuple[int, ...], Tensor]]:
    """Return every combination of views that occurs, as their indices, and the entries that have it."""
    patterns: list[tuple[tuple[int, ...], Tensor]] = [((), torch.ones_like(known[0]))]
    for at, seen in enumerate(known):
        split = [pair for some, here in patterns for pair in (((*some, at), here & seen), (some, here & ~seen))]
        patterns = [(some, here) for some, here in split if bool(here.any())]
    return patterns


def _standardised(view: ViewData, loadings: ViewLoadings, scores: Tensor, features: Tensor) -> tuple[Tensor, Tensor]:
    """Return the residuals of some features in units of the noise sd, and which of them were seen, N x L each."""
    seen = view.seen.expand_as(view.x)[:, features]
    left = (view.x[:, features] - scores @ loadings.mean[features].T) * seen
    return left * loadings.noise_precision[features].sqrt(), seen > 0


def _moderated(x: Tensor, y: Tensor, both: Tensor, spent: int) -> Tensor:
    """Return the moderated correlation of each column of x with that of y over the samples with both, L."""
    squares = (x.square() * both).sum(0) * (y.square() * both).sum(0)
    observed = (x * y * both).sum(0) / squares.clamp(min=1e-300).sqrt()
    freedom = both.sum(0).to(DTYPE) - spent - 1.0
    usable = (freedom >= 1.0) & (squares > 0)
    if not bool(usable.any()):
        return torch.zeros_like(observed)
    r, freedom = observed[usable], freedom.clamp(min=1.0)
    centre = float(r.mean())
    sampling = (1.0 - centre**2) ** 2 / freedom
    spread = max(float(((r - centre) ** 2 - sampling[usable]).mean()), 0.0)
    uncertain = (spread + float(sampling[usable].mean())) / len(r)
    centre *= max(0.0, 1.0 - uncertain / max(centre**2, 1e-300))
    share = spread / (spread + sampling).clamp(min=1e-300)  # copies of a view leave neither
    return torch.where(usable, centre + share * (observed - centre), torch.full_like(observed, centre))


def nearest_correlation(correlation: Tensor) -> Tensor:
    """Return the matrices with eigenvalues of at least ``_MIN_EIGENVALUE`` and a diagonal of 1."""
    values, vectors = torch.linalg.eigh(correlation)
    raised: Tensor = (vectors * values.clamp(min=_MIN_EIGENVALUE).unsqueeze(-2)) @ vectors.mT
    sd = raised.diagonal(dim1=-2, dim2=-1).sqrt()
    return raised / (sd[:, :, None] * sd[:, None, :])
