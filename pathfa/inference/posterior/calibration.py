"""How far scores from a part of the data are to be believed, learned by leaving out each sample of the cohort.

The posterior of the model given only some views is over-confident on real data: residuals of a view are correlated
between its features (batch, composition of the tissue), so thousands of features do not carry thousands of independent
pieces of evidence, and scores from one view alone chase the residual structure of that view. The cohort tells by how
much. Each sample is left out of the loadings in closed form (its term in S and b subtracted), scored as a new one
from the subset and from all its views, and a ridge regression

    z_all = z_subset B + e,      e ~ Normal(0, Sigma)

maps one to the other. A sample that lacks features of these views as well has the posterior Normal(m, V) where those
of the cohort have the covariance V_0. What its mean would be with all features is under the model Normal(m, D), with
D = V - V_0. Correlated residuals make the features that are there tell less than that, as if their noise had c times
its variance: with T = I - V_0 the variance of the posterior means,

    z_subset | features ~ Normal( A m, c A D ),      A = ( I + (c - 1) D T^-1 )^-1

which is m where nothing is missing and Normal(0, T) where everything is. c is that under which the posterior means of
the cohort's samples are most probable given random parts of their features.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import torch
from scipy.optimize import minimize_scalar
from torch import Tensor

from pathfa.inference.ends import Fit
from pathfa.inference.loadings.posterior import loading_posterior
from pathfa.inference.numerics import cholesky
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData
from pathfa.inference.updates.scores import score_covariance

CALIBRATION_SAMPLES = 300  # most samples from which a map is learned
_INFLUENTIAL = 2000  # samples of a cohort up to which each is left out of the loadings: one of more does not matter
_MIN_SAMPLES = 8  # fewest samples with all views from which a map is learned
_RIDGES = torch.logspace(-2, 4, 25, dtype=torch.float64).tolist()
_SHARES = (0.5, 0.1)  # of the features in the parts from which c is learned
_LOG_MOST = 7.0  # log of the largest c
_LEAST = 1e-6  # variance of a score from which it says something about c


@dataclass(frozen=True, kw_only=True)
class ScoreMap:
    """From the scores of a subset of views to those of all.

    Attributes
    ----------
    map
        B, K x K.
    cov
        Covariance of the scores given what the samples of the cohort showed in these views, K x K.
    seen
        V_0, that covariance under the model, K x K.
    inflation
        c, at least 1.
    """

    map: Tensor
    cov: Tensor
    seen: Tensor
    inflation: float

    def __call__(self, cov: Tensor) -> tuple[Tensor, Tensor]:
        """Return what turns the mean given the subset into that given all views, as rows, and the covariance then.

        Parameters
        ----------
        cov
            V of n samples, n x K x K; so is what is returned.
        """
        lost = _lost(cov, self.seen)
        by, spread = lost.inflated(self.inflation)
        if torch.equal(self.cov, self.seen):  # from all views to themselves: V with c A D in the place of D
            return by, cov - lost.inflated(1.0)[1] + spread
        return by @ self.map, self.cov + self.map.T @ spread @ self.map


Calibration = Mapping[tuple[bool, ...], ScoreMap]  # keyed by which views were measured


@dataclass(frozen=True, kw_only=True)
class _Lost:
    """D of n samples beside T, as T = R R' and D = R diag(m) R' with the same R, so that nothing is inverted for a c.

    Attributes
    ----------
    root, inverse
        R and (R^-1)', n x K x K.
    share
        m, n x K.
    """

    root: Tensor
    inverse: Tensor
    share: Tensor

    def inflated(self, inflation: float) -> tuple[Tensor, Tensor]:
        """Return A' and c A D."""
        kept = self.kept(inflation)
        by = (self.inverse * kept.unsqueeze(-2)) @ self.root.mT
        return by, (self.root * (inflation * self.share * kept).unsqueeze(-2)) @ self.root.mT

    def kept(self, inflation: float) -> Tensor:
        """Return the eigenvalues of A, n x K."""
        return 1.0 / (1.0 + (inflation - 1.0) * self.share)


