"""What a fit says of every sample of its cohort, in one pass over them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from pathfa.inference.posterior.activity import Activity, activities
from pathfa.inference.posterior.calibration import Calibration
from pathfa.inference.posterior.project import project
from pathfa.inference.posterior.set_effects import SetEffects
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import Problem
from pathfa.inference.updates.scores import ScorePosterior

EFFECT_SAMPLES = 2000
"""Most samples from which the effects of gene sets, and the correlation of residuals, are learned."""


@dataclass(frozen=True, kw_only=True)
class OfSamples:
    """Scores and activities of samples.

    Attributes
    ----------
    scores
        Scores from all views.
    alone
        Scores from each view alone, N x K.
    activities
        Activities from each view, and the last from all.
    """

    scores: ScorePosterior
    alone: list[torch.Tensor]
    activities: list[Activity]


def of_samples(
    blocks: Iterable[tuple[Problem, Problem]],
    n_samples: int,
    loadings: Sequence[ViewLoadings],
    calibration: Calibration,
    effects: SetEffects,
) -> OfSamples:
    """Return what is said of the samples of some blocks, in their order.

    Parameters
    ----------
    blocks
        Samples twice: with values below their detection limits as the fit has them, for the scores, and as they were
        measured, for the activities.
    n_samples
        How many they are together.
    loadings, calibration, effects
        What the fit has learned.
    """
    scores, alone, moving = _Scores(n_samples), _Rows(n_samples), _Rows(n_samples)
    for filled, measured in blocks:
        found = project(filled, loadings, calibration)
        scores.add(filled, found)
        several = range(len(filled.views)) if len(filled.views) > 1 else ()
        alone.add([project(filled.only([at]), loadings, calibration).mean for at in several] or [found.mean])
        each = activities(measured, found, loadings, effects)
        moving.add([part for item in each[: len(each) if several else 1] for part in (item.mean, item.variance)])
    pairs = zip(moving.filled[::2], moving.filled[1::2], strict=True)
    known = [Activity(mean=mean, variance=variance) for mean, variance in pairs]
    return OfSamples(scores=scores.joined(), alone=alone.filled, activities=known * (2 if len(known) == 1 else 1))


class _Rows:
    """Tables of all samples, filled a few rows at a time."""

    def __init__(self, n_samples: int) -> None:
        self.n_samples = n_samples
        self.filled: list[torch.Tensor] = []
        self._start = 0

    def add(self, parts: Sequence[torch.Tensor]) -> None:
        """Add the next rows of every table."""
        if not self.filled:
            self.filled = [part.new_empty(self.n_samples, *part.shape[1:]) for part in parts]
        end = self._start + len(parts[0])
        for table, part in zip(self.filled, parts, strict=True):
            table[self._start : end] = part
        self._start = end


class _Scores:
    """Scores of all samples; those that were measured alike share a covariance."""

    def __init__(self, n_samples: int) -> None:
        self.tables, self.log_det = _Rows(n_samples), 0.0
        self.covs: list[torch.Tensor] = []
        self.known: dict[tuple[bool, ...], int] = {}

    def add(self, problem: Problem, scores: ScorePosterior) -> None:
        """Add the scores of the next samples."""
        presence = torch.stack([view.present for view in problem.views], dim=1)[problem.patterns[0]].tolist()
        place = []
        for views, cov in zip(map(tuple, presence), scores.cov, strict=True):
            at = len(self.covs) if problem.single else self.known.setdefault(views, len(self.covs))
            self.covs += [cov] if at == len(self.covs) else []
            place.append(at)
        pattern = torch.tensor(place, device=scores.mean.device)[scores.pattern]
        self.tables.add([scores.mean, pattern, scores.multiplicity])
        self.log_det += scores.log_det

    def joined(self) -> ScorePosterior:
        """Return the scores of all."""
        mean, pattern, multiplicity = self.tables.filled
        return ScorePosterior(
            mean=mean, cov=torch.stack(self.covs), pattern=pattern, log_det=self.log_det, multiplicity=multiplicity
        )
