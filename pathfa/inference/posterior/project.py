"""Scores of samples from any subset of the views, with the confidence that the cohort shows they deserve.

The posterior given all views is that of the model. Given only some views it is over-confident on real data: residuals
of a view are correlated between its features (batch, composition of the tissue), so thousands of features do not carry
thousands of independent pieces of evidence, and scores from one view alone chase the residual structure of that view.
The cohort tells by how much. Each sample is left out of the loadings in closed form (its term in S and b subtracted),
scored from the subset and from all its views, and a ridge regression

    z_all = z_subset B + e,      e ~ Normal(0, Sigma)

maps one to the other. B and Sigma, with the posterior covariance of z_all added, are what ``project`` carries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

import torch
from torch import Tensor

from pathfa.inference.fit import Fit
from pathfa.inference.loadings.posterior import loading_posterior
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.scores import ScorePosterior, score_covariance, seen_precision, update_scores
from pathfa.inference.updates.state import loading_posteriors

CALIBRATION_SAMPLES = 300  # most samples from which a map is learned
_MIN_SAMPLES = 8  # fewest samples with all views from which a map is learned
_RIDGES = torch.logspace(-2, 4, 25, dtype=torch.float64)


@dataclass(frozen=True, kw_only=True)
class ViewLoadings:
    """Posterior of the loadings of one view, with that of the gene-set weights in it.

    Attributes
    ----------
    mean, cov
        E[w], G x K, and its covariance per feature, G x K x K.
    noise_precision
        lambda, G.
    """

    mean: Tensor
    cov: Tensor
    noise_precision: Tensor

    @cached_property
    def second_moment(self) -> Tensor:
        """E[w_g w_g'], G x K x K."""
        return self.mean[:, :, None] * self.mean[:, None, :] + self.cov

    @cached_property
    def _precision(self) -> Tensor:
        return self.noise_precision[:, None, None] * self.second_moment

    def precisions(self, view: ViewData) -> tuple[Tensor, ...]:
        """Return lambda_g E[w_g w_g'] of each group of features of a view, summed over complete features."""
        each = [self._precision[group.index] for group in view.groups]
        return tuple(
            item.sum(0) if group.observed is None else item for group, item in zip(view.groups, each, strict=True)
        )


@dataclass(frozen=True, kw_only=True)
class ScoreMap:
    """From the scores of a subset of views to those of all.

    Attributes
    ----------
    map
        B, K x K.
    cov
        Covariance of the scores given the subset, K x K.
    """

    map: Tensor
    cov: Tensor


Calibration = Mapping[tuple[bool, ...], ScoreMap]  # keyed by which views were measured


def view_loadings(problem: Problem, fit: Fit) -> tuple[ViewLoadings, ...]:
    """Return the posterior of the loadings of every view given the scores of a finished fit."""
    result = []
    for position, posterior in enumerate(loading_posteriors(problem, fit.state)):
        view, scale = problem.views[position], fit.state.scale[position]
        prior_mean = (view.mask @ fit.state.weights.mean) * scale + fit.state.intercept[position]
        prior_cov = fit.state.weights.prior_cov(view).scaled(scale)
        result.append(
            ViewLoadings(
                mean=posterior.mean(prior_mean),
                cov=posterior.covariance(prior_cov),
                noise_precision=posterior.noise_precision,
            )
        )
    return tuple(result)


def project(problem: Problem, loadings: Sequence[ViewLoadings], calibration: Calibration) -> ScorePosterior:
    """Return the scores of samples from whatever views each was measured in.

    Parameters
    ----------
    problem
        The samples, preprocessed as the training cohort was.
    loadings
        Posterior of the loadings per view.
    calibration
        Maps for incomplete subsets; a subset without one keeps the posterior of the model.
    """
    posterior = update_scores(
        problem,
        [item.mean for item in loadings],
        [item.precisions(view) for item, view in zip(loadings, problem.views, strict=True)],
        [item.noise_precision for item in loadings],
    )
    presence = torch.stack([view.present for view in problem.views], dim=1)
    mean, cov, pattern = posterior.mean.clone(), [posterior.cov], posterior.pattern.clone()
    n_patterns = len(posterior.cov)
    for subset, item in calibration.items():
        rows = (presence == torch.tensor(subset, device=presence.device)).all(dim=1)
        if bool(rows.any()):
            mean[rows] = mean[rows] @ item.map
            cov.append(item.cov[None])
            pattern[rows] = n_patterns
            n_patterns += 1
    return replace(posterior, mean=mean, cov=torch.cat(cov), pattern=pattern)


def predict_view(scores: ScorePosterior, loadings: ViewLoadings) -> tuple[Tensor, Tensor]:
    """Return mean and variance of the values of a view, N x G each, the noise included.

    The variance is ``w' Cov(z) w + z' Cov(w) z + tr(Cov(w) Cov(z)) + 1 / lambda``.
    """
    size = scores.mean.shape[1]
    mean = scores.mean @ loadings.mean.T
    from_scores = scores.cov.reshape(-1, size * size) @ loadings.second_moment.reshape(-1, size * size).T  # R x G
    second = (scores.mean[:, :, None] * scores.mean[:, None, :]).reshape(-1, size * size)
    from_loadings = second @ loadings.cov.reshape(-1, size * size).T
    return mean, from_scores[scores.pattern] + from_loadings + 1.0 / loadings.noise_precision


def calibrate(
    problem: Problem, loadings: Sequence[ViewLoadings], fit: Fit | None = None, seed: int = 0
) -> dict[tuple[bool, ...], ScoreMap]:
    """Return the maps from every proper subset of up to four views to all views; beyond four, from single views.

    Parameters
    ----------
    problem
        Samples of the training cohort.
    loadings
        Posterior of the loadings.
    fit
        The fit whose rows are these samples, so that each can be left out of the loadings; None where the samples are
        so many that one more or less does not matter.
    seed
        Seed of the draw of ``CALIBRATION_SAMPLES`` samples where there are more.
    """
    n_views = len(problem.views)
    complete = torch.stack([view.present for view in problem.views], dim=1).all(dim=1)
    rows = torch.nonzero(complete).squeeze(1)
    if n_views == 1 or len(rows) < _MIN_SAMPLES:
        return {}
    if len(rows) > CALIBRATION_SAMPLES:
        generator = torch.Generator().manual_seed(seed)
        rows = rows[torch.randperm(len(rows), generator=generator)[:CALIBRATION_SAMPLES].to(rows.device)]
    subsets = [
        subset
        for subset in product((False, True), repeat=n_views)
        if any(subset) and not all(subset) and (n_views <= 4 or sum(subset) == 1)
    ]
    everyone = [(item.mean, item.precisions(view)) for item, view in zip(loadings, problem.views, strict=True)]
    leave_one_out = None if fit is None else LeaveOneOut(problem, fit)
    linear, precision = [], []
    for row in rows:
        known = everyone if leave_one_out is None else leave_one_out(int(row))
        for view, item, (mean, precisions) in zip(problem.views, loadings, known, strict=True):
            linear.append(view.x[row] @ (item.noise_precision[:, None] * mean))
            precision.append(seen_precision(view, row[None], precisions)[0])
    size = linear[0].shape[0]
    terms = torch.stack(linear).reshape(-1, n_views, size), torch.stack(precision).reshape(-1, n_views, size, size)
    target, cov = _scores(*terms)
    parts = {subset: torch.tensor(subset, device=rows.device) for subset in subsets}
    return {
        subset: ridge_map(_scores(terms[0][:, used], terms[1][:, used])[0], target, cov.mean(0))
        for subset, used in parts.items()
    }


def _scores(linear: Tensor, precision: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and covariance of the scores, n x K and n x K x K, from the terms of n samples and some views."""
    eye = torch.eye(linear.shape[-1], dtype=linear.dtype, device=linear.device)
    cov, _ = score_covariance(eye + precision.sum(1))
    return (cov @ linear.sum(1).unsqueeze(-1)).squeeze(-1), cov


class LeaveOneOut:
    """Loadings without one sample: S - E[z z'] and b - x z', the gene-set weights as they are."""

    def __init__(self, problem: Problem, fit: Fit) -> None:
        self.problem, self.state = problem, fit.state
        self.second = [fit.state.scores.second(view) for view in problem.views]
        self.cross = [fit.state.scores.cross(view) for view in problem.views]

    def __call__(self, row: int) -> list[tuple[Tensor, tuple[Tensor, ...]]]:
        """Return E[w] of every view without a sample, G x K, and lambda_g E[w_g w_g'] of each of its groups."""
        scores, found = self.state.scores, []
        z = scores.mean[row]
        own = torch.outer(z, z) + scores.cov[scores.pattern[row]]
        for position, view in enumerate(self.problem.views):
            second = [
                item - own if group.observed is None else item - group.observed[row][:, None, None] * own
                for group, item in zip(view.groups, self.second[position], strict=True)
            ]
            cross = self.cross[position] - torch.outer(view.x[row], z)
            noise, omega = self.state.noise[position], self.state.omega[position]
            posterior = loading_posterior(view, noise.precision, second, cross, omega)
            mean = posterior.mean(self.state.moments[position].prior_mean)
            found.append((mean, posterior.second_moment(mean)))
        return found


def ridge_map(x: Tensor, y: Tensor, cov: Tensor) -> ScoreMap:
    """Return the ridge regression of y on x, penalty by generalised cross-validation (Golub et al. 1979)."""
    n = len(x)
    left, values, right = torch.linalg.svd(x, full_matrices=False)
    projected = left.T @ y
    fits = []
    for ridge in _RIDGES:
        share = values**2 / (values**2 + ridge)
        residual = y - left @ (share[:, None] * projected)
        freedom = max(1.0 - float(share.sum()) / n, 1e-6)
        fits.append((float((residual**2).sum()) / freedom**2, ridge, residual.T @ residual / (n * freedom)))
    _, ridge, spread = min(fits, key=lambda item: item[0])
    return ScoreMap(map=right.T @ ((values / (values**2 + ridge))[:, None] * projected), cov=spread + cov)
