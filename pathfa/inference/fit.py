"""One fit from one initialisation: coordinate ascent on the log evidence, every step in closed form.

weights, loadings  given the scores      (weights/, loadings/)
intercept          of the loadings       (loadings/intercept.py)
view scale, noise, loading prior         (empirical Bayes: updates/hyper.py, updates/noise.py)
scores             given the loadings    (updates/scores.py)
quality of samples given both            (updates/quality.py)
values that are outlying, members that take part, once a fit ended (updates/outlying.py, updates/members.py)
rescaling          mean of E[z_k^2] = 1  (fixes the scale that the likelihood leaves open)
extrapolation      of the scores, and one rotation of the soft factors (updates/state.py)
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import torch

from pathfa.inference.ends import Fit, Initialisation
from pathfa.inference.evidence import EvidenceTerms, evidence
from pathfa.inference.loadings.intercept import intercept_evidence, update_intercept
from pathfa.inference.problem.problem import Problem
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.censored import fill_censored
from pathfa.inference.updates.hyper import (
    common_scale,
    resolve_scale,
    scale_curvature,
    scale_evidence,
    update_omega,
    update_scale,
)
from pathfa.inference.updates.members import update_members, with_members
from pathfa.inference.updates.noise import measurable, update_noise
from pathfa.inference.updates.quality import quality_evidence, squared_errors, update_quality, weights_of
from pathfa.inference.updates.scores import onto_loadings, update_scores
from pathfa.inference.updates.state import (
    Acceleration,
    FitState,
    initial_state,
    loading_posteriors,
    marginal_views,
    rotated,
    with_unit_scores,
)
from pathfa.inference.weights.curvature import resolve_curvature, update_weights
from pathfa.options import LoadingPrior, ModelSpec, SampleQuality, Sign, ViewScale

ROTATION = 4  # iteration that rotates the factors: loadings and noise are about right, gene sets have not settled yet
_INTERCEPT = ROTATION  # iteration from which loadings have an intercept: what all features share has its own axis now


@torch.inference_mode()
def fit(
    problem: Problem,
    spec: ModelSpec,
    initial: Initialisation | Fit,
    settings: FitSettings,
    *,
    refine: bool = False,
    on_iteration: Callable[[int, float], None] | None = None,
) -> Fit:
    """Return the fit of one model from one initialisation.

    Parameters
    ----------
    problem
        The data.
    spec
        The model, with a loading prior that is not ``auto``.
    initial
        Where to begin; an unfinished fit continues where it stopped.
    settings
        When to stop; ``max_iter`` includes the iterations of an unfinished fit.
    refine
        Whether members of gene sets may be found not to take part; for fits whose gene sets have settled.
    on_iteration
        Called with the iteration and the log evidence.
    """
    began = time.perf_counter()
    spec = replace(
        spec,
        curvature=resolve_curvature(spec.curvature, problem.n_sets, initial.n_factors),
        view_scale=resolve_scale(spec.view_scale, spec.loading_prior),
    )
    if isinstance(initial, Fit):
        state, name, terms, spent = initial.state, initial.initialisation, initial.terms, initial.seconds
        acceleration, filled, trace = initial.acceleration, initial.problem, list(initial.trace)
    else:
        omega = math.inf if spec.loading_prior is LoadingPrior.STRICT else initial.omega
        # initial scores have no uncertainty, so that an evidence with them would mean nothing
        state, _ = _iterate(problem, spec, initial_state(problem, initial.scores, omega), 0.0, with_intercept=False)
        name, terms, spent = initial.name, None, 0.0
        acceleration, filled, trace = Acceleration(), problem, []
    begun, converged = len(trace), False
    for iteration in range(begun + 1, settings.max_iter + 1):
        rotates = iteration == ROTATION and spec.loading_prior is LoadingPrior.SOFT
        point = rotated(state) if rotates else acceleration.extrapolate(state)
        # a rotation changes the scores alone, so that values below their limits come from before it
        values, entropy = _filled(problem, state if rotates else point)
        values = values.weighted(weights_of(point.quality))
        given = values if refine else None
        values = with_members(values, point.members)
        following, found = _iterate(values, spec, point, entropy, given=given, with_intercept=iteration >= _INTERCEPT)
        if terms is not None and point is not state and found.total < terms.total:
            acceleration = acceleration.rejected()  # too far: the next iteration starts where this one did
        else:
            acceleration = Acceleration() if rotates else acceleration.after(state)
            state, terms, filled = following, found, values
        trace.append(terms.total)
        if on_iteration is not None:
            on_iteration(iteration, terms.total)
        converged = settings.converged(trace, begun, problem.n_values)
        if converged or not settings.within_reach(trace, begun):
            break
    if terms is None:
        raise ValueError(f"max_iter is {settings.max_iter}; a fit needs at least 1 iteration")
    return Fit(
        state=state,
        terms=terms,
        problem=filled,
        spec=spec,
        initialisation=name,
        trace=tuple(trace),
        converged=converged,
        tol=settings.tol,
        seconds=spent + time.perf_counter() - began,
        acceleration=acceleration,
        outlying=initial.outlying if isinstance(initial, Fit) else (None,) * len(problem.views),
        changes=initial.changes if isinstance(initial, Fit) else (),
        compared=initial.compared if isinstance(initial, Fit) else None,
    )


def _filled(problem: Problem, state: FitState) -> tuple[Problem, float]:
    """Return the problem with its censored values at their expectations under a state, and their entropy."""
    loadings = [moment.mean for moment in state.moments]
    return fill_censored(problem, state.scores.mean, loadings, [item.precision for item in state.noise])


def _iterate(
    problem: Problem,
    spec: ModelSpec,
    state: FitState,
    censoring: float,
    *,
    with_intercept: bool,
    given: Problem | None = None,
) -> tuple[FitState, EvidenceTerms]:
    """Return the next state, and the evidence of its loadings, weights and noise given the scores of this state.

    Only with the scores that they were updated with are they a lower bound. ``with_intercept`` updates the intercept,
    the problem with the gene sets as they were ``given`` the members that take part.
    """
    soft, first = spec.loading_prior is not LoadingPrior.STRICT, not state.moments
    scale_cost = intercept_cost = 0.0
    state = with_unit_scores(state)
    posteriors = loading_posteriors(problem, state)
    views = marginal_views(state, posteriors)
    weights = update_weights(problem, views, state.weights, sign=spec.sign, curvature=spec.curvature)
    scale, moments, curvatures, expected = [], [], [], []
    for item, posterior, old in zip(views, posteriors, state.intercept, strict=True):
        mean, cov = item.view.mask @ weights.mean, weights.prior_cov(item.view)
        quadratic = item.precision.moment(mean[item.view.annotated], cov)
        c = item.scale if first else update_scale(spec.view_scale, item, weights.mean, quadratic)
        scale.append(c)
        curvatures.append(scale_curvature(spec.view_scale, quadratic))
        expected.append(mean * c)
        moments.append(measurable(posterior.moments(expected[-1] + old, cov.scaled(c)), item.view))
    if spec.view_scale is not ViewScale.FIXED:  # moments know only the product of scale and weights
        common = common_scale(scale)
        weights, scale = weights.rescaled(common), [item / common for item in scale]
        scale_cost = scale_evidence(scale, [h * common[: len(h)] ** 2 for h in curvatures])
    noise = tuple(
        update_noise(spec.noise, moment.expected_rss, view.counts, old, view.level if spec.noise_trend else None)
        for view, moment, old in zip(problem.views, moments, state.noise, strict=True)
    )
    omega, intercept = state.omega, state.intercept
    if soft:
        omega = tuple(
            update_omega(moment, old, b, view.unit)
            for moment, old, b, view in zip(moments, state.omega, state.intercept, problem.views, strict=True)
        )
        if with_intercept:
            intercept = tuple(
                update_intercept(moment.mean, sets, old)
                for moment, sets, old in zip(moments, expected, state.omega, strict=True)
            )
        intercept_cost = intercept_evidence(state.intercept, state.omega, [view.n_features for view in problem.views])
    # the noise that is in the moments of the loadings: with another one, scores would be off by their ratio
    projected = onto_loadings(problem, [item.mean for item in moments], [item.noise_precision for item in posteriors])
    scores = update_scores(problem, projected, [item.precision for item in moments])
    quality = state.quality
    if spec.sample_quality is not SampleQuality.EQUAL and problem.of_samples and not first:
        quality = tuple(
            update_quality(
                view, squared_errors(view, scores, onto, moment.mean, moment.precision, item.noise_precision), old
            )
            for view, onto, moment, item, old in zip(
                problem.views, projected, moments, posteriors, quality, strict=True
            )
        )
    members = None if given is None else update_members(given, views, weights, scale, state.members)
    terms = evidence(
        problem,
        scores=state.scores,
        moments=moments,
        weights=weights,
        noise=noise,
        omega=state.omega,
        nonnegative=spec.sign is Sign.NONNEGATIVE,
        censoring=censoring,
        scales=scale_cost,
        intercepts=intercept_cost,
        qualities=sum(map(quality_evidence, problem.views, state.quality)),
        members=0.0 if state.members is None else -state.members.divergence,
    )
    following = FitState(
        scores=scores,
        weights=weights,
        moments=tuple(moments),
        noise=noise,
        omega=omega,
        scale=tuple(scale),
        intercept=intercept,
        quality=quality,
        members=members,
    )
    return following, terms
