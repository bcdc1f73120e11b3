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
    """
    values = [view.measured().cpu().numpy() for view in seen]
    apart = naming(weights, masks, {view: loadings[view].index for view in masks}, values, directions)
    apart = apart.where(over_others(masks, loadings, explained) >= LIMITS["set-over-others"].caution, 0.0)
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


def over_others(
    masks: Mapping[str, sp.csr_matrix], loadings: Mapping[str, pd.DataFrame], explained: pd.DataFrame
) -> np.ndarray:
    """Return how much more the members of each gene set load on each factor than the other features do, P x K.

    That is the mean squared loading of the members over that of the others. Of several views, each counts by what the
    factor explains in it; one in which the set has no members says nothing of them.

    Parameters
    ----------
    masks
        Of each view the entries of the gene sets, G x P.
    loadings
        Of each view, G x K.
    explained
        Variance explained, K x views.

    Returns
    -------
    ndarray
        0 where no member was measured, infinite where the others do not load on the factor at all.

    Examples
    --------
    >>> mask = sp.csr_matrix([[1.0], [1.0], [0.0], [0.0]])
    >>> loadings = pd.DataFrame({"F1": [2.0, -2.0, 1.0, 1.0]})
    >>> over_others({"rna": mask}, {"rna": loadings}, pd.DataFrame({"rna": [0.3]})).round(3).tolist()
    [[4.0]]
    """
    parts = np.clip(explained.to_numpy(dtype=float), 0.0, None) + np.finfo(float).tiny
    parts /= parts.sum(axis=1, keepdims=True)
    inside, share = (np.zeros((next(iter(masks.values())).shape[1], len(parts))) for _ in range(2))
    for index, (view, mask) in enumerate(masks.items()):
        squares, members = loadings[view].to_numpy() ** 2, (mask != 0).astype(float)
        total = squares.sum(axis=0)
        of_members = np.asarray(members.T @ squares)
        inside += parts[:, index] * np.divide(of_members, total, out=np.zeros_like(of_members), where=total > 0)
        share += parts[:, index] * np.asarray(members.mean(axis=0)).ravel()[:, None]
    here, elsewhere = inside * (1.0 - share), (1.0 - inside) * share
    return np.divide(here, elsewhere, out=np.where(here > 0, np.inf, 0.0), where=elsewhere > 0)
