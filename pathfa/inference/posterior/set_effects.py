"""Effects of gene sets beyond the factors: what their members share in a sample that no factor carries.

Factors are few and gene sets are many: a set also moves on its own. In view m the residuals of sample n are modelled as

    x_mn - W_m z_n = C_m b_mn + 1 o_mn + noise,      (b_1ns, ..., b_Mns) ~ Normal( 0, D_s R D_s ),   D_s = diag(tau_sm)

with one effect b per gene set, one o that all features share, and a correlation R between the effects of one set in the
views. All effects of a sample are solved together, so that sets which overlap share what their members have in common,
and a view that was not measured is predicted from the others. A missing entry is missing; where it lies below a
detection limit, it is where factors and effects together expect it (``censored.py``).

tau and R maximise the evidence (EM, with the fixed point of MacKay 1992; squared effects count N / (N - K) times,
because the scores were fitted to the same samples). The tau^2 of a view are moderated towards their mean (Smyth 2004).
A view in which hardly a set gains anything by an effect of its own has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, combinations, pairwise

import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE, cholesky, row_blocks
from pathfa.inference.posterior.residuals import nearest_correlation, residual
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.membership import Membership
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.censored import fill_censored, is_censored
from pathfa.inference.updates.scores import ScorePosterior

_ITERATIONS = 20
_PRIOR_SAMPLES = 10.0  # samples that the mean tau^2 of a view counts as
_ENOUGH = 1.35  # nats that the effect of a set gains alone by chance in 1 of 20
_BY_CHANCE = 0.1  # share of the sets that may gain that much without any effect in the view
_LEAST = 0.1  # of the variance that noise gives to an effect, where tau^2 starts from
_MOST = 250  # most sets of a view with an effect, those that gain most: the cost grows with the cube


@dataclass(frozen=True, kw_only=True)
class SetEffects:
    """Prior of the effects.

    Attributes
    ----------
    variance
        tau^2 per gene set, and in the last row that of o, (P + 1) x M; 0 where there is no effect.
    correlation
        R, M x M.
    """

    variance: Tensor
    correlation: Tensor


def learn_set_effects(problem: Problem, scores: ScorePosterior, loadings: Sequence[ViewLoadings]) -> SetEffects:
    """Return the prior of the effects that maximises the evidence of the residuals of some samples.

    Parameters
    ----------
    problem
        Samples of the training cohort, with the masks of their gene sets.
    scores, loadings
        Their scores, and the loadings of every view.
    """
    problem = problem.coarse()
    n, spent, n_views = problem.n_rows, scores.mean.shape[1], len(problem.views)
    freedom = n / max(n - spent, 1)
    none = EffectDesign(problem.views, loadings, torch.zeros(problem.n_sets + 1, n_views, device=problem.device) > 0)
    filled = as_expected(problem, none, scores, loadings, none.nothing(n))
    pairs = zip(filled.views, loadings, strict=True)
    start = torch.stack([_alone(view, item, scores.mean, freedom) for view, item in pairs], dim=1)
    design = EffectDesign(problem.views, loadings, start > 0)
    variance, correlation = start, torch.eye(n_views, dtype=DTYPE, device=problem.device)
    if not design.size:
        return SetEffects(variance=variance, correlation=correlation)
    linear = design.linear(filled, scores.mean)
    representatives, pattern = problem.view_patterns
    counts = torch.bincount(pattern, minlength=len(representatives))
    seen = [(view.by_weight(view.seen), view.n_features) for view in filled.views]
    grams = [
        design.gram([item[pattern == k].mean(0).expand(size) for item, size in seen])
        for k in range(len(representatives))
    ]
    for _ in range(_ITERATIONS):
        prior, own = design.prior(variance, correlation), variance.T[design.view, design.gene_set]
        effects, cov = torch.empty_like(linear), torch.zeros_like(prior)
        for k, gram in enumerate(grams):
            each = inverse(prior + gram)
            effects[pattern == k] = linear[pattern == k] @ each
            cov += counts[k] * each
        if is_censored(problem):
            linear = design.linear(as_expected(problem, design, scores, loadings, effects), scores.mean)
        second = freedom * (effects.T @ effects)
        square, spread = second.diagonal(), cov.diagonal()
        fixed_point = square / (n - spread / own).clamp(min=1e-9)
        own = ((square + spread) / n * fixed_point).sqrt()
        for m in range(n_views):
            here = design.view == m
            if bool(here.any()):
                own[here] = (n * own[here] + _PRIOR_SAMPLES * own[here].mean()) / (n + _PRIOR_SAMPLES)
        correlation = design.correlation(second + cov, n_views)
        variance = torch.zeros_like(start)
        variance[design.gene_set, design.view] = own
    return SetEffects(variance=variance, correlation=correlation)


class EffectDesign:
    """The features of every view by the effects that there are, one column each."""

    def __init__(self, views: Sequence[ViewData], loadings: Sequence[ViewLoadings], active: Tensor) -> None:
        sets = [torch.nonzero(active[:, m]).squeeze(1) for m in range(len(views))]
        self.views, self.loadings = views, loadings
        self.precision = [item.noise_precision for item in loadings]
        self.columns = [_columns(view, some) for view, some in zip(views, sets, strict=True)]
        self.gene_set = torch.cat(sets)
        self.view = torch.cat([torch.full_like(some, m) for m, some in enumerate(sets)])
        self.size = len(self.view)
        ends = accumulate((len(some) for some in sets), initial=0)
        self.part = [slice(begin, end) for begin, end in pairwise(ends)]
        position = torch.full((len(views), len(active)), -1, device=active.device)
        position[self.view, self.gene_set] = torch.arange(self.size, device=active.device)
        self.pairs = [
            (a, b, position[a, both], position[b, both])
            for a, b in combinations(range(len(views)), 2)
            if len(both := torch.nonzero((position[a] >= 0) & (position[b] >= 0)).squeeze(1))
        ]
        self.together = _by_views(position)

    def nothing(self, n: int) -> Tensor:
        """Return effects of 0, N x Q."""
        return torch.zeros(n, self.size, dtype=DTYPE, device=self.view.device)

    def linear(self, problem: Problem, scores: Tensor) -> Tensor:
        """Return C' Lambda r of some samples with these scores, weighted, N x Q; r is what the factors leave."""
        parts = []
        for view, item, columns in zip(problem.views, self.loadings, self.columns, strict=True):
            weighted = item.noise_precision[:, None] * columns
            if view.observed is None:  # without r, which is as large as the values
                left = (view.x @ weighted - scores @ (item.mean.T @ weighted)) * view.seen
            else:
                left = residual(view, scores, item.mean) @ weighted
            parts.append(view.by_weight(left))
        return torch.cat(parts, dim=1)

    def gram(self, seen: Sequence[Tensor]) -> Tensor:
        """Return C' Lambda C, Q x Q; each feature of a view counts as much as it was seen, G."""
        found: Tensor = torch.block_diag(*(self._gram(view, share) for view, share in enumerate(seen)))
        return found

    def _gram(self, view: int, share: Tensor) -> Tensor:
        columns, most = self.columns[view], share.median()
        other = torch.nonzero(share != most).squeeze(1)
        if 2 * len(other) > len(share):
            return columns.T @ ((self.precision[view] * share)[:, None] * columns)
        more = self.precision[view][other] * (share[other] - most)
        return most * self.complete[view] + columns[other].T @ (more[:, None] * columns[other])

    @cached_property
    def complete(self) -> list[Tensor]:
        """C' Lambda C of each view with all its features."""
        return [
            columns.T @ (precision[:, None] * columns)
            for columns, precision in zip(self.columns, self.precision, strict=True)
        ]

    def prior(self, variance: Tensor, correlation: Tensor) -> Tensor:
        """Return the prior precision of the effects, Q x Q."""
        sd = variance.T[self.view, self.gene_set].sqrt()
        found = torch.zeros(self.size, self.size, dtype=DTYPE, device=sd.device)
        for views, at in self.together:
            joint = torch.linalg.inv(correlation[views][:, views])
            found[at[:, None], at] = joint[:, :, None] / (sd[at][:, None] * sd[at])
        return found

    def correlation(self, second: Tensor, n_views: int) -> Tensor:
        """Return the correlation of the effects of one set between views, M x M, from their second moments, Q x Q."""
        found, square = torch.eye(n_views, dtype=DTYPE, device=second.device), second.diagonal()
        for a, b, first, other in self.pairs:
            size = (square[first].sum() * square[other].sum()).sqrt()
            found[a, b] = found[b, a] = second[first, other].sum() / size
        return nearest_correlation(found[None])[0]

    def onto_members(self, part: Sequence[int]) -> Tensor:
        """Return what an effect of 1 does to the activities of some views together, Q x P."""
        size = member_sums([self.views[m].sets for m in part])
        found = torch.zeros(self.size, len(size), dtype=DTYPE, device=size.device)
        for m in part:
            found[self.part[m]] = member_means([self.views[m].mask_t @ self.columns[m]], size).T
        return found

    def onto_features(self, view: int) -> Tensor:
        """Return what an effect of 1 does to the features of a view, G x Q."""
        columns = self.columns[view]
        found = torch.zeros(len(columns), self.size, dtype=DTYPE, device=columns.device)
        found[:, self.part[view]] = columns
        return found

    def fitted(self, effects: Tensor, view: int) -> Tensor:
        """Return what the effects, N x Q, do to the values of a view, N x G."""
        return effects[:, self.part[view]] @ self.columns[view].T


