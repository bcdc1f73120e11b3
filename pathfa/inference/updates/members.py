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

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from pathfa.inference.loadings.posterior import MarginalView
from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.weights.curvature import Weights

_FIRST = 0.9  # pi before anything is known of it


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
    """The members of the sets in one view, in the order of the transposed mask."""

    def __init__(
        self, given: ViewData, item: MarginalView, weights: Weights, scale: Tensor, probability: Tensor | None
    ) -> None:
        self.given, self.item, self.scale = given, item, scale
        self.feature, self.entry = given.mask_t.col_indices(), given.mask_t.values()
        self.starts = given.mask_t.crow_indices().tolist()
        self.before = torch.ones_like(self.entry) if probability is None else probability[given.sets.transposed]
        self.found = torch.ones_like(self.entry)
        self.place = torch.empty(given.n_features, dtype=torch.int64, device=given.x.device)
        self.place[given.annotated] = torch.arange(len(given.annotated), device=given.x.device)
        self.precision, self.weights = item.precision.to_dense(), weights.mean * scale
        self.second = weights.variance() * scale**2
        self.mean = item.view.mask @ self.weights  # of the prior of the loadings, kept up to date

    def members(self, p: int) -> slice:
        """Return where the members of a set are."""
        return slice(self.starts[p], self.starts[p + 1])

    def odds(self, p: int) -> Tensor:
        """Return what the view adds to the log odds of the members of a set."""
        own = self.members(p)
        feature, c = self.feature[own], self.entry[own]
        d, a = c[:, None] * self.weights[p], self.precision[self.place[feature]]
        rest = self.mean[feature] - self.before[own][:, None] * d
        slope = self.item.linear[feature] - (a @ rest.unsqueeze(-1)).squeeze(-1)
        curved = ((a @ d.unsqueeze(-1)).squeeze(-1) * d).sum(1)
        curved = curved + c**2 * (a.diagonal(dim1=1, dim2=2) @ self.second[p])
        return (slope * d).sum(1) - 0.5 * curved

    def replace(self, p: int, probability: Tensor) -> None:
        """Replace the probabilities of the members of a set."""
        own = self.members(p)
        step = (probability - self.before[own]) * self.entry[own]
        self.mean[self.feature[own]] += step[:, None] * self.weights[p]
        self.found[own] = probability

    def in_order(self) -> Tensor:
        """Return the probabilities in the order of the mask."""
        probability = torch.empty_like(self.found)
        probability[self.given.sets.transposed] = self.found
        return probability


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
    parts = [
        _View(view, item, weights, scale, probability)
        for view, item, scale, probability in zip(given.views, views, scales, before, strict=True)
    ]
    prior = torch.tensor(_FIRST if previous is None else previous.share, dtype=DTYPE, device=given.device).logit()
    names, found = given.names, []
    n_names = 1 + max(int(item.max()) for item in names)
    for p in torch.nonzero((weights.mean != 0).any(1)).squeeze(1).tolist():
        total = torch.full((n_names,), torch.nan, dtype=DTYPE, device=given.device)
        each = [name[part.feature[part.members(p)]] for name, part in zip(names, parts, strict=True)]
        for name in each:
            total[name] = prior
        for name, part in zip(each, parts, strict=True):
            total.index_add_(0, name, part.odds(p))
        total = total.sigmoid()
        for name, part in zip(each, parts, strict=True):
            part.replace(p, total[name])
        found.append(total[~total.isnan()])
    r = torch.cat(found) if found else prior.new_empty(0)
    share = torch.clamp(r.mean(), 0.5 / len(r), 1.0 - 0.5 / len(r)) if len(r) else prior.sigmoid()
    xlogy = torch.special.xlogy
    apart = xlogy(r, r) + xlogy(1.0 - r, 1.0 - r) - xlogy(r, share) - xlogy(1.0 - r, 1.0 - share)
    probability = tuple(part.in_order() for part in parts)
    return Members(probability=probability, share=float(share), divergence=float(apart.sum()))
