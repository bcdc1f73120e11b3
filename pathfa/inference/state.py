"""Everything that is known about a model at one iteration, and what follows from it for loadings and weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from pathfa.inference.collapsed import CollapsedView
from pathfa.inference.curvature import Weights
from pathfa.inference.given_scores import ViewPosterior, loading_posterior
from pathfa.inference.loadings import LoadingMoments
from pathfa.inference.noise import NoisePosterior
from pathfa.inference.problem import Problem
from pathfa.inference.scores import ScorePosterior


@dataclass(frozen=True, kw_only=True)
class State:
    """Everything that is known about a model at one iteration; per-view entries in the order of the views."""

    scores: ScorePosterior
    weights: Weights
    moments: tuple[LoadingMoments, ...]
    noise: tuple[NoisePosterior, ...]
    omega: tuple[Tensor, ...]
    scale: tuple[Tensor, ...]


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
            linear=posterior.collapsed_linear(),
            scale=scale,
        )
        for view, posterior, scale in zip(problem.views, posteriors, state.scale, strict=True)
    )
