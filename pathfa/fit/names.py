"""Which gene sets name a factor: those that random sets of genes do not match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from scipy import stats

from pathfa.inference.posterior.random_sets import Comparison, MemberMeans
from pathfa.result.shared_features import random_members
from pathfa.result.summaries import SIGNIFICANT


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
        Gene-set weights, P x K; 0 where a set is not likely part of a factor.
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
    scores = sum(np.nan_to_num(table) @ along for table, along in zip(values, directions, strict=True))
    everywhere, nothing = np.ones(len(scores), dtype=bool), np.empty((len(scores), 0))
    for k in np.flatnonzero(own.any(axis=0)):
        parts = [along[:, [k]] for along in directions]
        factor = Comparison(rows=everywhere, columns=scores[:, [k]], adjust=nothing, weights=parts)
        sets = own[some, k]
        found[some[sets], k] = stats.false_discovery_control(means.p_values(factor)[sets]) <= SIGNIFICANT
    return weights.where(found, 0.0)
