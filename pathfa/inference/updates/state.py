"""Everything that is known about a model at one iteration, and what follows from it for loadings and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from pathfa.inference.linalg import DTYPE
from pathfa.inference.loadings.given_scores import ViewPosterior, loading_posterior
from pathfa.inference.loadings.loadings import LoadingMoments
from pathfa.inference.loadings.marginal import CollapsedView
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.noise import NoisePosterior, known_noise
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.inference.weights.curvature import Weights, initial_weights


@dataclass(frozen=True, kw_only=True)
class State:
    """Everything that is known about a model at one iteration; per-view entries in the order of the views."""

    scores: ScorePosterior
    weights: Weights
    moments: tuple[LoadingMoments, ...]
    noise: tuple[NoisePosterior, ...]
    omega: tuple[Tensor, ...]
    scale: tuple[Tensor, ...]
    background: tuple[Tensor, ...]


def loading_posteriors(problem: Problem, state: State) -> list[ViewPosterior]:
    """Return the posterior of the loadings of every view given the scores and hyper-parameters of a state."""
    return [
        loading_posterior(noise.precision, state.scores.second(view), state.scores.cross(view), omega)
        for view, noise, omega in zip(problem.views, state.noise, state.omega, strict=True)
    ]


def collapse(problem: Problem, state: State, posteriors: Sequence[ViewPosterior]) -> tuple[CollapsedView, ...]:
    """Return what every view says about the gene-set weights with its loadings integrated out."""
    return tuple(
        CollapsedView(
            view=view,
            precision=posterior.collapsed_precision(view.annotated),
            linear=posterior.collapsed_linear(background),
            scale=scale,
        )
        for view, posterior, scale, background in zip(
            problem.views, posteriors, state.scale, state.background, strict=True
        )
    )


def initial_state(problem: Problem, scores: Tensor, omega: float) -> State:
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
    return State(
        scores=known,
        weights=initial_weights(problem, size),
        moments=(),
        noise=tuple(noise),
        omega=tuple(torch.full((size,), omega / view.unit**2, dtype=DTYPE, device=device) for view in problem.views),
        scale=tuple(torch.ones(size, dtype=DTYPE, device=device) for _ in problem.views),
        background=tuple(torch.zeros(size, dtype=DTYPE, device=device) for _ in problem.views),
    )


def with_unit_scores(state: State) -> State:
    """Return the state with a mean of E[z_k^2] of 1: scores divided by s, precisions by s^2.

    Loadings and weights follow in the update that comes next.
    """
    square = state.scores.mean_square().clamp(min=1e-12)
    return replace(
        state,
        scores=state.scores.rescaled(square.sqrt()),
        weights=replace(state.weights, alpha=state.weights.alpha / square),
        omega=tuple(omega / square for omega in state.omega),
        background=tuple(level * square.sqrt() for level in state.background),
    )
