"""What a fit says of every sample of its cohort, in one pass over them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch

from pathfa.core.side_by_side import in_order
from pathfa.inference.posterior.activity import Activity, ActivityModel
from pathfa.inference.posterior.calibration import Calibration
from pathfa.inference.posterior.project import project_each
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
        Scores from each view alone, N x K; NaN in samples that were not measured in it.
    activities
        Activities from each view, and the last from all.
    """

    scores: ScorePosterior
    alone: list[torch.Tensor]
    activities: list[Activity]


def of_samples(
    blocks: Iterable[Callable[[], tuple[Problem, Problem]]],
    n_samples: int,
    loadings: Sequence[ViewLoadings],
    calibration: Calibration,
    moving: ActivityModel,
) -> OfSamples:
    """Return what is said of the samples of some blocks, in their order.

    Parameters
    ----------
    blocks
        What returns the next samples twice: with values below their detection limits as the fit has them, for the
        scores, and as they were measured, for the activities.
    n_samples
        How many they are together.
    loadings, calibration, moving
        What the fit has learned.
    """

    @torch.inference_mode()
    def said(block: Callable[[], tuple[Problem, Problem]]) -> _Said:
        filled, measured = block()
        found, alone = project_each(filled, loadings, calibration)
        weights = torch.stack([view.by_weight(view.present.to(found.mean)) for view in filled.views], dim=1)
        each = moving(measured, found)[: None if len(filled.views) > 1 else 1]  # of one view those of all are the same
        return _Said(
            scores=found,
            kinds=[(*row, float(filled.single)) for row in weights[filled.patterns[0]].tolist()],
            alone=alone,
            activities=[part for item in each for part in (item.mean, item.sd)],
        )

    scores, alone, tables = _Scores(n_samples), _Rows(n_samples), _Rows(n_samples)
    for each in in_order(said, blocks):
        scores.add(each.scores, each.kinds)
        alone.add(each.alone)
        tables.add(each.activities)
    pairs = zip(tables.filled[::2], tables.filled[1::2], strict=True)
    known = [Activity(mean=mean, sd=sd) for mean, sd in pairs]
    return OfSamples(scores=scores.joined(), alone=alone.filled, activities=known * (2 if len(known) == 1 else 1))


class _Said(NamedTuple):
    """What is said of some samples.

    Attributes
    ----------
    scores
        Their scores.
    kinds
        Of each of their covariances how much the views count, and whether it is that of one sample alone.
    alone, activities
        Tables of ``OfSamples``, n x ... each.
    """

    scores: ScorePosterior
    kinds: list[tuple[float, ...]]
    alone: list[torch.Tensor]
    activities: list[torch.Tensor]


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
    """Scores of all samples; those that were measured alike, and are as noisy, share a covariance."""

    def __init__(self, n_samples: int) -> None:
        self.tables, self.log_det = _Rows(n_samples), 0.0
        self.covs: list[torch.Tensor] = []
        self.known: dict[tuple[float, ...], int] = {}

    def add(self, scores: ScorePosterior, kinds: Sequence[tuple[float, ...]]) -> None:
        """Add the scores of the next samples."""
        place = []
        for kind, cov in zip(kinds, scores.cov, strict=True):
            at = len(self.covs) if kind[-1] else self.known.setdefault(kind, len(self.covs))
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
