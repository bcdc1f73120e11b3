"""Outlying values: single values that neither the factors nor the noise of their feature explain.

    x_ng ~ (1 - pi) Normal( w_g z_n, 1 / (lambda_g q_n) )  +  pi Normal( 0, kappa^2 v_g ),    v_g = |w_g|^2 + 1/lambda_g

An outlying value says nothing of its sample and of its feature: it is taken for missing. Values are outlying or not for
certain, whichever is more probable given the scores, loadings and noise of a finished fit; pi and kappa of a view
maximise its likelihood. With O_g of the n_g values of a feature outlying, the log evidence gains

    sum over outlying values of  log pi + log Normal(x; 0, kappa^2 v_g)   +   (number of other values) log(1 - pi)

and loses what the values were to the likelihood before. It is a lower bound as before, so that it tells whether there
are outlying values at all. The first time the noise of a feature is taken from the median of its residuals, because the
mean square holds what is looked for; then from the fit without the values that were found, some of which come back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.numerics import LOG_2PI
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData

MOST_VALUES = (
    2**23
)  # values of a cohort in which outlying ones are looked for: every sample has its own covariance then
MOST_SHARE = 0.02  # largest pi: with more, the noise has another distribution, and no value is an exception
ENOUGH = 5.0  # nats that a view must gain
_NEAR = 6.0  # squared residual over the noise variance up to which a value is not outlying whatever the others are
_STEPS = 100
_MAD = 0.6745  # median of |x| of a standard normal
_LEAST = 0.01  # least noise variance from medians, as a share of that from mean squares


@dataclass(frozen=True, kw_only=True)
class Outlying:
    """Outlying values of a view.

    Attributes
    ----------
    entries
        Which values they are, N x G.
    share, spread
        pi and kappa^2.
    log_density
        What they are in the log evidence, nats.
    """

    entries: Tensor
    share: float
    spread: float
    log_density: float


def without(problem: Problem, found: Sequence[Outlying | None]) -> Problem:
    """Return the problem in which outlying values are missing, with what they are in the log evidence."""
    pairs = list(zip(problem.views, found, strict=True))
    views = tuple(view if item is None else view.without(item.entries) for view, item in pairs)
    return replace(problem, views=views, left_out=sum(item.log_density for item in found if item is not None))


def find_outlying(
    view: ViewData, scores: Tensor, loadings: Tensor, precision: Tensor, *, robust: bool = False
) -> Outlying | None:
    """Return the outlying values of a view; None where that would not gain ``ENOUGH`` nats, or they are not rare.

    Parameters
    ----------
    view
        All values, with the weights of the samples.
    scores, loadings, precision
        E[z], N x K, E[w], G x K, and lambda, G.
    robust
        Whether the noise is that of the median of the residuals where it is less than 1 / lambda.
    """
    some = _Candidates(view, scores, loadings, precision, robust=robust)
    total = float(view.n_observed.sum())
    share, spread = 1e-3, 25.0
    for _ in range(_STEPS if len(some.over) else 0):
        taken = torch.sigmoid(some.log_odds(share, spread))
        previous, share = share, max(float(taken.sum()) / total, 1e-12)
        spread = max(float((taken * some.over).sum() / taken.sum().clamp(min=1e-300)), 1.0)
        if abs(share - previous) < 1e-3 * previous:
            break
    chosen = some.log_odds(share, spread) > 0.0
    number = int(chosen.sum())
    if not 0 < number <= MOST_SHARE * total:
        return None
    share, spread = number / total, max(float(some.over[chosen].mean()), 1.0)
    log_density = float(some.log_far(share, spread)[chosen].sum()) + (total - number) * math.log1p(-share)
    if log_density - float(some.own[chosen].sum()) <= ENOUGH:
        return None
    return Outlying(entries=some.entries(chosen), share=share, spread=spread, log_density=log_density)


def outlying_entries(
    view: ViewData, scores: Tensor, loadings: Tensor, precision: Tensor, share: float, spread: float
) -> Tensor:
    """Return which values of a view are outlying for a known pi and kappa^2, N x G; arguments as above."""
    some = _Candidates(view, scores, loadings, precision)
    return some.entries(some.log_odds(share, spread) > 0.0)


class _Candidates:
    """The values of a view that are far enough from what is expected to be outlying, R of them.

    Attributes
    ----------
    over
        x^2 / v_g, R.
    own
        Log density of each if it is not outlying, R.
    """

    def __init__(
        self, view: ViewData, scores: Tensor, loadings: Tensor, precision: Tensor, *, robust: bool = False
    ) -> None:
        variance = loadings.square().sum(1) + 1.0 / precision
        square = (view.x - scores @ loadings.T).square_()
        if view.weight is not None:
            square.mul_(view.weight[:, None])
        if robust:
            middle = torch.where(view.seen > 0, square, torch.nan).nanmedian(dim=0).values
            precision = torch.maximum(precision, _MAD**2 / middle.clamp(min=_LEAST / precision))
        self._shape = square.shape
        self._places = torch.nonzero((square * precision > _NEAR) & (view.seen > 0), as_tuple=True)
        rows, features = self._places
        self.over = view.x[rows, features].square() / variance[features]
        self.own = 0.5 * (precision[features].log() - LOG_2PI - square[rows, features] * precision[features])
        if view.weight is not None:
            self.own += 0.5 * view.weight[rows].log()
        self._unit = -0.5 * (LOG_2PI + variance[features].log())

    def log_far(self, share: float, spread: float) -> Tensor:
        """Return log pi and the log density of each if it is outlying, R."""
        return math.log(share) + self._unit - 0.5 * (math.log(spread) + self.over / spread)

    def log_odds(self, share: float, spread: float) -> Tensor:
        """Return the log odds that each is outlying, R."""
        return self.log_far(share, spread) - math.log1p(-share) - self.own

    def entries(self, chosen: Tensor) -> Tensor:
        """Return some of them as entries of the view, N x G."""
        rows, features = self._places
        found = torch.zeros(self._shape, dtype=torch.bool, device=self.own.device)
        found[rows[chosen], features[chosen]] = True
        return found
