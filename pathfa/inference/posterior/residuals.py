"""What the factors leave of a feature, its namesakes in other views still know a part of.

After the factors, a protein that is more abundant than they say tends to have more of its own RNA than they say. In the
noise of a fit the views are independent; here the residuals of one feature g in M views are jointly Gaussian,

    r_g ~ Normal(0, D_g R_g D_g),      D_g = diag of the noise sd of g in each view

and predictions of a view take E[r | residuals of the other views] and the variance that it leaves. The correlations of
all features share a normal prior per pair of views, as moderated variances do (``noise.py``): with the observed
correlation r_g of n_g samples, of which K are spent on the factors,

    rho_g = rho_0 + w_g (r_g - rho_0),      w_g = tau^2 / (tau^2 + v_g),      v_g = (1 - rho_0^2)^2 / (n_g - K - 1)

where rho_0 and tau^2 are the mean and the variance over features beyond v_g, and rho_0 is itself drawn to 0 by as much
as it is uncertain.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import torch
from torch import Tensor

from pathfa.inference.linalg import DTYPE
from pathfa.inference.posterior.project import ViewLoadings
from pathfa.inference.problem.problem import Problem, ViewData
from pathfa.inference.updates.scores import ScorePosterior

_MIN_EIGENVALUE = 0.05  # of R_g: no residual is known to more than 95 % from others


def residual_correlation(
    problem: Problem, scores: ScorePosterior, loadings: Sequence[ViewLoadings], places: Tensor
) -> Tensor:
    """Return the moderated correlation of the residuals of every shared feature, L x M x M.

    Parameters
    ----------
    problem
        Samples of the training cohort.
    scores, loadings
        Their scores and the loadings of every view.
    places
        Where each of L features that several views share is in each view, L x M; -1 where a view lacks it.
    """
    n_views, spent = len(problem.views), scores.mean.shape[1]
    found = torch.eye(n_views, dtype=DTYPE, device=places.device).repeat(len(places), 1, 1)
    parts = [_standardised(*item, scores.mean) for item in zip(problem.views, loadings, strict=True)]
    for a, b in combinations(range(n_views), 2):
        both = torch.nonzero((places[:, a] >= 0) & (places[:, b] >= 0)).squeeze(1)
        (x, seen_x), (y, seen_y) = (
            (r[:, places[both, m]], s[:, places[both, m]]) for m, (r, s) in ((a, parts[a]), (b, parts[b]))
        )
        moderated = _moderated(x, y, seen_x & seen_y, spent)
        found[both, a, b] = found[both, b, a] = moderated
    return _positive_definite(found)


def expected_residual(
    problem: Problem,
    scores: ScorePosterior,
    loadings: Sequence[ViewLoadings],
    places: Tensor,
    correlation: Tensor,
    target: int,
) -> tuple[Tensor, Tensor]:
    """Return what the residuals of other views say about one view.

    Parameters
    ----------
    problem
        The samples; what was measured in the view itself is not used.
    scores, loadings, places
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
    used = places[:, target] >= 0
    places, correlation = places[used], correlation[used]
    others = [m for m in range(len(problem.views)) if m != target]
    values, known = [], []
    for m in others:
        residual, seen = _standardised(problem.views[m], loadings[m], scores.mean)
        values.append(residual[:, places[:, m]])
        known.append(seen[:, places[:, m]] & (places[:, m] >= 0))
    if not others or not len(places):
        return shift, share
    given, code = torch.stack(values), sum(seen.to(torch.int64) << at for at, seen in enumerate(known))
    mean, explained = torch.zeros_like(given[0]), torch.zeros_like(given[0])
    for pattern in torch.unique(code).tolist():
        some = [at for at in range(len(others)) if pattern >> at & 1]
        if not some:
            continue
        index = torch.tensor([others[at] for at in some], device=places.device)
        to_target = correlation[:, index, target]  # L x S
        slope = torch.linalg.solve(correlation[:, index[:, None], index], to_target.unsqueeze(-1)).squeeze(-1)
        here = code == pattern
        mean = torch.where(here, torch.einsum("snl,ls->nl", given[some], slope), mean)
        explained = torch.where(here, (slope * to_target).sum(1), explained)
    sd = own.noise_precision[places[:, target]].rsqrt()
    shift[:, places[:, target]] = mean * sd
    share[:, places[:, target]] = explained
    return shift, share


def _standardised(view: ViewData, loadings: ViewLoadings, scores: Tensor) -> tuple[Tensor, Tensor]:
    """Return the residuals in units of the noise sd, and which of them were seen, N x G each."""
    seen = (view.seen > 0).expand_as(view.x)
    residual = (view.x - scores @ loadings.mean.T) * loadings.noise_precision.sqrt()
    return torch.where(seen, residual, torch.zeros_like(residual)), seen


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


def _positive_definite(correlation: Tensor) -> Tensor:
    """Return the matrices with eigenvalues of at least ``_MIN_EIGENVALUE`` and a diagonal of 1."""
    values, vectors = torch.linalg.eigh(correlation)
    raised: Tensor = (vectors * values.clamp(min=_MIN_EIGENVALUE).unsqueeze(-2)) @ vectors.mT
    sd = raised.diagonal(dim1=-2, dim2=-1).sqrt()
    return raised / (sd[:, :, None] * sd[:, None, :])
