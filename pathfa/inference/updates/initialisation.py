"""Initialisations of a fit: alternating updates hardly rotate, so that factors must point at gene sets from the start.

``activities``
    Ridge estimate of the gene-set activities of each sample, its sets clustered into K groups, the leading direction
    of each group as a factor, with the sign that the sets of its own group have.
``clusters``
    The same with a single run of the clustering and gene sets weighted at random (the Bayesian bootstrap), so that
    other seeds find other groups, or other directions where the groups are clear.
``pca``
    Varimax-rotated principal components of the stacked views.
``random``
    Independent standard normal scores.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import sklearn
import torch
from sklearn.cluster import KMeans
from torch import Tensor

from pathfa.inference.numerics import DTYPE, cholesky, over_rows, row_squares
from pathfa.inference.problem.problem import Problem
from pathfa.inference.problem.view import ViewData

INITIALISATIONS = ("activities", "clusters", "pca", "random")
_CLUSTER_RUNS = 10
_LARGE = 2.0  # root mean square of a sample, over the median, from which it is larger than a factor makes it
_DIGITS = 8  # decimals to which directions must agree to count as one


def initial_scores(
    problem: Problem, name: str, n_factors: int, seed: int, activity: Callable[[], Tensor] | None = None
) -> Tensor:
    """Return the scores of an initialisation, N x K, with mean square 1.

    Parameters
    ----------
    problem
        The data.
    name
        One of ``INITIALISATIONS``.
    n_factors
        Number of factors, K.
    seed
        Seed of what is random in it.
    activity
        Returns what ``ridge_activities`` returns; it is worth keeping where there are thousands of gene sets.
    """
    rng, problem = np.random.default_rng(seed), tamed(problem)
    if name == "random":
        scores = torch.as_tensor(rng.standard_normal((problem.n_rows, n_factors)), dtype=DTYPE, device=problem.device)
    elif name in ("activities", "clusters"):
        values = ridge_activities(problem) if activity is None else activity()
        if name == "clusters":
            weight = rng.standard_exponential(problem.n_sets) ** 0.5
            values = values * torch.as_tensor(weight, dtype=DTYPE, device=values.device)
        scores = _clustered(values, n_factors, _CLUSTER_RUNS if name == "activities" else 1, rng)
    elif name == "pca":
        scores = _varimax_pca(problem, n_factors, rng)
        scores = scores * _signs(problem, scores)
    else:
        raise ValueError(f"initialisation is {name!r}; expected one of {INITIALISATIONS}")
    return scores / scores.square().mean(0).sqrt().clamp(min=1e-12)


def tamed(problem: Problem) -> Problem:
    """Return the problem with samples of very large values brought nearer, so that no factor begins as one sample."""
    if not problem.of_samples:
        return problem
    views = []
    for view in problem.views:
        squares = row_squares(view.x, torch.ones_like(view.sum_squares))
        size = (squares / view.values_of_samples.clamp(min=1.0)).sqrt()
        most = _LARGE * float(size[view.present].median()) if bool(view.present.any()) else 0.0
        large = size > most
        views.append(replace(view, x=view.x * (most / size).where(large, 1.0)[:, None]) if bool(large.any()) else view)
    return replace(problem, views=tuple(views))


def ridge_activities(problem: Problem, ridge: float = 1.0) -> Tensor:
    """Return the ridge estimate of the gene-set activities, N x P: (Q + ridge / s^2 I)^-1 R with the measured views.

    Q = sum_m C_m' C_m / v_m and R = sum_m C_m' X_m' / v_m with v_m the mean variance of view m; s is the least unit of
    the views (``ViewData.unit``).
    """
    rows, pattern = problem.view_patterns
    weights = [float(view.n_observed.sum() / view.sum_squares.sum().clamp(min=1e-300)) for view in problem.views]
    linear = torch.zeros(problem.n_rows, problem.n_sets, dtype=DTYPE, device=problem.device)
    for view, weight in zip(problem.views, weights, strict=True):
        parts = over_rows(view.x, partial(_onto_sets, view))
        linear += weight * torch.cat(parts)
    least = ridge * min(view.unit for view in problem.views) ** -2
    activity = torch.zeros_like(linear)
    for index, row in enumerate(rows.tolist()):
        seen = [pair for pair in zip(problem.views, weights, strict=True) if bool(pair[0].present[row])]
        members = pattern == index
        activity[members] = _ridge(seen, least, linear[members].T).T
    return activity


def _onto_sets(view: ViewData, rows: slice) -> Tensor:
    """Return X C of some samples, n x P."""
    return (view.mask_t @ view.x[rows].T).T


def _ridge(views: Sequence[tuple[ViewData, float]], least: float, linear: Tensor) -> Tensor:
    """Return (Q + least I)^-1 R for R of shape P x n, with Q of some views and their weights."""
    gram = torch.eye(len(linear), dtype=DTYPE, device=linear.device).mul_(least)
    for view, weight in views:
        view.sets.add_products(gram, weight)
    factor = cholesky(gram, "products of the gene sets")
    half = torch.linalg.solve_triangular(factor, linear, upper=False)
    solved: Tensor = torch.linalg.solve_triangular(factor.T, half, upper=True)
    return solved


def _clustered(activity: Tensor, n_factors: int, runs: int, rng: np.random.Generator) -> Tensor:
    """Return the leading sample direction of each of K clusters of gene sets, N x K.

    Sets are clustered by direction, weighted by their squared norm: a weak set has a direction of mostly noise. Where
    there are fewer directions than factors, as with gene sets of equal members, the others are random.
    """
    rows = activity.T.cpu().numpy()  # P x N
    norms = np.linalg.norm(rows, axis=1)
    used = norms > 1e-12 * max(norms.max(), 1e-300)
    rows, norms = rows[used], norms[used]
    directions = rows / norms[:, None]
    n_clusters = min(n_factors, len(np.unique(directions.round(_DIGITS), axis=0)))
    columns = []
    if n_clusters:
        seed = int(rng.integers(2**31))
        clustering = KMeans(n_clusters, n_init=runs, random_state=seed)
        with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
            label = clustering.fit_predict(directions, sample_weight=norms**2)
        columns = [_leading_direction(rows[label == cluster]) for cluster in np.unique(label)]
    while len(columns) < n_factors:
        columns.append(rng.standard_normal(activity.shape[0]))
    return torch.as_tensor(np.stack(columns, axis=1), dtype=DTYPE, device=activity.device)


def _leading_direction(rows: np.ndarray) -> np.ndarray:
    """Return the leading right singular vector of some rows, with the sign that most of them have."""
    wide = rows.shape[0] < rows.shape[1]
    vector = np.linalg.eigh(rows @ rows.T if wide else rows.T @ rows)[1][:, -1]
    direction: np.ndarray = vector @ rows if wide else vector
    direction = direction / np.linalg.norm(direction)
    return direction if (rows @ direction).sum() >= 0 else -direction


def _varimax_pca(problem: Problem, n_factors: int, rng: np.random.Generator) -> Tensor:
    """Return varimax-rotated principal components of all views in their units, missing values as 0, N x K."""
    gram = torch.stack([view.x @ view.x.T / view.unit**2 for view in problem.views]).sum(0)
    vectors: Tensor = torch.linalg.eigh(gram).eigenvectors
    rank = min(n_factors, problem.n_rows)
    scores: Tensor = vectors[:, -rank:].flip(1)
    loadings = torch.cat([view.x.T @ scores / view.unit for view in problem.views])
    scores = scores @ varimax(loadings)
    if rank < n_factors:
        extra = rng.standard_normal((problem.n_rows, n_factors - rank))
        scores = torch.cat([scores, torch.as_tensor(extra, dtype=DTYPE, device=problem.device)], dim=1)
    return scores


def varimax(loadings: Tensor, max_iter: int = 100, tol: float = 1e-6) -> Tensor:
    """Return the orthogonal rotation that maximises the varimax criterion of the loadings, K x K (Kaiser 1958)."""
    rotation = torch.eye(loadings.shape[1], dtype=loadings.dtype, device=loadings.device)
    criterion = 0.0
    for _ in range(max_iter):
        rotated = loadings @ rotation
        excess = rotated**2
        excess -= excess.mean(0)
        gradient = loadings.T @ excess.mul_(rotated)
        left, values, right = torch.linalg.svd(gradient)
        rotation = left @ right
        previous, criterion = criterion, float(values.sum())
        if criterion <= previous * (1.0 + tol):
            break
    return rotation


def _signs(problem: Problem, scores: Tensor) -> Tensor:
    """Return the sign of each factor for which the gene sets load positively, K."""
    loading = torch.zeros(problem.n_sets, scores.shape[1], dtype=DTYPE, device=problem.device)
    for view in problem.views:
        loading += view.mask_t @ (view.x.T @ scores / view.unit)
    positive, negative = loading.clamp(min=0).square().sum(0), loading.clamp(max=0).square().sum(0)
    return torch.where(negative > positive, -1.0, 1.0).to(DTYPE)


def plan_initialisations(n: int, seed: int) -> list[tuple[str, int]]:
    """Return the (name, seed) of each of ``n`` initialisations: each kind once, then clusters with other seeds."""
    kinds = ["activities", "pca", *["clusters"] * max(0, n - 3), "random"]
    return [(kind, seed + index) for index, kind in enumerate(kinds[:n])]
