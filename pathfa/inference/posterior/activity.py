"""Activities of gene sets: what their members share in a sample, through the factors and beyond them.

The activity of a set is the mean over its members, with their signs and weights, of the values without noise,

    a_ns = sum_g A_gs ( w_g z_n + c_g b_n + o_n ),      A_gs = C_gs / sum_g |C_gs|

with the effects b and o of ``set_effects.py``. Its variance adds up that of the scores, of the loadings, of the
effects, and of the choice of members: the variance between those that were measured, moderated over gene sets, divided
by their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE
from pathfa.inference.posterior.set_effects import (
    EffectDesign,
    SetEffects,
    beyond_factors,
    inverse,
    is_censored,
    member_means,
    member_sums,
)
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.membership import Membership
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.scores import ScorePosterior

_PRIOR_MEMBERS = 4.0  # members that the mean variance between members counts as
_FILLED = 5  # passes between the effects and values below their detection limits
_ROWS = 512  # samples whose values are dense at the same time


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Posterior of the activities from one view, or from all views together, N x P each.

    Attributes
    ----------
    mean, variance
        Of the activities; NaN for gene sets without a member there.
    """

    mean: Tensor
    variance: Tensor


@dataclass(frozen=True, kw_only=True)
class FactorPart:
    """What the factors carry of the activities.

    Attributes
    ----------
    mean
        N x P.
    score_variance, loading_variance
        Variance of it from the scores and from the loadings, N x P each.
    """

    mean: Tensor
    score_variance: Tensor
    loading_variance: Tensor


def factor_part(sets: Sequence[Membership], loadings: Sequence[ViewLoadings], scores: ScorePosterior) -> FactorPart:
    """Return the mean over the members of each gene set, in some views together, of what the factors explain.

    Gene sets without a member there are NaN.
    """
    size, direction = member_sums(sets), member_loadings(sets, [item.mean for item in loadings])
    spread = member_loading_cov(sets, [item.cov for item in loadings]).flatten(1)
    second = (scores.mean[:, :, None] * scores.mean[:, None, :]).flatten(1)
    nothing = torch.where(size > 0, 0.0, torch.nan)
    return FactorPart(
        mean=scores.mean @ direction.T + nothing,
        score_variance=score_variance(direction, scores.cov)[scores.pattern] + nothing,
        loading_variance=second @ spread.T + (scores.cov.flatten(1) @ spread.T)[scores.pattern],
    )


def member_loadings(sets: Sequence[Membership], loadings: Sequence[Tensor]) -> Tensor:
    """Return the mean over the members of each gene set, in some views together, of their loadings, P x K."""
    return member_means([item.mask_t @ w for item, w in zip(sets, loadings, strict=True)], member_sums(sets))


def member_loading_cov(sets: Sequence[Membership], covs: Sequence[Tensor]) -> Tensor:
    """Return the covariance of ``member_loadings`` from those of the loadings, G x K x K per view: P x K x K."""
    sums = [item.squared_t @ cov.flatten(1) for item, cov in zip(sets, covs, strict=True)]
    found = member_means(sums, member_sums(sets) ** 2)
    return found.reshape(len(found), *covs[0].shape[1:])


def own_variance(views: Sequence[ViewData], loadings: Sequence[ViewLoadings], effects: SetEffects) -> Tensor:
    """Return the variance over samples of what the effects do to the activities from all views together, P."""
    design = EffectDesign(views, loadings, effects.variance > 0)
    onto = design.onto_members(range(len(views)))
    found: Tensor = ((inverse(design.prior(effects.variance, effects.correlation)) @ onto) * onto).sum(0)
    return found


def score_variance(direction: Tensor, cov: Tensor) -> Tensor:
    """Return the variances of some sums of scores, P x K, for each of their covariances, R x K x K: R x P."""
    return cov.flatten(1) @ (direction[:, :, None] * direction[:, None, :]).flatten(1).T


