"""Names of factors: gene sets that say what is in them as random sets do not, else their strongest genes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy import stats

from pathfa.inference.posterior.random_sets import Comparison, MemberMeans
from pathfa.inference.problem.view import ViewData
from pathfa.result.judgement import LIMITS
from pathfa.result.labels import factor_names, strongest_genes
from pathfa.result.shared_features import random_members
from pathfa.result.summaries import LIKELY, SIGNIFICANT, views_of


def likely_weights(weights: pd.DataFrame, probability: np.ndarray) -> pd.DataFrame:
    """Return gene-set weights times their probabilities, P x K; 0 where a set is not likely part of a factor."""
    return (weights * probability).where(probability >= LIKELY, 0.0)


def names_of_factors(
    weights: pd.DataFrame,
    masks: Mapping[str, sp.csr_matrix],
    loadings: Mapping[str, pd.DataFrame],
    explained: pd.DataFrame,
    seen: Sequence[ViewData],
    directions: Sequence[np.ndarray],
    shares: np.ndarray,
) -> list[str]:
    """Return one name per factor.

    Parameters
    ----------
    weights, masks, directions
        As for ``naming``.
    loadings
        Of each view, G x K.
    explained
        Variance explained, K x views.
    seen
        Samples of the cohort.
    shares
        What ``member_shares`` returned, P x K.
    """
    values = [view.measured().cpu().numpy() for view in seen]
    apart = naming(weights, masks, {view: loadings[view].index for view in masks}, values, directions)
    apart = apart.where(shares >= LIMITS["set-share"].caution, 0.0)
    impact = np.sqrt(sum(np.asarray(mask.multiply(mask).sum(axis=0)).ravel() for mask in masks.values()))
    return factor_names(apart, impact, seen=views_of(explained), genes=strongest_genes(loadings, explained))


def naming(
    weights: pd.DataFrame,
    masks: Mapping[str, sp.csr_matrix],
    features: Mapping[str, pd.Index],
    values: Sequence[np.ndarray],
    directions: Sequence[np.ndarray],
) -> pd.DataFrame:
    """Return the weights of the gene sets that may name a factor, P x K; 0 where random sets do as well.

    A gene set belongs to a factor where the evidence rises by it. That it names the factor needs more: its members go
    with what the other genes say of the factor, and more than random sets of its size do, as with any covariate
    (``inference/posterior/random_sets.py``), at a false discovery rate over the gene sets of the factor.

    Parameters
    ----------
    weights
        ``likely_weights``, P x K.
    masks, features
        Of each view the entries of the gene sets, G x P, and the names of the features, G.
    values
        Of each view the values, N x G; NaN where nothing was measured.
    directions
        Of each view how the scores weigh its features, G x K (``score_directions``).
    """
    own = weights.to_numpy() != 0
    found, some = np.zeros_like(own), np.flatnonzero(own.any(axis=1))
    if not len(some):
        return weights
    means = MemberMeans(random_members({view: masks[view][:, some] for view in features}, features), values)
    scores = sum(table.T @ along for table, along in zip(means.values, directions, strict=True))
    everywhere, nothing = np.ones(len(scores), dtype=bool), np.empty((len(scores), 0))
    for k in np.flatnonzero(own.any(axis=0)):
        parts = [along[:, [k]] for along in directions]
        factor = Comparison(rows=everywhere, columns=scores[:, [k]], adjust=nothing, weights=parts)
        sets = own[some, k]
        found[some[sets], k] = stats.false_discovery_control(means.p_values(factor)[sets]) <= SIGNIFICANT
    return weights.where(found, 0.0)


def member_shares(
    weights: pd.DataFrame,
    members: Mapping[str, sp.csr_matrix],
    excess: Mapping[str, pd.DataFrame],
    scale: np.ndarray,
    explained: pd.DataFrame,
) -> np.ndarray:
    """Return which share of the loadings of its members each gene set alone accounts for, P x K, at most 1.

    With e the loadings of the members without their intercept and p what the set adds to them, it is
    ``1 - |e - p|^2 / |e|^2``; below 0 where the set leads away from them. It is the mean over the views by what the
    factor explains in each, so a view in which it is not seen hardly counts.

    Parameters
    ----------
    weights
        Gene-set weights, P x K.
    members
        Of each view the entries of the gene sets times the probability that each member takes part, G x P.
    excess
        Of each view the loadings without their intercept, G x K.
    scale
        What a unit of weight adds in each view, K x views.
    explained
        Variance explained, K x views.
    """
    parts = np.clip(explained.to_numpy(dtype=float), 0.0, None) + np.finfo(float).tiny
    parts /= parts.sum(axis=1, keepdims=True)
    found = np.zeros(weights.shape)
    for index, (view, entries) in enumerate(members.items()):
        loadings, added = excess[view].to_numpy(), weights.to_numpy() * scale[:, index]
        total = (entries != 0).T @ loadings**2
        squares = np.asarray(entries.multiply(entries).sum(axis=0)).ravel()[:, None]
        gained = 2.0 * added * (entries.T @ loadings) - added**2 * squares
        found += parts[:, index] * np.divide(gained, total, out=np.zeros_like(found), where=total > 0)
    return found
