"""One fit from one start: coordinate ascent on the log evidence, every step in closed form.

weights, loadings  given the scores      (weights.py, loadings.py)
background         of the loadings       (background.py)
view scale, noise, loading prior         (empirical Bayes)
scores             given the loadings    (scores.py)
rescaling          mean of E[z_k^2] = 1  (fixes the scale that the likelihood leaves open)
extrapolation      of the scores         (momentum.py)
turn               of the soft factors, once (turn.py)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.evidence import EvidenceTerms, evidence
from pathfa.inference.loadings.level import background_evidence, update_background
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.acceleration import Momentum
from pathfa.inference.updates.censored import fill_censored
from pathfa.inference.updates.hyper import (
    common_scale,
    resolve_scale,
    scale_curvature,
    scale_evidence,
    update_omega,
    update_scale,
)
from pathfa.inference.updates.noise import update_noise
from pathfa.inference.updates.rotation import turned
from pathfa.inference.updates.scores import update_scores
from pathfa.inference.updates.state import State, collapse, initial_state, loading_posteriors, with_unit_scores
from pathfa.inference.weights.curvature import resolve_curvature, update_weights
from pathfa.options import LoadingPrior, ModelSpec, Sign, ViewScale

_PACE = 4  # iterations over which the pace of a fit is taken
_TURN = 4  # iteration that turns the factors: loadings and noise are about right, gene sets have not settled yet
_LEVELS = _TURN  # iteration from which loadings have a background: by then what all share has its own axis


@dataclass(frozen=True, kw_only=True)
class FitSettings:
    """When a fit stops.

    Attributes
    ----------
    max_iter
        Most iterations.
    tol
        A fit has converged when the log evidence changes by less than ``tol`` nats per observed value, twice in a row.
    goal
        A fit is given up when its log evidence could not reach this in the iterations that are left, even at twice its
        present pace; None goes on.
    """

    max_iter: int = 500
    tol: float = 1e-6
    goal: float | None = None

    def within_reach(self, trace: Sequence[float]) -> bool:
        """Return whether a fit with this trace could still reach the goal."""
        if self.goal is None or len(trace) <= _PACE:
            return True
        pace = (trace[-1] - trace[-1 - _PACE]) / _PACE
        return trace[-1] + 2.0 * pace * (self.max_iter - len(trace)) >= self.goal


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a fit starts.

    Attributes
    ----------
    name
        How it was made.
    scores
        Scores, N x K.
    omega
        Prior precision of the loadings in the unit of their view, one value for all; infinite for the strict prior.
    """

    name: str
    scores: Tensor
    omega: float


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A finished fit.

    Attributes
    ----------
    state
        The last state.
    terms
        The terms of its log evidence.
    problem
        The data as they were fitted: values below a detection limit at their expected values.
    spec
        The model; ``curvature`` and ``loading_prior`` as they were used.
    start
        Name of the start.
    trace
        Log evidence after each iteration; it stays where an iteration went too far and was taken back.
    converged
        Whether the convergence criterion was met.
    tol
        The criterion: nats per observed value.
    seconds
        Wall time.
    momentum
        From where an unfinished fit goes on.
    """

    state: State
    terms: EvidenceTerms
    problem: Problem
    spec: ModelSpec
    start: str
    trace: tuple[float, ...]
    converged: bool
    tol: float
    seconds: float
    momentum: Momentum

    @property
    def log_evidence(self) -> float:
        """Log evidence, nats."""
        return self.terms.total

    @property
    def n_factors(self) -> int:
        """Number of factors, K."""
        return int(self.state.scores.mean.shape[1])


@torch.inference_mode()
def fit(
    problem: Problem,
    spec: ModelSpec,
    start: Start | Fit,
    settings: FitSettings,
    *,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Return the fit of one model from one start.

    Parameters
    ----------
    problem
        The data.
    spec
        The model, with a loading prior that is not ``auto``.
    start
        Where to start; an unfinished fit goes on where it stopped.
    settings
        When to stop; ``max_iter`` counts from the start.
    on_iteration
        Called with the iteration and the log evidence.
    """
    began = time.perf_counter()
    size = start.n_factors if isinstance(start, Fit) else start.scores.shape[1]
    spec = replace(
        spec,
        curvature=resolve_curvature(spec.curvature, problem.n_sets, size),
        view_scale=resolve_scale(spec.view_scale, spec.loading_prior),
    )
    if isinstance(start, Fit):
        state, name, terms, spent = start.state, start.start, start.terms, start.seconds
        momentum = start.momentum
        filled = start.problem
        trace = list(start.trace)
    else:
        omega = math.inf if spec.loading_prior is LoadingPrior.STRICT else start.omega
        # scores of a start have no uncertainty, so that an evidence with them would mean nothing
        state, _ = _iterate(problem, spec, initial_state(problem, start.scores, omega), 0.0, levels=False)
        name, terms, spent, momentum = start.name, None, 0.0, Momentum()
        filled, trace = problem, []
    calm, enough = 0, settings.tol * problem.n_values
    for iteration in range(len(trace) + 1, settings.max_iter + 1):
        if not settings.within_reach(trace):
            break
        turns = iteration == _TURN and spec.loading_prior is LoadingPrior.SOFT
        point = turned(state) if turns else momentum.ahead(state)
        # a turn moves the scores alone, so that values below their limits come from before it
        values, entropy = _filled(problem, state if turns else point)
        following, found = _iterate(values, spec, point, entropy, levels=iteration >= _LEVELS)
        if terms is not None and point is not state and found.total < terms.total:
            momentum = Momentum()  # too far: once more from where the last iteration ended
        else:
            calm = calm + 1 if terms is not None and abs(found.total - terms.total) <= enough else 0
            momentum = Momentum() if turns else momentum.after(state)
            state, terms, filled = following, found, values
        trace.append(terms.total)
        if on_iteration is not None:
            on_iteration(iteration, terms.total)
        if calm == 2:
            break
    if terms is None:
        raise ValueError(f"max_iter is {settings.max_iter}; a fit needs at least 1 iteration")
    return Fit(
        state=state,
        terms=terms,
        problem=filled,
        spec=spec,
        start=name,
        trace=tuple(trace),
        converged=calm == 2,
        tol=settings.tol,
        seconds=spent + time.perf_counter() - began,
        momentum=momentum,
    )


