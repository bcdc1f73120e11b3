"""Scores of samples from whatever was measured of them, and what is expected of their views."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor

from pathfa.inference.posterior.calibration import Calibration
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.outlying import outlying_entries
from pathfa.inference.updates.quality import quality_of, squared_errors
from pathfa.inference.updates.scores import ScorePosterior, onto_loadings, update_scores

_ROUNDS = 3  # of the scores, qualities and outlying values of new samples


def project(problem: Problem, loadings: Sequence[ViewLoadings], calibration: Calibration) -> ScorePosterior:
    """Return the scores of samples from whatever views each was measured in.

    Parameters
    ----------
    problem
        The samples, preprocessed as the training cohort was.
    loadings
        Posterior of the loadings per view; ``unseen`` where the fit has not seen the samples.
    calibration
        What ``calibrate`` returned; a subset of views without a map keeps the posterior of the model.
    """
    return _calibrated(problem, _projected(problem, loadings), loadings, calibration)


def project_each(
    problem: Problem, loadings: Sequence[ViewLoadings], calibration: Calibration
) -> tuple[ScorePosterior, list[Tensor]]:
    """Return the scores of samples as ``project`` does, and those from each view alone.

    Returns
    -------
    scores, alone
        From all views, and the means from each, N x K; NaN in samples that were not measured in it.
    """
    projected = _projected(problem, loadings)
    scores, alone = _calibrated(problem, projected, loadings, calibration), []
    for at, view in enumerate(problem.views):
        own = [item if place == at else torch.zeros_like(item) for place, item in enumerate(projected)]
        single = len(own) == 1  # those of all views are the same
        found = scores if single else _calibrated(problem.only([at]), own, loadings, calibration)
        alone.append(found.mean.where(view.present[:, None], torch.nan))
    return scores, alone


def _calibrated(
    problem: Problem, projected: Sequence[Tensor], loadings: Sequence[ViewLoadings], calibration: Calibration
) -> ScorePosterior:
    """Return the scores of samples from what ``onto_loadings`` returned."""
    posterior = update_scores(problem, projected, _precisions(problem, loadings))
    mean, cov = posterior.mean.clone(), posterior.cov.clone()
    for subset, item in calibration.items():
        rows = torch.nonzero(problem.measured_in(subset)).squeeze(1)
        if not len(rows):
            continue
        patterns, pattern = torch.unique(posterior.pattern[rows], return_inverse=True)
        by, cov[patterns] = item(posterior.cov[patterns])
        mean[rows] = mean[rows] @ by[0] if len(by) == 1 else (mean[rows].unsqueeze(1) @ by[pattern]).squeeze(1)
    return replace(posterior, mean=mean, cov=cov)


def _projected(problem: Problem, loadings: Sequence[ViewLoadings]) -> list[Tensor]:
    return onto_loadings(problem, [item.mean for item in loadings], [item.noise_precision for item in loadings])


def _precisions(problem: Problem, loadings: Sequence[ViewLoadings]) -> list[tuple[Tensor, ...]]:
    return [item.precisions(view) for item, view in zip(loadings, problem.views, strict=True)]


class Exceptions(NamedTuple):
    """What a fit has learned of a view about samples and values that are noisier than others.

    Attributes
    ----------
    freedom, mean
        Degrees of freedom and mean of the prior of the qualities; infinite where all samples are alike.
    outlying
        Share and spread of outlying values; None where there are none.
    """

    freedom: float = math.inf
    mean: float = 1.0
    outlying: tuple[float, float] | None = None


def as_fitted(problem: Problem, loadings: Sequence[ViewLoadings], known: Sequence[Exceptions]) -> Problem:
    """Return samples with their qualities as weights and without outlying values, as a fit has those of its cohort.

    Parameters
    ----------
    problem, loadings
        As for ``project``, with all values.
    known
        What is known of every view.
    """
    views = list(problem.views)
    rates = [math.isfinite(item.freedom) and view.limit is None for view, item in zip(views, known, strict=True)]
    if not any(rates) and not any(item.outlying for item in known):
        return problem
    projected = _projected(problem, loadings)
    for _ in range(_ROUNDS):
        present = replace(problem, views=tuple(views))
        precisions = _precisions(present, loadings)
        scores = update_scores(present, projected, precisions)
        for at, (item, (freedom, mean, outlying)) in enumerate(zip(loadings, known, strict=True)):
            view = views[at]
            if rates[at]:
                errors = squared_errors(view, scores, projected[at], item.mean, precisions[at], item.noise_precision)
                quality = quality_of(view.values_of_samples, mean * errors, freedom)
                view = view.weighted(mean * quality.mean)
            if outlying is not None:
                every = problem.views[at].weighted(view.weight)
                view = every.without(outlying_entries(every, scores.mean, item.mean, item.noise_precision, *outlying))
                projected[at] = _projected(replace(problem, views=(view,)), [item])[0]
            views[at] = view
    return replace(problem, views=tuple(views))


def noise_variance(loadings: ViewLoadings, view: ViewData, known: Exceptions) -> Tensor:
    """Return the variance of the noise, N x G, outlying values included; in samples without the view it is average."""
    noise = loadings.noise_precision.reciprocal()[None]
    if known.outlying is not None:
        share, spread = known.outlying
        noise = (1.0 - share) * noise + share * spread * (loadings.mean.square().sum(1) + noise)
    return noise if view.weight is None else noise / torch.where(view.present, view.weight, 1.0)[:, None]


def predict_view(scores: ScorePosterior, loadings: ViewLoadings) -> tuple[Tensor, Tensor]:
    """Return mean and variance of the values of a view without noise, N x G each.

    The variance is ``w' Cov(z) w + z' Cov(w) z + tr(Cov(w) Cov(z))``.
    """
    mean = scores.mean @ loadings.mean.T
    from_scores = scores.cov.flatten(1) @ loadings.second_moment.flatten(1).T  # R x G
    second = (scores.mean[:, :, None] * scores.mean[:, None, :]).flatten(1)
    from_loadings = second @ loadings.cov.flatten(1).T
    return mean, from_scores[scores.pattern] + from_loadings
