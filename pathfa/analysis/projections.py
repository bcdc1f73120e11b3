"""The samples in few dimensions, from their scores over all factors."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.core.errors import ConfigError
from pathfa.core.needed import needed
from pathfa.core.text import count
from pathfa.result.result import PathFAResult

MOST_COMPONENTS = 5
LEAST_SAMPLES = 100
"""Fewer samples have too few neighbours for a UMAP that says more than two axes do."""
MOST_SHARE = 0.5
"""Where the first two components have this share of the variance of the scores, a UMAP has nothing to add."""
_NEIGHBOURS = 15


def principal_components(result: PathFAResult) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the principal components of the scores, at most five, and their shares of the variance of the scores.

    Every factor counts alike, because scores of all factors have the same spread.

    Returns
    -------
    DataFrame, array
        ``PC1``, ``PC2`` and so on, in sd of the scores, N x C; shares, C.

    Examples
    --------
    >>> from pathfa.analysis.projections import principal_components
    >>> components, shares = principal_components(model.result_)  # doctest: +SKIP
    """
    centred = (result.scores - result.scores.mean()).to_numpy(dtype=float)
    left, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    kept = range(min(MOST_COMPONENTS, len(sizes)))
    signs = [np.sign(axes[c, np.abs(axes[c]).argmax()]) for c in kept]
    values = left[:, : len(kept)] * sizes[: len(kept)] * np.array(signs)
    total = (sizes**2).sum()
    shares = sizes[: len(kept)] ** 2 / total if total > 0 else np.zeros(len(kept))
    return pd.DataFrame(values, result.scores.index, [f"PC{c + 1}" for c in kept]), shares


def umap_is_worth_it(result: PathFAResult) -> bool:
    """Whether a UMAP may show what two components do not: many samples, in more dimensions than two."""
    _, shares = principal_components(result)
    return len(result.scores) >= LEAST_SAMPLES and bool(shares[:2].sum() < MOST_SHARE)


def umap(result: PathFAResult) -> pd.DataFrame:
    """Return the UMAP of the scores by scanpy: neighbours stay together, distances between groups mean nothing.

    Returns
    -------
    DataFrame
        ``UMAP1`` and ``UMAP2``, N x 2; the same numbers from the same scores on one machine.

    Raises
    ------
    ConfigError
        If there are fewer samples than a UMAP has neighbours.
    """
    if len(result.scores) <= _NEIGHBOURS:
        expected = f"more than {_NEIGHBOURS}, the neighbours that a UMAP looks at"
        fix = "use factors or components such as 'PC1'"
        raise ConfigError.of("too-few-for-umap", count(len(result.scores), "sample"), expected, fix, place="UMAP")
    with needed("scanpy", "a UMAP", instead="use factors or components such as 'PC1'"):
        import scanpy as sc
    from anndata import AnnData

    table = AnnData(result.scores.to_numpy(dtype=np.float32))
    sc.pp.neighbors(table, n_neighbors=_NEIGHBOURS, use_rep="X", random_state=0)
    sc.tl.umap(table, random_state=0)
    return pd.DataFrame(np.asarray(table.obsm["X_umap"]), result.scores.index, ["UMAP1", "UMAP2"])
