"""What one view alone says of gene sets and factors, without a fit to the samples that it is asked about."""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from pathfa.result.result import PathFAResult

_N_FOLDS = 5
_PRIOR_MEMBERS = 4.0  # members that the mean variance between members counts as


class Unit(StrEnum):
    """What is compared between views."""

    GENE_SET = "gene_set"
    FACTOR = "factor"
    GENE = "gene"


def own_scores(result: PathFAResult, view: str, unit: Unit, seed: int) -> np.ndarray:
    """Return scores of gene sets, N x P, or factors, N x K, from one view, without a fit to the samples they are of.

    The score of a gene set is the mean of its measured members, that of a factor has weights learned on other samples,
    in folds with this seed. Where nothing was measured it is NaN.
    """
    values = result.data[view].to_numpy(dtype=float)
    if unit is Unit.GENE_SET:
        return member_means(result, view, values)
    x, z = np.where(np.isfinite(values), values, 0.0), result.scores.to_numpy()
    rows = np.flatnonzero(result.presence[view].to_numpy(dtype=bool))
    folds = np.random.default_rng(seed).permutation(len(rows)) % min(_N_FOLDS, max(2, len(rows) // 2))
    scores = np.full(z.shape, np.nan)
    for fold in np.unique(folds):
        train, held = rows[folds != fold], rows[folds == fold]
        gram = z[train].T @ z[train] + np.eye(z.shape[1])
        loadings = np.linalg.solve(gram, z[train].T @ x[train]).T  # G x K
        scaled = loadings / result.noise[view].to_numpy()[:, None] ** 2
        scores[held] = np.linalg.solve(scaled.T @ loadings + np.eye(z.shape[1]), scaled.T @ x[held].T).T
    return scores


def member_means(result: PathFAResult, view: str, values: np.ndarray) -> np.ndarray:
    """Return the mean of the measured members of each gene set in values of a view, N x P; NaN without one."""
    seen, mask = np.isfinite(values), result.masks[view]
    with np.errstate(invalid="ignore", divide="ignore"):
        total = mask.T @ np.where(seen, values, 0.0).T
        return np.asarray(total / (abs(mask).T @ seen.T.astype(float))).T


def reliability(result: PathFAResult, view: str) -> np.ndarray:
    """Return the share of the variance of ``member_means`` that other members of the set would show too, P.

    1 - e / v with v the variance of the mean over the samples and e that from the choice of members: the variance
    between them, moderated over the gene sets of the view, divided by their number (Cronbach's alpha, with missing
    values and weights). 0 where members have nothing in common; NaN without a member.
    """
    values = result.data[view].to_numpy(dtype=float)
    seen, size = np.isfinite(values), abs(result.masks[view])
    mean = member_means(result, view, values)
    known, given = np.isfinite(mean), np.where(seen, values, 0.0) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = (size.T @ seen.T.astype(float)).T
        members = weight**2 / (size.power(2).T @ seen.T.astype(float)).T  # as many as if all weighed the same
        about = np.where(known, ((size.T @ given.T).T / weight - mean**2) * members, 0.0).sum(axis=0)
        freedom = np.where(known, members - 1.0, 0.0).sum(axis=0)
        samples = known.sum(axis=0)
        prior = _PRIOR_MEMBERS * samples
        between = (about + prior * about.sum() / freedom.sum()) / (freedom + prior)
        error = between * np.where(known, 1.0 / members, 0.0).sum(axis=0) / samples
        centred = np.where(known, mean - np.where(known, mean, 0.0).sum(axis=0) / samples, 0.0)
        return np.asarray(np.clip(1.0 - error * (samples - 1.0) / (centred**2).sum(axis=0), 0.0, 1.0))
