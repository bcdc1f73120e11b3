"""Scores of gene sets from what the factors explain of their members."""

from __future__ import annotations

from typing import Literal, overload

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.core.errors import ConfigError
from pathfa.result.result import PathFAResult, as_result


@overload
def fitted_scores(model: object, view: str | None = None, *, return_std: Literal[False] = False) -> pd.DataFrame: ...


@overload
def fitted_scores(
    model: object, view: str | None = None, *, return_std: Literal[True]
) -> tuple[pd.DataFrame, pd.DataFrame]: ...


def fitted_scores(
    model: object, view: str | None = None, *, return_std: bool = False
) -> pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]:
    """Return how the members of each gene set move in what the factors explain, samples x gene sets.

    The score is the mean over the measured members g of the fitted values z w_g'. It is the activity with which this
    gene set alone comes closest to the fitted values: it minimises ``sum_g (z w_g' - C_g s)^2``. Fitted values have no
    noise, so all members count alike, and the score means the same in every cohort.

    The activity of a gene set is what the prior of the loadings says of it, and 0 where the set was pruned. This score
    asks the loadings themselves. It does not change when factors are turned into each other, so that starts of equal
    evidence agree on it where they differ in factors and activities. Every gene set has one, a random one too: that it
    goes with a covariate says that its members do, not that no other genes do.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    view
        The view whose features count; those of all views together when None.
    return_std
        Whether the posterior sd is returned too. It takes the loadings of different features as independent.

    Returns
    -------
    DataFrame or tuple of DataFrame
        In fitted units, z-scores by default; NaN for gene sets without a member in the view.

    Raises
    ------
    ConfigError
        If there is no such view.
    """
    result = as_result(model)
    views = result.view_names if view is None else [check_view(result, view)]
    share = _shares(result, views)
    loadings = np.vstack([result.loadings[name].to_numpy() for name in views])
    direction, scores = share.T @ loadings, result.scores.to_numpy()  # P x K, N x K
    measured = np.where(share.getnnz(axis=0) > 0, 0.0, np.nan)
    index, columns = result.scores.index, pd.Index(result.gene_set_names)
    mean = pd.DataFrame(scores @ direction.T + measured, index=index, columns=columns)
    if not return_std:
        return mean
    rows, others = np.tril_indices(scores.shape[1])  # as the covariances of the loadings are packed
    times = np.where(rows == others, 1.0, 2.0)
    spread = share.multiply(share).T @ np.vstack([result.loadings_cov[name] for name in views])
    squares = scores[:, rows] * scores[:, others] * times
    uncertain = result.score_cov[:, rows, others] * times
    by_pattern = uncertain @ (spread + direction[:, rows] * direction[:, others]).T
    variance = squares @ spread.T + by_pattern[result.score_pattern]
    sd = np.sqrt(np.clip(variance, 0.0, None)) + measured
    return mean, pd.DataFrame(sd, index=index, columns=columns)


def _shares(result: PathFAResult, views: list[str]) -> sp.csr_matrix:
    """Return how much each feature counts in each gene set, features of the views x P: C / sum C^2."""
    mask = sp.vstack([result.masks[name] for name in views]).tocsr()
    total = np.asarray(mask.multiply(mask).sum(axis=0)).ravel()
    inverse = np.divide(1.0, total, out=np.zeros_like(total), where=total > 0)
    return sp.csr_matrix(mask @ sp.diags(inverse))


def check_view(result: PathFAResult, view: str) -> str:
    """Return the name of a view if the model has it.

    Raises
    ------
    ConfigError
        If it does not.
    """
    if view not in result.view_names:
        names = ", ".join(result.view_names)
        raise ConfigError.of(
            "unknown-view", repr(view), f"one of {names}", f"use view={result.view_names[0]!r}", place="view"
        )
    return view
