"""Posterior of the factor scores given the loadings: Gaussian, one precision per pattern of what was observed.

    H_Z = I + sum over observed features of lambda_g E[w_g w_g'],      E[z_n] = H_Z^-1 sum_m W_m' Lambda_m x_mn

Samples that were measured in the same views share a precision; in a view with missing entries each sample has its own.
Both are exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from pathfa.inference.numerics import DTYPE, cholesky, rows_times, square, times_rows
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData


@dataclass(frozen=True, kw_only=True)
class ScorePosterior:
    """Gaussian posterior of the scores.

    Attributes
    ----------
    mean
        E[z], N x K.
    cov
        Covariance per pattern, R x K x K.
    pattern
        Pattern of each row, N.
    log_det
        ``sum_n log |H_Z,n|`` over all samples that the rows stand for.
    multiplicity
        How many samples each row stands for, N.
    """

    mean: Tensor
    cov: Tensor
    pattern: Tensor
    log_det: float
    multiplicity: Tensor

    @cached_property
    def n_samples(self) -> float:
        """Number of samples that the rows stand for."""
        return float(self.multiplicity.sum())

    @property
    def variance(self) -> Tensor:
        """Posterior variance of each score, N x K."""
        return self.cov.diagonal(dim1=-2, dim2=-1)[self.pattern]

    def mean_square(self) -> Tensor:
        """Return the mean over samples of E[z_k^2], K."""
        return ((self.mean**2).sum(0) + self.multiplicity @ self.variance) / self.n_samples

    def rescaled(self, scale: Tensor) -> ScorePosterior:
        """Return the posterior of z / scale, scale of shape K."""
        return replace(
            self,
            mean=self.mean / scale,
            cov=self.cov / (scale[:, None] * scale),
            log_det=self.log_det + 2.0 * self.n_samples * float(scale.log().sum()),
        )

    def mixed(self, by: Tensor) -> ScorePosterior:
        """Return the posterior of z A, A of shape K x K and invertible."""
        return replace(
            self,
            mean=self.mean @ by,
            cov=by.T @ self.cov @ by,
            log_det=self.log_det - 2.0 * self.n_samples * float(torch.linalg.slogdet(by)[1]),
        )

    def take(self, rows: Tensor | slice) -> ScorePosterior:
        """Return the posterior of the scores of some rows; its log determinant is of no use."""
        return replace(
            self,
            mean=self.mean[rows],
            pattern=self.pattern[rows],
            log_det=math.nan,
            multiplicity=self.multiplicity[rows],
        )

    def where(self, rows: Tensor, other: ScorePosterior) -> ScorePosterior:
        """Return some rows of this posterior and the others of another; its log determinant is of no use."""
        return replace(
            self,
            mean=torch.where(rows[:, None], self.mean, other.mean),
            cov=torch.cat([self.cov, other.cov]),
            pattern=torch.where(rows, self.pattern, len(self.cov) + other.pattern),
            log_det=math.nan,
        )

    def cross(self, view: ViewData) -> Tensor:
        """Return b = X' E[Z], G x K."""
        return times_rows(view.by_weight(self.mean), view.x).T.contiguous()

    def second(self, view: ViewData) -> tuple[Tensor, ...]:
        """Return S = sum_n E[z_n z_n'] over the observed samples, K x K, or per feature, I x K x K, of each group."""
        return tuple(
            self._over(view.rows, view.weight) if group.observed is None else self._own(view.by_weight(group.observed))
            for group in view.groups
        )

    def total(self) -> Tensor:
        """Return the sum of E[z_n z_n'] over all samples, K x K."""
        return self._over(slice(None))

    def _over(self, rows: Tensor | slice, weight: Tensor | None = None) -> Tensor:
        mean, times = self.mean[rows], self.multiplicity[rows]
        own = mean if weight is None else weight[rows, None] * mean
        counts = torch.bincount(self.pattern[rows], times if weight is None else times * weight[rows], len(self.cov))
        return own.T @ mean + (counts[:, None, None] * self.cov).sum(0)

    def _own(self, observed: Tensor) -> Tensor:
        moments = self.mean[:, :, None] * self.mean[:, None, :] + self.cov[self.pattern]
        return square(observed.T @ moments.flatten(start_dim=1))


def onto_loadings(problem: Problem, means: Sequence[Tensor], noise_precision: Sequence[Tensor]) -> list[Tensor]:
    """Return X Lambda W of every view, N x K, for E[w], G x K, and lambda, G; samples are not weighted."""
    each = zip(problem.views, means, noise_precision, strict=True)
    return [rows_times(view.x, lam[:, None] * mean) for view, mean, lam in each]


def update_scores(
    problem: Problem, projected: Sequence[Tensor], precisions: Sequence[Sequence[Tensor]]
) -> ScorePosterior:
    """Return the posterior of the scores given the loadings.

    Parameters
    ----------
    problem
        The data.
    projected
        What ``onto_loadings`` returns.
    precisions
        lambda_g E[w_g w_g'] of every group of features of every view: summed over complete features, K x K, else per
        feature, I x K x K.
    """
    size = projected[0].shape[1]
    rows, pattern = problem.patterns
    eye = torch.eye(size, dtype=DTYPE, device=problem.device)
    precision = eye.repeat(len(rows), 1, 1)  # R x K x K
    linear = torch.zeros(problem.n_rows, size, dtype=DTYPE, device=problem.device)
    for view, onto, item in zip(problem.views, projected, precisions, strict=True):
        linear += view.by_weight(onto)
        precision += seen_precision(view, rows, item)
    cov, log_dets = score_covariance(precision)
    scores = (cov[pattern] @ linear.unsqueeze(-1)).squeeze(-1) if len(rows) > 1 else linear @ cov[0]
    return ScorePosterior(
        mean=scores,
        cov=cov,
        pattern=pattern,
        log_det=float(problem.multiplicity @ log_dets[pattern]),
        multiplicity=problem.multiplicity,
    )


def score_covariance(precision: Tensor) -> tuple[Tensor, Tensor]:
    """Return the covariance of the scores, R x K x K, and log |H_Z|, R, for their posterior precision H_Z."""
    factor = cholesky(precision, "posterior precision of the scores")
    return torch.cholesky_inverse(factor), 2.0 * factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def seen_precision(view: ViewData, rows: Tensor, precisions: Sequence[Tensor]) -> Tensor:
    """Return the sum over the observed features of lambda_g E[w_g w_g'] for some rows, R x K x K, from its groups."""
    present, size = view.by_weight(view.present[rows].to(DTYPE)[:, None, None], rows), precisions[0].shape[-1]
    total = torch.zeros(len(rows), size, size, dtype=DTYPE, device=rows.device)
    for group, precision in zip(view.groups, precisions, strict=True):
        if group.observed is None:
            total += present * precision
        else:
            total += square(view.by_weight(group.observed[rows], rows) @ precision.flatten(start_dim=1))
    return total
