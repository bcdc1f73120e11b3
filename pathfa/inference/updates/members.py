"""Which members of a gene set take part: some genes of a set do not move with the others.

    w_g ~ Normal( b + c * sum_p s_gp C_gp u_p,  1 / Omega ),      s_gp ~ Bernoulli(pi)

A set is as it was published, for other tissues or by somebody's hand. Without s, weights average over members that
take part and others that do not, and are too small. With the loadings integrated out, a view sees s_gp through A_g and
F_g (``loadings/group.py``): with d = c C_gp u_p and the prior mean m of all other sets of the feature, the log odds
that it takes part are

    log(pi / (1 - pi)) + sum over views of (F_g - A_g m)' d - 1/2 E[d' A_g d]

since a gene takes part in all views that measure it, or in none. Posteriors of all s are independent of each other and
of the weights, so that the model needs the first two moments of C only, E[s] C and E[s] (1 - E[s]) C^2. pi maximises
the evidence, to which members add

    sum over members of r log(pi / r) + (1 - r) log((1 - pi) / (1 - r)),      r = E[s]

Only members of sets that have a weight are uncertain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.loadings.posterior import MarginalView
from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.membership import entries_of
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.weights.curvature import Weights

_FIRST = 0.9  # pi before anything is known of it
_BISECTIONS = 30


@dataclass(frozen=True, kw_only=True)
class Members:
    """Posterior of which members take part.

    Attributes
    ----------
    probability
        r of every entry of the mask of each view, in its order.
    share
        pi.
    divergence
        KL divergence of the posterior from the prior, nats.
    """

    probability: tuple[Tensor, ...]
    share: float
    divergence: float


def with_members(problem: Problem, members: Members | None) -> Problem:
    """Return the problem in which members take part with a probability."""
    if members is None:
        return problem
    pairs = zip(problem.views, members.probability, strict=True)
    return replace(problem, views=tuple(view.with_members(probability) for view, probability in pairs))


def probabilities(problem: Problem, members: Members | None) -> list[sp.csr_matrix]:
    """Return per view the probability that each member of a gene set takes part, G x P, where the mask is not 0."""
    sets = [view.sets for view in problem.views]
    if members is None:
        return [item.with_entries(np.ones(item.csr.nnz)) for item in sets]
    return [item.with_entries(r.cpu().numpy()) for item, r in zip(sets, members.probability, strict=True)]


class _View:
    """What one view says of the members of the sets that have a weight: E of them.

    Attributes
    ----------
    row, place
        Set of each member, as a position among those that have a weight, and its entry in the mask, E.
    feature, before
        Its feature, as a position among the annotated ones, and the probability before, E.
    shift, moved
        d and A_g d, E x K.
    curved, odds
        d' A_g d, and what the view adds to the log odds where A_g m is 0, E.
    precise_mean
        A_g m of the annotated features, A x K.
    """

    def __init__(
        self,
        given: ViewData,
        item: MarginalView,
        sets: Tensor,
        weights: Weights,
        scale: Tensor,
        probability: Tensor | None,
    ) -> None:
        mask_t, annotated = given.mask_t, given.annotated
        self.row, member = entries_of(mask_t.crow_indices(), sets)
        self.place = given.sets.transposed[member]
        self.feature = torch.searchsorted(annotated, mask_t.col_indices()[member])
        entry = mask_t.values()[member]
        self.before = torch.ones_like(entry) if probability is None else probability[self.place]
        each, variance = (weights.mean * scale)[sets], (weights.variance() * scale**2)[sets]
        mean = (item.view.mask @ (weights.mean * scale))[annotated]
        self.shift = entry[:, None] * each[self.row]
        self.moved = torch.zeros_like(self.shift)
        self.precise_mean = torch.zeros_like(mean)
        spread = torch.zeros_like(entry)
        for k in range(len(scale)):
            row = item.precision.row(k)
            self.precise_mean.addcmul_(row, mean[:, k : k + 1])
            some = torch.nonzero(self.shift[:, k]).squeeze(1)
            at = row[self.feature[some]]
            self.moved.index_add_(0, some, self.shift[some, k, None] * at)
            spread.index_add_(0, some, at[:, k] * variance[self.row[some], k])
        curved = (self.moved * self.shift).sum(1)
        slope = (item.linear[annotated][self.feature] * self.shift).sum(1)
        self.curved = curved
        self.odds = slope - 0.5 * curved - 0.5 * entry**2 * spread


def update_members(
    given: Problem, views: Sequence[MarginalView], weights: Weights, scales: Sequence[Tensor], previous: Members | None
) -> Members:
    """Return the posterior of which members take part.

    Parameters
    ----------
    given
        The problem with the gene sets as they were given.
    views
        What each view says about the prior means of its loadings.
    weights, scales
        Posterior of the weights, and the scale of each view, K.
    previous
        The posterior before.
    """
    before = [None] * len(views) if previous is None else previous.probability
    sets = torch.nonzero((weights.mean != 0).any(1)).squeeze(1)
    parts = [
        _View(view, item, sets, weights, scale, probability)
        for view, item, scale, probability in zip(given.views, views, scales, before, strict=True)
    ]
    prior = _FIRST if previous is None else previous.share
    r, each, share = _in_turn(parts, _genes(given, parts), prior, len(sets))
    apart = torch.xlogy(r, r / share) + torch.xlogy(1.0 - r, (1.0 - r) / (1.0 - share))
    probability = tuple(
        torch.ones_like(view.mask.values()).index_copy_(0, part.place, own)
        for view, part, own in zip(given.views, parts, each, strict=True)
    )
    return Members(probability=probability, share=share, divergence=float(apart.sum()))


def _genes(given: Problem, parts: Sequence[_View]) -> Tensor:
    """Return the gene of every member of all views."""
    pairs = zip(given.views, given.names, parts, strict=True)
    return torch.cat([name[view.annotated][part.feature] for view, name, part in pairs])


def _in_turn(
    parts: Sequence[_View], gene: Tensor, share: float, n_sets: int
) -> tuple[Tensor, tuple[Tensor, ...], float]:
    """Return r of every pair of gene and set, of every member in each view, and pi.

    Members of one gene depend on each other, those of different genes do not: the first sets of all genes are updated
    together, then the second ones. All of it is done twice: pi would come near its maximum by small steps only.
    """
    row, before, odds, curved, shift, moved = (
        torch.cat([getattr(part, name) for part in parts])
        for name in ("row", "before", "odds", "curved", "shift", "moved")
    )
    state = torch.cat([part.precise_mean for part in parts])
    offsets = [0, *accumulate(len(part.precise_mean) for part in parts)]
    feature = torch.cat([part.feature + offset for part, offset in zip(parts, offsets, strict=False)])
    pairs, pair = torch.unique(gene * n_sets + row, return_inverse=True)
    first = torch.searchsorted(pairs, pairs - pairs % n_sets) if n_sets else pairs
    turn = torch.arange(len(pairs), device=pairs.device) - first
    turns = torch.argsort(turn[pair], stable=True).split(torch.bincount(turn[pair]).tolist())
    for last in (False, True):
        prior, r = math.log(share / (1.0 - share)), before.clone()
        evidence = torch.zeros(pairs.shape, dtype=DTYPE, device=pairs.device)
        for own in turns:
            at, of = feature[own], pair[own]
            told = odds[own] + before[own] * curved[own] - (state[at] * shift[own]).sum(1)
            r[own] = (evidence.index_add_(0, of, told)[of] + prior).sigmoid()
            state.index_add_(0, at, (r[own] - before[own])[:, None] * moved[own])
        before, share = r, share if last else _best_share(evidence, share)
    found = (evidence + prior).sigmoid()
    return found, found[pair].split([len(part.row) for part in parts]), share


def _best_share(evidence: Tensor, share: float) -> float:
    """Return the pi that maximises the sum of log(pi exp(e) + 1 - pi) over log odds e; where there are none, as it is.

    Half of a member at least takes part, and half of one does not.
    """
    gain = torch.expm1(evidence).reciprocal()
    low, high = 0.0, 1.0
    for _ in range(_BISECTIONS if len(gain) else 0):
        share = 0.5 * (low + high)
        low, high = (share, high) if float((share + gain).reciprocal().sum()) > 0.0 else (low, share)
    edge = 0.5 / max(1, len(gain))
    return min(max(share, edge), 1.0 - edge)
