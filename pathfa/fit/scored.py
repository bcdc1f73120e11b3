"""The scores of a cohort under a finished fit, in units of their own spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pathfa.fit.problem import Prepared
from pathfa.inference.ends import Fit
from pathfa.inference.posterior.calibration import ScoreMap, calibrate
from pathfa.inference.posterior.project import Exceptions, as_fitted, project
from pathfa.inference.posterior.view_loadings import ViewLoadings, view_loadings
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.outlying import Outlying
from pathfa.inference.updates.quality import Quality
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.inference.updates.state import in_units, with_average_noise

_TOLERANCE = 0.02  # by how much the mean square of the scores of a factor may differ from 1
_ROUNDS = 5


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A fit with the scores of its cohort.

    Attributes
    ----------
    fit
        The fit, in units in which the mean square of the scores of every factor is 1.
    loadings
        Posterior of its loadings per view.
    calibration
        What ``calibrate`` learned from it.
    some
        The samples that it was learned from where the fit has seen pseudo-samples, else all.
    scores
        Scores of the rows that the fit has seen; the moments of those of the cohort are the same.
    rated
        The rows that the fit has seen, with the qualities of the samples, without outlying values.
    """

    fit: Fit
    loadings: Sequence[ViewLoadings]
    calibration: dict[tuple[bool, ...], ScoreMap]
    some: Problem
    scores: ScorePosterior
    rated: Problem


def scored(prepared: Prepared, fit: Fit, seed: int) -> Scored:
    """Return the scores of a cohort under a fit.

    The scores of a fit have a mean square of 1. Those of samples that lack a view are calibrated after it, and where
    they were large, as those of a factor that such a sample hardly shows may be, the others were small: the unit of the
    factor changes then, and the calibration is learned anew.
    """
    problem, state = with_average_noise(fit.problem, fit.state)
    fit, alike = replace(fit, problem=problem, state=state), problem.weighted([None] * len(problem.views))
    known = [_exceptions(*item) for item in zip(state.quality, fit.outlying, strict=True)]
    trios = zip(alike.views, prepared.problem.views, fit.outlying, strict=True)
    every = replace(alike, views=tuple(used if item is None else given for used, given, item in trios))
    some = prepared.some if prepared.streamed else problem
    for _ in range(_ROUNDS):
        loadings = view_loadings(fit.problem, fit)
        problem = as_fitted(every, loadings, known)  # as new samples will be, with the loadings as they are in the end
        calibration = calibrate(some, loadings, None if prepared.streamed else fit, seed=seed)
        scores = project(problem, loadings, calibration)
        unit = scores.mean_square().sqrt()
        lively = unit > _TOLERANCE  # a factor that holds nothing has no unit
        if not bool(((unit - 1.0).abs() > _TOLERANCE)[lively].any()):
            break
        fit = replace(fit, state=in_units(fit.state, unit.where(lively, 1.0)))
    return Scored(fit=fit, loadings=loadings, calibration=calibration, some=some, scores=scores, rated=problem)


def _exceptions(quality: Quality | None, outlying: Outlying | None) -> Exceptions:
    known = Exceptions() if quality is None else Exceptions(quality.freedom, quality.unit)
    return known if outlying is None else known._replace(outlying=(outlying.share, outlying.spread))