def _by_views(position: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Return every combination of v views in which some sets have an effect, and the places of their effects, v x n.

    ``position`` is the place of the effect of each set in each view, M x (P + 1), -1 where there is none.
    """
    patterns, of_set = torch.unique(position >= 0, dim=1, return_inverse=True)
    found = []
    for index, pattern in enumerate(patterns.T):
        views = torch.nonzero(pattern).squeeze(1)
        if len(views):
            found.append((views, position[views][:, of_set == index]))
    return found


def as_expected(
    problem: Problem,
    design: EffectDesign,
    scores: ScorePosterior,
    loadings: Sequence[ViewLoadings],
    effects: Tensor,
) -> Problem:
    """Return the problem with values below their detection limits where factors and effects expect them.

    Parameters
    ----------
    problem, scores, loadings
        The samples, their scores, and the loadings of every view.
    design, effects
        The effects that there are, N x Q.
    """
    if not is_censored(problem):
        return problem
    moving = torch.cat([scores.mean, effects], dim=1)
    onto = [torch.cat([item.mean, design.onto_features(m)], dim=1) for m, item in enumerate(loadings)]
    return fill_censored(problem, moving, onto, [item.noise_precision for item in loadings])[0]


def inverse(precision: Tensor) -> Tensor:
    """Return the covariance of the effects from their posterior precision."""
    found: Tensor = torch.cholesky_inverse(cholesky(precision, "posterior precision of the effects of gene sets"))
    return found


def _columns(view: ViewData, active: Tensor) -> Tensor:
    """Return the columns of C of some gene sets, G x Q; a column of ones for the position after the last set."""
    n_sets = view.mask.shape[1]
    columns = view.sets.columns(active[active < n_sets])
    ones = torch.ones(view.n_features, int((active == n_sets).sum()), dtype=DTYPE, device=columns.device)
    return torch.cat([columns, ones], dim=1)


def _alone(view: ViewData, loadings: ViewLoadings, scores: Tensor, freedom: float) -> Tensor:
    """Return tau^2 of every set, and of what all features share, as if its effect were alone, P + 1; 0 without effects.

    With y = c' Lambda r and g = c' Lambda c, the mean of y^2 / g over samples is 1 + g tau^2. Sets have effects in a
    view where more of them gain by one than chance would let them.
    """
    squares, counts, grams = torch.zeros(3, view.mask_t.shape[0] + 1, dtype=DTYPE, device=scores.device)
    precision = loadings.noise_precision[:, None]
    for rows in row_blocks(*view.x.shape):
        some = view.take(rows)
        left = precision * some.by_weight(residual(some, scores[rows], loadings.mean)).T
        weights = precision * some.by_weight(some.seen).T
        linear = torch.cat([view.mask_t @ left, left.sum(0, keepdim=True)])
        gram = torch.cat([view.sets.squared_t @ weights, weights.sum(0, keepdim=True)])
        squares += (linear.square() / gram.clamp(min=1e-300)).sum(1)
        counts += (gram > 0).sum(1)
        grams += gram.sum(1)
    counts = counts.clamp(min=1.0)
    ratio = freedom * squares / counts
    gain = torch.where(ratio > 1.0, 0.5 * counts * (ratio - 1.0 - ratio.clamp(min=1.0).log()), 0.0)
    measured = grams > 0
    if float((gain > _ENOUGH).sum()) <= _BY_CHANCE * float(measured.sum()):
        return torch.zeros_like(ratio)
    taken = measured.clone()
    taken[torch.argsort(gain, descending=True, stable=True)[_MOST:]] = False
    typical = grams / counts
    return torch.where(taken, (ratio - 1.0).clamp(min=_LEAST) / typical.clamp(min=1e-300), torch.zeros_like(ratio))


def member_sums(sets: Sequence[Membership]) -> Tensor:
    """Return the sum of the absolute entries of C of every gene set in some views, P."""
    return torch.stack([item.sizes for item in sets]).sum(0)


def member_means(sums: Sequence[Tensor], size: Tensor) -> Tensor:
    """Return sums over members, P x ..., of some views as means."""
    return torch.stack(list(sums)).sum(0) / size.clamp(min=1e-300)[:, None]