def activities(
    problem: Problem, scores: ScorePosterior, loadings: Sequence[ViewLoadings], effects: SetEffects
) -> list[Activity]:
    """Return the activities of some samples, from each view and from all together.

    Parameters
    ----------
    problem
        The samples, of the training cohort or new ones, with the masks of the gene sets.
    scores, loadings
        Their scores, and the loadings of every view.
    effects
        What ``learn_set_effects`` returned.

    Returns
    -------
    list of Activity
        One per view, and the last one for all.
    """
    problem = problem.coarse()
    views, n_views = problem.views, len(problem.views)
    design = EffectDesign(views, loadings, effects.variance > 0)
    parts = [*([m] for m in range(n_views)), list(range(n_views))]
    onto = [design.onto_members(part) for part in parts]
    mean = design.nothing(problem.n_rows)
    for _ in range(_FILLED if is_censored(problem) else 1):
        filled, residuals = beyond_factors(problem, design, scores, loadings, mean)
        mean, own_variance = _effects(filled, design, design.linear(residuals), effects, onto)
    squares = torch.zeros(n_views, problem.n_rows, problem.n_sets, dtype=DTYPE, device=problem.device)
    for start in range(0, problem.n_rows, _ROWS):
        rows = slice(start, start + _ROWS)
        for m, (view, item) in enumerate(zip(views, loadings, strict=True)):
            values = scores.mean[rows] @ item.mean.T + design.fitted(mean[rows], m)
            squares[m, rows] = (view.mask_t.abs() @ values.square().T).T
    found = []
    for part, weights, variance in zip(parts, onto, own_variance, strict=True):
        some = [views[m].sets for m in part]
        size = member_sums(some)
        carried = factor_part(some, [loadings[m] for m in part], scores)
        total = carried.mean + mean @ weights
        between = _between_members(some, squares[part].sum(0) / size.clamp(min=1e-300), total)
        uncertain = carried.score_variance + carried.loading_variance + variance + between
        found.append(Activity(mean=total, variance=uncertain))
    return found


def _effects(
    problem: Problem, design: EffectDesign, linear: Tensor, effects: SetEffects, onto: Sequence[Tensor]
) -> tuple[Tensor, list[Tensor]]:
    """Return the posterior means of the effects, N x Q, and the variances of some sums of them, N x P each."""
    mean, prior = torch.zeros_like(linear), design.prior(effects.variance, effects.correlation)
    rows, pattern = problem.patterns
    variance = [torch.zeros(len(rows), item.shape[1], dtype=DTYPE, device=problem.device) for item in onto]
    if not design.size:
        return mean, [item[pattern] for item in variance]
    seen = [view.by_weight(view.seen).expand_as(view.x) for view in problem.views]
    for k, row in enumerate(rows):
        same = torch.nonzero(pattern == k).squeeze(1)
        cov = inverse(prior + design.gram([share[row] for share in seen]))
        mean[same] = linear[same] @ cov
        for item, weights, own in zip(variance, onto, [*design.part, slice(None)], strict=True):
            item[k] = ((cov[own, own] @ weights[own]) * weights[own]).sum(0)
    return mean, [item[pattern] for item in variance]


def _between_members(sets: Sequence[Membership], squares: Tensor, mean: Tensor) -> Tensor:
    """Return the variance of the mean over members that comes from which of them were measured, N x P.

    Parameters
    ----------
    sets
        The members in each view.
    squares
        Mean square of the values without noise over the members of each set, N x P.
    mean
        Their mean, N x P.
    """
    size = member_sums(sets)
    square_sum = torch.stack([item.squared_t @ item.ones for item in sets]).sum(0)
    members = size**2 / square_sum.clamp(min=1e-300)  # as many as if all weighed the same
    spread = (squares - mean.square()).clamp(min=0.0) * members  # sum of squares about the mean
    several = members > 1.0
    typical = spread[:, several].sum(1) / (members[several] - 1.0).sum().clamp(min=1e-300)
    freedom = (members - 1.0).clamp(min=0.0)
    variance = (spread * several + _PRIOR_MEMBERS * typical[:, None]) / (freedom + _PRIOR_MEMBERS)
    return variance / members.clamp(min=1.0)
