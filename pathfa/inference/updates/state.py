"""Everything that is known about a model at one iteration, and where the next iteration starts.

Coordinate ascent moves scores and loadings towards the gene sets by small steps in almost one direction. Nesterov's
extrapolation follows that direction, z + beta (z - z_previous), with omega likewise on its logarithm; everything else
follows from these two. It starts again from rest when the evidence falls (O'Donoghue & Candes 2015), so that the
evidence of the iterations that count never falls because of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.loadings.group import LoadingMoments
from pathfa.inference.loadings.posterior import LoadingPosterior, MarginalView, loading_posterior
from pathfa.inference.numerics import DTYPE
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.noise import NoisePosterior, known_noise
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.inference.weights.curvature import Weights, initial_weights

_MOST = 0.95  # largest extrapolation, as a share of the last step
_DELAY = 2.0  # beta after t steps is t / (t + delay)


@dataclass(frozen=True, kw_only=True)
class FitState:
    """Everything that is known about a model at one iteration; per-view entries in the order of the views."""

    scores: ScorePosterior
    weights: Weights
    moments: tuple[LoadingMoments, ...]
    noise: tuple[NoisePosterior, ...]
    omega: tuple[Tensor, ...]
    scale: tuple[Tensor, ...]
    intercept: tuple[Tensor, ...]

    @property
    def annotated_share(self) -> float:
        """Share of the loadings, without their intercepts, that gene sets explain: all views and factors."""
        off = sum(float((item.mean - item.prior_mean).square().sum()) for item in self.moments)
        total = sum(float((m.mean - b).square().sum()) for m, b in zip(self.moments, self.intercept, strict=True))
        return 1.0 - off / total if total > 0 else 0.0


def loading_posteriors(problem: Problem, state: FitState) -> list[LoadingPosterior]:
    """Return the posterior of the loadings of every view given the scores and hyper-parameters of a state."""
    return [
        loading_posterior(view, noise.precision, state.scores.second(view), state.scores.cross(view), omega)
        for view, noise, omega in zip(problem.views, state.noise, state.omega, strict=True)
    ]


def marginal_views(state: FitState, posteriors: Sequence[LoadingPosterior]) -> tuple[MarginalView, ...]:
    """Return what every view says about the gene-set weights with its loadings integrated out."""
    views = zip(posteriors, state.intercept, state.scale, strict=True)
    return tuple(posterior.marginal(intercept, scale) for posterior, intercept, scale in views)


def initial_state(problem: Problem, scores: Tensor, omega: float) -> FitState:
    """Return the state in which the scores, N x K, are known exactly, and nothing else is.

    ``omega`` is the prior precision of all loadings in the unit of their view, infinite for the strict prior.
    """
    n, size = scores.shape
    device = problem.device
    known = ScorePosterior(
        mean=scores,
        cov=torch.zeros(1, size, size, dtype=DTYPE, device=device),
        pattern=torch.zeros(n, dtype=torch.int64, device=device),
        log_det=0.0,
        multiplicity=problem.multiplicity / problem.n_rows,
    )
    noise = []
    for view in problem.views:
        variance = (view.sum_squares / view.n_observed.clamp(min=1.0)).clamp(min=1e-12 * view.unit**2)
        noise.append(known_noise(2.0 / (variance + variance.mean())))
    return FitState(
        scores=known,
        weights=initial_weights(problem, size),
        moments=(),
        noise=tuple(noise),
        omega=tuple(torch.full((size,), omega / view.unit**2, dtype=DTYPE, device=device) for view in problem.views),
        scale=tuple(torch.ones(size, dtype=DTYPE, device=device) for _ in problem.views),
        intercept=tuple(torch.zeros(size, dtype=DTYPE, device=device) for _ in problem.views),
    )


def with_unit_scores(state: FitState) -> FitState:
    """Return the state with a mean of E[z_k^2] of 1: scores divided by s, precisions by s^2.

    Loadings and weights follow in the update that comes next.
    """
    square = state.scores.mean_square().clamp(min=1e-12)
    return replace(
        state,
        scores=state.scores.rescaled(square.sqrt()),
        weights=replace(state.weights, alpha=state.weights.alpha / square),
        omega=tuple(omega / square for omega in state.omega),
        intercept=tuple(intercept * square.sqrt() for intercept in state.intercept),
    )


@dataclass(frozen=True, kw_only=True)
class Acceleration:
    """Extrapolation of the iterations: the last state and the number of steps.

    Attributes
    ----------
    last
        The state before the present one; None at rest.
    steps
        Iterations since the last rest.
    """

    last: FitState | None = None
    steps: int = 0

    def extrapolate(self, state: FitState) -> FitState:
        """Return where the next iteration starts: the state extrapolated from the last one."""
        if self.last is None:
            return state
        beta = min(self.steps / (self.steps + _DELAY), _MOST)
        mean = state.scores.mean + beta * (state.scores.mean - self.last.scores.mean)
        omega = tuple(
            torch.where(torch.isfinite(new), new * (new / old) ** beta, new)
            for new, old in zip(state.omega, self.last.omega, strict=True)
        )
        return replace(state, scores=replace(state.scores, mean=mean), omega=omega)

    def after(self, state: FitState) -> Acceleration:
        """Return the acceleration after an iteration from ``state`` that counts."""
        return Acceleration(last=state, steps=self.steps + 1)