def _filled(problem: Problem, state: State) -> tuple[Problem, float]:
    loadings = [moment.mean for moment in state.moments]
    return fill_censored(problem, state.scores.mean, loadings, [item.precision for item in state.noise])


def _iterate(
    problem: Problem, spec: ModelSpec, state: State, censoring: float, *, levels: bool
) -> tuple[State, EvidenceTerms]:
    """Return the next state, and the evidence with its loadings, weights and noise given the scores of this state.

    Loadings and noise belong to the scores that they were updated with: only together are they a lower bound.
    ``levels`` says whether the background of the loadings is updated.
    """
    soft, first = spec.loading_prior is not LoadingPrior.STRICT, not state.moments
    free = level_cost = 0.0
    state = with_unit_scores(state)
    posteriors = loading_posteriors(problem, state)
    collapsed = collapse(problem, state, posteriors)
    weights = update_weights(problem, collapsed, state.weights, sign=spec.sign, curvature=spec.curvature)
    scale, moments, curvatures, expected = [], [], [], []
    for item, posterior, level in zip(collapsed, posteriors, state.background, strict=True):
        mean, cov = item.view.mask @ weights.mean, weights.prior_cov(item.view)
        quadratic = item.moment(mean, cov)
        c = item.scale if first else update_scale(spec.view_scale, item, weights.mean, quadratic)
        scale.append(c)
        curvatures.append(scale_curvature(spec.view_scale, quadratic))
        expected.append(mean * c)
        moments.append(posterior.moments(item.view, expected[-1] + level, cov.scaled(c)))
    if spec.view_scale is not ViewScale.FIXED:  # moments know only the product of scale and weights
        common = common_scale(scale)
        weights, scale = weights.rescaled(common), [item / common for item in scale]
        free = scale_evidence(scale, [h * common[: len(h)] ** 2 for h in curvatures])
    noise = tuple(
        update_noise(spec.noise, moment.expected_rss, view.counts, old, view.level if spec.noise_trend else None)
        for view, moment, old in zip(problem.views, moments, state.noise, strict=True)
    )
    omega, background = state.omega, state.background
    if soft:
        omega = tuple(
            update_omega(moment, old, level, view.unit)
            for moment, old, level, view in zip(moments, state.omega, state.background, problem.views, strict=True)
        )
        if levels:
            background = tuple(
                update_background(moment.mean, sets, old)
                for moment, sets, old in zip(moments, expected, state.omega, strict=True)
            )
        level_cost = background_evidence(state.background, state.omega, [view.n_features for view in problem.views])
    # the noise that is in the moments of the loadings: with another one, scores would be off by their ratio
    scores = update_scores(problem, moments, [item.noise_precision for item in posteriors])
    terms = evidence(
        problem,
        scores=state.scores,
        moments=moments,
        weights=weights,
        noise=noise,
        omega=state.omega,
        nonnegative=spec.sign is Sign.NONNEGATIVE,
        censoring=censoring,
        scales=free,
        background=level_cost,
    )
    following = State(
        scores=scores,
        weights=weights,
        moments=tuple(moments),
        noise=noise,
        omega=omega,
        scale=tuple(scale),
        background=background,
    )
    return following, terms
