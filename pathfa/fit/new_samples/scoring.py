"""How samples are scored under a model: as new ones, or, where the fit has seen them, as it has.

A sample that the fit has seen is known by its name and by its scores: those that it gets as a sample of the cohort are
those that are stored. A sample of that name with other values is a new one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
import torch
from torch import Tensor

from pathfa.fit.assemble import score_map
from pathfa.inference.posterior.calibration import Calibration
from pathfa.inference.posterior.project import Exceptions, as_fitted, project
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.censored import fill_censored, is_censored
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.result.intervals import array
from pathfa.result.result import PathFAResult
from pathfa.result.tensors import loadings_of

_SAME = 0.02  # by how much scores may differ, in sd of the cohort: a fit stops before its last digit
_CENSORED_STEPS = 200  # most passes between scores and values below their detection limits
_CENSORED_TOLERANCE = 1e-6  # change of the scores at which they stop


@dataclass(frozen=True, kw_only=True)
class Scoring:
    """What a model says of how samples are scored.

    Attributes
    ----------
    loadings
        Posterior of the loadings per view.
    unseen
        What they are to samples that the fit has not seen (``ViewLoadings.unseen``).
    known
        What is known of noisy samples and outlying values, per view.
    calibration
        Maps from the scores of each subset of views to those of all.
    """

    loadings: Sequence[ViewLoadings]
    unseen: Sequence[ViewLoadings]
    known: Sequence[Exceptions]
    calibration: Calibration

    def new(self, problem: Problem) -> tuple[Problem, ScorePosterior]:
        """Return new samples with their qualities and without outlying values, and their scores."""
        return self._scored(problem, self.unseen)

    def again(self, problem: Problem, stored: pd.DataFrame) -> tuple[Problem, ScorePosterior]:
        """Return the same where some of the samples may be those of the cohort.

        Parameters
        ----------
        problem
            The samples as they were measured.
        stored
            Scores of the cohort for the names of the samples, N x K; NaN for a name that the cohort lacks.
        """
        new, scores = self.new(problem)
        wanted = torch.as_tensor(stored.to_numpy(dtype=float, copy=True), device=scores.mean.device)
        if not bool(torch.isfinite(wanted).all(1).any()):
            return new, scores
        old, found = self._scored(problem, self.loadings)
        same = ((found.mean - wanted).abs() < _SAME).all(1)  # never of NaN
        views = zip(problem.views, old.views, new.views, strict=True)
        return replace(problem, views=tuple(_rows(same, *item) for item in views)), found.where(same, scores)

    def _scored(self, problem: Problem, loadings: Sequence[ViewLoadings]) -> tuple[Problem, ScorePosterior]:
        rated = as_fitted(_filled(problem, loadings), loadings, self.known)
        return rated, project(rated, loadings, self.calibration)


def scoring(result: PathFAResult) -> Scoring:
    """Return what a model says of how samples are scored; earlier models know less.

    Their maps were learned from samples that were scored as if they had been seen.
    """
    loadings = [loadings_of(result, view) for view in result.view_names]
    found = result.settings.get("outlying_values", {})
    outlying = {view: (item["share"], item["spread"]) for view, item in found.items()}
    qualities = zip(result.view_names, array(result.sample_quality_prior).tolist(), strict=True)
    return Scoring(
        loadings=loadings,
        unseen=[item.unseen() for item in loadings] if result.settings.get("scored_as_new") else loadings,
        known=[Exceptions(freedom, mean, outlying.get(view)) for view, (freedom, mean) in qualities],
        calibration={
            tuple(letter == "1" for letter in name): score_map(entry) for name, entry in result.calibration.items()
        },
    )


def _rows(same: Tensor, every: ViewData, old: ViewData, new: ViewData) -> ViewData:
    """Return a view as ``old`` has some of its rows and ``new`` the others."""
    if old.weight is not None or new.weight is not None:
        ones = torch.ones_like(same, dtype=every.x.dtype)
        of_old, of_new = (ones if item.weight is None else item.weight for item in (old, new))
        every = every.weighted(torch.where(same, of_old, of_new))
    left_out = every.seen.expand_as(every.x) > torch.where(same[:, None], old.seen, new.seen)
    return every.without(left_out) if bool(left_out.any()) else every


def _filled(problem: Problem, loadings: Sequence[ViewLoadings]) -> Problem:
    """Return the problem with values below their detection limits where scores and values agree with each other."""
    if not is_censored(problem):
        return problem
    means, precisions = [item.mean for item in loadings], [item.noise_precision for item in loadings]
    filled, scores = problem, project(problem, loadings, {}).mean
    for _ in range(_CENSORED_STEPS):
        filled, _entropy = fill_censored(problem, scores, means, precisions)
        previous, scores = scores, project(filled, loadings, {}).mean
        if torch.allclose(scores, previous, rtol=0.0, atol=_CENSORED_TOLERANCE):
            break
    return filled