def _lost(cov: Tensor, seen: Tensor) -> _Lost:
    values, vectors = torch.linalg.eigh(cov - seen)
    lost = (vectors * values.clamp(min=0.0).unsqueeze(-2)) @ vectors.mT
    eye = torch.eye(cov.shape[-1], dtype=cov.dtype, device=cov.device)
    # a factor of which nothing is ever seen has nothing to lose
    factor = cholesky((1.0 + _LEAST) * eye - seen, "variance of the posterior means of the scores")
    inverse = torch.linalg.solve_triangular(factor, eye.expand_as(factor), upper=False)
    share, vectors = torch.linalg.eigh(inverse @ lost @ inverse.mT)
    return _Lost(root=factor @ vectors, inverse=inverse.mT @ vectors, share=share.clamp(min=0.0))


def calibrate(
    problem: Problem, loadings: Sequence[ViewLoadings], fit: Fit | None = None, seed: int = 0
) -> dict[tuple[bool, ...], ScoreMap]:
    """Return the maps from every subset of up to four views to all views; beyond four, from single views and from all.

    The map from all views to themselves is the identity: it only says how far samples that lack features of them are
    to be believed. Without samples enough that have all views there is no map.

    Parameters
    ----------
    problem
        Samples of the training cohort.
    loadings
        Posterior of the loadings.
    fit
        The fit whose rows are these samples, so that each can be left out of the loadings; None where its rows are
        others.
    seed
        Seed of the draws of ``CALIBRATION_SAMPLES`` samples where there are more, and of parts of the features.
    """
    n_views = len(problem.views)
    rows = torch.nonzero(problem.measured_in([True] * n_views)).squeeze(1)
    if len(rows) < _MIN_SAMPLES:
        return {}
    generator = torch.Generator("cpu").manual_seed(seed)  # the same draws on every device
    if len(rows) > CALIBRATION_SAMPLES:
        order = torch.randperm(len(rows), generator=generator, device="cpu")
        rows = rows[order[:CALIBRATION_SAMPLES].to(rows.device)]
    loadings = [item.unseen() for item in loadings]
    everyone = [item.mean for item in loadings]
    leave_one_out = None if fit is None or problem.n_rows > _INFLUENTIAL else LeaveOneOut(problem, fit)
    evidence = []
    for row in rows.tolist():
        known = everyone if leave_one_out is None else leave_one_out(row)
        for view, item, mean in zip(problem.views, loadings, known, strict=True):
            evidence.append(_evidence(view, row, item.noise_precision, mean, generator))
    size = loadings[0].mean.shape[1]
    linear, precision = (
        torch.stack([item[part] for item in evidence]).reshape(len(rows), n_views, 1 + len(_SHARES), *shape)
        for part, shape in enumerate([(size,), (size, size)])
    )
    target, cov = _scores(linear[:, :, 0], precision[:, :, 0])
    found = {}
    for subset in product((False, True), repeat=n_views):
        if not any(subset) or (n_views > 4 and 1 < sum(subset) < n_views):
            continue
        used = torch.tensor(subset, device=rows.device)
        (mean, own), *parts = [
            _scores(linear[:, used, part], precision[:, used, part]) for part in range(1 + len(_SHARES))
        ]
        inflation = _inflation(mean, own, parts)
        if all(subset):
            everything = torch.stack([item.total_precision for item in loadings]).sum(0)
            seen = _scores(mean.new_zeros(1, 1, size), everything[None, None])[1][0]
            found[subset] = ScoreMap(
                map=torch.eye(size, dtype=mean.dtype, device=mean.device), cov=seen, seen=seen, inflation=inflation
            )
        else:
            by, spread = ridge_map(mean, target)
            found[subset] = ScoreMap(map=by, cov=spread + cov.mean(0), seen=own.mean(0), inflation=inflation)
    return found


