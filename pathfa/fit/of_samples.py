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
    loadings, calibration, effects
        What the fit has learned.
    """
    scores, alone, moving = [], [], []
    for filled, measured in blocks:
        found = project(filled, loadings, calibration)
        scores.append((filled, found))
        each = [filled.only([at]) for at in range(len(filled.views))] if len(filled.views) > 1 else []
        alone.append([project(problem, loadings, calibration).mean for problem in each] or [found.mean])
        moving.append(activities(measured, found, loadings, effects))
    return OfSamples(
        scores=_joined(scores),
        alone=[torch.cat(same) for same in zip(*alone, strict=True)],
        activities=[
            Activity(mean=torch.cat([item.mean for item in same]), variance=torch.cat([item.variance for item in same]))
            for same in zip(*moving, strict=True)
        ],
    )


def _joined(blocks: Sequence[tuple[Problem, ScorePosterior]]) -> ScorePosterior:
    """Return the scores of all samples; those that were measured alike share a covariance."""
    if len(blocks) == 1:
        return blocks[0][1]
    covs: list[torch.Tensor] = []
    known: dict[tuple[bool, ...], int] = {}
    patterns = []
    for problem, scores in blocks:
        presence = torch.stack([view.present for view in problem.views], dim=1)[problem.patterns[0]].tolist()
        place = []
        for views, cov in zip(map(tuple, presence), scores.cov, strict=True):
            at = len(covs) if problem.single else known.setdefault(views, len(covs))
            covs += [cov] if at == len(covs) else []
            place.append(at)
        patterns.append(torch.tensor(place, device=scores.mean.device)[scores.pattern])
    parts = [scores for _, scores in blocks]
    return ScorePosterior(
        mean=torch.cat([item.mean for item in parts]),
        cov=torch.stack(covs),
        pattern=torch.cat(patterns),
        log_det=sum(item.log_det for item in parts),
        multiplicity=torch.cat([item.multiplicity for item in parts]),
    )
