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

from pathfa.inference.numerics import row_blocks
from pathfa.inference.posterior.set_effects import (
    EffectDesign,
    SetEffects,
    as_expected,
    inverse,
    member_means,
    member_sums,
)
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.membership import Membership
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.censored import is_censored
from pathfa.inference.updates.scores import ScorePosterior

_PRIOR_MEMBERS = 4.0  # members that the mean variance between members counts as
_FILLED = 5  # passes between the effects and values below their detection limits


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Posterior of the activities from one view, or from all views together, N x P each.

    Attributes
    ----------
    mean, sd
        Of the activities; NaN for gene sets without a member there.
    """

    mean: Tensor
    sd: Tensor


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


@dataclass(frozen=True, kw_only=True)
class MemberPart:
    """The members of gene sets in some views together, through the factors.

    Attributes
    ----------
    size
        Sum of their absolute entries of C, P.
    direction
        Mean of their loadings, P x K.
    spread
        Covariance of it, P x K^2.
    """

    size: Tensor
    direction: Tensor
    spread: Tensor

    @staticmethod
    def of(sets: Sequence[Membership], loadings: Sequence[ViewLoadings]) -> MemberPart:
        """Return that of some views with their loadings."""
        return MemberPart(
            size=member_sums(sets),
            direction=member_loadings(sets, [item.mean for item in loadings]),
            spread=member_loading_cov(sets, [item.cov for item in loadings]).flatten(1),
        )

    def carried(self, scores: ScorePosterior) -> FactorPart:
        """Return the mean over the members of what the factors explain; NaN for gene sets without a member there."""
        second = (scores.mean[:, :, None] * scores.mean[:, None, :]).flatten(1)
        nothing = torch.where(self.size > 0, 0.0, torch.nan)
        return FactorPart(
            mean=scores.mean @ self.direction.T + nothing,
            score_variance=score_variance(self.direction, scores.cov)[scores.pattern] + nothing,
            loading_variance=second @ self.spread.T + (scores.cov.flatten(1) @ self.spread.T)[scores.pattern],
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


class ActivityModel:
    """What a fit has learned of the activities of gene sets, made once for any number of samples.

    Parameters
    ----------
    views
        The views with their gene sets, of any samples.
    loadings
        Their loadings.
    effects
        What ``learn_set_effects`` returned.
    """

    def __init__(self, views: Sequence[ViewData], loadings: Sequence[ViewLoadings], effects: SetEffects) -> None:
        every = list(range(len(views)))
        self.loadings = loadings
        self.design = EffectDesign(views, loadings, effects.variance > 0)
        self.prior = self.design.prior(effects.variance, effects.correlation)
        self.parts = [[m] for m in every] + ([every] if len(every) > 1 else [])
        self.sets = [view.sets for view in views]
        self.members = [MemberPart.of(*self._of(part)) for part in self.parts]
        self.onto = [self.design.onto_members(part) for part in self.parts]
        self.moving = [
            torch.cat([item.mean, self.design.onto_features(m)], dim=1)[view.annotated]
            for m, (view, item) in enumerate(zip(views, loadings, strict=True))
        ]

    def _of(self, part: Sequence[int]) -> tuple[list[Membership], list[ViewLoadings]]:
        return [self.sets[m] for m in part], [self.loadings[m] for m in part]

    def __call__(self, problem: Problem, scores: ScorePosterior) -> list[Activity]:
        """Return the activities of some samples, from each view, and the last ones from all."""
        problem = problem.coarse()
        effects = self.design.nothing(problem.n_rows)
        for _ in range(_FILLED if is_censored(problem) else 1):
            filled = as_expected(problem, self.design, scores, self.loadings, effects)
            effects, own_variance = self._effects(filled, self.design.linear(filled, scores.mean))
        squares, found = self._squares(torch.cat([scores.mean, effects], dim=1)), []
        for part, members, onto, variance in zip(self.parts, self.members, self.onto, own_variance, strict=True):
            carried = members.carried(scores)
            total = carried.mean + effects @ onto
            mean_square = squares[part].sum(0) / members.size.clamp(min=1e-300)
            between = _between_members(self._of(part)[0], mean_square, total)
            uncertain = carried.score_variance + carried.loading_variance + variance + between
            found.append(Activity(mean=total, sd=uncertain.sqrt()))
        return found if len(self.sets) > 1 else found * 2

    def _effects(self, problem: Problem, linear: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the posterior means of the effects, N x Q, and the variances of what they do to each part, N x P."""
        mean, rows, pattern = torch.zeros_like(linear), *problem.patterns
        variance = [linear.new_zeros(len(rows), item.shape[1]) for item in self.onto]
        if not self.design.size:
            return mean, [item[pattern] for item in variance]
        seen = [view.by_weight(view.seen).expand_as(view.x) for view in problem.views]
        for k, row in enumerate(rows):
            same = torch.nonzero(pattern == k).squeeze(1)
            cov = inverse(self.prior + self.design.gram([share[row] for share in seen]))
            mean[same] = linear[same] @ cov
            for item, onto, own in zip(variance, self.onto, [*self.design.part, slice(None)], strict=False):
                item[k] = ((cov[own, own] @ onto[own]) * onto[own]).sum(0)
        return mean, [item[pattern] for item in variance]

    def _squares(self, moving: Tensor) -> Tensor:
        """Return the sum over members of the squared values without noise, views x N x P, from scores and effects."""
        found = []
        for sets, onto in zip(self.sets, self.moving, strict=True):
            rows = row_blocks(len(moving), len(onto))
            found.append(torch.cat([(sets.absolute_t @ (onto @ moving[some].T).square_()).T for some in rows]))
        return torch.stack(found)


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
    return ActivityModel(problem.views, loadings, effects)(problem, scores)


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