def _evidence(
    view: ViewData, row: int, noise_precision: Tensor, mean: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return W' Lambda x and W' Lambda W of a sample, of all its features and of random parts."""
    seen = view.seen.expand_as(view.x)[row] > 0
    drawn = torch.rand(len(_SHARES), len(seen), dtype=mean.dtype, generator=generator, device="cpu").to(mean.device)
    used = [seen, *(seen & (part < share) for part, share in zip(drawn, _SHARES, strict=True))]
    weighted, x = noise_precision[:, None] * mean * view.weight_of(row), view.x[row]
    linear = torch.stack([x[some] @ weighted[some] for some in used])
    return linear, torch.stack([weighted[some].T @ mean[some] for some in used])


def _scores(linear: Tensor, precision: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and covariance of the scores, n x K and n x K x K, from the terms of n samples and some views."""
    eye = torch.eye(linear.shape[-1], dtype=linear.dtype, device=linear.device)
    cov, _ = score_covariance(eye + precision.sum(1))
    return (cov @ linear.sum(1).unsqueeze(-1)).squeeze(-1), cov


def _inflation(mean: Tensor, own: Tensor, parts: Sequence[tuple[Tensor, Tensor]]) -> float:
    """Return the c under which the scores of samples are most probable given those from parts of their features.

    Parameters
    ----------
    mean, own
        Mean and covariance of the scores of n samples from all their features.
    parts
        The same from each part of the features.
    """
    lost = _lost(torch.cat([cov for _, cov in parts]), own.repeat(len(parts), 1, 1))
    part = (torch.cat([mean for mean, _ in parts]).unsqueeze(1) @ lost.inverse).squeeze(1)
    target, squares = mean.repeat(len(parts), 1), lost.root.square()

    def surprise(log_inflation: float) -> float:
        inflation = math.exp(log_inflation)
        kept = lost.kept(inflation)
        variance = (squares @ (inflation * lost.share * kept).unsqueeze(-1)).squeeze(-1)
        error = target - (lost.root @ (part * kept).unsqueeze(-1)).squeeze(-1)
        each = variance.log() + error.square() / variance
        return float(torch.where(variance > _LEAST, each, 0.0).sum())

    return math.exp(minimize_scalar(surprise, bounds=(0.0, _LOG_MOST), method="bounded").x)


class LeaveOneOut:
    """Loadings without one sample: S - E[z z'] and b - x z', the gene-set weights as they are."""

    def __init__(self, problem: Problem, fit: Fit) -> None:
        self.problem, self.state = problem, fit.state
        self.second = [fit.state.scores.second(view) for view in problem.views]
        self.cross = [fit.state.scores.cross(view) for view in problem.views]

    def __call__(self, row: int) -> list[Tensor]:
        """Return E[w] of every view without a sample, G x K."""
        scores, found = self.state.scores, []
        z = scores.mean[row]
        own = torch.outer(z, z) + scores.cov[scores.pattern[row]]
        for position, view in enumerate(self.problem.views):
            weight = view.weight_of(row)
            second = [
                item - weight * own
                if group.observed is None
                else item - weight * group.observed[row][:, None, None] * own
                for group, item in zip(view.groups, self.second[position], strict=True)
            ]
            cross = self.cross[position] - weight * torch.outer(view.x[row], z)
            noise, omega = self.state.noise[position], self.state.omega[position]
            posterior = loading_posterior(view, noise.precision, second, cross, omega)
            found.append(posterior.mean(self.state.moments[position].prior_mean))
        return found


def ridge_map(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Return B and the covariance of the residuals of y on x, penalty by generalised cross-validation.

    See Golub et al. 1979.
    """
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
    return right.T @ ((values / (values**2 + ridge))[:, None] * projected), spread
